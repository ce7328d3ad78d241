"""Splits an instruction into clauses, one for each thing that is to be done.

Rules: only whole words count; what stands in quotes or backticks is one word as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["VERBS", "Clause", "clauses_of"]

WORD: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'|`([^`]*)`|((?:[^\s,;.]|\.(?=\S))+)|([,;.\n])")
QUOTED: Final = re.compile(r'"([0-9]+)"')
ENDS: Final = frozenset({";", ".", "\n"})
JOINS: Final = frozenset({",", "and", "then", "also"})
# fmt: off
VERBS: Final = frozenset({
    "add", "clean", "convert", "count", "dedupe", "deduplicate", "delete", "drop", "group", "keep", "lowercase",
    "normalise", "normalize", "order", "remove", "rename", "select", "sort", "sum", "top", "total", "trim", "uppercase",
})
# fmt: on
"""The words that a clause begins with; after a comma or an `and` another one, unless a column is called so."""

FILLERS: Final = frozenset({"the", "please", "all", "a", "an", "finally", "first"})
"""Words that change nothing, unless a column is called like that."""

LITERAL: Final = frozenset({"where", "rename"})
"""Words after which every word counts, because a value or a new name follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that is to be done.

    Attributes:
        text: Its words with one blank between them, without those that change nothing; what was quoted is `"0"`,
            `"1"` and so on.
        quoted: What was quoted.
    """

    text: str
    quoted: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The clause as people read it."""
        words = [f'"{said}"' if quoted else said for said, quoted in map(self.resolved, self.text.split(" "))]
        return " ".join(words).replace(" ,", ",")

    def resolved(self, word: str) -> tuple[str, bool]:
        """What a word stands for, and whether it was quoted."""
        # A quote that was never closed is a word like others.
        if found := QUOTED.fullmatch(word):
            return self.quoted[int(found[1])], True
        return word, False


def clauses_of(instruction: str, names: frozenset[str] = frozenset()) -> Iterator[Clause]:
    """Split an instruction.

    Args:
        instruction: The words.
        names: Words that are part of names of columns, in small letters, and so are never skipped.

    Example:
        >>> [clause.text for clause in clauses_of("Remove the duplicates by id, artist and sort by id. Trim artist")]
        ['Remove duplicates by id , artist', 'sort by id', 'Trim artist']
    """
    words: list[str] = []
    quoted: list[str] = []
    found = [*_words(instruction), ("\n", None)]
    for place, (word, quote) in enumerate(found):
        low = word.lower()
        begins = low in JOINS and _next_is_verb(found, place, names)
        if quote is None and (low in ENDS or begins):
            if text := " ".join(words).strip(" ,"):
                yield Clause(text=text, quoted=tuple(quoted))
            words, quoted = [], []
        elif quote is not None:
            words.append(f'"{len(quoted)}"')
            quoted.append(quote)
        elif not _is_skipped(low, words, names):
            words.append(word)


def _is_skipped(word: str, before: list[str], names: frozenset[str]) -> bool:
    if not before and word in JOINS:
        return True
    return word in FILLERS and word not in names and not any(other.lower() in LITERAL for other in before)


def _words(instruction: str) -> Iterator[tuple[str, str | None]]:
    """Each word or sign, and what it says if it was quoted."""
    for found in WORD.finditer(instruction):
        quote = next((group for group in found.groups()[:3] if group is not None), None)
        yield found.group(), quote


def _next_is_verb(found: list[tuple[str, str | None]], place: int, names: frozenset[str]) -> bool:
    for word, quote in found[place + 1 :]:
        low = word.lower()
        if quote is None and (low in FILLERS or low in JOINS):
            continue
        return quote is None and low in VERBS and low not in names
    return False
