"""Taking out rows whose key was there before: rule 30.

Rules: the first row of a key stays, and the rows keep their order; a row whose key is not complete is like no other;
1 is not "1", unless keys are normalised; the time grows with the rows and no faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.python import PythonStorage
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch

from .quarantine import Quarantine, Wrong
from .reading import Problem
from .texts import text_of, tidy

__all__ = ["Deduped", "dedupe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduped:
    """A table without repeated keys, and the rows that were taken out.

    Attributes:
        table: The other rows, in order.
        duplicates: The rows that repeat a key, in order; their issue says where its first row is.
    """

    table: Table
    duplicates: Sequence[Quarantined]

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is said of the rows that were taken out."""
        return tuple(issue for row in self.duplicates for issue in row.issues)


def dedupe(table: Table, keys: Sequence[str], *, normalise: bool = False) -> Deduped:
    """Keep the first row of each key.

    Args:
        table: The rows. It stays as it is.
        keys: The columns that make the key, at least one. A row in which one of them is empty or blank has no key.
        normalise: Whether keys are the same that differ in space, case or invisible characters only, or in the kind of
            cell they are written in: `1` and `"1"`.

    Raises:
        ColumnMissing: There is no column of a name.
        ColumnMismatch: There are no keys.

    Example:
        >>> sales = Table.of([Column(name="id", kind="code")], [("7",), ("8",), ("7",)], source="sales.csv")
        >>> found = dedupe(sales, ["id"])
        >>> len(found.table), found.issues[0].message
        (2, 'it has the key of row 1 of sales.csv')
    """
    columns = [table.find(name) for name in keys]
    if not columns:
        raise ColumnMismatch("a key has at least one column: name those that make rows the same")
    repeats = _normalised(table, columns) if normalise else table.storage.repeats(columns)
    if not repeats:
        return Deduped(table=table, duplicates=())
    again = [row for row, _ in repeats]
    earlier = dict(repeats)

    origins = table.origins

    def wrong(row: int, cells: Mapping[str, str]) -> list[Wrong]:
        first = earlier[row]
        source = origins.source_at(first) or "the table"
        problem = Problem("duplicate", f"it has the key of row {origins.row_at(first)} of {source}")
        return [(", ".join(keys), problem, ", ".join(cells[name] for name in keys))]

    return Deduped(table=table.without(again), duplicates=Quarantine(table, again, wrong))


def _normalised(table: Table, columns: Sequence[Column]) -> Sequence[tuple[int, int]]:
    """The repeats of keys that are texts in one form."""
    forms: dict[str, Sequence[Cell]] = {}
    for column in columns:
        cells = table.column(column.name)
        known: dict[Cell, str] = {}
        forms[column.name] = [
            cell if cell is None else known.get(cell) or known.setdefault(cell, _form(cell)) for cell in cells
        ]
    return PythonStorage(forms, len(table)).repeats(columns)


def _form(cell: Cell) -> str:
    return tidy(text_of(cell)).casefold()
