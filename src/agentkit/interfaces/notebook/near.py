"""Sights of an operation of an orchestrator in this process.

Rules: the journal is read again only for a new graph or a new question; what is said on the way costs no reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, suppress
from typing import Generic, TypeVar

from agentkit.errors import AgentKitError
from agentkit.kernel import State, draw
from agentkit.markup import outcome
from agentkit.orchestrator import ApprovalRequest, Doubt, Operation, Result
from agentkit.views import Progress, StageProgress, Waiting, failure_line, moment_text, one_line

from .asking import asked, troubled
from .pacing import Pace
from .sight import LARGEST_FILE, MOST_HEARD, File, Row, Sight, Trouble, Wanted

__all__ = ["NearSource"]

Output = TypeVar("Output")


class NearSource(Generic[Output]):
    """Gives sights of an operation.

    Args:
        operation: Which one.
    """

    def __init__(self, operation: Operation[Output]) -> None:
        self._operation = operation
        self._known: tuple[object, ...] = ()
        self._graph = ""
        self._waiting: tuple[Waiting, ...] = ()
        self._wanted: tuple[Wanted, ...] = ()

    async def sight(self) -> Sight:
        """See `Source.sight`."""
        return await self._seen(await self._operation.progress())

    async def sights(self, seconds: float) -> AsyncGenerator[Sight, None]:
        """See `Source.sights`."""
        pace = Pace(seconds)
        ending = asyncio.get_running_loop().create_task(self._ended())
        try:
            async with aclosing(self._operation.follow(seconds=seconds)) as pictures:
                async for progress in pictures:
                    pace.begin()
                    yield await self._seen(progress, graph=pace.affords_graph(len(progress.stages)))
                    pace.end()
                    # The end is told at once, however far apart sights are to be.
                    await asyncio.wait([ending], timeout=pace.pause)
        finally:
            ending.cancel()
            await asyncio.wait([ending])

    async def result(self) -> Result[Output]:
        """See `Source.result`."""
        return await self._operation.result()

    async def at_rest(self) -> None:
        """See `Source.at_rest`."""
        await self._operation.at_rest()

    async def _ended(self) -> None:
        with suppress(AgentKitError):
            await self._operation.result()

    async def _seen(self, progress: Progress, *, graph: bool = True) -> Sight:
        """What there is to see, where this is how far it is, with a new graph or the one before."""
        operation, is_over = self._operation, _is_over(progress)
        known = (progress.status, *map(_standing, progress.stages))
        trouble: Trouble | None = None
        if progress.waiting != self._waiting:
            self._waiting = progress.waiting
            self._wanted = tuple([line async for line in self._asked(progress.waiting)])
        if is_over or (graph and known != self._known):
            state = await operation.state()
            self._graph, self._known = draw(state, format="svg"), known
            trouble = _trouble(state) if is_over else None
        return Sight(
            operation_id=progress.operation_id,
            workflow=progress.workflow,
            status=progress.status,
            is_over=is_over,
            percent=progress.percent,
            seconds=progress.elapsed_seconds,
            seconds_left=progress.remaining_seconds if progress.status == "running" else None,
            rows=tuple(map(_row, progress.stages)),
            graph=self._graph,
            wanted=self._wanted,
            waits=bool(progress.waiting),
            trouble=trouble,
            outcome=outcome(await operation.result(), "null") if progress.status == "completed" else "",
            costs=outcome(await operation.costs(), "null") if is_over else "",
            files=await self._files() if is_over else (),
            heard=tuple((line.stage, line.message) for line in progress.lines[-MOST_HEARD:]),
        )

    async def _asked(self, waiting: Sequence[Waiting]) -> AsyncGenerator[Wanted, None]:
        kinds = {one.kind for one in waiting}
        if "approval" in kinds:
            for request in await self._operation.questions():
                if request.is_open:
                    yield _question(request)
        if "doubt" in kinds:
            for doubt in await self._operation.doubts():
                yield _doubt(doubt)
        for one in waiting:
            if one.kind == "signal":
                call = f"await operation.signal({one.about!r}, ...)"
                yield Wanted(question=f"{one.stage} waits for {one.words}", facts="", code=(call,))

    async def _files(self) -> tuple[File, ...]:
        files: list[File] = []
        for line in await self._operation.artifacts():
            name, size = line.artifact.name, line.artifact.size
            if line.artifact.is_for_people:
                content = await self._operation.artifact(name, stage=line.stage) if size <= LARGEST_FILE else None
                files.append(File(name=name, stage=line.stage, size=size, content=content))
        return tuple(files)


def _is_over(progress: Progress) -> bool:
    return progress.is_over or progress.status == "quarantined"


def _standing(stage: StageProgress) -> object:
    """What the drawing and the questions of a stage depend on."""
    return stage.status, stage.attempt, stage.parts, stage.waits_for, stage.undoing


def _row(stage: StageProgress) -> Row:
    return Row(
        name=stage.name,
        status=stage.status,
        fraction=stage.fraction,
        agent=stage.agent,
        attempt=stage.attempt,
        seconds=stage.seconds,
        said=" · ".join(_said(stage)),
    )


def _said(stage: StageProgress) -> Iterator[str]:
    if stage.parts is not None:
        yield f"{stage.parts.done} of {stage.parts.total} {stage.parts.kind}"
    if stage.waits_for is not None:
        yield f"for {stage.waits_for.words}"
    if stage.message:
        yield one_line(stage.message)
    if stage.failure is not None and stage.status not in ("completed", "skipped"):
        yield stage.failure


def _trouble(state: State) -> Trouble | None:
    """Why it did not end well."""
    call = f"operation = await orchestrator.resume({state.operation_id!r})"
    if state.status == "quarantined":
        message = "too many processes died while they ran it"
        return troubled("operation_quarantined", message, call)
    stop = state.stop
    if stop is None or state.status == "completed":
        return None
    code, message = f"operation_{stop.cause}", one_line(stop.reason, 500) or f"it was {stop.cause}"
    if stop.failure is not None:
        code, message = stop.failure.code, f"stage {stop.stage}: {failure_line(stop.failure)}"
    return troubled(code, message, call)


def _question(request: ApprovalRequest) -> Wanted:
    more = [] if request.deadline is None else [f"until {moment_text(request.deadline)}"]
    if request.requester is not None and not request.by_requester:
        more.append(f"not of {request.requester}, who asked for the run")
    given = [repr(request.stage), 'by="YOUR NAME"']
    given += [f"roles=[{request.roles[0]!r}]"] if request.roles else []
    given += [f"name={request.name!r}"] if request.name else []
    return asked(
        request.question,
        call="await operation.",
        given=given,
        roles=request.roles,
        votes=(request.agreed, request.quorum),
        more=more,
        form=request.form,
        proposed=request.offered,
    )


def _doubt(doubt: Doubt) -> Wanted:
    what = f"{doubt.effect} {doubt.key}".strip()
    code = tuple(
        f'await operation.settle({doubt.stage!r}, "{word}", by="YOUR NAME")' for word in ("done", "redo", "abort")
    )
    question = f"did {what or doubt.stage} happen?"
    return Wanted(question=one_line(question, 500), facts=one_line(f"{doubt.stage}: {doubt.reason}", 500), code=code)
