"""Reads the numbers of a text, each with the units that stand beside it.

Rules: whatever makes another number of a number, or something else, is a unit of it: a currency, a percent sign, a
scale such as `bn`. A number with several units has all of them, which is what no figure has. The time that reading
takes grows with the length of the text, and not faster.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .wording import SMALL, is_prefix, is_unit, unit_of

__all__ = ["NUMBER", "Said", "numbers", "units_beside"]

NUMBER: Final = re.compile(
    r"(?<![\w.,])(?P<sign>[-+\u2212]?)(?P<digits>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?!\w|[.,]\w)"
    rf"|(?<!\w)(?P<word>(?i:{'|'.join(SMALL)}))(?!\w)"
)
_GAP: Final = r"[\s\-\u2010-\u2015\u2212(\[*_~`|\"'/]*"
_BEFORE: Final = re.compile(r"(?P<word>[^\W\d_]+|[^\w\s])[\s:=)\]*_~`|\"'\-\u2010-\u2015]*\Z")
_AFTER: Final = re.compile(rf"(?P<gap>{_GAP})(?P<word>per\s{{1,3}}cent\b|[^\W\d_]+|[^\w\s])")
_SKIPPED: Final = re.compile(r"in\Z|[A-Z]")
_FAR: Final = 32
"""How many letters before a number are looked at."""


@dataclass(frozen=True, slots=True)
class Said:
    """A number in a text.

    Attributes:
        value: The number.
        unit: `%`, the code of a currency, nothing, or what no figure has.
        text: The number with its units, as it is written.
        is_word: Whether it is a word.
    """

    value: Decimal
    unit: str
    text: str
    is_word: bool = False


def numbers(text: str, own: frozenset[str]) -> Iterator[Said]:
    """The numbers of a text.

    Args:
        text: The text.
        own: The codes of the currencies that figures have.
    """
    taken = 0
    for found in NUMBER.finditer(text):
        start, end, units = units_beside(text, found.start(), found.end(), own, since=taken)
        taken = end
        if found["word"] is not None:
            value = Decimal(SMALL[found["word"].lower()])
        else:
            digits = Decimal(found["digits"].replace(",", ""))
            value = digits.copy_negate() if found["sign"] in {"-", "\u2212"} else digits
        yield Said(value, " ".join(units), text[start:end].strip(), is_word=found["word"] is not None)


def units_beside(
    text: str, start: int, end: int, own: frozenset[str], *, since: int = 0
) -> tuple[int, int, tuple[str, ...]]:
    """The units beside a number, each once, and where the number begins and ends with them.

    Args:
        text: The text.
        start: Where the number begins.
        end: Where it ends.
        own: The codes of the currencies that figures have.
        since: What is before belongs to the number before.
    """
    units: list[str] = []
    if (before := _BEFORE.search(text[max(since, start - _FAR) : start])) is not None:
        word = before["word"]
        unit = unit_of(word, own) or (word if _is_sign(word, "%") or is_prefix(word) else "")
        if unit:
            units.append(unit)
            start -= before.end() - before.start()
    place, skipped = end, 0
    while (after := _AFTER.match(text, place)) is not None:
        word, place = after["word"], after.end()
        if unit := _unit_after(word, own, units):
            # In "3 (EUR 8.00)" the currency is that of the number behind it.
            if (
                after["gap"].strip()
                and unit_of(word, own)
                and NUMBER.match(text, place + text[place : place + 1].isspace())
            ):
                break
            units.append(unit)
            end, skipped = place, 0
        elif skipped < 2 and _SKIPPED.match(word):
            # As in "8 US dollars".
            skipped += 1
            place += text[place : place + 1] == "."
        else:
            break
    return start, end, tuple(dict.fromkeys(units))


def _unit_after(word: str, own: frozenset[str], units: list[str]) -> str:
    small = word.lower()
    if small.startswith("per") and small.endswith("cent"):
        return "%"
    if small in {"point", "points"} and "%" in units:
        return small
    if _is_sign(word, "%\u2030\u2031"):
        return word
    return unit_of(word, own) or (small if is_unit(word) else "")


def _is_sign(word: str, signs: str) -> bool:
    """Whether it is one of these signs, or that of a currency: several share each, so no figure has one."""
    return word in signs or (len(word) == 1 and unicodedata.category(word) == "Sc")
