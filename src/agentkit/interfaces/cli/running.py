"""`run`, `resume` and `watch`: commands that follow operations until they end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import Self

from rich.text import Text

from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import Workflow
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.service import load_workflow, shorten_workflow, single_workflow
from agentkit.views import one_line

from .choosing import chosen, style_of
from .ending import exit_code, finish, guarded, say_how_to_go_on
from .files import save
from .finding import existing, find_operation
from .inputs import Request, given_input
from .means import Means
from .screen import errors, hush, show_json, show_live, show_nothing, show_plain
from .waiting import Rests

__all__ = [
    "WAITS",
    "follow_operations",
    "nothing_to_retry",
    "resume_operations",
    "retry_operation",
    "run_task",
    "run_workflow",
    "watch_operation",
]

WAITS = 4
"""The exit code for an operation that was left since it waits for somebody."""


def run_workflow(path: Path, means: Means, request: Request, *, as_json: bool) -> None:
    """Run a workflow and print its result."""

    async def work() -> int:
        workflow = load_workflow(path)
        if request.timeout is not None:
            workflow = shorten_workflow(workflow, request.timeout)
        workflow = workflow.with_agents(request.agents)
        value = await given_input(request)
        async with means.orchestrator() as orchestrator:
            return await _run(orchestrator, workflow, value, means, request, as_json=as_json)

    finish(guarded(work))


def run_task(means: Means, request: Request, *, as_json: bool) -> None:
    """Have one agent do one thing, and print its result."""

    async def work() -> int:
        value = await given_input(request)
        async with means.orchestrator() as orchestrator:
            agent = request.agent or _only(orchestrator.agents)
            workflow = single_workflow(agent, request.task, request.timeout, known=orchestrator.agents)
            return await _run(orchestrator, workflow, value, means, request, as_json=as_json)

    finish(guarded(work))


def _only(agents: Collection[str]) -> str:
    """The one agent that there is.

    Raises:
        InputError: There are none, or several.
    """
    if len(agents) != 1:
        listed = ", ".join(sorted(agents)) or "none; give some by --agents MODULE"
        raise InputError(f"--task: say which agent is to do it, with --agent NAME; there are: {listed}")
    (one,) = agents
    return one


async def _run(
    orchestrator: Orchestrator,
    workflow: Workflow[object],
    value: object,
    means: Means,
    request: Request,
    *,
    as_json: bool,
) -> int:
    operation = await orchestrator.submit(workflow, value, key=request.key, by=request.by)
    code = await follow_operations(orchestrator, [operation], means, as_json=as_json)
    if request.files is not None and code == 0:
        await save(operation, request.files)
    return code


def resume_operations(operation_id: str | None, means: Means, *, take: bool, as_json: bool) -> None:
    """Go on with one operation, or with all that nobody runs."""

    async def work() -> int:
        async with means.orchestrator(existing(means.store)) as orchestrator:
            if operation_id is None:
                operations = await _resume_all(orchestrator, means)
            else:
                operations = [await _resume_one(orchestrator, means, operation_id, take=take)]
            return await follow_operations(orchestrator, operations, means, as_json=as_json)

    finish(guarded(work))


def retry_operation(beginning: str, means: Means, *, as_json: bool) -> None:
    """Go on with an operation that did not end well, and with no other."""

    async def work() -> int:
        async with means.orchestrator(existing(means.store)) as orchestrator:
            operation = await orchestrator.get(await find_operation(orchestrator, beginning))
            state = await operation.state()
            if state.status == "completed" or (not state.ended and state.status != "quarantined"):
                raise InputError(nothing_to_retry(operation.id, state.status))
            again = await _resume_one(orchestrator, means, operation.id, take=False)
            return await follow_operations(orchestrator, [again], means, as_json=as_json)

    finish(guarded(work))


def nothing_to_retry(operation_id: str, status: str) -> str:
    """Why an operation is not tried again, and what is meant perhaps."""
    meant = "to run it anew" if status == "completed" else "if nobody runs it"
    command = "fork" if status == "completed" else "resume"
    return f"{operation_id} is {status}: there is nothing to try again; {meant}: agentkit {command} {operation_id}"


async def _resume_one(orchestrator: Orchestrator, means: Means, beginning: str, *, take: bool) -> Operation:
    found = await orchestrator.get(await find_operation(orchestrator, beginning))
    state = await found.state()
    if state.status != "completed":
        # Without them it would wait for ever, and nothing would say for what.
        means.check_resources(state.workflow)
    return await orchestrator.resume(found.id, take=take)


async def _resume_all(orchestrator: Orchestrator, means: Means) -> Sequence[Operation]:
    operations = await orchestrator.adopt()
    if not operations:
        errors().print("nothing to resume: every operation has ended, or is run by somebody")
    for operation in operations:
        try:
            means.check_resources((await operation.state()).workflow)
        except DefinitionError as error:
            for problem in error.problems:
                errors().print(Text(f"note: {operation.id} waits: {one_line(problem, 500)}", "yellow"), soft_wrap=True)
    return operations


def watch_operation(operation_id: str, *, store: str, as_json: bool) -> None:
    """Watch an operation until it ends; Ctrl-C stops the watching only."""

    async def work() -> int:
        async with Orchestrator(store=existing(store), adopt=False) as orchestrator:
            operation = await orchestrator.get(await find_operation(orchestrator, operation_id))
            await _show(orchestrator, operation, Rests(operation, store=store), as_json=as_json)
            return await exit_code(operation, as_json=as_json, quiet=True)

    finish(guarded(work))


async def follow_operations(
    orchestrator: Orchestrator, operations: Sequence[Operation], means: Means, *, as_json: bool
) -> int:
    """Show operations, one after the other, until they end; the worst of their exit codes."""
    with _Signals(operations) as signals:
        code = 0
        for operation in operations:
            one = await signals.unless_left(_seen(orchestrator, operation, means, as_json=as_json))
            if one is None:
                await orchestrator.close(drain_seconds=0)
                say_how_to_go_on([each.id for each in operations], means)
                return signals.left.result()
            if one and one != WAITS:
                say_how_to_go_on([operation.id], means)
            code = max(code, one)
        return code


async def _seen(orchestrator: Orchestrator, operation: Operation, means: Means, *, as_json: bool) -> int:
    """Show an operation until it ends, or is left since it waits for somebody; its exit code."""
    rests = Rests(operation, store=means.store, stays=means.waits)
    try:
        await _show(orchestrator, operation, rests, as_json=as_json)
    except BrokenPipeError:
        # Who reads our events may go; the work goes on.
        hush(sys.stdout)
    if rests.left:
        return WAITS
    return await exit_code(operation, as_json=as_json)


async def _show(orchestrator: Orchestrator, operation: Operation, rests: Rests, *, as_json: bool) -> None:
    """Show an operation, and what the operations wait for that run as stages of it."""
    view = _view(as_json)
    showing = asyncio.ensure_future(view(operation, rests))
    # The live view draws them itself.
    say = _hear_nothing if view is show_live else _say
    below = asyncio.ensure_future(rests.look_below(orchestrator, say))
    below.add_done_callback(lambda _: rests.left and showing.cancel())
    try:
        await showing
    except asyncio.CancelledError:
        showing.cancel()
        if not rests.left:
            raise
    finally:
        below.cancel()


def _say(line: Text) -> None:
    errors().print(line, soft_wrap=True)


def _hear_nothing(line: Text) -> None:
    """It is said by somebody else."""


class _Signals:
    """What signals mean while operations run here.

    The first Ctrl-C cancels the operations, and the second leaves them as they are; SIGTERM leaves them at once. What
    was left is released: whoever resumes it goes on where it stood.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._loop = asyncio.get_running_loop()
        self._cancelling: asyncio.Task[None] | None = None
        self.left: asyncio.Future[int] = self._loop.create_future()

    def __enter__(self) -> Self:
        self._loop.add_signal_handler(signal.SIGINT, self._interrupt)
        self._loop.add_signal_handler(signal.SIGTERM, self._leave, 143)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.remove_signal_handler(signal.SIGINT)
        self._loop.remove_signal_handler(signal.SIGTERM)

    async def unless_left(self, work: Coroutine[None, None, int]) -> int | None:
        """The work's answer; None if it was left before."""
        task = self._loop.create_task(work)
        await asyncio.wait([task, self.left], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
            return None
        if self._cancelling is not None:
            await self._cancelling
        return task.result()

    def _interrupt(self) -> None:
        if self._cancelling is not None:
            self._leave(130)
            return
        self._cancelling = self._loop.create_task(self._cancel())

    async def _cancel(self) -> None:
        for operation in self._operations:
            await operation.cancel("interrupted")

    def _leave(self, code: int) -> None:
        if not self.left.done():
            self.left.set_result(code)


def _view(as_json: bool) -> Callable[[Operation, Rests], Awaitable[None]]:
    if as_json:
        return show_json
    match style_of(chosen()):
        case "live":
            return show_live
        case "plain":
            return show_plain
        case _:
            return show_nothing
