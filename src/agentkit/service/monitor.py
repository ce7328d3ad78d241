"""What happens in this process, as spans, for whoever measures it: figures, traces.

Rules: whoever appends pays for a place in a queue, and nothing else; a task folds what waits, and asks the store for
what it has not seen, such as how an operation began that another process drove before. What watchers are told was
appended by this process, so processes on one store tell every event once between them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from agentkit.errors import AgentKitError
from agentkit.kernel import ContextCompacted, ContextUpdated, Event, OperationAccepted
from agentkit.stores import Store
from agentkit.views import Span, SpanFold

__all__ = ["Monitor", "Watcher"]

_log = logging.getLogger("agentkit")
_MOST_WAITING = 10_000
"""Appends that may wait; then the oldest are forgotten: a gap is read from the store, and told to nobody."""
_MOST_FOLDS = 10_000
"""Operations that are remembered; one that is not is read again when something happens to it."""


class Watcher(Protocol):
    """Who is told what happened to operations."""

    def see(self, fold: SpanFold, event: Event, spans: Sequence[Span]) -> None:
        """Hear of one event.

        Args:
            fold: The operation, with this event in it.
            event: What happened.
            spans: What ended with it.
        """
        ...


class Monitor:
    """An observer of journals that folds what it hears; see `agentkit.stores.Observer`.

    Args:
        watchers: Who is told.
    """

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers
        self._waiting: deque[tuple[str, Sequence[Event], int]] = deque(maxlen=_MOST_WAITING)
        self._folds: OrderedDict[str, SpanFold] = OrderedDict()
        self._store: Store | None = None
        self._news = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    def appended(self, stream: str, events: Sequence[Event], *, after: int) -> None:
        """See `Observer.appended`."""
        if self._store is None or isinstance(events[0], ContextUpdated | ContextCompacted):
            return
        self._waiting.append((stream, events, after))
        self._news.set()

    def open(self, store: Store) -> None:
        """Begin to listen.

        Args:
            store: Where that is read which was not heard.
        """
        self._store, self._news = store, asyncio.Event()
        self._worker = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        """Tell what was heard until now, and listen no more."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker
        await self._take_all()
        self._store = self._worker = None
        self._folds.clear()

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self._take_all()

    async def _take_all(self) -> None:
        while self._waiting:
            stream, events, after = self._waiting.popleft()
            try:
                await self._take(stream, events, after)
            except AgentKitError:
                _log.exception("what happened to %s cannot be measured", stream)
            # Whoever serves goes first.
            await asyncio.sleep(0)

    async def _take(self, stream: str, events: Sequence[Event], after: int) -> None:
        fold = self._folds.pop(stream, None)
        if fold is None and after == 0 and isinstance(events[0], OperationAccepted):
            fold = SpanFold(events[0])
            self._tell(fold, events[0], ())
            events = events[1:]
        elif fold is None or fold.version < after:
            fold = await self._caught_up(stream, fold, after)
        if fold is None:
            return
        is_over = False
        for event in events:
            spans = fold.apply(event)
            self._tell(fold, event, spans)
            is_over = is_over or any(not span.stage for span in spans)
        if not is_over:
            self._folds[stream] = fold
            if len(self._folds) > _MOST_FOLDS:
                self._folds.popitem(last=False)

    async def _caught_up(self, stream: str, fold: SpanFold | None, upto: int) -> SpanFold | None:
        """The fold of an operation up to an event; None for what is none."""
        assert self._store is not None
        seen = 0 if fold is None else fold.version
        missed = await self._store.read(stream, after=seen, limit=upto - seen)
        if fold is None:
            first = missed[0] if missed else None
            if not isinstance(first, OperationAccepted):
                return None
            fold, missed = SpanFold(first), missed[1:]
        for event in missed:
            fold.apply(event)
        return fold

    def _tell(self, fold: SpanFold, event: Event, spans: Sequence[Span]) -> None:
        for watcher in self._watchers:
            try:
                watcher.see(fold, event, spans)
            except Exception:  # noqa: BLE001 - the border to those who measure: their failure is nobody else's
                _log.exception("%s failed at what happened to an operation", type(watcher).__name__)
