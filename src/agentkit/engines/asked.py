"""What is asked of a driver while it drives, and what those are told who asked.

Rules: a wish makes events of where the operation stands, or refuses; it is made again for the journal as it is by then
when a write failed, unless the journal shows that its events were written all the same. Whoever asked is told once:
when the events are on the journal, when the wish was refused, or that the driver ended before that. What is wrong with
one wish harms nobody but who asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agentkit.kernel import Event, State, Wish, evolve

from .storable import check_storable

__all__ = ["AskedWishes"]


class _Asked:
    """A wish, who is told, the events that it made, and how many events the journal has before them."""

    __slots__ = ("made", "place", "told", "wish")

    def __init__(self, wish: Wish, told: asyncio.Future[bool]) -> None:
        self.wish = wish
        self.told = told
        self.made: list[Event] = []
        self.place = 0

    def tell(self, *, kept: bool) -> None:
        if not self.told.done():
            self.told.set_result(kept)


class AskedWishes:
    """The wishes that one driver has not put on the journal yet; false when there are none."""

    __slots__ = ("_waiting", "_writing")

    def __init__(self) -> None:
        self._waiting: list[_Asked] = []
        self._writing: list[_Asked] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, wish: Wish, told: asyncio.Future[bool]) -> None:
        """Have a wish wait for the next turn."""
        self._waiting.append(_Asked(wish, told))

    def take(self, state: State, now: float, events: list[Event]) -> bool:
        """Let happen what all that wait want, and tell those whose wish was refused; the others wait for the write.

        Returns:
            Whether the state is whole: False if a wish went wrong half-way, and the journal has to be read again.
        """
        while self._waiting:
            asked = self._waiting.pop(0)
            is_whole = True
            try:
                asked.place, asked.made = state.version, [*asked.wish(state, now)]
                check_storable(asked.made)
                for event in asked.made:
                    is_whole = False
                    evolve(state, event)
            except Exception as error:  # noqa: BLE001 - the border to a wish: what is wrong with it only its asker hears
                if not asked.told.done():
                    asked.told.set_exception(error)
                if not is_whole:
                    return False
            else:
                self._writing.append(asked)
                events += asked.made
        return True

    def put_back(self) -> None:
        """Nothing was written: these go first in the next turn."""
        self._waiting[:0] = self._writing
        self._writing = []

    def recognise(self, journal: Sequence[Event]) -> None:
        """Nobody knew whether the events were written: tell those whose events are on the journal."""
        left: list[_Asked] = []
        for asked in self._writing:
            if list(journal[asked.place : asked.place + len(asked.made)]) == asked.made:
                asked.tell(kept=True)
            else:
                left.append(asked)
        self._writing = left

    def keep(self) -> None:
        """The events are on the journal."""
        for asked in self._writing:
            asked.tell(kept=True)
        self._writing = []

    def close(self) -> None:
        """Nothing that waits will be put on the journal by this driver."""
        for asked in (*self._writing, *self._waiting):
            asked.tell(kept=False)
        self._writing, self._waiting = [], []
