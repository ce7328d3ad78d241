"""`list`, `show`, `cancel`, `draw` and `check`: commands that look and leave."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agentkit.errors import DefinitionError
from agentkit.kernel import DiagramFormat, draw
from agentkit.orchestrator import Orchestrator
from agentkit.service import load_agents, load_workflow, operation_line, workflow_schema
from agentkit.views import Progress, history, one_line

from .ending import finish, guarded, pretty
from .finding import find_operation
from .screen import errors
from .texts import COLOURS, sign, span

__all__ = ["cancel_one", "check_file", "draw_it", "list_them", "show_one"]

if TYPE_CHECKING:
    from agentkit.kernel import OperationStatus

_STATUSES: tuple[OperationStatus, ...] = (
    "pending",
    "running",
    "stopping",
    "quarantined",
    "completed",
    "failed",
    "cancelled",
)


def list_them(*, store: str, workflow: str | None, status: Sequence[str] | None, limit: int, as_json: bool) -> None:
    """List operations, newest first."""

    async def work(orchestrator: Orchestrator) -> int:
        lines = await orchestrator.list(workflow=workflow, status=_statuses(status), limit=limit)
        if as_json:
            for line in lines:
                sys.stdout.write(operation_line(line).model_dump_json() + "\n")
            return 0
        table = Table(box=None, pad_edge=False)
        for title in ("operation", "workflow", "status", "created (UTC)", "events"):
            table.add_column(title, no_wrap=True, justify="right" if title == "events" else "left")
        for line in lines:
            shown = operation_line(line)
            word: OperationStatus = next(word for word in _STATUSES if word == shown.status)
            table.add_row(
                Text(shown.id),
                Text(one_line(shown.workflow, 40)),
                Text(f"{sign(word)} {word}", COLOURS[word]),
                Text(f"{shown.created_at:%Y-%m-%d %H:%M:%S}"),
                Text(str(shown.events)),
            )
        _out().print(table)
        if not lines:
            errors().print(f"no operations in {store}")
        return 0

    _look(store, work)


def show_one(operation_id: str, *, store: str, history: bool, as_json: bool) -> None:
    """Show one operation."""

    async def work(orchestrator: Orchestrator) -> int:
        operation = await orchestrator.get(await find_operation(orchestrator, operation_id))
        if history or as_json:
            await _write_journal(operation.id, orchestrator, as_json=as_json)
            return 0
        _show_progress(await operation.progress())
        if (await operation.state()).status == "completed":
            sys.stdout.write(pretty((await operation).output_json) + "\n")
        return 0

    _look(store, work)


def cancel_one(operation_id: str, *, store: str, reason: str) -> None:
    """Cancel one operation."""

    async def work(orchestrator: Orchestrator) -> int:
        found = await find_operation(orchestrator, operation_id)
        await orchestrator.cancel(found, reason)
        state = await (await orchestrator.get(found)).state()
        errors().print(f"{found} is {state.status}")
        return 0

    _look(store, work)


def draw_it(subject: str, *, store: str, form: DiagramFormat, output: Path | None) -> None:
    """Draw a workflow file, or an operation as it stands."""

    async def work() -> int:
        path = Path(subject)
        if path.suffix.lower() in (".yaml", ".yml", ".toml", ".json"):
            text = draw(load_workflow(path), format=form)
        else:
            async with Orchestrator(store=store, adopt=False) as orchestrator:
                operation = await orchestrator.get(await find_operation(orchestrator, subject))
                text = draw(await operation.state(), format=form)
        if output is None:
            sys.stdout.write(text.rstrip("\n") + "\n")
        else:
            await anyio.Path(output).write_text(text, encoding="utf-8")
        return 0

    finish(guarded(work))


def check_file(path: Path | None, agents: Sequence[str], *, schema: bool) -> None:
    """Check a workflow file without running anything."""

    async def work() -> int:
        if schema:
            sys.stdout.write(json.dumps(workflow_schema(), indent=2) + "\n")
            return 0
        if path is None:
            raise DefinitionError("name a workflow file, or ask for --schema")
        workflow = load_workflow(path)
        if agents:
            Orchestrator(load_agents(agents)).check(workflow)
        missing = "" if agents else "; give --agents to check that its agents exist"
        errors().print(f"{path} is a correct workflow of {len(workflow.stages)} stages{missing}", soft_wrap=True)
        return 0

    finish(guarded(work))


def _look(store: str, work: Callable[[Orchestrator], Awaitable[int]]) -> None:
    async def run() -> int:
        async with Orchestrator(store=store, adopt=False) as orchestrator:
            return await work(orchestrator)

    finish(guarded(run))


async def _write_journal(operation_id: str, orchestrator: Orchestrator, *, as_json: bool) -> None:
    from agentkit.service import event_line

    journal = await orchestrator.history(operation_id)
    if as_json:
        for number, event in enumerate(journal, start=1):
            sys.stdout.write(event_line(operation_id, number, event).model_dump_json(exclude_none=True) + "\n")
    else:
        for line in history(journal):
            sys.stdout.write(line + "\n")


def _show_progress(progress: Progress) -> None:
    colour = COLOURS[progress.status]
    head = Text(f"{sign(progress.status)} {one_line(progress.workflow, 60)}", f"bold {colour}")
    head.append(f"  {progress.status}  {progress.percent} %  {span(progress.elapsed_seconds)}", "default")
    console = errors()
    console.print(head)
    table = Table(box=None, pad_edge=False)
    for title in ("", "stage", "status", "agent", "attempts", "time", "last failure"):
        table.add_column(title, no_wrap=title != "last failure")
    for stage in progress.stages:
        table.add_row(
            Text(sign(stage.status), COLOURS[stage.status]),
            Text(stage.name),
            Text(stage.status if stage.required else f"{stage.status} (optional)", COLOURS[stage.status]),
            Text(stage.agent),
            Text(str(stage.attempt or "")),
            Text(span(stage.seconds) if stage.attempt else ""),
            Text(one_line(stage.failure or "", 120)),
        )
    console.print(table)


def _statuses(given: Sequence[str] | None) -> list[OperationStatus] | None:
    if not given:
        return None
    wrong = [word for word in given if word not in _STATUSES]
    if wrong:
        raise DefinitionError(f"--status {wrong[0]!r} is no status; known are {', '.join(_STATUSES)}")
    return [word for word in _STATUSES if word in given]


def _out() -> Console:
    return Console(highlight=False)
