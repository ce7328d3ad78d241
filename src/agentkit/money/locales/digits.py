"""Reading the digits of a number: decimal separator, groups, numbering systems.

Rules: a *form* is a decimal separator with the group separators that may stand beside it. A number is read by a form or
not at all; groups are exact, each with the same separator, and none begins with a zero. Without a form both forms that
exist are tried, and a number that they read differently is ambiguous. Values are exact: what is read is
canonical text, so that nothing is rounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from unicodedata import decimal as digit_value

from agentkit.errors import AmbiguousNumber, InvalidAmount
from agentkit.money.numbers.canonical import shortened

__all__ = [
    "APOSTROPHES",
    "ARABIC",
    "ARABIC_ZEROS",
    "COMMA",
    "POINT",
    "SPACES",
    "NumberForm",
    "ascii_digits",
    "read_either",
]

# What is typed where a thin space or a typographic apostrophe is meant.
SPACES = "\u202f\u00a0\u2009 "
APOSTROPHES = "\u2019'"
ARABIC_ZEROS = (0x660, 0x6F0)


@dataclass(frozen=True, slots=True, eq=False)
class NumberForm:
    """How numbers are written: the decimal separator, and which separators may stand between groups.

    Attributes:
        decimal: The decimal separator, one character.
        groups: The characters that may separate groups; one number uses one of them. Empty for none.
        indian: Characters that separate groups of two digits before the last three: `12,34,567`.
        western: Whether `groups` separates groups of three digits.
        any_digits: Whether digits of other numbering systems are read; those of a locale are.
    """

    decimal: str
    groups: str
    indian: str = ""
    western: bool = True
    any_digits: bool = False
    match: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        whole = [r"\d+"]
        if self.groups and self.western:
            whole.append(rf"[1-9]\d{{0,2}}([{re.escape(self.groups)}])\d{{3}}(?:\1\d{{3}})*")
        else:
            whole.append(r"()(?!)")
        if self.indian:
            whole.append(
                rf"[1-9]\d?(?:([{re.escape(self.indian)}])\d{{2}}(?:\2\d{{2}})*\2\d{{3}}|([{self.indian}])\d{{3}})"
            )
        fraction = rf"{re.escape(self.decimal)}\d+"
        pattern = rf"(?:{'|'.join(whole)})(?:{fraction})?|{fraction}"
        object.__setattr__(self, "match", re.compile(pattern, re.ASCII))

    def read(self, digits: str) -> str | None:
        """The number that the digits and separators are in this form, as canonical text; None if they are none.

        Args:
            digits: Digits and separators, and no sign.
        """
        found = self.match.fullmatch(digits)
        if found is None:
            return None
        if found.lastindex is not None:
            digits = digits.replace(found[found.lastindex], "")
        return digits if self.decimal == "." else digits.replace(self.decimal, ".")


POINT = NumberForm(".", f",{SPACES}{APOSTROPHES}", indian=",")
COMMA = NumberForm(",", f".{SPACES}{APOSTROPHES}")
# In every locale, digits of the Arabic script have separators of their own.
ARABIC = NumberForm("\u066b", "\u066c")


def read_either(digits: str, text: str) -> str:
    """The number that the digits are in the only form, of those there are, which they fit, as canonical text.

    Args:
        digits: ASCII digits and separators, with a digit among them, and no sign.
        text: The whole text, for messages.

    Raises:
        AmbiguousNumber: Both forms fit, and give different numbers.
        InvalidAmount: No form fits.
    """
    if digits.isdigit():
        return digits
    point, comma = POINT.read(digits), COMMA.read(digits)
    if point is not None and comma is not None and Decimal(point) != Decimal(comma):
        raise AmbiguousNumber(
            f"{shortened(text)} can be {point} or {comma}: name its locale, such as locale='en-US' or locale='de-DE'",
            (Decimal(point), Decimal(comma)),
        )
    found = comma if point is None else point
    if found is None:
        raise InvalidAmount(
            f"{shortened(text)} is no number: its separators fit no form, such as 1,234.50 or 1.234,50; every"
            " group but the first has three digits"
        )
    return found


def ascii_digits(text: str) -> tuple[str, NumberForm | None] | None:
    """The text with ASCII digits, and the form that its digits demand; None if they are of several numbering systems.

    Fullwidth, Devanagari and most other digits go with the separators of any locale; those of the Arabic script
    have separators of their own.

    Args:
        text: Digits of any numbering system, and anything else.
    """
    zeros = {ord(one) - digit_value(one) for one in text if one.isdecimal()}
    if len(zeros) != 1:
        return None
    (zero,) = zeros
    changed = text.translate({zero + value: str(value) for value in range(10)})
    return changed, ARABIC if zero in ARABIC_ZEROS else None
