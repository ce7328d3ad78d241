"""Texts as they should be: rule 32, and what stands in a cell.

Rules: composed Unicode, single spaces, none around, nothing invisible; the case stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from agentkit.data.tables.kinds import Cell
from agentkit.money import Money

__all__ = ["TIDY", "hidden", "is_tidy", "shortened", "text_of", "tidy", "told_texts"]

TIDY: Final = r"^[!-~]+(?: [!-~]+)*$"
"""Texts that are tidy for certain, and most texts are. It means the same to Python and to polars."""

is_tidy = re.compile(r"[!-~]+(?: [!-~]+)*").fullmatch
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


def hidden(text: str) -> str | None:
    """The first character of a tidy text that is no text: one that controls, or half of one."""
    if text.isprintable():
        return None
    return next((one for one in text if unicodedata.category(one) in {"Cc", "Cs"}), None)


def text_of(cell: Cell) -> str:
    """A cell as text, as programs write it."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return format(cell, "f")
        case Money():
            return f"{cell.amount:f} {cell.currency.code}"
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def told_texts(cells: Sequence[Cell]) -> list[str | None]:
    """Cells as texts, and None where there are none."""
    return [None if cell is None else text_of(cell) for cell in cells]


def shortened(text: str) -> str:
    """The text as issues show it."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
