"""How often somebody may ask.

Rules: who is known is counted by who they are, everybody else by their address; headers of proxies count for nothing.
Counted is in the memory of this process, over a window that slides.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from agentkit.engines import SystemClock

__all__ = ["Limiter", "Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a caller stands after a request.

    Attributes:
        allowed: Whether the request is one too many.
        left: How many more are allowed now.
        seconds: After how many seconds more are.
        policy: The rule, as the header `RateLimit-Policy` says it.
    """

    allowed: bool
    left: int
    seconds: int
    policy: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell it (draft-ietf-httpapi-ratelimit-headers)."""
        return {"RateLimit-Policy": self.policy, "RateLimit": f'"default";r={self.left};t={self.seconds}'}


@dataclass(slots=True)
class _Window:
    """How often somebody asked in the window with this number, and in the one before."""

    number: int
    count: int = 0
    before: int = 0


class _Counts(MemoryStorage):
    """Counts in memory, at a cost that is the same however many callers there are.

    The library's own looks through all that it counts at every request, in a task of its own: that took 50
    microseconds with one caller and 240 with a thousand. Nothing here waits, so nothing has to be locked either.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self.windows: dict[str, _Window] = {}
        self._newest = 0

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count so many more, unless that is too many."""
        window, left = self._window(key, expiry)
        if math.floor(window.before * left / expiry + window.count) + amount > limit:
            return False
        window.count += amount
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """What was counted in the window before and how long it still counts, and the same of the one now."""
        window, left = self._window(key, expiry)
        return window.before, left if window.before else 0.0, window.count, left + expiry

    def _window(self, key: str, expiry: int) -> tuple[_Window, float]:
        """The window that is now, and how many seconds are left of it."""
        number, passed = divmod(self._now(), expiry)
        if number < self._newest:
            # The clock was put back: nobody begins anew because of that.
            number, passed = self._newest, 0.0
        window = self.windows.get(key)
        if window is None or window.number != number:
            before = window.count if window is not None and window.number == number - 1 else 0
            window = self.windows[key] = _Window(int(number), before=before)
            if self._newest != window.number:
                self._newest = window.number
                self.windows = {name: one for name, one in self.windows.items() if one.number >= number - 1}
        return window, expiry - passed


class Limiter:
    """Counts requests.

    Args:
        rate: How many are allowed in a window.
        seconds: How long the window is.
        now: What time it is, in seconds since 1970; without, the system's.
    """

    def __init__(self, rate: int, seconds: int, *, now: Callable[[], float] | None = None) -> None:
        self._seconds = seconds
        self._policy = f'"default";q={rate};w={seconds}'
        self._item = RateLimitItemPerSecond(rate, seconds)
        self._now = now or SystemClock().now
        self._counts = _Counts(self._now)
        self._limiter = SlidingWindowCounterRateLimiter(self._counts)

    async def hit(self, identity: str) -> Standing:
        """Count one request."""
        allowed = await self._limiter.hit(self._item, identity)
        stats = await self._limiter.get_window_stats(self._item, identity)
        # The library tells a time of day; what is left of the window is never longer than the window.
        left = min(self._seconds, max(1, math.ceil(stats.reset_time - self._now())))
        return Standing(allowed=allowed, left=max(0, stats.remaining), seconds=left, policy=self._policy)
