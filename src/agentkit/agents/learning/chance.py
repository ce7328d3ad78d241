"""Chance that can be drawn again: out of a text, with no die of its own.

Rules: the same text gives the same draws, on every machine; so a choice can be explained, and a simulation repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from math import cos, log, pi, sqrt

__all__ = ["beta_draw"]

_NUMBERS = 8
"""How many a digest makes."""


def beta_draw(seed: str, above: float, below: float) -> float:
    """A share drawn from a beta distribution.

    After Marsaglia and Tsang (2000): A simple method for generating gamma variables, ACM Transactions on Mathematical
    Software 26(3).

    Args:
        seed: What it is drawn out of.
        above: The first parameter, at least 1.
        below: The second, at least 1.

    Example:
        >>> beta_draw("a", 5, 2) == beta_draw("a", 5, 2) != beta_draw("b", 5, 2)
        True
    """
    numbers = _numbers(seed)
    one, other = _gamma(numbers, above), _gamma(numbers, below)
    return one / (one + other)


def _gamma(numbers: Iterator[float], shape: float) -> float:
    d = shape - 1 / 3
    c = 1 / sqrt(9 * d)
    while True:
        x = sqrt(-2 * log(next(numbers))) * cos(2 * pi * next(numbers))
        v = (1 + c * x) ** 3
        if v > 0 and log(next(numbers)) < x * x / 2 + d - d * v + d * log(v):
            return d * v


def _numbers(seed: str) -> Iterator[float]:
    """Numbers between 0 and 1, neither of both, without end."""
    text, turn = seed.encode(errors="surrogatepass"), 0
    while True:
        digest = blake2b(text, digest_size=8 * _NUMBERS, salt=turn.to_bytes(8, "big")).digest()
        for place in range(0, len(digest), 8):
            yield (int.from_bytes(digest[place : place + 8]) + 0.5) / 2**64
        turn += 1
