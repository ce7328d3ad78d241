"""What a sheet of Excel may be called, and how much it holds."""

from __future__ import annotations

import re
from typing import Final

from agentkit.data.reports.texts import plain

__all__ = ["HEIGHT", "LONGEST_TEXT", "WIDTH", "SheetNames", "column_letters"]

HEIGHT: Final = 1_048_576
"""The rows of a sheet."""

WIDTH: Final = 16_384
"""The columns of a sheet."""

LONGEST_TEXT: Final = 32_767
"""The letters of a cell, counted as UTF-16."""

_LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\n\t\ufffd]+")


class SheetNames:
    """Gives every sheet a name of its own."""

    def __init__(self) -> None:
        # Excel keeps this one for itself.
        self._taken = {"history"}

    def take(self, title: str) -> str:
        """A name made of a title: at most 31 letters, none that Excel refuses, and with a number if it is taken."""
        base = " ".join(_FORBIDDEN.sub(" ", plain(title)).split()).strip("'") or "Table"
        number, name = 1, _cut(base, _LONGEST_NAME)
        while name.casefold() in self._taken:
            number += 1
            end = f" ({number})"
            name = _cut(base, _LONGEST_NAME - len(end)) + end
        self._taken.add(name.casefold())
        return name


def _cut(text: str, most: int) -> str:
    """The begin of a text that has at most so many units of UTF-16, as Excel counts."""
    while len(text.encode("utf-16-le")) > 2 * most:
        text = text[:-1]
    return text.strip().strip("'")


def column_letters(place: int) -> str:
    """What Excel calls a column that is counted from 0: A to Z, then AA and so on."""
    letters = ""
    place += 1
    while place:
        place, left = divmod(place - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters
