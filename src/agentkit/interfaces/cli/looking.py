"""`list`, `show`, `cancel`, `draw` and `check`: commands that look and leave."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

import anyio
from rich.text import Text

from agentkit.errors import DefinitionError
from agentkit.kernel import OPERATION_STATUSES, DiagramFormat, OperationStatus, draw
from agentkit.orchestrator import Orchestrator
from agentkit.service import FILE_FORMATS, event_line, load_workflow, operation_line, parse_workflow, workflow_schema
from agentkit.stores import Sort, Store
from agentkit.views import history, progress_of

from .doubting import doubt_lines
from .ending import exit_code, finish, guarded, say_how_to_go_on
from .finding import existing, find_operation
from .means import Means
from .screen import errors, output
from .tables import operation_page, operation_table, width_of
from .waiting import ways_on

__all__ = [
    "cancel_one",
    "check_files",
    "draw_data",
    "draw_it",
    "is_file",
    "list_them",
    "look",
    "show_one",
    "write_drawing",
]

_LOOKED_AT = 10_000


def list_them(
    *, store: str, workflow: str | None, status: Sequence[str] | None, sort: Sort, limit: int, as_json: bool
) -> None:
    """List operations, in an order."""

    async def work(orchestrator: Orchestrator, kept: Store) -> int:
        found = await orchestrator.list(workflow=workflow, status=_statuses(status), sort=sort, limit=limit)
        lines = [operation_line(line) for line in found]
        if as_json:
            for line in lines:
                sys.stdout.write(line.model_dump_json() + "\n")
            return 0
        console = output()
        for text in operation_table(lines, set(await orchestrator.stalled(limit=_LOOKED_AT)), width_of(console)):
            console.print(text, soft_wrap=True)
        if not lines:
            errors().print(Text(f"no such operations in {store}"), soft_wrap=True)
        return 0

    look(store, work)


def show_one(operation_id: str, *, store: str, history: bool, as_json: bool) -> None:
    """Show one operation."""

    async def work(orchestrator: Orchestrator, kept: Store) -> int:
        operation = await orchestrator.get(await find_operation(orchestrator, operation_id))
        if history or as_json:
            await _write_journal(operation.id, orchestrator, as_json=as_json)
            return 0
        console = errors()
        journal = await orchestrator.history(operation.id)
        is_left = operation.id in await orchestrator.stalled(limit=_LOOKED_AT)
        # Where nobody runs it, its time stands still.
        progress = progress_of(journal) if is_left else await operation.progress()
        for text in operation_page(journal, progress, width_of(console)):
            console.print(text, soft_wrap=True)
        if progress.status == "completed":
            return await exit_code(operation, as_json=False)
        events = (event_line(operation.id, number, event) for number, event in enumerate(journal, start=1))
        for line in doubt_lines(events) if any(one.kind == "doubt" for one in progress.waiting) else ():
            console.print(line, soft_wrap=True)
        for line in ways_on(operation.id, progress.waiting, store, commands_only=True):
            console.print(line, soft_wrap=True)
        if progress.status == "quarantined" or is_left:
            console.print(Text("it is stalled: nobody runs it"))
            resources = sorted({stage.resource for stage in operation.workflow.stages if stage.resource})
            say_how_to_go_on(
                [operation.id],
                Means(agents=["MODULE"], resources=[f"{name}=N" for name in resources], store=store),
            )
        return 0

    look(store, work)


def cancel_one(operation_id: str, *, store: str, reason: str) -> None:
    """Cancel one operation."""

    async def work(orchestrator: Orchestrator, _: Store) -> int:
        found = await find_operation(orchestrator, operation_id)
        await orchestrator.cancel(found, reason)
        state = await (await orchestrator.get(found)).state()
        errors().print(Text(f"{found} is {state.status}"), soft_wrap=True)
        return 0

    look(store, work)


def draw_it(subject: str, *, store: str, form: DiagramFormat, output: Path | None) -> None:
    """Draw a workflow file, or an operation as it stands."""

    async def work() -> int:
        if is_file(subject):
            text = draw(load_workflow(Path(subject)), format=form)
        else:
            async with Orchestrator(store=existing(store), adopt=False) as orchestrator:
                operation = await orchestrator.get(await find_operation(orchestrator, subject))
                text = draw(await operation.state(), format=form)
        await write_drawing(text, output)
        return 0

    finish(guarded(work))


def is_file(subject: str) -> bool:
    """Whether a name is that of a workflow file, by its ending."""
    return Path(subject).suffix.lower() in FILE_FORMATS


def draw_data(text: str, form: DiagramFormat) -> str:
    """Draw a definition that is JSON."""
    return draw(parse_workflow(text, "json"), format=form)


async def write_drawing(text: str, output: Path | None) -> None:
    """Write a drawing into a file, or to standard output."""
    if output is None:
        sys.stdout.write(text.rstrip("\n") + "\n")
    else:
        await anyio.Path(output).write_text(text, encoding="utf-8")


def check_files(paths: Sequence[Path], means: Means, *, schema: bool) -> None:
    """Check workflow files without running anything."""

    async def work() -> int:
        if schema:
            sys.stdout.write(json.dumps(workflow_schema(), indent=2) + "\n")
            return 0
        if not paths:
            raise DefinitionError("name a workflow file, or ask for --schema")
        for path in paths:
            workflow = load_workflow(path)
            if means.agents:
                means.orchestrator().check(workflow)
            elif means.resources:
                means.check_resources(workflow)
            count = len(workflow.stages)
            missing = "" if means.agents else "; give --agents to check that its agents exist"
            said = f"{path} is a correct workflow of {count} stage{'' if count == 1 else 's'}{missing}"
            errors().print(Text(said), soft_wrap=True)
        return 0

    finish(guarded(work))


def look(store: str, work: Callable[[Orchestrator, Store], Coroutine[None, None, int]]) -> None:
    """Open a store that exists, have work done with it that drives nothing, and end with its exit code."""

    async def run() -> int:
        kept = existing(store)
        async with Orchestrator(store=kept, adopt=False) as orchestrator:
            return await work(orchestrator, kept)

    finish(guarded(run))


async def _write_journal(operation_id: str, orchestrator: Orchestrator, *, as_json: bool) -> None:
    journal = await orchestrator.history(operation_id)
    if as_json:
        for number, event in enumerate(journal, start=1):
            sys.stdout.write(event_line(operation_id, number, event).model_dump_json(exclude_none=True) + "\n")
    else:
        for line in history(journal):
            sys.stdout.write(line + "\n")


def _statuses(given: Sequence[str] | None) -> list[OperationStatus] | None:
    if not given:
        return None
    wrong = [word for word in given if word not in OPERATION_STATUSES]
    if wrong:
        raise DefinitionError(f"--status {wrong[0]!r} is no status; known are {', '.join(OPERATION_STATUSES)}")
    return [word for word in OPERATION_STATUSES if word in given]
