"""What is asked of a driver while it drives, and what those are told who asked.

Rules: a wish makes events of where the operation stands, or refuses; it is made again for the journal as it is by then
when a write failed. Whoever asked is told once: when the events are on the journal, when the wish was refused, or that
the driver ended before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from agentkit.errors import AgentKitError
from agentkit.kernel import Event, State, Wish, evolve

__all__ = ["AskedWishes"]

_Asked: TypeAlias = tuple[Wish, asyncio.Future[bool]]


class AskedWishes:
    """The wishes that one driver has not put on the journal yet; false when there are none."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[_Asked] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, wish: Wish, told: asyncio.Future[bool]) -> None:
        """Have a wish wait for the next turn."""
        self._waiting.append((wish, told))

    def take(self, state: State, now: float, events: list[Event]) -> list[_Asked]:
        """Let happen what all that wait want, and tell those whose wish was refused; the others wait for the write."""
        taken, self._waiting = self._waiting, []
        made: list[_Asked] = []
        for wish, told in taken:
            try:
                for event in wish(state, now):
                    evolve(state, event)
                    events.append(event)
            except AgentKitError as error:
                if not told.done():
                    told.set_exception(error)
            else:
                made.append((wish, told))
        return made

    def put_back(self, made: Sequence[_Asked]) -> None:
        """The write failed: these go first in the next turn."""
        self._waiting[:0] = made

    @staticmethod
    def keep(made: Sequence[_Asked]) -> None:
        """The events of these are on the journal."""
        _tell(made, kept=True)

    def close(self) -> None:
        """Nothing that waits will be put on the journal by this driver."""
        _tell(self._waiting, kept=False)
        self._waiting = []


def _tell(asked: Sequence[_Asked], *, kept: bool) -> None:
    for _, told in asked:
        if not told.done():
            told.set_result(kept)
