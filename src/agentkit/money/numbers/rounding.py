"""Rounding: the one place where digits may be lost, and only by a name.

Rules: everything is computed on integers, so the decimal context of the caller has no say; the exact value is rounded
once; a result with more significant digits than are kept is an error; negative zero is zero.
"""

from __future__ import annotations

from decimal import MAX_PREC, Context, Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias, get_args

from agentkit.errors import DefinitionError, PrecisionExceeded, RoundingRequired

from .canonical import MOST_DIGITS, Number, ratio_of, refusal, shortened

__all__ = [
    "LEAST_MINOR",
    "MOST_MINOR",
    "PRECISION",
    "Rounding",
    "check_places",
    "check_rounding",
    "decimal_of",
    "quantize",
    "round_ratio",
    "rounded_to",
]

Rounding: TypeAlias = Literal[
    "ROUND_HALF_EVEN",
    "ROUND_HALF_UP",
    "UNNECESSARY",
    "ROUND_HALF_DOWN",
    "ROUND_UP",
    "ROUND_DOWN",
    "ROUND_CEILING",
    "ROUND_FLOOR",
    "ROUND_05UP",
]
"""How to round: the eight modes of `decimal` by their names, and `UNNECESSARY`, which raises if a digit would be lost.

`ROUND_HALF_EVEN` is what statistics likes, `ROUND_HALF_UP` (half away from zero) what invoices and most tax laws want.

Example:
    >>> from decimal import ROUND_HALF_UP
    >>> quantize(Decimal("2.345"), 2, ROUND_HALF_UP)
    Decimal('2.35')
"""

# A tuple takes whatever it is asked for, and those in use are found at once.
MODES: Final[tuple[object, ...]] = get_args(Rounding)

PRECISION: Final = 28
"""How many significant digits an amount may have: as many as `decimal` keeps by default."""

MOST_MINOR: Final = 10**PRECISION
"""The first number of minor units that has more than `PRECISION` digits."""

LEAST_MINOR: Final = -MOST_MINOR
"""Its negative."""

# It is only handed to `scaleb`, which rounds and signals nothing where there are digits enough.
EXACT = Context(prec=MAX_PREC, Emin=-999_999, Emax=999_999, traps=[])


