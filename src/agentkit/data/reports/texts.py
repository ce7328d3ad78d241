"""How cells and texts are written for people, and made harmless.

Rules: what is shown has the digits of the value, never fewer; a control character is shown as a sign of its own and
never acts; a text that a spreadsheet would run is kept from it, and a number stays a number.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from agentkit.data.tables.kinds import Cell
from agentkit.money import Locale, Money, format_decimal, format_money

from .words import Words

__all__ = ["breakable", "cell_text", "is_runnable", "neutral", "plain", "safe_name"]

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_LONG_WORD = re.compile(r"\S{24,}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_NOT_IN_NAMES = re.compile(r"[^\w]+")
_STEP = 12
# What spreadsheets take for the begin of a formula, its wide forms included, and what they overlook before it.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANKS = " \u00a0\ufeff\u200b"


def plain(text: str) -> str:
    """A text without what acts: control characters become U+FFFD, and every way to end a line one."""
    return _CONTROLS.sub("\ufffd", _BREAKS.sub("\n", text))


def breakable(text: str) -> str:
    """A text whose very long words may be broken where a column ends: U+200B says where."""
    return _LONG_WORD.sub(lambda found: "\u200b".join(_pieces(found[0])), text)


def _pieces(word: str) -> list[str]:
    return [word[at : at + _STEP] for at in range(0, len(word), _STEP)]


def cell_text(cell: Cell, locale: Locale, words: Words, *, with_currency: bool = True) -> str:
    """How a cell is written for people.

    Args:
        cell: The cell.
        locale: How numbers are written.
        words: How truth is written.
        with_currency: Whether the code of its currency stands beside an amount.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return plain(cell)
    if isinstance(cell, bool):
        return words.yes if cell else words.no
    if isinstance(cell, Money):
        return format_money(cell, locale=locale, symbol="code" if with_currency else "none")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal) and not cell.is_finite():
        return plain(str(cell))
    return format_decimal(cell, locale=locale)


def is_runnable(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula; a plain number is none."""
    if _NUMBER.fullmatch(text):
        return False
    return text.startswith(("\t", "\r", "\n")) or text.lstrip(_BLANKS).startswith(_FORMULA_SIGNS)


def neutral(text: str) -> str:
    """A text that no spreadsheet runs: with an apostrophe before it where it would have been run."""
    return f"'{text}" if is_runnable(text) else text


def safe_name(text: str, *, otherwise: str) -> str:
    """A name for a file, made of a title: letters, digits and hyphens, at most 60."""
    name = _NOT_IN_NAMES.sub("-", plain(text).replace("\ufffd", "-")).strip("-_").lower()
    return name[:60].strip("-_") or otherwise
