"""Which operations change, told to everybody who wants to know.

Rules: there is one ear for all listeners, and none while nobody listens; what changed is looked up once, however many
listen, so the cost grows with what changes. A listener pulls: of what it has not taken yet the newest is kept, once for
each operation and up to a bound, and beyond that bound it is told that it missed something. It slows nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial

from agentkit.orchestrator import Orchestrator
from agentkit.stores import Summary
from agentkit.wire import OperationLine

from .translate import operation_line

__all__ = ["Changed", "Changes"]

_KEPT = 1_000
_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What changed since the look before.

    Attributes:
        lines: The operations, as they stand; each once.
        missed: Whether there were more, of which nothing is kept: list the operations to see all.
    """

    lines: Sequence[OperationLine] = ()
    missed: bool = False


class Changes:
    """Hears what changes in a store.

    Args:
        orchestrator: Whose store.
        kept: How many operations are kept for a listener that does not take them.
        seconds: The shortest time between two looks; what happens to an operation in between is one change.
    """

    def __init__(self, orchestrator: Orchestrator, *, kept: int = _KEPT, seconds: float = _SECONDS) -> None:
        self._orchestrator = orchestrator
        self._kept = kept
        self._seconds = seconds
        self._listeners: dict[str | None, set[_Listener]] = {}
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def follow(self, tenant: str | None) -> AsyncGenerator[Changed, None]:
        """The operations of a tenant as they change, in any process, for ever; None is those of everybody.

        The first answer is empty: what happens after it is told.

        Raises:
            Closed: The orchestrator is not open, or was closed meanwhile.
            StoreError: The store failed; whoever follows again may have missed something.
        """
        with self._listening(tenant) as listener:
            yield await listener.begun(self._ready)
            while True:
                yield await listener.next()

    @contextmanager
    def _listening(self, tenant: str | None) -> Generator[_Listener, None, None]:
        listener = _Listener(self._kept)
        if self._task is None or self._task.done():
            self._ready = asyncio.Event()
            # Asked for here, so that one that is closed is told to who asks.
            _ = self._orchestrator.store
            self._task = asyncio.get_running_loop().create_task(self._listen(self._ready))
            self._task.add_done_callback(partial(self._ended, self._ready))
        self._listeners.setdefault(tenant, set()).add(listener)
        try:
            yield listener
        finally:
            self._listeners[tenant].remove(listener)
            if not self._listeners[tenant]:
                del self._listeners[tenant]
            if not self._listeners:
                self._task.cancel()
                self._task = None

    async def _listen(self, ready: asyncio.Event) -> None:
        store = self._orchestrator.store
        async with aclosing(store.changes()) as batches:
            async for streams in batches:
                ready.set()
                for stream in streams:
                    summary = await store.get(stream)
                    if summary is not None:
                        self._tell(summary)
                await asyncio.sleep(self._seconds)

    def _tell(self, summary: Summary) -> None:
        for tenant in {summary.tenant, None}:
            for listener in self._listeners.get(tenant, ()):
                listener.hear(summary)

    def _ended(self, ready: asyncio.Event, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            for listeners in self._listeners.values():
                for listener in listeners:
                    listener.fail(error)
        ready.set()


class _Listener:
    """What one listener has not taken yet."""

    __slots__ = ("_bell", "_error", "_heard", "_kept", "_missed")

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._heard: dict[str, Summary] = {}
        self._missed = False
        self._error: BaseException | None = None
        self._bell = asyncio.Event()

    def hear(self, summary: Summary) -> None:
        """Take note of how an operation stands."""
        if summary.stream not in self._heard and len(self._heard) >= self._kept:
            self._missed = True
            self._heard.clear()
        self._heard[summary.stream] = summary
        self._bell.set()

    def fail(self, error: BaseException) -> None:
        """Take note that nothing more will be heard."""
        self._error = error
        self._bell.set()

    async def begun(self, ready: asyncio.Event) -> Changed:
        """Wait until everything is heard."""
        await ready.wait()
        return self._taken() if self._error is not None else Changed()

    async def next(self) -> Changed:
        """Wait for something new."""
        await self._bell.wait()
        self._bell.clear()
        return self._taken()

    def _taken(self) -> Changed:
        if self._error is not None:
            raise self._error
        heard, self._heard = self._heard, {}
        missed, self._missed = self._missed, False
        return Changed(lines=[operation_line(summary) for summary in heard.values()], missed=missed)
