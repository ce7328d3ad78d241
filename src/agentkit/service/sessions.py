"""Sessions of browsers that were ended before their time.

Rules: a session proves itself by its signature, so nothing is kept of it while it lasts; what is kept is that it was
ended, until it would have ended anyway. Each is a record of the store by itself, so every process sees it within
`FRESH_SECONDS`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from agentkit.errors import JournalCorrupt
from agentkit.orchestrator import RecordBook, Records
from agentkit.stores import Store

from .keys import FRESH_SECONDS

__all__ = ["EndedSessions"]


class EndedSessions:
    """The sessions of a store that were ended.

    Args:
        store: Where they are kept.
        now: What time it is, in seconds since 1970.

    Example:
        >>> import asyncio
        >>> from agentkit.engines import SystemClock
        >>> from agentkit.stores import open_store
        >>> async def main() -> None:
        ...     clock = SystemClock()
        ...     ended = EndedSessions(open_store("memory://"), now=clock.now)
        ...     await ended.add("s1", until=clock.now() + 60)
        ...     print(await ended.has("s1"), await ended.has("s2"))
        >>> asyncio.run(main())
        True False
    """

    def __init__(self, store: Store, *, now: Callable[[], float]) -> None:
        self._book = RecordBook(store, "agentkit.sessions", _read, now=now, together="ended")
        self._now = now
        self._known: Records[float] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def add(self, session_id: str, *, until: float) -> None:
        """Keep in mind that a session was ended; when this returns it is kept.

        Args:
            session_id: Which session.
            until: When it would have ended by itself, in seconds since 1970.

        Raises:
            StoreError: The store failed.
        """

        def decide(known: Records[float]) -> Mapping[str, float | None]:
            over = {one: None for one, at in known.items() if at <= self._now()}
            return {**over, session_id: until}

        at = self._now()
        self._known = await self._book.change(decide, by="sessions")
        self._read_at = at

    async def has(self, session_id: str) -> bool:
        """Whether a session was ended.

        Raises:
            StoreError: The store failed.
        """
        asked = self._now()
        if not self._is_fresh(asked):
            async with self._reading:
                # Of all who ask at once the first one reads; the others take what it has read.
                if not self._is_fresh(asked):
                    await self._refresh()
        return session_id in self._known

    def _is_fresh(self, at: float) -> bool:
        return self._read_at is not None and at - self._read_at < FRESH_SECONDS

    async def _refresh(self) -> None:
        # The time before the reading: what is written meanwhile must not look as if it had been seen.
        at = self._now()
        self._known = await self._book.look()
        self._read_at = at


def _read(session_id: str, kept: object) -> float:
    if not isinstance(kept, int | float):
        raise JournalCorrupt(f"session {session_id!r:.50} of this store is not as agentkit writes it")
    return kept
