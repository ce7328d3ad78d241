"""The engine that is always there: columns as lists of Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import compress

from agentkit.money import Rounding

from .amounts import Amounts
from .grouping import Grouped, Total, group_cells, total_cells
from .kinds import Cell, Column
from .origins import mask_of
from .repeats import repeated
from .shares import shared_cells
from .storage import EngineName, Storage

__all__ = ["PythonStorage"]


class PythonStorage:
    """Columns as tuples of cells."""

    __slots__ = ("_cells", "_height")

    engine: EngineName = "python"

    def __init__(self, cells: Mapping[str, Sequence[Cell]], height: int) -> None:
        self._cells = dict(cells)
        self._height = height

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self._height

    def values(self, column: Column) -> Sequence[Cell]:
        """The cells of one column, in order."""
        return self._cells[column.name]

    def take(self, indices: Sequence[int]) -> Storage:
        """The rows at these places, in this order."""
        taken = {name: _taken(cells, indices) for name, cells in self._cells.items()}
        return PythonStorage(taken, len(indices))

    def without(self, rows: Sequence[int]) -> Storage:
        """All rows but these, which come in order."""
        kept = mask_of(self._height, rows)
        left = {name: _masked(cells, kept) for name, cells in self._cells.items()}
        return PythonStorage(left, self._height - len(rows))

    def replaced(self, column: Column, values: Sequence[Cell]) -> Storage:
        """The same with one column more, or another content of one that is there."""
        return PythonStorage({**self._cells, column.name: tuple(values)}, self._height)

    def joined(self, columns: Sequence[Column], other: Storage) -> Storage:
        """These columns of these rows, and below them those of another storage."""
        joined = {column.name: (*self._cells[column.name], *other.values(column)) for column in columns}
        return PythonStorage(joined, self._height + other.height)

    def grouped(self, keys: Sequence[Column], totals: Sequence[tuple[Total, Column]]) -> Grouped:
        """One row for each different key, in order of its first row, with the totals of its rows."""
        groups = group_cells([self._cells[key.name] for key in keys], self._height)
        found: list[list[Cell]] = []
        for total, column in totals:
            cells = self._cells[column.name]
            found.append([total_cells(total, column, [cells[row] for row in rows]) for rows in groups])
        return Grouped(first=[rows[0] for rows in groups], totals=found)

    def repeats(self, keys: Sequence[Column]) -> Sequence[tuple[int, int]]:
        """Each row whose key an earlier row has, with the first such row; rows without a whole key match none."""
        return repeated([self._cells[key.name] for key in keys])

    def shares(self, column: Column, into: Column, ratio: Fraction, rounding: Rounding) -> Storage:
        """The same with a column more: so much of each amount of a column, each rounded once."""
        return self.replaced(into, shared_cells(self._cells[column.name], ratio, rounding))


def _taken(cells: Sequence[Cell], indices: Sequence[int]) -> Sequence[Cell]:
    return cells.take(indices) if isinstance(cells, Amounts) else tuple(map(cells.__getitem__, indices))


def _masked(cells: Sequence[Cell], mask: bytearray) -> Sequence[Cell]:
    return cells.masked(mask) if isinstance(cells, Amounts) else tuple(compress(cells, mask))
