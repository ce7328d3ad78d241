"""The newest operations of a store as the attempts they are made of, kept in mind: `WorkReader`.

Rules: a question costs what has changed since the one before. What is kept in mind is bounded. An operation whose
journal is damaged takes nobody else's figures away.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

from agentkit.errors import FormatTooNew, IllegalEvent, JournalCorrupt
from agentkit.kernel import OperationAccepted
from agentkit.stores import Store, Summary
from agentkit.views import Job, JobFold

__all__ = ["WorkReader"]


class WorkReader:
    """Reads the newest operations of a store.

    Args:
        store: An open store.
        most: How many operations are kept in mind.
    """

    def __init__(self, store: Store, *, most: int) -> None:
        self._store = store
        self._most = most
        self._mark: int | None = None
        self._known: dict[str, tuple[JobFold, int]] = {}
        self._lock = asyncio.Lock()

    async def look(self) -> None:
        """Take in what has changed.

        Raises:
            StoreError: The store failed.
        """
        async with self._lock:
            news = await self._store.news(self._mark)
            if self._mark is None or not news.is_whole:
                lines: Sequence[Summary] = await self._store.find(limit=self._most)
            else:
                lines = news.lines
            for line in lines:
                await self._take(line)
            self._mark = news.mark
            for name in sorted(self._known, key=self._began)[: max(0, len(self._known) - self._most)]:
                del self._known[name]

    def work(self, since: float = -math.inf, until: float = math.inf) -> tuple[Sequence[Job], Mapping[str, float]]:
        """The attempts of the operations that were accepted in a time, and when each operation was."""
        begun = {name: at for name in self._known if since <= (at := self._began(name)) < until}
        return [job for name in begun for job in self._known[name][0].jobs], begun

    def _began(self, name: str) -> float:
        return self._known[name][0].accepted.at

    async def _take(self, line: Summary) -> None:
        fold, seen = self._known.get(line.stream, (None, 0))
        if fold is None and len(self._known) >= self._most and line.created_at < min(map(self._began, self._known)):
            return
        try:
            events = await self._store.read(line.stream, after=seen)
        except (JournalCorrupt, FormatTooNew):
            self._known.pop(line.stream, None)
            return
        count = seen + len(events)
        if fold is None:
            if not events or not isinstance(first := events[0], OperationAccepted):
                return
            fold, events = JobFold(first), events[1:]
        try:
            for event in events:
                fold.apply(event)
        except IllegalEvent:
            self._known.pop(line.stream, None)
            return
        self._known[line.stream] = fold, count
