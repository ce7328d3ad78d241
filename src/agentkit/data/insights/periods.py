"""Months, quarters and years: which one a day is in, and how they follow each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, Literal, TypeAlias

__all__ = ["MONTHS", "PER_YEAR", "Period", "name_of", "period_of"]

Period: TypeAlias = Literal["month", "quarter", "year"]
"""What days are gathered into."""

PER_YEAR: Final[Mapping[Period, int]] = {"month": 12, "quarter": 4, "year": 1}
"""How many of them make a year."""

# fmt: off
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)
# fmt: on
"""The names of the months."""


def period_of(period: Period) -> Callable[[date], int]:
    """What finds the period of a day, counted from the year 0, so that the next one is one more.

    Example:
        >>> period_of("quarter")(date(2024, 7, 31)) - period_of("quarter")(date(2024, 6, 30))
        1
    """
    if period == "year":
        return lambda day: day.year
    each = PER_YEAR[period]
    return lambda day: day.year * each + (day.month - 1) * each // 12


def name_of(place: int, period: Period) -> str:
    """How a period is called.

    Example:
        >>> name_of(period_of("month")(date(2024, 7, 31)), "month"), name_of(2024 * 4 + 2, "quarter")
        ('2024-07', '2024-Q3')
    """
    year, part = divmod(place, PER_YEAR[period])
    if period == "month":
        return f"{year:04}-{part + 1:02}"
    return f"{year:04}-Q{part + 1}" if period == "quarter" else f"{year:04}"
