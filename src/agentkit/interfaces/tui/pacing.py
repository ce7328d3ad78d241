"""How often a live picture is drawn: `Pace`.

Rules: who looks must not slow down what is looked at, which may run on the same loop. So the busier this process is,
the longer the pause between two pictures; while it mostly waits, drawing takes time that nobody else wants.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["Pace"]

_PAUSES: Final = 5
"""So many times longer is the pause of a process that does nothing but compute."""


class Pace:
    """Says when the next picture is due.

    Args:
        seconds: The pause between two pictures, while the process does nothing else.
        clock: What time it is, in seconds.
        worked: For how many seconds this process has computed so far.
    """

    def __init__(
        self,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        self._seconds, self._clock, self._worked = seconds, clock, worked
        self._drawn_at, self._worked_then = clock() - seconds, worked()

    @property
    def is_due(self) -> bool:
        """Whether the next picture may be drawn now."""
        passed = self._clock() - self._drawn_at
        busy = min(1.0, (self._worked() - self._worked_then) / passed) if passed > 0 else 1.0
        return passed >= self._seconds * (1 + (_PAUSES - 1) * busy)

    def drawn(self) -> None:
        """A picture was drawn."""
        self._drawn_at, self._worked_then = self._clock(), self._worked()