def quantize(value: Number, places: int, rounding: Rounding, *, precision: int = PRECISION) -> Decimal:
    """Round to a number of decimals, exactly, whatever the decimal context is.

    Args:
        value: The exact value.
        places: How many decimals are kept. Negative: -1 rounds to tens, -2 to hundreds.
        rounding: How to round.
        precision: How many significant digits the result may have.

    Returns:
        A `Decimal` with exactly that many decimals, and with none where `places` is negative. Never negative zero.

    Raises:
        RoundingRequired: The rounding is `UNNECESSARY`, and a digit would be lost.
        PrecisionExceeded: The result has more significant digits than `precision`.
        FloatNotAllowed: The value is a float.
        NonFinite: It is NaN or infinite.
        InvalidAmount: It is a bool, or no number.
        DefinitionError: No such rounding, `places` is no int from -1,000 to 1,000, or `precision` none from 1 to
            10,000.

    Example:
        >>> quantize(Fraction(2, 3), 4, "ROUND_HALF_EVEN")
        Decimal('0.6667')
        >>> quantize(1250, -2, "ROUND_HALF_EVEN")
        Decimal('1200')
    """
    check_places(places)
    if type(precision) is not int or not 1 <= precision <= 10 * MOST_DIGITS:
        raise DefinitionError(f"precision is {shortened(precision)}: give an int from 1 to {10 * MOST_DIGITS}")
    numerator, denominator = ratio_of(value, "the value to be rounded")
    if places >= 0:
        steps = round_ratio(numerator * 10**places, denominator, rounding)
    else:
        steps = round_ratio(numerator, denominator * 10**-places, rounding) * 10**-places
    if abs(steps) >= 10**precision:
        raise PrecisionExceeded(
            f"{shortened(value)} rounded to {places} decimals has more than {precision} significant digits"
        )
    return decimal_of(steps, max(places, 0))


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Round a ratio to an integer. The denominator is positive.

    Raises:
        RoundingRequired: The rounding is `UNNECESSARY`, and the ratio is no integer.
        DefinitionError: No such rounding.

    Example:
        >>> round_ratio(-5, 2, "ROUND_HALF_UP"), round_ratio(-5, 2, "ROUND_HALF_EVEN")
        (-3, -2)
    """
    if rounding not in MODES:
        raise _no_such(rounding)
    below, rest = divmod(numerator, denominator)
    if not rest:
        return below
    if rounding == "ROUND_HALF_EVEN":
        twice = 2 * rest - denominator
        return below + 1 if twice > 0 or (not twice and below & 1) else below
    return below + _goes_up(below, 2 * rest - denominator, rounding)


def rounded_to(value: Fraction, places: int, rounding: Rounding | None) -> Fraction:
    """Round an exact value to a number of decimals, or to tens and hundreds, and keep it as it is computed with.

    Args:
        value: The exact value.
        places: How many decimals are kept; -1 rounds to tens.
        rounding: How. None: it has to be exact already.

    Raises:
        RoundingRequired: It is not exact, and no rounding was named.
        InvalidAmount: `places` is a bool.
        FloatNotAllowed: `places` is a float.
        DefinitionError: No such rounding, or `places` is no int from -1,000 to 1,000.

    Example:
        >>> rounded_to(Fraction(2, 3), 2, "ROUND_HALF_EVEN")
        Fraction(67, 100)
    """
    check_places(places)
    unit = Fraction(10) ** -places
    steps = value / unit
    mode: Rounding = "UNNECESSARY" if rounding is None else rounding
    return round_ratio(steps.numerator, steps.denominator, mode) * unit


def _goes_up(below: int, over_half: int, rounding: Rounding) -> bool:
    """Tell whether what lies between `below` and the next integer is rounded to that one; half-even is done before."""
    # `below` is the floor, so what lies above -1 has the sign of what it rounds.
    negative = below < 0
    match rounding:
        case "ROUND_HALF_UP":
            return over_half > 0 or (over_half == 0 and not negative)
        case "ROUND_HALF_DOWN":
            return over_half > 0 or (over_half == 0 and negative)
        case "ROUND_CEILING":
            return True
        case "ROUND_FLOOR":
            return False
        case "ROUND_DOWN":
            return negative
        case "ROUND_UP":
            return not negative
        case "ROUND_05UP":
            # Away from zero, where the digit nearer to zero is a 0 or a 5.
            nearer = below + 1 if negative else below
            return (nearer % 5 == 0) != negative
        case _:
            raise RoundingRequired("the result is not exact: name a rounding, such as rounding='ROUND_HALF_EVEN'")


def check_rounding(rounding: object) -> None:
    """Refuse what is no rounding.

    Raises:
        DefinitionError: No such rounding.

    Example:
        >>> check_rounding("ROUND_HALF_EVEN")
    """
    if rounding not in MODES:
        raise _no_such(rounding)


def check_places(places: object) -> None:
    """Refuse what is no number of decimals.

    Raises:
        InvalidAmount: It is a bool.
        FloatNotAllowed: It is a float.
        DefinitionError: It is no int from -1,000 to 1,000.

    Example:
        >>> check_places(-2)
    """
    if isinstance(places, int) and not isinstance(places, bool) and -MOST_DIGITS <= places <= MOST_DIGITS:
        return
    if isinstance(places, (bool, float)):
        raise refusal(places, "places", expected="an int")
    raise DefinitionError(
        f"places is {shortened(places)}: give an int from {-MOST_DIGITS} to {MOST_DIGITS}; -1 rounds to tens"
    )


def decimal_of(steps: int, places: int) -> Decimal:
    """Return whole steps of `10 ** -places` as a `Decimal` with that many decimals, whatever the context is.

    Example:
        >>> decimal_of(1990, 2)
        Decimal('19.90')
    """
    return Decimal(steps).scaleb(-places, EXACT)


def _no_such(rounding: object) -> DefinitionError:
    return DefinitionError(f"there is no rounding {shortened(rounding)}: there are {', '.join(map(str, MODES))}")
