"""Finds the columns that words mean.

Rules: whole words only; capitals, underscores and hyphens make no difference; no guess: close names are candidates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final

from agentkit.data.tables.kinds import Column, Kind
from agentkit.errors import InstructionUnclear

from .reading import Clause

__all__ = ["Names", "spoken"]

PARTS: Final = re.compile(r"[\s_-]+")
BETWEEN: Final = frozenset({",", "and"})


def spoken(name: str) -> str:
    """A name as it is spoken: small letters, and blanks for underscores and hyphens.

    Example:
        >>> spoken("Unit_Price")
        'unit price'
    """
    return PARTS.sub(" ", name).strip().casefold()


class Names:
    """The columns that there are while a clause is read.

    Args:
        columns: The columns.
        clause: The clause.
    """

    def __init__(self, columns: Sequence[Column], clause: Clause) -> None:
        self.columns = columns
        self._clause = clause
        self._spoken: dict[str, list[Column]] = {}
        for column in columns:
            self._spoken.setdefault(spoken(column.name), []).append(column)

    def word(self, text: str) -> str:
        """One word, or what is in quotes.

        Raises:
            InstructionUnclear: There are several words, which may mean anything.
        """
        said, *more = text.split()
        if more:
            raise self.unclear(f"{text!r} is more than one word: put it in quotes if it belongs together", [])
        return self._clause.resolved(said)[0]

    def many(self, text: str) -> list[Column]:
        """The columns of a list such as `artist, unit price and month`.

        Raises:
            InstructionUnclear: A word is no column, or may be several.
        """
        words, found, place = text.split(), list[Column](), 0
        while place < len(words):
            if words[place].lower() in BETWEEN and found:
                place += 1
                continue
            column, place = self._longest(words, place)
            found.append(column)
        return found

    def one(self, text: str) -> Column:
        """The one column of a text.

        Raises:
            InstructionUnclear: It is no column, or several.
        """
        found = self.many(text)
        if len(found) != 1:
            raise self.unclear(f"one column is meant, and {text!r} names {len(found)}", [item.name for item in found])
        return found[0]

    def only(self, what: str, fits: Callable[[Column], bool]) -> Column:
        """The one column that fits, where none is named.

        Raises:
            InstructionUnclear: None fits, or several do.
        """
        found = [column for column in self.columns if fits(column)]
        if len(found) != 1:
            raise self.unclear(f"it is not said {what}", [column.name for column in found])
        return found[0]

    def free(self, name: str) -> str:
        """A name that no column has yet.

        Raises:
            InstructionUnclear: One has it.
        """
        if any(column.name == name for column in self.columns):
            raise self.unclear(f"there is a column {name!r} already", [])
        return name

    def of_kind(self, *kinds: Kind) -> list[str]:
        """The names of all columns of these kinds."""
        return [column.name for column in self.columns if column.kind in kinds]

    def unclear(self, why: str, candidates: Sequence[str]) -> InstructionUnclear:
        """What is unclear about the clause, and what may be meant."""
        meant = f"; it may be {' or '.join(candidates)}" if candidates else ""
        return InstructionUnclear(f"{self._clause.said!r} is unclear: {why}{meant}")

    def _longest(self, words: Sequence[str], place: int) -> tuple[Column, int]:
        """The column of the longest name that begins at a place, and the place behind it."""
        said, quoted = self._clause.resolved(words[place])
        if quoted:
            return self._known(said, [column for column in self.columns if column.name == said]), place + 1
        for end in range(len(words), place, -1):
            said = " ".join(words[place:end])
            if found := self._spoken.get(spoken(said)):
                exact = [column for column in found if column.name == said]
                return self._known(said, exact or found), end
        rest = [word for word in words[place:] if word.lower() not in BETWEEN]
        return self._known(rest[0] if rest else words[place], []), place

    def _known(self, said: str, found: Sequence[Column]) -> Column:
        if len(found) == 1:
            return found[0]
        if found:
            raise self.unclear(f"{said!r} is the name of several columns", [column.name for column in found])
        close = get_close_matches(spoken(said), self._spoken, n=3, cutoff=0.5)
        names = [column.name for name in close for column in self._spoken[name]]
        raise self.unclear(f"there is no column {said!r}", names or [column.name for column in self.columns])
