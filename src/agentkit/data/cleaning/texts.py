"""Texts as they should be: rule 32, and what stands in a cell.

Rules: composed Unicode, single spaces, none around, nothing invisible; the case stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Final

from agentkit.data.tables.kinds import Cell

__all__ = ["TIDY", "are_tidy", "hidden", "is_tidy", "shortened", "text_of", "tidy", "told_texts"]

TIDY: Final = r"^[!-~]+(?: [!-~]+)*$"
"""Texts that are tidy for certain, and most texts are. It means the same to Python and to polars."""

is_tidy: Callable[[str], re.Match[str] | None] = re.compile(r"[!-~]+(?: [!-~]+)*").fullmatch
# Joiners, marks of direction and other characters without width, and the mark of byte order.
_NO_WIDTH = dict.fromkeys(
    [
        0xAD,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x206A),
        0xFEFF,
    ]
)
_LONGEST = 200


def tidy(text: str) -> str:
    r"""The text without surplus space and invisible characters, in composed Unicode.

    Example:
        >>> tidy("  Nora \u200b Quill ")
        'Nora Quill'
    """
    if is_tidy(text):
        return text
    return " ".join(unicodedata.normalize("NFC", text.translate(_NO_WIDTH)).split())


def are_tidy(texts: Sequence[str]) -> bool:
    """Whether all texts are tidy for certain, which shows sooner where they are one text of many lines."""
    lines = "\n".join(texts)
    if lines.count("\n") != len(texts) - 1 or not lines.isascii() or not lines.replace("\n", " ").isprintable():
        return False
    return not any(gap in f"\n{lines}\n" for gap in ("  ", "\n ", " \n", "\n\n"))


def hidden(text: str) -> str | None:
    """The first character of a tidy text that is no text: one that controls, or half of one."""
    if text.isprintable():
        return None
    return next((one for one in text if unicodedata.category(one) in {"Cc", "Cs"}), None)


def text_of(cell: Cell) -> str:
    """A cell as text, as programs write it."""
    return _WRITTEN.get(type(cell), str)(cell)


# By the type itself, which is quicker than to ask for one after the other; an amount writes itself as `12.50 EUR`.
_WRITTEN: Final[Mapping[type, Callable[[Any], str]]] = {
    str: str,
    NoneType: lambda _: "",
    bool: lambda cell: "true" if cell else "false",
    Decimal: lambda cell: format(cell, "f"),
    date: date.isoformat,
    datetime: datetime.isoformat,
}


def told_texts(cells: Sequence[Cell]) -> list[str | None]:
    """Cells as texts, and None where there are none."""
    return [None if cell is None else text_of(cell) for cell in cells]


def shortened(text: str) -> str:
    """The text as issues show it."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
