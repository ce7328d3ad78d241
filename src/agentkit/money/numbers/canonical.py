"""Numbers in their one exact form: as text, and as a ratio of two integers.

Rules: text is read whole or refused; a float, a bool, NaN and the infinities are never numbers here; nothing depends on
the decimal context of the caller; negative zero is zero.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

from agentkit.errors import FloatNotAllowed, InvalidAmount, MoneyError, NonFinite, PrecisionExceeded

__all__ = [
    "MOST_DIGITS",
    "Number",
    "is_canonical",
    "parse_canonical",
    "ratio_of",
    "refusal",
    "shortened",
    "write_minor",
]

Number: TypeAlias = int | Decimal | Fraction
"""What may multiply or divide an amount."""

MOST_DIGITS: Final = 1_000
"""A number with more digits than this before or after its point is no amount of money, and is not computed with."""

FINEST: Final = 10**MOST_DIGITS
MOST_OF_RATIO: Final = 10 ** (3 * MOST_DIGITS)
"""No numerator or denominator reaches this: Python writes no integers of many more digits."""

SHOWN = 60
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
WITH_EXPONENT = re.compile(rf"(?:{PLAIN.pattern})(?:[eE][+-]?[0-9]{{1,4}})?")
NOT_FINITE = re.compile(r"[+-]?(?:s?nan[0-9]*|inf(?:inity)?)", re.IGNORECASE)


def parse_canonical(text: str, *, exponent: bool = False) -> Decimal:
    """Read a number in canonical form: an ASCII sign or none, ASCII digits, at most one point.

    `.5` is allowed, `5.` is not. White space around the number is ignored, of every Unicode kind; inside of it nothing
    is: no spaces, underscores or group separators. The decimals stay as they are written: `1.50` has two.

    Args:
        text: The number.
        exponent: Whether `1.5e3` is allowed.

    Returns:
        The exact value, whatever the decimal context is. Negative zero becomes zero.

    Raises:
        FloatNotAllowed: It is a float.
        NonFinite: The text says NaN or infinity.
        InvalidAmount: It is no text, or no number in this form.
        PrecisionExceeded: It has more than 1,000 digits before or after the point.

    Example:
        >>> parse_canonical(" -12.50 ")
        Decimal('-12.50')
        >>> parse_canonical("1_000")
        Traceback (most recent call last):
        ...
        agentkit.errors.InvalidAmount: '1_000' is no number in canonical form: ...
    """
    stripped = _checked_text(text).strip()
    if (WITH_EXPONENT if exponent else PLAIN).fullmatch(stripped) is None:
        raise _unreadable(text, stripped)
    value = Decimal(stripped)
    if not value.is_zero():
        _check_digits(value)
        return value
    # Minus nothing is nothing; `copy_abs` knows no context.
    return value.copy_abs()


def is_canonical(text: str) -> bool:
    """Tell whether a text has the form of a number, however long it is.

    Example:
        >>> is_canonical(" -12.50 "), is_canonical("1,5")
        (True, False)
    """
    return PLAIN.fullmatch(text.strip()) is not None


def ratio_of(
    value: object,
    what: str,
    *,
    refused: type[MoneyError] = InvalidAmount,
    endless: type[MoneyError] = NonFinite,
) -> tuple[int, int]:
    """Return a number as numerator and denominator, exactly; the denominator is positive.

    Args:
        value: An int, `Decimal`, `Fraction` or canonical text.
        what: What it is, for messages: `the amount`.
        refused: The error for what is no number.
        endless: The error for NaN and the infinities.

    Raises:
        FloatNotAllowed: It is a float.
        InvalidAmount: It is a bool, or no number; or the error that `refused` names.
        NonFinite: It is NaN or infinite; or the error that `endless` names.
        PrecisionExceeded: It has more than 1,000 digits before or after the point, or is a `Fraction` of integers with
            more than 3,000.

    Example:
        >>> ratio_of("19.90", "the amount")
        (199, 10)
    """
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise endless(f"{what} is {value}: give a finite number")
        return _ratio(value)
    if isinstance(value, str):
        try:
            return parse_canonical(value).as_integer_ratio()
        except InvalidAmount as unread:
            raise refused(f"{what}: {unread}") from unread
        except NonFinite as unread:
            raise endless(f"{what}: {unread}") from unread
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        most = FINEST if isinstance(value, int) else MOST_OF_RATIO
        if not (-most < value.numerator < most and value.denominator < most):
            raise _too_long()
        return value.numerator, value.denominator
    raise refusal(value, what, refused=refused)


def refusal(
    value: object,
    what: str,
    *,
    expected: str = "text, an int, a Decimal or a Fraction",
    refused: type[MoneyError] = InvalidAmount,
) -> MoneyError:
    """Return the error for something that is no exact number.

    Example:
        >>> refusal(0.5, "the amount").code
        'float_not_allowed'
    """
    if isinstance(value, float):
        return FloatNotAllowed(f"{what} is the float {value!r}, which is not exact: give {expected}")
    if isinstance(value, bool):
        return refused(f"{what} is {value}, and a bool is never a number: give {expected}")
    return refused(f"{what} is a {type(value).__name__}: give {expected}")


def shortened(value: object) -> str:
    """Return how a message shows a value, however long it is.

    Example:
        >>> shortened("x" * 1000)
        "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    # Python refuses to write integers of thousands of digits.
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an integer of {value.bit_length()} bits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # Such an integer may be inside of something; and what is nested too deep has no text either.
        return f"a {type(value).__name__} that is too long to show"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}..."


def write_minor(minor: int, places: int) -> str:
    """Write whole minor units as canonical text with that many decimals.

    Example:
        >>> write_minor(-5, 2), write_minor(1990, 0)
        ('-0.05', '1990')
    """
    digits = f"{minor:0{places + 1}d}" if minor >= 0 else f"{minor:0{places + 2}d}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def _checked_text(value: object) -> str:
    if not isinstance(value, str):
        raise refusal(value, "a canonical number", expected="text")
    return value


# The same few rates meet a million amounts, and the common divisor is what costs.
@lru_cache(maxsize=512)
def _ratio(value: Decimal) -> tuple[int, int]:
    # Equal decimals share a place in the cache, so a value is refused, however many zeros are behind it.
    if value.is_zero():
        return 0, 1
    if abs(value.adjusted()) > MOST_DIGITS:
        raise _too_long()
    numerator, denominator = value.as_integer_ratio()
    if abs(numerator) >= FINEST * denominator or FINEST % denominator:
        raise _too_long()
    return numerator, denominator


def _check_digits(value: Decimal) -> None:
    # `adjusted` is the place of the first digit; the exponent is that of the last one.
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent < -MOST_DIGITS or (value.adjusted() >= MOST_DIGITS and not value.is_zero()) or exponent > MOST_DIGITS:
        raise _too_long()


def _too_long() -> PrecisionExceeded:
    return PrecisionExceeded(f"a number has more than {MOST_DIGITS:,} digits before or after its point")


def _unreadable(text: str, stripped: str) -> MoneyError:
    if NOT_FINITE.fullmatch(stripped):
        return NonFinite(f"{shortened(text)} is not finite: give a finite number")
    return InvalidAmount(
        f"{shortened(text)} is no number in canonical form: an optional + or -, digits 0 to 9, at most one point, such"
        " as -1234.50; agentkit.money.parse_money reads other forms"
    )
