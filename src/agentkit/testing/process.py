"""A process of a simulation: an orchestrator on a store that can die at any write.

Rules: from its death to its burial its calls of the store wait for ever, as nothing of a dead process goes on; after
that they are refused, so that its orchestrator can be closed. What it leaves behind is its journals.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Never, Protocol, TypeVar, cast

from agentkit.agents import Agent, Task
from agentkit.errors import Closed, StoreError
from agentkit.kernel import Event
from agentkit.orchestrator import Limits, Orchestrator
from agentkit.stores import Lease, Store, Summary

from .clock import VirtualClock, VirtualLoop
from .faults import Call, Fault, FaultyStore
from .outside import Happening

__all__ = ["Process", "Surroundings"]

T = TypeVar("T")


class Surroundings(Protocol):
    """The world, as its processes see it.

    Attributes:
        faults: What goes wrong.
        counts: How often each method of the store was called, over all processes.
        calls: How often each agent's body was begun.
        happened: What happened outside.
    """

    faults: Sequence[Fault]
    counts: Counter[Call | None]
    calls: Counter[str]
    happened: list[Happening]

    def kill(self, store: Store) -> None:
        """Have an owner die."""
        ...

    def heard(self, stream: str, events: Sequence[Event], summary: Summary | None) -> None:
        """Something was written."""
        ...

    def let_go(self) -> None:
        """Something may have been given back."""
        ...


class Process:
    """One process.

    Args:
        world: Where it lives.
        store: What it opens.
        agents: Who can work, watched.
        limits: The orchestrator's bounds.
        resources: The orchestrator's resources.
    """

    def __init__(
        self,
        world: Surroundings,
        store: Store,
        agents: Sequence[Agent[Never, object]],
        *,
        limits: Limits,
        resources: Mapping[str, int] | None,
    ) -> None:
        self._world = world
        self._loop = asyncio.get_running_loop()
        self._death: asyncio.Future[None] = self._loop.create_future()
        self._store = _MortalStore(world, store, self._death)
        self.orchestrator: Orchestrator = Orchestrator(
            agents, store=self._store, limits=limits, resources=resources, adopt=False, clock=VirtualClock()
        )

    @property
    def is_dead(self) -> bool:
        """Whether it was killed."""
        return self._death.done()

    async def until_death(self, work: Awaitable[T]) -> T | None:
        """Wait for something; None if the process dies before."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self._death), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
        return task.result() if task.done() and not task.cancelled() else None

    async def bury(self) -> None:
        """Close what is left of it: of a dead one nothing is released."""
        self._store.is_buried = True
        with suppress(StoreError, Closed):
            await self.orchestrator.close(drain_seconds=0)
        if self.is_dead:
            # Its threads and files, if it has any; it holds nothing any more.
            with suppress(StoreError, Closed), self._store.standing_still():
                await self._store.inner.close()

    def began(self, agent: str) -> None:
        """The body of an attempt has begun."""
        self._world.calls[agent] += 1

    def note(self, task: Task[object], name: str, key: str) -> None:
        """Keep what happened, if the process lives."""
        if not self.is_dead:
            # By the loop itself: a plain function is in a thread, where no loop runs.
            at = self._loop.time()
            self._world.happened.append(
                Happening(
                    name=name, key=key, at=at, operation_id=task.operation_id, stage=task.stage, attempt=task.attempt
                )
            )


class _MortalStore(FaultyStore):
    """A store whose kills are deaths of its process, and whose writes are heard."""

    def __init__(self, world: Surroundings, inner: Store, death: asyncio.Future[None]) -> None:
        super().__init__(inner, *world.faults)
        self._counts = world.counts
        self._world = world
        self._death = death
        self._bells: set[asyncio.Event] = set()
        self.is_buried = False

    async def watch(self, stream: str, *, after: int = 0) -> AsyncGenerator[Sequence[Event], None]:
        """See `Journal.watch`. It reads here: no time may pass meanwhile, which the store's own watch could not say."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            while True:
                # Cleared before the read: what is appended during the read rings for the next round.
                bell.clear()
                await self._live()
                with self.standing_still():
                    events = await self.inner.read(stream, after=after)
                if events:
                    after += len(events)
                    yield events
                else:
                    await bell.wait()
        finally:
            self._bells.discard(bell)

    async def close(self) -> None:
        """See `Store.close`."""
        await super().close()
        self._ring()

    async def append(
        self,
        stream: str,
        events: Sequence[Event],
        *,
        expected: int,
        lease: Lease | None = None,
        summary: Summary | None = None,
    ) -> None:
        """See `Journal.append`."""

        async def write() -> None:
            await self.inner.append(stream, events, expected=expected, lease=lease, summary=summary)
            self._world.heard(stream, events, summary)
            self._ring()

        await self._pass("append", write)

    async def _pass(self, call: Call, work: Callable[[], Awaitable[T]]) -> T:
        await self._live()

        async def still() -> T:
            with self.standing_still():
                return await work()

        try:
            return await super()._pass(call, still)
        finally:
            if call in ("append", "release") and not self._death.done():
                self._world.let_go()

    @staticmethod
    def standing_still() -> AbstractContextManager[None]:
        """Have no time pass: a store with threads of its own is not seen by the loop."""
        return cast("VirtualLoop", asyncio.get_running_loop()).standing_still()

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    async def _live(self) -> None:
        if self.is_buried and self._death.done():
            raise Closed("this process was killed")
        if self._death.done():
            await asyncio.get_running_loop().create_future()

    async def _die(self) -> None:
        self._world.kill(self.inner)
        if not self._death.done():
            self._death.set_result(None)
        await asyncio.get_running_loop().create_future()
