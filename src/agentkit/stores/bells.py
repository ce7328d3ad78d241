"""Bells wake those who wait for something new in a stream; ears hear which streams were written to.

Rules: a bell says "look again" and nothing else, so to ring once too often is harmless; nobody polls, and a stream that
nobody watches costs one look into a dictionary. Bells belong to the event loop on which they are used.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final

from agentkit.kernel import Event

__all__ = ["BATCH", "Bells", "Ear", "follow"]

BATCH: Final = 64
"""How many events a reader takes at once, so that one that is slow holds few of a long journal."""


class Bells:
    """For each stream, the bells of those who watch it."""

    __slots__ = ("_hung",)

    def __init__(self) -> None:
        self._hung: dict[str, set[asyncio.Event]] = {}

    def __bool__(self) -> bool:
        return bool(self._hung)

    @contextmanager
    def hang(self, stream: str) -> Generator[asyncio.Event, None, None]:
        """A bell for this stream, taken down at the end."""
        bell = asyncio.Event()
        self._hung.setdefault(stream, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._hung[stream]
            bells.discard(bell)
            if not bells:
                del self._hung[stream]

    def ring(self, stream: str) -> None:
        """Wake everybody who watches this stream."""
        for bell in self._hung.get(stream, ()):
            bell.set()

    def ring_all(self) -> None:
        """Wake everybody."""
        for stream in self._hung:
            self.ring(stream)


class Ear:
    """What one listener has heard and not taken yet.

    Attributes:
        owner: Whose ear it is.
        hears_own: Whether it hears also what its own owner writes.
    """

    __slots__ = ("_bell", "_heard", "hears_own", "owner")

    def __init__(self, owner: str, *, hears_own: bool = False) -> None:
        self.owner: str = owner
        self.hears_own: bool = hears_own
        self._heard: dict[str, None] = {}
        self._bell = asyncio.Event()

    def hear(self, streams: Iterable[str]) -> None:
        """Take note that somebody wrote to these streams."""
        self._heard.update(dict.fromkeys(streams))
        self._bell.set()

    async def next(self) -> Sequence[str]:
        """The streams heard of since the last call; nothing, if the ear was woken for another reason."""
        await self._bell.wait()
        self._bell.clear()
        heard, self._heard = tuple(self._heard), {}
        return heard


async def follow(
    bells: Bells, stream: str, after: int, read: Callable[[str, int], Awaitable[Sequence[Event]]]
) -> AsyncGenerator[Sequence[Event], None]:
    """Read what there is, then wait for the bell and read on, for ever."""
    with bells.hang(stream) as bell:
        while True:
            # Cleared before the read: what is appended during the read rings for the next round.
            bell.clear()
            events = await read(stream, after)
            if events:
                after += len(events)
                yield events
            else:
                await bell.wait()
