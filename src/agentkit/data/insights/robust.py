"""Robust statistics, exactly: median, median absolute deviation, Theil-Sen slope, Mann-Kendall test.

Rules: everything is computed with integers and fractions; where a formula has a root, both sides are squared.

Sources: H. Theil (1950) and P. K. Sen (1968) for the slope; H. B. Mann (1945) and M. G. Kendall (1975) for the test;
B. Iglewicz and D. Hoaglin (1993) for the score of outliers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final

from .measures import Number

__all__ = ["far_from_median", "is_monotone", "median", "slope_of"]

SIGNIFICANT: Final = Fraction(196, 100)
"""How many standard deviations a trend has to show: of 20 series of pure chance, one does."""

SCALE: Final = Fraction(6745, 10_000)
"""Makes the median absolute deviation of a normal distribution its standard deviation."""


def median(values: Sequence[Number]) -> Number:
    """The middle of the values in order; between the two middle ones, if there are two.

    Raises:
        ValueError: There are no values.

    Example:
        >>> median([5, 1, 2]), median([1, 2])
        (2, Fraction(3, 2))
    """
    if not values:
        raise ValueError("nothing has no median")
    ordered = sorted(values)
    middle, odd = divmod(len(ordered), 2)
    if odd or ordered[middle - 1] == ordered[middle]:
        return ordered[middle]
    return Fraction(ordered[middle - 1] + ordered[middle]) / 2


def far_from_median(values: Sequence[Number], limit: Fraction) -> dict[int, Fraction]:
    """The places of values that are more than so many usual deviations from the median, and how many they are.

    A usual deviation is the median of all deviations, scaled to the standard deviation of a normal distribution.
    Where half of the values are the same there is none, and nothing is far.

    Raises:
        ValueError: There are no values.

    Example:
        >>> {place: round(score, 1) for place, score in far_from_median([10, 11, 12, 13, 99], Fraction(7, 2)).items()}
        {4: Fraction(587, 10)}
    """
    # Twice as much is a whole number wherever the values are, and whole numbers are compared fastest.
    double = 2 * median(values)
    center: Number = int(double) if Fraction(double).denominator == 1 else double
    distances: list[Number] = [_distance(value, center) for value in values]
    usual = Fraction(median(distances))
    bound = limit * usual / SCALE
    if not usual:
        return {}
    return {place: SCALE * at / usual for place, at in enumerate(distances) if at > bound}


def _distance(value: Number, center: Number) -> Number:
    """Twice the distance of a value from what is half of the center."""
    twice: Number = value + value
    return abs(twice - center) if isinstance(twice, int) and isinstance(center, int) else abs(Fraction(twice) - center)


def slope_of(places: Sequence[int], values: Sequence[Number]) -> Fraction:
    """The median of the slopes between all pairs of values: by how much they rise from one place to the next.

    Raises:
        ValueError: There are fewer than two values.

    Example:
        >>> slope_of([0, 1, 2, 3], [10, 12, 14, 1000])
        Fraction(166, 1)
    """
    pairs = combinations(zip(places, values, strict=True), 2)
    return Fraction(median([Fraction(second - first) / (after - before) for (before, first), (after, second) in pairs]))


def is_monotone(values: Sequence[Number]) -> bool:
    """Whether values rise or fall so steadily that chance hardly explains it (two-sided, at 5 %).

    Example:
        >>> is_monotone([1, 2, 3, 4, 5, 6]), is_monotone([1, 3, 2, 5, 4, 1])
        (True, False)
    """
    sign = sum((second > first) - (second < first) for first, second in combinations(values, 2))
    count, ties = len(values), Counter(values).values()
    variance = Fraction(count * (count - 1) * (2 * count + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties), 18)
    # One less, because the sum moves in steps.
    return abs(sign) > 1 and (abs(sign) - 1) ** 2 > SIGNIFICANT**2 * variance
