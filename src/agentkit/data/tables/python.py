"""The engine that is always there: columns as lists of Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .kinds import Cell, Column
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
        taken = {name: tuple(cells[index] for index in indices) for name, cells in self._cells.items()}
        return PythonStorage(taken, len(indices))

    def replaced(self, column: Column, values: Sequence[Cell]) -> Storage:
        """The same with one column more, or another content of one that is there."""
        return PythonStorage({**self._cells, column.name: tuple(values)}, self._height)

    def joined(self, other: Storage) -> Storage:
        """These rows, and below them those of another storage of the same columns."""
        below = {name: other.values(Column(name=name)) for name in self._cells}
        joined = {name: (*cells, *below[name]) for name, cells in self._cells.items()}
        return PythonStorage(joined, self._height + other.height)
