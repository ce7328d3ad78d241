"""Exact numbers of decimals, and decimals of exact numbers, within bounds that no memory fears."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from agentkit.errors import NonFinite, PrecisionExceeded
from agentkit.money import quantize

__all__ = ["exact_decimal", "exact_fraction", "exact_sum"]

MOST_DIGITS: Final = 1000
"""How many digits a decimal may have before its point, or zeros behind it."""

ADDING: Final = Context(prec=100_000)
"""Adds decimals without losing a digit, whatever the context of the caller is."""


def exact_fraction(value: Decimal) -> Fraction:
    """A decimal as a ratio.

    Raises:
        NonFinite: It is NaN or infinite.
        PrecisionExceeded: It is so great or so small that the ratio would fill the memory.

    Example:
        >>> exact_fraction(Decimal("0.15"))
        Fraction(3, 20)
    """
    return Fraction(_bounded(value))


def exact_decimal(value: Fraction | int) -> Decimal:
    """A number as a decimal of just as many places as it needs.

    Raises:
        PrecisionExceeded: It needs more digits than are kept.
        RoundingRequired: Its decimals never end.

    Example:
        >>> exact_decimal(Fraction(5, 8))
        Decimal('0.625')
    """
    ratio, places, scale = Fraction(value), 0, 1
    while scale % ratio.denominator and places <= ratio.denominator.bit_length():
        places, scale = places + 1, scale * 10
    if places > MOST_DIGITS:
        raise PrecisionExceeded(f"the result has {places:,} decimals: round it to fewer")
    return quantize(ratio, places, "UNNECESSARY")


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """The sum of decimals, without losing a digit.

    Raises:
        NonFinite: One is NaN or infinite.
        PrecisionExceeded: One is so great or so small that the sum would fill the memory.

    Example:
        >>> exact_sum([Decimal("1E20"), Decimal("0.1"), Decimal("-1E20")])
        Decimal('0.1')
    """
    whole = Decimal(0)
    for value in values:
        whole = ADDING.add(whole, _bounded(value))
    return whole


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise NonFinite(f"{value} is no number to compute with")
    if abs(value.adjusted()) > MOST_DIGITS:
        raise PrecisionExceeded(
            f"a number of the order of 10 to the power of {value.adjusted():,} is not computed with"
        )
    return value
