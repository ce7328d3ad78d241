"""The pace at which agents that share a provider may ask it.

Rules: whoever asks gets a slot, in order; slots lie evenly in time, so a provider that counts requests in a window
never sees too many at once. A provider that refuses all the same says for how long, and until then nobody asks. Who is
cancelled while waiting leaves their slot to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from agentkit.errors import DefinitionError, Overloaded
from agentkit.kernel import count_problems, name_problems, seconds_problems

from .lines import Line

__all__ = ["Pace", "PaceMetrics", "asked_wait"]

T = TypeVar("T")

_LONGEST_SECONDS = 3600.0
"""For how long one word of a provider holds everybody at most: who asks then hears anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceMetrics:
    """What a pace has done.

    Attributes:
        given: How many slots were used.
        refused: How many requests the provider refused all the same.
        waiting: How many wait for a slot.
        rate: Slots a second, as they are given now.
    """

    given: int
    refused: int
    waiting: int
    rate: float


def asked_wait(error: Exception) -> float | None:
    """For how long a provider that refused wants to be left alone, in seconds; None if the error is no refusal.

    A refusal is an `Overloaded`, such as `TooManyRequests`, with its `retry_after`.
    """
    return error.retry_after if isinstance(error, Overloaded) else None


class Pace:
    """So and so many requests in so many seconds, shared by all who ask a provider through this object.

    Args:
        requests: How many the provider allows.
        seconds: In how many seconds.
        burst: How many may go at once after a quiet time. A provider that counts in a sliding window refuses bursts.
        share: Which share of what is allowed is used, above 0 to 1: the rest is for the unevenness of the network.
        name: What people call the provider.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> from agentkit.testing import run_virtual
        >>> pace = Pace(60, 60.0, share=1)
        >>> async def ask() -> float:
        ...     began = asyncio.get_running_loop().time()
        ...     for _ in range(11):
        ...         await pace.slot()
        ...     return asyncio.get_running_loop().time() - began
        >>> run_virtual(ask())
        10.0
    """

    def __init__(
        self, requests: int, seconds: float = 60.0, *, burst: int = 1, share: float = 0.98, name: str = "provider"
    ) -> None:
        what = f"pace {name!r}"
        problems = [
            *name_problems("pace", name),
            *count_problems(f"{what}: requests", requests),
            *seconds_problems(f"{what}: seconds", seconds, optional=False),
            *count_problems(f"{what}: burst", burst),
        ]
        # A comparison that NaN fails.
        if not 0 < share <= 1:
            problems.append(f"{what}: share must be above 0 and at most 1, not {share!r}")
        if problems:
            raise DefinitionError(*problems)
        self.name: str = name
        self._between = seconds / (requests * share)
        self._burst = burst
        # When the next slot would lie if slots were only ever given evenly.
        self._next = -float("inf")
        self._held_until = -float("inf")
        self._line: Line[None, bool] = Line(self._hand_back)
        self._timer: asyncio.TimerHandle | None = None
        self._given = 0
        self._refused = 0

    def __repr__(self) -> str:
        return f"<pace {self.name!r}: {1 / self._between:g} a second>"

    def metrics(self) -> PaceMetrics:
        """What it has done."""
        return PaceMetrics(given=self._given, refused=self._refused, waiting=len(self._line), rate=1 / self._between)

    async def slot(self) -> None:
        """Wait until a request may go out; then let it go out at once."""
        if not self._line and self._is_open(asyncio.get_running_loop().time()):
            self._take()
            return
        waiting = self._line.wait(None)
        self._set_timer()
        await waiting

    def refused(self, retry_after: float) -> None:
        """The provider has refused a request: nobody asks it for so many seconds, from now on, at most an hour."""
        self._refused += 1
        now = asyncio.get_running_loop().time()
        if retry_after > 0:
            self._held_until = max(self._held_until, now + min(retry_after, _LONGEST_SECONDS))
        # What was saved up is gone, too: the provider has just said that there is nothing left.
        self._next = max(self._next, max(self._held_until, now) + (self._burst - 1) * self._between)
        self._set_timer()

    async def call(
        self,
        request: Callable[[], Awaitable[T]],
        *,
        attempts: int = 5,
        wait_of: Callable[[Exception], float | None] = asked_wait,
    ) -> T:
        """Ask in a slot of its own, and once more in another one if the provider refuses.

        Args:
            request: Asks the provider.
            attempts: How often it is asked at most.
            wait_of: Tells of an error for how long the provider wants to be left alone; None if it is no refusal.

        Raises:
            Exception: What the request raised, if it was no refusal, or the last one.
        """
        for left in range(attempts - 1, -1, -1):
            await self.slot()
            try:
                return await request()
            except Exception as error:
                wait = wait_of(error)
                if wait is not None:
                    self.refused(wait)
                if wait is None or not left:
                    raise
        raise DefinitionError(f"pace {self.name!r}: attempts must be a whole number from 1 on, not {attempts!r}")

    def _is_open(self, now: float) -> bool:
        return now >= self._opens_at()

    def _opens_at(self) -> float:
        return max(self._held_until, self._next - (self._burst - 1) * self._between)

    def _take(self) -> bool:
        """Use the slot that lies here."""
        now = asyncio.get_running_loop().time()
        self._next = max(now, self._next) + self._between
        self._given += 1
        return True

    def _hand_back(self, _: bool) -> None:
        """A slot was given and is not used: the next one comes earlier."""
        self._next -= self._between
        self._given -= 1
        self._set_timer()

    def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        self._line.serve(lambda _: self._take(), is_over=lambda: not self._is_open(loop.time()))
        self._set_timer()

    def _set_timer(self) -> None:
        """Have the next in line served when there is a slot: one timer for all, so nobody wakes in vain."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._line:
            self._timer = asyncio.get_running_loop().call_at(self._opens_at(), self._serve)
