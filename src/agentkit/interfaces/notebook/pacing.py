"""How often a picture is drawn, and what of it: `Pace`.

Rules: who looks must not slow down what is looked at. So after a picture comes a pause of many times what it took to
draw it, and a graph that would take long is drawn only where much more time than that has passed.
"""

from __future__ import annotations

from typing import Final

from agentkit.engines import Clock, SystemClock

__all__ = ["SECONDS", "Pace"]

SECONDS: Final = 0.2
"""The shortest time between two pictures, if nothing else is said."""
_PAUSES: Final = 60
_FIRST_GRAPH: Final = 0.005
_PER_STAGE: Final = 0.0005


class Pace:
    """Says when the next picture may be drawn, and whether with a new graph.

    Args:
        seconds: The shortest time between two pictures.
        clock: What time it is; for tests.
    """

    def __init__(self, seconds: float, clock: Clock | None = None) -> None:
        self._seconds = seconds
        self._clock: Clock = clock or SystemClock()
        self._start = self._began = self._clock.now()
        self._next = 0.0

    def begin(self) -> None:
        """A picture is being drawn."""
        self._began = self._clock.now()

    def end(self) -> None:
        """It is drawn."""
        now = self._clock.now()
        self._next = now + max(self._seconds, _PAUSES * (now - self._began))

    @property
    def pause(self) -> float:
        """In how many seconds the next one may be drawn."""
        return max(0.0, self._next - self._clock.now())

    def affords_graph(self, stages: int) -> bool:
        """Whether a graph of so many stages takes little of the time that has passed."""
        return self._clock.now() - self._start >= _PAUSES * (_FIRST_GRAPH + _PER_STAGE * stages)
