"""The stream of one shared context: where it stands, and how to find that out without reading all of it.

Rules: a tenant's context has a stream of its own, whose name is made of both in a way that no two pairs share. Every
so many events there is a snapshot; the newest one, or the last one before a version, is found by looking at a few.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from agentkit.kernel import SNAPSHOT_EVERY, ContextCompacted, Event, SharedContext
from agentkit.stores import Journal

__all__ = ["ContextStream", "stream_name"]


def stream_name(tenant: str | None, name: str) -> str:
    """The stream of a tenant's context.

    Example:
        >>> stream_name("acme", "shared")
        'context["acme","shared"]'
    """
    return "context" + json.dumps([tenant, name], separators=(",", ":"))


class ContextStream:
    """One stream, and what is known of it here.

    Attributes:
        journal: Where it is.
        name: What it is called there.
        context: Where it stands, as far as is known here.
    """

    __slots__ = ("context", "journal", "name")

    def __init__(self, journal: Journal, name: str) -> None:
        self.journal: Journal = journal
        self.name: str = name
        self.context: SharedContext = SharedContext()

    async def begin(self) -> None:
        """Read it from its newest snapshot on.

        Raises:
            IllegalEvent: It is no stream of a context.
            StoreError: The store failed.
        """
        after = await self._snapshot(None)
        self.context = SharedContext.replay(await self.journal.read(self.name, after=after), after=after)

    async def catch_up(self) -> SharedContext:
        """Where it stands now.

        Raises:
            IllegalEvent: Something in it cannot have happened.
            StoreError: The store failed.
        """
        number = self.context.number
        events = await self.journal.read(self.name, after=number)
        # Somebody else here may have read the first of them meanwhile.
        for event in events[self.context.number - number :]:
            self.context.apply(event)
        return self.context

    async def at(self, version: int) -> SharedContext:
        """Where it stood at a version that exists.

        Raises:
            StoreError: The store failed.
        """
        after = await self._snapshot(version)
        context = SharedContext()
        context.number = after
        for event in await self.journal.read(self.name, after=after, limit=SNAPSHOT_EVERY):
            if context.version == version and context.number > after:
                break
            context.apply(event)
        return context if version else SharedContext()

    async def since(self, version: int) -> tuple[int, Sequence[Event]]:
        """All events from the last snapshot before a version on, and the number of the event before the first.

        Raises:
            StoreError: The store failed.
        """
        after = await self._snapshot(version)
        return after, await self.journal.read(self.name, after=after)

    async def _snapshot(self, version: int | None) -> int:
        """The number of the event before the newest snapshot, or before the last one that is no newer than a version.

        It is 0 if there is none, which is the beginning.
        """
        # First by leaps that double, then by halves: a look at ten rows finds the place among 100,000 events.
        known, unknown = 0, 1
        while await self._is_snapshot(unknown, version):
            known, unknown = unknown, 2 * unknown
        while unknown - known > 1:
            middle = (known + unknown) // 2
            if await self._is_snapshot(middle, version):
                known = middle
            else:
                unknown = middle
        return max(0, known * SNAPSHOT_EVERY - 1)

    async def _is_snapshot(self, place: int, version: int | None) -> bool:
        found = await self.journal.read(self.name, after=place * SNAPSHOT_EVERY - 1, limit=1)
        if not found or not isinstance(found[0], ContextCompacted):
            return False
        return version is None or found[0].version <= version
