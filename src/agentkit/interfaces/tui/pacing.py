"""How often a live picture is drawn: `Pace`.

Rules: who looks must not slow down what is looked at, which may run on the same loop. So the busier this process is,
the longer the pause between two pictures; while it mostly waits, drawing takes time that nobody else wants. Nobody
waits for the first one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from agentkit.engines import Clock, SystemClock

__all__ = ["Pace"]

_PAUSES: Final = 5
"""So many times longer is the pause of a process that does nothing but compute."""


class Pace:
    """Says when the next picture is due.

    Args:
        seconds: The pause between two pictures, while the process does nothing else.
        clock: What time it is; for tests.
        worked: For how many seconds this process has computed so far.
    """

    def __init__(
        self,
        seconds: float,
        *,
        clock: Clock | None = None,
        worked: Callable[[], float] | None = None,
    ) -> None:
        self._seconds = seconds
        self._clock, self._worked = clock or SystemClock(), worked or _worked
        self._drawn_at: float | None = None
        self._worked_then = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the next picture may be drawn now."""
        if self._drawn_at is None:
            return True
        passed = self._clock.now() - self._drawn_at
        busy = min(1.0, (self._worked() - self._worked_then) / passed) if passed > 0 else 1.0
        return passed >= self._seconds * (1 + (_PAUSES - 1) * busy)

    def drawn(self) -> None:
        """A picture was drawn."""
        self._drawn_at, self._worked_then = self._clock.now(), self._worked()


def _worked() -> float:
    times = os.times()
    return times.user + times.system
