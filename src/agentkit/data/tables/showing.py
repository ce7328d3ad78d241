"""How a table shows itself in a notebook: its first rows, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from agentkit.markup import columns as lines_of
from agentkit.markup import table as html_of

from .kinds import Cell, Column, Kind

__all__ = ["MOST", "shown"]

MOST: Final = 50
"""A table of more rows shows so many."""
_COLUMNS: Final = 20
_LETTERS: Final = 80
_FIGURES: Final[frozenset[Kind]] = frozenset({"integer", "decimal", "money"})


def shown(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], height: int) -> tuple[str, str]:
    """The table as lines of text, and as HTML.

    Args:
        columns: Its columns; of very many, the first are shown.
        rows: The rows to show.
        height: How many rows there are.
    """
    seen = columns[:_COLUMNS]
    cells = [tuple(map(_text, row[: len(seen)])) for row in rows]
    if not seen:
        return (empty := f"a table of {height:,} rows without columns"), html_of([(empty,)])
    head = tuple(_text(column.name) for column in seen)
    parts = [f"{height:,} row{'' if height == 1 else 's'}", f"the first {len(cells)} are shown"]
    if len(columns) > len(seen):
        parts.append(f"{len(columns) - len(seen)} more columns")
    note = ", ".join(part for part in parts if len(cells) < height or part is not parts[1])
    figures = {place for place, column in enumerate(seen) if column.kind in _FIGURES}
    return "\n".join([*lines_of([head, *cells]), note]), html_of([head, *cells], figures=figures, below=[note])


def _text(cell: Cell) -> str:
    """A cell on one line, with nothing in it that steers a terminal."""
    if cell is None:
        return ""
    text = "".join(letter if letter.isprintable() else " " for letter in str(cell))
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
