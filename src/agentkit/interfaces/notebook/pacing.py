"""How often a picture is drawn: `Pace`.

Rules: who looks must not slow down what is looked at. So after a picture comes a pause of many times what it took to
draw it, however large the workflow is.
"""

from __future__ import annotations

import time
from typing import Final

__all__ = ["SECONDS", "Pace"]

SECONDS: Final = 0.2
"""The shortest time between two pictures, if nothing else is said."""
_PAUSES: Final = 40


class Pace:
    """Says when the next picture may be drawn.

    Args:
        seconds: The shortest time between two pictures.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = 0.0
        self._next = 0.0

    def begin(self) -> None:
        """A picture is being drawn."""
        self._began = time.perf_counter()

    def end(self) -> None:
        """It is drawn."""
        now = time.perf_counter()
        self._next = now + max(self._seconds, _PAUSES * (now - self._began))

    @property
    def pause(self) -> float:
        """In how many seconds the next one may be drawn."""
        return max(0.0, self._next - time.perf_counter())
