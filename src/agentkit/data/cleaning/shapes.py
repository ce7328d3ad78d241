"""Shapes: how a number is written, whatever its digits are.

`$1,234.50` and `$9,876.12` have one shape, `$9,999.99`, and are read alike: the sign, the currency and the place of the
decimals are those of the shape, and the digits are the number. A million amounts have few shapes, so the careful reader
reads the shapes, and the rest is counting. Both engines do it with the same plans.

Rules: a shape keeps whether its first digit is a zero, which says that no group can begin there; only what two
different readings of the shape confirm is a plan; everything else is read cell by cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from agentkit.data.tables.kinds import Cell
from agentkit.money import Currency, Money

from .reading import Problem, Reader
from .texts import tidy

__all__ = ["DIGITS", "ROUGH", "Plan", "plan_of", "shape_of"]

MOST_DIGITS: Final = 18
"""More digits may not fit into 64 bits."""

_NINES = str.maketrans("012345678", "9" * 9)
_ONES = str.maketrans("9", "1")
_ZERO_FIRST = re.compile(r"[^0-9]*0").match
_DIGITS = re.compile(r"[0-9]+")
_ZERO_AND_DIGIT = re.compile(r"[^0-9]*0[0-9]").match


class _Digits(dict[int, int | None]):
    """A table for `str.translate` that leaves nothing but digits."""

    def __missing__(self, key: int) -> None:
        return None


DIGITS: Final = _Digits({ord(digit): ord(digit) for digit in "0123456789"})
"""For `str.translate`: what is no digit goes."""


ROUGH: Final = str.maketrans("12345678", "9" * 8)
"""For `str.translate`: what is quicker than the shape, and tells it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the numbers of one shape are made of their digits.

    Attributes:
        factor: By what the digits, as one whole number, are multiplied.
        exponent: The exponent of the decimal; 0 for money and integers, whose number is the value in whole steps.
        currency: That of money.
        least: The least number that the field allows; None: any.
        most: The greatest one.
        mended: Whether the shape is not the one that programs write.
        digits: Where the digits are: texts of one shape have them at the same places.
    """

    factor: int
    exponent: int
    currency: Currency | None
    least: int | None
    most: int | None
    mended: bool
    digits: tuple[slice, ...]

    def number(self, text: str) -> int:
        """The number of a text of the shape, in whole steps."""
        match self.digits:
            case [one]:
                return int(text[one]) * self.factor
            case [one, two]:
                return int(text[one] + text[two]) * self.factor
            case places:
                return int("".join([text[place] for place in places])) * self.factor

    def fits(self, number: int) -> bool:
        """Whether the field allows a number."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


def shape_of(text: str) -> str:
    """The shape of a text.

    Example:
        >>> shape_of("$1,234.50"), shape_of("0.07")
        ('$9,999.99', '0.99')
    """
    shape = text.translate(_NINES)
    return shape.replace("9", "0", 1) if "0" in text and _ZERO_FIRST(text) else shape


def plan_of(reader: Reader, shape: str, context: str | None) -> Plan | None:
    """How the numbers of a shape are made; None if each is to be read by itself."""
    digits = shape.translate(DIGITS)
    field = reader.field
    if not 0 < len(digits) <= MOST_DIGITS or _ZERO_AND_DIGIT(shape) or field.allowed is not None:
        return None
    if any(shape_of(tidy(text)) == tidy(shape) for text in field.empty):
        return None
    if not shape.isascii() and any(one.isdigit() and not one.isascii() for one in shape):
        return None
    found, other = _number(reader, shape, context), _number(reader, shape.translate(_ONES), context)
    if found is None or other is None or int(digits) == 0:
        return None
    factor, rest = divmod(found.number, int(digits))
    exact = not rest and other.number == factor * int(digits.translate(_ONES)) and other.exponent == found.exponent
    if not exact or abs(found.number) >= 10**MOST_DIGITS:
        return None
    places = -found.exponent if found.currency is None else found.currency.places
    least, most = reader.bounds(places)
    mended = reader.is_mended(shape, found.value)
    places_of_digits = tuple(slice(*run.span()) for run in _DIGITS.finditer(shape))
    return Plan(factor, found.exponent, found.currency, least, most, mended, places_of_digits)


@dataclass(frozen=True, slots=True)
class _Number:
    """A value as a whole number, and what makes it one."""

    value: Cell
    number: int
    exponent: int = 0
    currency: Currency | None = None


def _number(reader: Reader, text: str, context: str | None) -> _Number | None:
    value = reader.parse(text, context)
    match value:
        case Problem() | None | bool():
            return None
        case Money():
            return _Number(value, value.minor, 0, value.currency)
        case int():
            return _Number(value, value)
        case Decimal():
            sign, digits, exponent = value.as_tuple()
            whole = int("".join(map(str, digits)))
            return _Number(value, -whole if sign else whole, int(exponent))
        case _:
            return None
