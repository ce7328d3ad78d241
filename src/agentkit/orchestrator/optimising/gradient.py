"""How many at once a machine takes well, by how much longer work takes than it may: `gradient_limit`."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["gradient_limit"]

_TOLERANCE: Final = 1.5
_STEEPEST: Final = 0.5


def gradient_limit(limit: int, *, usual: float, newest: float, least: int, most: int) -> int:
    """The next limit: less where work takes longer than usual by more than half, and else a little more.

    It is `limit * gradient + sqrt(limit)`, where the gradient is `1.5 * usual / newest`, at least 0.5 and at most 1:
    the root is a queue that is allowed, so that the limit finds out whether more would do. Where the gradient is below
    1 the limit never grows.

    Args:
        limit: How many may run at once now.
        usual: How long work takes where nothing is in its way, in seconds.
        newest: How long it takes now.
        least: The least that the limit may be.
        most: The most that it may be.

    Example:
        >>> gradient_limit(16, usual=1.0, newest=1.0, least=1, most=100)
        20
        >>> gradient_limit(16, usual=1.0, newest=4.0, least=1, most=100)
        12
    """
    gradient = 1.0 if newest <= 0 else max(_STEEPEST, min(1.0, _TOLERANCE * usual / newest))
    wanted = math.floor(limit * gradient + math.sqrt(limit))
    if gradient < 1:
        wanted = min(wanted, limit - 1)
    return max(least, min(most, wanted))
