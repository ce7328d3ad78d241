"""A table: named columns of one kind each, whose rows know where they come from.

Rules: a table never changes, so it can be shared; every row keeps its source and its number there through everything
that is done with the table, so that a figure can be followed back to what it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from agentkit.errors import ColumnMismatch, ColumnMissing
from agentkit.money import Money

from .kinds import Cell, Column, Kind
from .python import PythonStorage
from .storage import EngineName, Storage

__all__ = ["Origin", "Table"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row comes from.

    Attributes:
        source: The name of the source.
        row: Its number there, as people would count when they open it: in a file with a header, the header is row 1.
    """

    source: str
    row: int


class Table:
    """Named columns of equal length, each of one kind.

    Example:
        >>> sales = Table.of([Column(name="artist"), Column(name="sold", kind="integer")], [("Ibis", 3), ("Oak", None)])
        >>> len(sales), sales.names, list(sales.column("sold"))
        (2, ('artist', 'sold'), [3, None])
    """

    __slots__ = ("_columns", "_origins", "_storage")

    def __init__(self, columns: Sequence[Column], storage: Storage, origins: Sequence[Origin]) -> None:
        self._columns = {column.name: column for column in columns}
        self._storage = storage
        self._origins = origins

    @classmethod
    def of(
        cls,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        source: str = "",
        first_row: int = 1,
    ) -> Table:
        """A table of rows that are in memory.

        Args:
            columns: What the columns are called and hold.
            rows: The cells of each row, in the order of the columns.
            source: The name that the rows come from.
            first_row: The number of the first row there.

        Raises:
            ColumnMismatch: Two columns have the same name, a row has another number of cells, or a cell is not of its
                column's kind.
        """
        listed = [tuple(row) for row in rows]
        if len({column.name for column in columns}) != len(columns):
            raise ColumnMismatch(f"two columns have the same name: {', '.join(column.name for column in columns)}")
        for number, row in enumerate(listed, start=first_row):
            if len(row) != len(columns):
                raise ColumnMismatch(f"row {number} has {len(row)} cells, and there are {len(columns)} columns")
            for column, cell in zip(columns, row, strict=True):
                _check(column, cell, number)
        cells = {column.name: tuple(row[place] for row in listed) for place, column in enumerate(columns)}
        origins = [Origin(source, number) for number in range(first_row, first_row + len(listed))]
        return cls(columns, PythonStorage(cells, len(listed)), origins)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the columns are called and hold."""
        return tuple(self._columns.values())

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(self._columns)

    @property
    def engine(self) -> EngineName:
        """Who computes."""
        return self._storage.engine

    @property
    def origins(self) -> Sequence[Origin]:
        """Where each row comes from."""
        return self._origins

    def __len__(self) -> int:
        return self._storage.height

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        return self.columns == other.columns and list(self.rows()) == list(other.rows())

    def __hash__(self) -> int:
        return hash((self.columns, len(self)))

    def __repr__(self) -> str:
        return f"<table {len(self)} x {', '.join(f'{column.name}: {column.kind}' for column in self.columns)}>"

    def find(self, name: str) -> Column:
        """The column of that name.

        Raises:
            ColumnMissing: There is none.
        """
        if name not in self._columns:
            raise ColumnMissing(f"there is no column {name!r}; there are {', '.join(self.names) or 'none'}")
        return self._columns[name]

    def column(self, name: str) -> Sequence[Cell]:
        """The cells of one column, in order.

        Raises:
            ColumnMissing: There is none of that name.
        """
        return self._storage.values(self.find(name))

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The cells of each row."""
        if not self._columns:
            return iter([()] * len(self))
        return zip(*(self._storage.values(column) for column in self.columns), strict=True)

    def records(self) -> Iterator[dict[str, Cell]]:
        """Each row by the names of its columns."""
        names = self.names
        return (dict(zip(names, row, strict=True)) for row in self.rows())

    def select(self, names: Sequence[str]) -> Table:
        """Only these columns, in this order.

        Raises:
            ColumnMissing: There is none of a name.
        """
        return Table([self.find(name) for name in names], self._storage, self._origins)

    def take(self, indices: Sequence[int]) -> Table:
        """Only the rows at these places, counted from 0, in this order."""
        return Table(self.columns, self._storage.take(indices), [self._origins[index] for index in indices])

    def where(self, keep: Callable[[Mapping[str, Cell]], bool]) -> Table:
        """Only the rows for which `keep` is true."""
        return self.take([index for index, record in enumerate(self.records()) if keep(record)])

    def with_column(self, column: Column, values: Sequence[Cell]) -> Table:
        """The same with one column more at the end, or with another content of one that is there.

        Raises:
            ColumnMismatch: There are more or fewer values than rows, or a value is not of the column's kind.
        """
        if len(values) != len(self):
            raise ColumnMismatch(f"column {column.name!r} has {len(values)} values, and there are {len(self)} rows")
        for number, value in enumerate(values, start=1):
            _check(column, value, number)
        columns = {**self._columns, column.name: column}
        return Table([*columns.values()], self._storage.replaced(column, values), self._origins)

    def joined(self, other: Table) -> Table:
        """These rows, and below them those of another table of the same columns.

        Raises:
            ColumnMismatch: The other table has other columns.
        """
        if self.columns != other.columns:
            raise ColumnMismatch(f"the tables have other columns: {self!r} and {other!r}")
        return Table(self.columns, self._storage.joined(other._storage), [*self._origins, *other._origins])

    def sort(self, by: Sequence[str], *, descending: bool = False) -> Table:
        """The rows in order of these columns; empty cells come last, equal rows keep their order.

        Raises:
            ColumnMissing: There is none of a name.
            CurrencyMismatch: A column holds amounts of several currencies.
        """
        order = list(range(len(self)))
        for name in reversed(by):
            cells = cast("Sequence[Any]", self.column(name))
            filled = [index for index in order if cells[index] is not None]
            empty = [index for index in order if cells[index] is None]
            filled.sort(key=cells.__getitem__, reverse=descending)
            order = filled + empty
        return self.take(order)


_TYPES: dict[Kind, type] = {
    "text": str,
    "code": str,
    "integer": int,
    "decimal": Decimal,
    "money": Money,
    "date": date,
    "boolean": bool,
}


def _check(column: Column, cell: Cell, number: int) -> None:
    if cell is None:
        return
    fits = isinstance(cell, _TYPES[column.kind]) and not isinstance(cell, datetime)
    if not fits or (isinstance(cell, bool) and column.kind != "boolean"):
        raise ColumnMismatch(f"row {number}: {cell!r} is no {column.kind}, which column {column.name!r} holds")
    if isinstance(cell, Money) and column.currency not in (None, cell.currency.code):
        raise ColumnMismatch(f"row {number}: {cell} is not in {column.currency}, as column {column.name!r} says")
