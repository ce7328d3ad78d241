"""What stands around the digits of a number: signs, symbols, parentheses and words.

Rules: one mark says that a number is negative: a leading `-` or U+2212, before or after the symbol; parentheses; one
trailing `-`; or a word, where it is configured. Two are refused. What remains is a symbol before and one after.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from agentkit.errors import MoneyError
from agentkit.money.locales.symbols import SYMBOLS, spoken
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import elements

__all__ = ["NO_MARKS", "PLAIN", "Allowed", "Marks", "NegativeWord", "Wanted", "read_marks", "unread", "wanted"]

Allowed = Literal["exponent", "scale"]
"""What is read only where it is asked for: `1.5e3`, and `1.5k`, `1.5M`, `1.5bn`."""

NegativeWord = Literal["CR", "DR"]
"""The word behind an amount that makes it negative; the other one of the two makes it positive."""

_LONGEST = 40
_MINUS = "-\u2212"
_DASHES = "-\u2013\u2014\u2212"
_SCALES = {"k": 3, "K": 3, "M": 6, "bn": 9}
_SCALE = re.compile(r"(k|K|M|bn)(?!\w)")
_PERCENT = ("%", "\u066a")
_HINTS = {
    "%": "percentages are read by parse_percent",
    "\u066a": "percentages are read by parse_percent",
    "CR": "CR and DR are read where negative='CR' or negative='DR' says which of them is minus",
    "DR": "CR and DR are read where negative='CR' or negative='DR' says which of them is minus",
    "k": "k, M and bn are read with allow={'scale'}",
    "K": "k, M and bn are read with allow={'scale'}",
    "M": "k, M and bn are read with allow={'scale'}",
    "bn": "k, M and bn are read with allow={'scale'}",
}


class Wanted(NamedTuple):
    """What may stand around the digits, besides signs and symbols."""

    negative: NegativeWord | None = None
    scale: bool = False
    exponent: bool = False
    percent: bool = False


class Marks(NamedTuple):
    """What the signs and symbols around some digits say.

    Attributes:
        negative: Whether the number is below zero.
        before: The symbol or word before the digits, as `spoken`.
        after: The symbol or word after them.
        lead: A decimal separator that belongs before the digits, as in `.5`.
        tail: A decimal separator that a dash follows, as in `5,-`, and zeros in place of the dash.
        scale: By how many places the point moves.
    """

    negative: bool = False
    before: str = ""
    after: str = ""
    lead: str = ""
    tail: str = ""
    scale: int = 0


def wanted(allow: Collection[Allowed] = (), *, negative: NegativeWord | None = None, percent: bool = False) -> Wanted:
    """What may stand around the digits.

    Raises:
        MoneyError: There is no such option.
    """
    if not allow and negative is None:
        return _PERCENT_TOO if percent else PLAIN
    options = elements(allow)
    if options is None or any(option not in get_args(Allowed) for option in options):
        raise MoneyError(f"allow={shortened(allow)}: give a set of 'exponent' and 'scale'")
    if negative not in (None, *get_args(NegativeWord)):
        raise MoneyError(f"negative={shortened(negative)}: give 'CR' or 'DR', the word that makes an amount negative")
    return Wanted(negative=negative, scale="scale" in options, exponent="exponent" in options, percent=percent)


NO_MARKS = Marks()
PLAIN = Wanted()
_PERCENT_TOO = Wanted(percent=True)


# A column has few kinds of surroundings, so most of them were read before.
@lru_cache(maxsize=1024)
def _read(prefix: str, suffix: str, decimals: str, want: Wanted) -> Marks | str:
    """Read what surrounds some digits; a text says why it cannot be read."""
    lead = prefix[-1:] if prefix[-1:] in decimals and spoken(prefix) not in SYMBOLS else ""
    before = spoken(prefix[:-1] if lead else prefix)
    tail, after = _tail(suffix, decimals)
    before, opening = _peel(before, f"({_MINUS}+")
    after, closing = _peel(spoken(after), ")-")
    after, word = _word(after, want.negative)
    after, scale = _scale(after) if want.scale else (after, 0)
    if want.percent:
        before, after = _no_percent(before, after)
    if opening + closing + word not in _NEGATIVE and opening + closing + word not in _POSITIVE:
        return "it has more than one sign, or parentheses that are not closed"
    hint = _HINTS.get(after) or _HINTS.get(before)
    if hint is not None:
        return hint
    return Marks(opening + closing + word in _NEGATIVE, before, after, lead, tail, scale)


_NEGATIVE = {"-", "\u2212", "()", "<"}
_POSITIVE = {"", "+", ">"}


def read_marks(prefix: str, suffix: str, decimals: str, want: Wanted) -> Marks | str:
    """Read what surrounds some digits; a text says why it cannot be read.

    Args:
        prefix: What stands before the first digit.
        suffix: What stands after the last one.
        decimals: The decimal separators that may be meant.
        want: What may stand there, besides signs and symbols.
    """
    if len(prefix) > _LONGEST or len(suffix) > _LONGEST:
        # Only space may be as long as it likes.
        prefix, suffix = prefix.lstrip(), suffix.rstrip()
        if len(prefix) > _LONGEST or len(suffix) > _LONGEST:
            return "there is more around its digits than a sign and a currency"
    return _read(prefix, suffix, decimals, want)


def _peel(text: str, signs: str) -> tuple[str, str]:
    """Take signs off both ends of a text."""
    taken = ""
    while text and text[0] in signs:
        taken += text[0]
        text = text[1:].lstrip()
    while text and text[-1] in signs:
        taken += text[-1]
        text = text[:-1].rstrip()
    return text, taken


def _tail(suffix: str, decimals: str) -> tuple[str, str]:
    """Take a dash for no decimals off the front of a text, as in `5,-` and `5.--`."""
    if suffix[:1] in decimals and suffix[1:2] and suffix[1] in _DASHES:
        rest = suffix[2:]
        return suffix[0] + "00", rest[1:] if rest[:1] == suffix[1] else rest
    return "", suffix


def _word(after: str, negative: NegativeWord | None) -> tuple[str, str]:
    """Take CR or DR off the end of a text, where they are configured; `<` stands for minus and `>` for plus."""
    if negative is None or after[-2:].upper() not in {"CR", "DR"} or after[-3:-2].isalpha():
        return after, ""
    return after[:-2].rstrip(), "<" if after[-2:].upper() == negative else ">"


def _scale(after: str) -> tuple[str, int]:
    """Take `k`, `M` or `bn` off the front of a text, and tell how many places it means."""
    found = _SCALE.match(after)
    return (after[found.end() :].lstrip(), _SCALES[found[1]]) if found else (after, 0)


def _no_percent(before: str, after: str) -> tuple[str, str]:
    """Take one percent sign away, before the digits or behind them."""
    if after[:1] in _PERCENT and after:
        return before, after[1:].lstrip()
    if before in _PERCENT:
        return "", after
    return before, after


def unread(text: str, why: str) -> str:
    """How a message says that a text is no number."""
    return f"{shortened(text)} is no number: {why}"
