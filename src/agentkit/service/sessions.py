"""Sessions of browsers that were ended before their time.

Rules: a session proves itself by its signature, so nothing is kept of it while it lasts; what is kept is that it was
ended, until it would have ended anyway. That lies in a shared context of the store, so every process sees it within
`FRESH_SECONDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from agentkit.agents import ContextKey
from agentkit.errors import MergeConflict
from agentkit.orchestrator import ContextStore
from agentkit.stores import Store

from .keys import FRESH_SECONDS

__all__ = ["EndedSessions"]

_ENDED: Final = ContextKey("ended", dict[str, float])
_VERSIONS: Final = 100


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
        self._context = ContextStore(store, keys=[_ENDED], name="agentkit.sessions", keep_versions=_VERSIONS)
        self._now = now
        self._known: Mapping[str, float] = {}
        self._read_at: float | None = None

    async def add(self, session_id: str, *, until: float) -> None:
        """Keep in mind that a session was ended; when this returns it is kept.

        Args:
            session_id: Which session.
            until: When it would have ended by itself, in seconds since 1970.

        Raises:
            StoreError: The store failed.
        """
        while True:
            version = await self._refresh()
            alive = {one: at for one, at in self._known.items() if at > self._now()}
            try:
                await self._context.update(
                    {_ENDED: {**alive, session_id: until}}, by="sessions", expected_version=version
                )
            except MergeConflict:
                # Another one was ended at the same time.
                continue
            await self._refresh()
            return

    async def has(self, session_id: str) -> bool:
        """Whether a session was ended.

        Raises:
            StoreError: The store failed.
        """
        if self._read_at is None or self._now() - self._read_at >= FRESH_SECONDS:
            await self._refresh()
        return session_id in self._known

    async def _refresh(self) -> int:
        await self._context.open()
        # The time before the reading: what is written meanwhile must not look as if it had been seen.
        at = self._now()
        view = await self._context.read()
        known: dict[str, float] = view.get(_ENDED, dict[str, float]())
        self._known, self._read_at = known, at
        return view.version
