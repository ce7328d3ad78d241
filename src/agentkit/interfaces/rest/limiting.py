"""How often somebody may ask.

Rules: who is known is counted by who they are, everybody else by their address; headers of proxies count for nothing.
Counted is in the memory of this process, over a window that slides.
"""

from __future__ import annotations

import math
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


class Limiter:
    """Counts requests.

    Args:
        rate: How many are allowed in a window.
        seconds: How long the window is.
    """

    def __init__(self, rate: int, seconds: int) -> None:
        self._rate = rate
        self._seconds = seconds
        self._item = RateLimitItemPerSecond(rate, seconds)
        self._clock = SystemClock()
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def hit(self, identity: str) -> Standing:
        """Count one request."""
        allowed = await self._limiter.hit(self._item, identity)
        stats = await self._limiter.get_window_stats(self._item, identity)
        # The library tells a time of day; what is left of the window is never longer than the window.
        left = min(self._seconds, max(1, math.ceil(stats.reset_time - self._clock.now())))
        policy = f'"default";q={self._rate};w={self._seconds}'
        return Standing(allowed=allowed, left=max(0, stats.remaining), seconds=left, policy=policy)
