"""How values are computed with, and how figures are shown.

Rules: amounts are whole minor units, and everything else ints or fractions, so nothing is rounded before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, cast

from agentkit.data.processing.exact import exact_decimal, exact_fraction
from agentkit.data.tables.kinds import Cell, Kind
from agentkit.errors import PrecisionExceeded, RoundingRequired
from agentkit.money import Currency, ExactMoney, Money, quantize

from .statements import Figure, FigureValue

__all__ = ["Measure", "Number", "counted", "percent", "times"]

Number: TypeAlias = int | Fraction
"""A value while it is computed with: minor units of an amount, or the number itself.

Example:
    >>> half: Number = Fraction(1, 2)
"""

PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the values of a column are.

    Attributes:
        kind: The kind of the column.
        currency: Of amounts, the currency.
    """

    kind: Kind
    currency: Currency | None = None

    @property
    def read(self) -> Callable[[Cell], Number]:
        """What makes a number of a filled cell."""
        if self.kind == "money":
            return lambda cell: cast("Money", cell).minor
        if self.kind == "integer":
            return lambda cell: cast("int", cell)
        return lambda cell: exact_fraction(cast("Decimal", cell))

    def exact(self, value: Number) -> FigureValue:
        """A number as what it stands for, exactly."""
        if self.currency is not None:
            amount = ExactMoney(Fraction(value) / 10**self.currency.places, self.currency)
            return amount.round() if Fraction(value).denominator == 1 else amount
        if Fraction(value).denominator == 1:
            return int(value)
        try:
            return exact_decimal(value)
        except (PrecisionExceeded, RoundingRequired):
            return Fraction(value)

    def figure(self, value: Number) -> Figure:
        """A number with how it is shown: an amount to its minor unit, a number with at most two decimals."""
        exact = self.exact(value)
        if isinstance(exact, Money | ExactMoney):
            return Figure(exact, f"{exact.round(rounding='ROUND_HALF_EVEN'):,}")
        if isinstance(exact, int):
            return Figure(exact, f"{exact:,}")
        return Figure(exact, f"{quantize(Fraction(value), PLACES, 'ROUND_HALF_EVEN'):,f}")


def counted(count: int, what: str) -> Figure:
    """A number of things.

    Example:
        >>> counted(1, "row").shown, counted(1200, "row").shown
        ('1 row', '1,200 rows')
    """
    return Figure(count, f"{count:,} {what}{'' if count == 1 else 's'}")


def percent(ratio: Fraction) -> Figure:
    """A ratio as percent with one decimal; what is not nothing and not all is not shown as such.

    Example:
        >>> percent(Fraction(1, 3)).shown, percent(Fraction(1, 10_000)).shown, percent(Fraction(9_999, 10_000)).shown
        ('33.3 %', 'less than 0.1 %', 'more than 99.9 %')
    """
    rounded = quantize(ratio * 100, 1, "ROUND_HALF_EVEN")
    if not rounded and ratio:
        return Figure(ratio, "less than 0.1 %")
    if rounded == 100 and ratio < 1:
        return Figure(ratio, "more than 99.9 %")
    return Figure(ratio, f"{rounded:,f} %")


def times(ratio: Fraction) -> Figure:
    """How many times, with one decimal.

    Example:
        >>> times(Fraction(7, 2)).shown
        '3.5'
    """
    return Figure(ratio, f"{quantize(ratio, 1, 'ROUND_HALF_EVEN'):,f}")
