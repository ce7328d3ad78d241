"""Percentages: checked ones, those of several parties, and shares of a whole column.

Rules: the percentage of a share lies in 0 to 100, both included; the shares of several parties are exactly the whole,
or one of them is named who takes the rest; nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, cast

from agentkit.errors import InvalidPercentage, PercentagesDoNotSum

from .canonical import Number, ratio_of, refusal, shortened
from .kinds import elements, is_a
from .rounding import Rounding, check_rounding, round_ratio

__all__ = ["complete_percents", "percent_of", "shares_of_column"]

WHOLE: Final = 100


def percent_of(percent: str | Number, what: str = "the percentage") -> Fraction:
    """Check the percentage of a share, and return it exactly.

    Args:
        percent: An int, `Decimal`, `Fraction` or canonical text: `"12.5"` is 12.5 %.
        what: What it is, for messages.

    Raises:
        InvalidPercentage: It is below 0, above 100, a bool or no number.
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.

    Example:
        >>> percent_of("12.5")
        Fraction(25, 2)
    """
    value = Fraction(*ratio_of(percent, what, refused=InvalidPercentage))
    if not 0 <= value <= WHOLE:
        raise InvalidPercentage(f"{what} is {shortened(percent)}: give a number from 0 to 100")
    return value


def complete_percents(percents: Mapping[str, str | Number], remainder: str | None = None) -> dict[str, Fraction]:
    """Check the percentages of several parties; they are exactly 100 in the end.

    Args:
        percents: The percentage of each party.
        remainder: A party that takes what the others leave; it has no percentage of its own.

    Returns:
        The exact percentage of each party in order, that of the remainder last.

    Raises:
        PercentagesDoNotSum: They are not exactly 100 and nobody takes the rest, or they are more than 100.
        InvalidPercentage: One is below 0, above 100, a bool or no number; or the party that takes the rest has one; or
            they are no mapping, or the name of that party is no text.
        FloatNotAllowed: One is a float.
        NonFinite: One is NaN or infinite.

    Example:
        >>> complete_percents({"writer": "70"}, remainder="publisher")
        {'writer': Fraction(70, 1), 'publisher': Fraction(30, 1)}
    """
    if not is_a(percents, Mapping):
        raise InvalidPercentage(f"{shortened(percents)} names no parties: give a mapping from party to percent")
    if remainder is not None and not is_a(remainder, str):
        raise InvalidPercentage(f"the remainder is {shortened(remainder)}: name the party that takes the rest")
    found = {party: percent_of(percent, f"the percentage of {party}") for party, percent in percents.items()}
    left = WHOLE - sum(found.values())
    if remainder is None:
        if left:
            raise PercentagesDoNotSum(
                f"the percentages are {'less' if left > 0 else 'more'} than 100 by {abs(left)}: correct them, or name"
                " with remainder=... who takes the rest"
            )
        return found
    if remainder in found:
        raise InvalidPercentage(f"{remainder!r} takes the rest, and has a percentage of its own too: take it away")
    if left < 0:
        raise PercentagesDoNotSum(f"the percentages are more than 100 by {-left}: nothing is left for {remainder!r}")
    return {**found, remainder: Fraction(left)}


def shares_of_column(
    minor: Sequence[int], percent: str | Number, *, rounding: Rounding = "ROUND_HALF_EVEN"
) -> list[int]:
    """Return the share of each amount of a column, all in whole minor units of one currency.

    What is left of each amount is the difference, so both always sum to the amount.

    Args:
        minor: The amounts, such as cents: a list, a tuple or an `array` of integers.
        percent: The percentage, from 0 to 100.
        rounding: How each share is rounded, once.

    Returns:
        As many integers, in order; each is what `Money.percentage` gives for its amount.

    Raises:
        InvalidPercentage: The percentage is below 0, above 100, a bool or no number.
        FloatNotAllowed: The percentage or an amount is a float.
        NonFinite: The percentage is NaN or infinite.
        InvalidAmount: An amount is a bool or no integer, or they are no list of any kind.
        RoundingRequired: The rounding is `UNNECESSARY`, and a share is not exact.
        DefinitionError: No such rounding.

    Example:
        >>> shares_of_column([1000, 1999, 25], "12.5")
        [125, 250, 3]
    """
    check_rounding(rounding)
    numerator, denominator = (percent_of(percent) / WHOLE).as_integer_ratio()
    # What can be walked through only once is kept; a list is not copied.
    column = cast("Sequence[int] | None", minor if is_a(minor, Sequence) else elements(minor))
    if column is None:
        raise refusal(minor, "the column", expected="a list of whole minor units")
    # One walk in C finds whether there is anything but integers, and a second one names it.
    if not set(map(type, column)) <= {int}:
        for row, value in enumerate(column, start=1):
            if type(value) is not int:
                raise refusal(value, f"row {row}", expected="whole minor units as an int")
    if rounding == "ROUND_HALF_EVEN":
        return _half_even(column, numerator, denominator)
    if rounding == "ROUND_FLOOR":
        return [value * numerator // denominator for value in column]
    return [round_ratio(value * numerator, denominator, rounding) for value in column]


def _half_even(minor: Sequence[int], numerator: int, denominator: int) -> list[int]:
    half, odd = divmod(denominator, 2)
    if odd:
        # No share lies in the middle between two integers.
        return [(value * numerator + half) // denominator for value in minor]
    # Just below a half more, and the rest of it where the floor is odd: so a half goes to the even side.
    below = half - 1
    return [(value * numerator + below + (value * numerator // denominator & 1)) // denominator for value in minor]
