"""Sights of an operation that a client asks for: of a server, or of a service in this process.

Rules: what changes is heard of as it happens, and asked for no more often than it is drawn; an operation that rests is
not asked about at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Final, Protocol

from agentkit.markup import outcome
from agentkit.wire import ApprovalLine, DrawingFormat, DrawingPage, EventLine, FileLine, OperationPage, ResultPage

from .asking import asked, troubled
from .pacing import Pace
from .sight import LARGEST_FILE, MOST_HEARD, File, Row, Sight, Trouble, Wanted, is_at_rest

__all__ = ["Asks", "FarSource", "FollowedSource", "Looks", "is_over"]

_ENDS: Final = frozenset(
    {"attempt.succeeded", "attempt.failed", "attempt.cancelled", "approval.requested", "doubt.raised", "stage.failed"}
)
"""With these an attempt ends, unless it is to be tried again."""

_LOOK: Final = 1.0
"""What agents say on the way is no event, so it is asked for after so many seconds."""


class Looks(Protocol):
    """What a sight is made of: some of the calls of a client."""

    async def operation(self, operation_id: str) -> OperationPage:
        """See `Calls.operation`."""
        ...

    async def drawing(self, operation_id: str, *, format: DrawingFormat = ...) -> DrawingPage:
        """See `Calls.drawing`."""
        ...

    async def approvals(self, operation_id: str | None = ...) -> Sequence[ApprovalLine]:
        """See `Calls.approvals`."""
        ...

    async def result(self, operation_id: str) -> ResultPage:
        """See `Calls.result`."""
        ...

    async def files(self, operation_id: str) -> Sequence[FileLine]:
        """See `Calls.files`."""
        ...

    async def file(self, operation_id: str, name: str, *, stage: str | None = ...) -> bytes:
        """See `Calls.file`."""
        ...


class Asks(Looks, Protocol):
    """What an operation is followed with besides."""

    def events(self, operation_id: str, *, after: int = ...) -> AsyncGenerator[EventLine, None]:
        """See `Client.events`."""
        ...


class FarSource:
    """Gives sights of an operation.

    Args:
        client: Who is asked.
        operation_id: Which one.
        awaits: The word before a call of this client: nothing, if it blocks.
    """

    def __init__(self, client: Looks, operation_id: str, *, awaits: str = "await ") -> None:
        self._client = client
        self._id = operation_id
        self._call = f"{awaits}client."
        self._known: tuple[object, ...] = ()
        self._graph = ""
        self._waiting: tuple[object, ...] = ()
        self._wanted: tuple[Wanted, ...] = ()

    async def sight(self) -> Sight:
        """See `Source.sight`."""
        return await self.seen(await self._client.operation(self._id))

    async def result(self) -> ResultPage:
        """See `Source.result`."""
        return await self._client.result(self._id)

    async def seen(self, page: OperationPage, *, graph: bool = True) -> Sight:
        """What there is to see, where this is how it stands, with a new graph or the one before."""
        client, ended = self._client, is_over(page)
        # Of several questions of one stage a page tells the first one, so events say that another one has got a vote.
        waiting = (page.ended, page.waiting, page.events if "approval" in page.waiting else 0, _waits(page))
        if waiting != self._waiting:
            self._waiting = waiting
            self._wanted = tuple([line async for line in self._asked(page)])
        known = (page.status, *((line.status, line.attempt, line.waits_for) for line in page.stages))
        if ended or (graph and known != self._known):
            self._graph, self._known = (await client.drawing(self._id, format="svg")).drawing, known
        is_done = page.status == "completed"
        return Sight(
            operation_id=page.id,
            workflow=page.workflow,
            status=page.status,
            is_over=ended,
            percent=100 if is_done else min(99, int(100 * page.fraction + 1e-9)),
            seconds=page.seconds,
            seconds_left=page.seconds_left if page.status == "running" else None,
            rows=tuple(_rows(page)),
            graph=self._graph,
            wanted=self._wanted,
            waits=bool(page.waiting) and not page.ended,
            trouble=self._trouble(page),
            outcome=outcome(await client.result(self._id), "null") if is_done else "",
            files=await self._files() if ended else (),
            heard=tuple((line.stage, line.message) for line in page.said[-MOST_HEARD:]),
        )

    async def _asked(self, page: OperationPage) -> AsyncGenerator[Wanted, None]:
        if "approval" in page.waiting and not page.ended:
            for line in await self._client.approvals(self._id):
                yield self._question(line)
        for kind, call, given in (("doubt", "settle", "Settlement"), ("signal", "signal", "SignalRequest")):
            if kind in page.waiting and not page.ended:
                told = [f"{line.name} for {line.waits_for}" for line in page.stages if line.waits_for]
                code = f"{self._call}{call}({self._id!r}, {given}(...))  # from agentkit.wire import {given}"
                yield Wanted(question=f"it waits: {'; '.join(told)}", facts="", code=(code,))

    def _question(self, line: ApprovalLine) -> Wanted:
        return asked(
            line.question,
            call=self._call,
            given=[repr(self._id), repr(line.stage), *([f"name={line.name!r}"] if line.name else [])],
            roles=line.roles,
            votes=(len(line.agreed), line.quorum),
            more=[] if line.deadline is None else [f"until {line.deadline:%Y-%m-%d %H:%M} UTC"],
            form=line.form,
            proposed=line.proposed,
        )

    def _trouble(self, page: OperationPage) -> Trouble | None:
        if page.failure is None:
            return None
        return troubled(page.failure.code, page.failure.message, f"{self._call}retry({self._id!r})")

    async def _files(self) -> tuple[File, ...]:
        files: list[File] = []
        for line in await self._client.files(self._id):
            is_small = line.size <= LARGEST_FILE
            content = await self._client.file(self._id, line.name, stage=line.stage) if is_small else None
            files.append(File(name=line.name, stage=line.stage, size=line.size, content=content))
        return tuple(files)


class FollowedSource(FarSource):
    """Gives sights of an operation as it goes on.

    Args:
        client: Who is asked.
        operation_id: Which one.
    """

    def __init__(self, client: Asks, operation_id: str) -> None:
        super().__init__(client, operation_id)
        self._asks = client

    async def sights(self, seconds: float) -> AsyncGenerator[Sight, None]:
        """See `Source.sights`."""
        pace, changed = Pace(seconds), asyncio.Event()
        page = await self._client.operation(self._id)
        hearing = asyncio.get_running_loop().create_task(self._hear(page.events, changed))
        try:
            while True:
                pace.begin()
                yield (sight := await self.seen(page, graph=pace.affords_graph(len(page.stages))))
                pace.end()
                if sight.is_over:
                    return
                # The end is told at once, however far apart sights are to be.
                await asyncio.wait([hearing], timeout=pace.pause)
                if hearing.done():
                    hearing.result()
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if sight.rests and not hearing.done() else _LOOK):
                        await changed.wait()
                # Before it is asked: what happens while the answer is on its way is asked for once more.
                changed.clear()
                page = await self._client.operation(self._id)
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])

    async def at_rest(self) -> None:
        """See `Source.at_rest`."""
        page, parts = await self._client.operation(self._id), _Parts()
        if _rests(page):
            return
        # A page does not say whether items or turns are worked on, so their attempts are heard from the first on.
        after = 0 if any(line.status == "expanded" for line in page.stages) else page.events
        async with aclosing(self._asks.events(self._id, after=after)) as events:
            async for event in events:
                parts.hear(event)
                if event.number >= page.events and _rests(
                    await self._client.operation(self._id), parts_work=parts.work
                ):
                    return

    async def _hear(self, after: int, changed: asyncio.Event) -> None:
        try:
            async with aclosing(self._asks.events(self._id, after=after)) as events:
                async for _ in events:
                    changed.set()
        finally:
            changed.set()


class _Parts:
    """Which attempts of items and turns go on, by their events."""

    def __init__(self) -> None:
        self._open: set[str] = set()

    @property
    def work(self) -> bool:
        """Whether any does."""
        return bool(self._open)

    def hear(self, event: EventLine) -> None:
        """Take the next event."""
        stage = event.stage or ""
        if event.type == "operation.adopted":
            # Those that may not be done twice are in doubt; any other one says itself when it ends.
            self._open.clear()
        elif event.type == "attempt.started" and "[" in stage:
            self._open.add(stage)
        elif event.type in _ENDS and event.data.get("then") not in ("retry", "fall_back"):
            self._open.discard(stage)


def is_over(page: OperationPage) -> bool:
    """Whether nothing more happens by itself: it has ended, or is in quarantine."""
    return page.ended or page.status == "quarantined"


def _rests(page: OperationPage, *, parts_work: bool = True) -> bool:
    waits = bool(page.waiting) and is_at_rest((line.status for line in page.stages), parts_work=parts_work)
    return waits or is_over(page)


def _waits(page: OperationPage) -> Sequence[str | None]:
    return [line.waits_for for line in page.stages]


def _rows(page: OperationPage) -> Sequence[Row]:
    return [
        Row(
            name=line.name,
            status=line.status,
            fraction=line.fraction,
            agent=line.agent,
            attempt=line.attempt,
            seconds=line.seconds,
            said=" · ".join(
                filter(None, (f"for {line.waits_for}" if line.waits_for else "", line.message, line.failure))
            ),
        )
        for line in page.stages
    ]
