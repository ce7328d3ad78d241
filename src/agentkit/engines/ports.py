"""What an engine is built on: where attempts run, what time it is, and what things are called.

Rules: nothing else in agentkit reads a clock or makes an id, so a test that brings its own is in full control.
"""

from __future__ import annotations

import secrets
import time
from typing import Protocol

from agentkit.kernel import Outcome, RunAttempt

__all__ = ["Clock", "Executor", "Ids", "RandomIds", "SystemClock"]


class Executor(Protocol):
    """Where attempts run."""

    async def execute(self, command: RunAttempt) -> Outcome:
        """Run this keyed attempt at least once, anywhere, and tell its outcome.

        It returns every outcome, failures too; it raises only when it is cancelled, and then stops what it can stop.
        """
        ...

    async def close(self) -> None:
        """Let go of everything it holds."""
        ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> float:
        """Seconds since 1970 (UTC). Within one process it never goes back and never jumps."""
        ...


class Ids(Protocol):
    """What new things are called."""

    def operation_id(self) -> str:
        """A name that no operation has had: letters and digits, sortable by time."""
        ...


class SystemClock:
    """The time of day at its making, carried on by the monotonic clock: a change of the system's time is not seen.

    Example:
        >>> clock = SystemClock()
        >>> clock.now() <= clock.now()
        True
    """

    __slots__ = ("_origin",)

    def __init__(self) -> None:
        self._origin = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since 1970 (UTC)."""
        return self._origin + time.monotonic()


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SHIFTS = range(85, -1, -5)


class RandomIds:
    """Nine characters of time in milliseconds and nine of chance, in Crockford's base 32: no two look alike.

    Names of one source are in the order in which they were made: within a millisecond they are counted on.

    Example:
        >>> len(RandomIds(SystemClock()).operation_id())
        18
    """

    __slots__ = ("_clock", "_last")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def operation_id(self) -> str:
        """A new name."""
        millisecond = int(self._clock.now() * 1000)
        if millisecond > self._last >> 45:
            self._last = millisecond << 45 | secrets.randbits(45)
        else:
            self._last += 1
        number = self._last
        return "".join([_ALPHABET[number >> shift & 31] for shift in _SHIFTS])
