"""Shapes: how a number is written, whatever its digits are.

`$1,234.50` and `$9,876.12` have one shape, `$9,999.99`, and are read alike: the sign, the currency and the place of the
decimals are those of the shape, and the digits are the number. A million amounts have few shapes, so the careful reader
reads the shapes, and the rest is counting. Both engines do it with the same plans.

Rules: a shape keeps whether its first digit is a zero, which says that no group can begin there; only what two
different readings of the shape confirm is a plan; everything else is read cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from agentkit.data.tables.kinds import Cell
from agentkit.money import Currency, Money

from .reading import Problem, Reader
from .texts import tidy

__all__ = ["Plan", "digits_in", "digits_of", "plan_of", "rough_shape", "rough_shapes", "shape_of"]

MOST_DIGITS: Final = 18
"""More digits may not fit into 64 bits."""

_NINES = str.maketrans("012345678", "9" * 9)
_ONES = str.maketrans("9", "1")
_ZERO_FIRST = re.compile(r"[^0-9]*0").match
_ZERO_AND_DIGIT = re.compile(r"[^0-9]*0[0-9]").match


_ROUGH = bytes.maketrans(b"12345678", b"9" * 8)
_OTHERS_IN_LINES = bytes(set(range(256)).difference(b"0123456789\n"))
# Half a character, which UTF-8 has not, passes through unchanged.
_UTF8: Final = ("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Plan:
    """How the numbers of one shape are made of their digits.

    Attributes:
        factor: By what the digits, as one whole number, are multiplied.
        exponent: The exponent of the decimal; 0 for money and integers, whose number is the value in whole steps.
        currency: That of money.
        least: The least number that the field allows.
        most: The greatest one.
        mended: Whether the shape is not the one that programs write.
    """

    factor: int
    exponent: int
    currency: Currency | None
    least: int
    most: int
    mended: bool


def shape_of(text: str) -> str:
    """The shape of a text.

    Example:
        >>> shape_of("$1,234.50"), shape_of("0.07")
        ('$9,999.99', '0.99')
    """
    shape = text.translate(_NINES)
    return shape.replace("9", "0", 1) if "0" in text and _ZERO_FIRST(text) else shape


def rough_shapes(texts: Sequence[str]) -> list[str]:
    """What is quicker to find than the shapes of texts, and tells them: all zeros stay."""
    lines = "\n".join(texts)
    if lines.count("\n") == len(texts) - 1:
        return rough_shape(lines).split("\n")
    return [*map(rough_shape, texts)]


def rough_shape(text: str) -> str:
    """The rough shape of a text, or of many lines at once."""
    return text.encode(*_UTF8).translate(_ROUGH).decode(*_UTF8)


def digits_of(texts: Sequence[str]) -> list[bytes]:
    """The ASCII digits of texts."""
    lines = "\n".join(texts)
    if lines.count("\n") == len(texts) - 1:
        return digits_in(lines).split(b"\n")
    return [digits_in(text).replace(b"\n", b"") for text in texts]


def digits_in(text: str) -> bytes:
    """The ASCII digits of a text, or of many lines at once, whose ends stay."""
    return text.encode(*_UTF8).translate(None, _OTHERS_IN_LINES)


def plan_of(reader: Reader, shape: str, context: str | None) -> Plan | None:
    """How the numbers of a shape are made; None if each is to be read by itself."""
    [digits] = digits_of([shape])
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
    exact = not rest and other.number == factor * int(digits.replace(b"9", b"1")) and other.exponent == found.exponent
    if not exact or abs(found.number) >= 10**MOST_DIGITS:
        return None
    places = -found.exponent if found.currency is None else found.currency.places
    least, most = reader.bounds(places)
    mended = reader.is_mended(shape, found.value)
    any_number = 10**MOST_DIGITS
    least, most = (-any_number if least is None else least), (any_number if most is None else most)
    return Plan(factor, found.exponent, found.currency, least, most, mended)


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
