"""A waiting line: who came first goes first, and who is cancelled leaves it without holding up the others.

Rules: a turn that was given to somebody who is cancelled in the same moment is handed back, never lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Generic, TypeVar

__all__ = ["Line"]

Wish = TypeVar("Wish")
Turn = TypeVar("Turn")


class Line(Generic[Wish, Turn]):
    """Coroutines that wait for their turn, in order.

    Args:
        hand_back: Takes back the turn of somebody who was cancelled before they could use it.
    """

    __slots__ = ("_hand_back", "_waiting")

    def __init__(self, hand_back: Callable[[Turn], None]) -> None:
        self._waiting: deque[tuple[asyncio.Future[Turn], Wish]] = deque()
        self._hand_back = hand_back

    def __len__(self) -> int:
        return len(self._waiting)

    def wait(self, wish: Wish) -> Coroutine[object, None, Turn]:
        """Wait for a turn; the place in the line is kept from the call on, before it is awaited."""
        place: tuple[asyncio.Future[Turn], Wish] = asyncio.get_running_loop().create_future(), wish
        self._waiting.append(place)
        return self._turn(place)

    async def _turn(self, place: tuple[asyncio.Future[Turn], Wish]) -> Turn:
        answer, _ = place
        try:
            return await answer
        except asyncio.CancelledError:
            if answer.cancelled():
                self._waiting.remove(place)
            elif answer.exception() is None:
                self._hand_back(answer.result())
            raise

    def serve(self, find: Callable[[Wish], Turn | None], *, is_over: Callable[[], bool]) -> None:
        """Give turns, in order, until it is over; who cannot be served keeps their place.

        What `find` raises is raised where that turn is waited for, and nowhere else.
        """
        place = 0
        while place < len(self._waiting) and not is_over():
            answer, wish = self._waiting[place]
            # Who was cancelled a moment ago is still here, and takes themselves out.
            try:
                turn = None if answer.done() else find(wish)
            except Exception as error:  # noqa: BLE001 - the border: whatever it is, it is theirs who would have been served
                del self._waiting[place]
                answer.set_exception(error)
                continue
            if turn is None:
                place += 1
            else:
                del self._waiting[place]
                answer.set_result(turn)

    def refuse(self, error: Callable[[], Exception]) -> None:
        """Send all away with an error."""
        while self._waiting:
            answer, _ = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(error())
