"""A table: named columns of one kind each, whose rows know where they come from.

Rules: a table never changes, so it can be shared; every row keeps its source and its number there through everything
that is done with the table, so that a figure can be followed back to what it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from agentkit.errors import ColumnMismatch, ColumnMissing
from agentkit.markup import bundle
from agentkit.money import Money, Rounding, percent_of

from .grouping import Total, total_column
from .kinds import Cell, Column, Kind
from .origins import Origin, Origins
from .python import PythonStorage
from .showing import MOST, shown
from .storage import EngineName, Storage

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Origin", "Table"]


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
        self._origins = Origins.listed(origins)

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
        origins = Origins.of(source, range(first_row, first_row + len(listed)))
        return cls(columns, PythonStorage(cells, len(listed)), origins)

    @classmethod
    def of_frame(cls, frame: pl.DataFrame, *, source: str, rows: Sequence[int] | None = None) -> Table:
        """A table of text columns that polars has read already; nothing is copied.

        Args:
            frame: Columns of texts.
            source: The name that the rows come from.
            rows: The number of each row there; None: they are counted from 2 on, below a header.

        Raises:
            ColumnMismatch: A column is of something else than texts, or there are more or fewer numbers than rows.
            MissingExtra: polars is not installed.
        """
        from .columnar import PolarsStorage

        numbers = range(2, frame.height + 2) if rows is None else rows
        others = [name for name, kind in frame.schema.items() if str(kind) != "String"]
        if others or len(numbers) != frame.height:
            said = f"column {others[0]!r} holds no texts" if others else f"{len(numbers)} numbers of rows"
            raise ColumnMismatch(f"{said}: give a frame of text columns, and one number for each of its rows")
        columns = [Column(name=name) for name in frame.columns]
        return cls(columns, PolarsStorage(frame, {}, frame.height), Origins.of(source, numbers))

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
    def origins(self) -> Origins:
        """Where each row comes from: a sequence of `Origin`."""
        return self._origins

    @property
    def storage(self) -> Storage:
        """What keeps the columns, for the code of an engine."""
        return self._storage

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

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The first rows as text and HTML, for notebooks."""
        text, html = shown(self.columns, self.take(range(min(len(self), MOST))).rows(), len(self))
        return bundle(text, html)

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

    def on(self, engine: EngineName) -> Table:
        """The same table, kept by that engine.

        Raises:
            MissingExtra: polars is asked for, and not installed.
        """
        if engine == self.engine:
            return self
        cells = [self._storage.values(column) for column in self.columns]
        if engine == "python":
            kept = dict(zip(self.names, map(tuple, cells), strict=True))
            return Table(self.columns, PythonStorage(kept, len(self)), self._origins)
        from .columnar import PolarsStorage

        return Table(self.columns, PolarsStorage.of(self.columns, cells, len(self)), self._origins)

    def select(self, names: Sequence[str]) -> Table:
        """Only these columns, in this order.

        Raises:
            ColumnMissing: There is none of a name.
        """
        return Table([self.find(name) for name in names], self._storage, self._origins)

    def take(self, indices: Sequence[int]) -> Table:
        """Only the rows at these places, counted from 0, in this order."""
        return Table(self.columns, self._storage.take(indices), self._origins.take(indices))

    def without(self, rows: Sequence[int]) -> Table:
        """All rows but those at these places, counted from 0 and in order."""
        return Table(self.columns, self._storage.without(rows), self._origins.without(rows)) if rows else self

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
        return Table(
            self.columns, self._storage.joined(self.columns, other._storage), self._origins.joined(other._origins)
        )

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

    def group(self, keys: Sequence[str], totals: Sequence[Total]) -> Table:
        """One row for each different key, in order of its first row, whose origin it has, with the totals of its rows.

        Empty cells are a key like others, and count for no total; what has nothing to count is empty.

        Args:
            keys: The columns whose cells make a group; none: all rows are one.
            totals: What is told of each group.

        Raises:
            ColumnMissing: There is no column of a name.
            ColumnMismatch: A column does not add up, or two columns would have the same name.
            CurrencyMismatch: A group has amounts of several currencies, of which there is no sum, least or greatest.
            PrecisionExceeded: A sum of money has more than 28 digits.

        Example:
            >>> sold = Table.of([Column(name="sold", kind="integer")], [(3,), (4,), (None,)])
            >>> list(sold.group([], [Total(column="sold"), Total(column="sold", kind="count")]).rows())
            [(7, 2)]
        """
        by = [self.find(name) for name in keys]
        asked = [(total, self.find(total.column)) for total in totals]
        made = [total_column(total, column) for total, column in asked]
        names = [column.name for column in [*by, *made]]
        if len(set(names)) < len(names):
            raise ColumnMismatch(f"two columns would have the same name: {', '.join(names)}")
        found = self._storage.grouped(by, asked)
        storage = self._storage.take(found.first)
        if not by:
            storage = PythonStorage({}, len(found.first))
        for column, cells in zip(made, found.totals, strict=True):
            storage = storage.replaced(column, cells)
        return Table([*by, *made], storage, self._origins.take(found.first))

    def share(self, name: str, percent: str | Decimal | int, *, into: str, rounding: Rounding) -> Table:
        """The same with a column more: a percentage of each amount of a column, each rounded once.

        Raises:
            ColumnMissing: There is no column of that name.
            ColumnMismatch: It holds no money.
            InvalidPercentage: The percentage is none from 0 to 100.
            RoundingRequired: The rounding is `UNNECESSARY`, and a share is not exact.

        Example:
            >>> prices = Table.of([Column(name="price", kind="money", currency="EUR")], [(Money("19.99", "EUR"),)])
            >>> shared = prices.share("price", "12.5", into="share", rounding="ROUND_HALF_EVEN")
            >>> print(shared.column("share")[0])
            2.50 EUR
        """
        column = self.find(name)
        if column.kind != "money":
            raise ColumnMismatch(f"column {name!r} holds {column.kind}: a share is taken of money")
        made = Column(name=into, kind="money", currency=column.currency)
        ratio: Fraction = percent_of(percent) / 100
        storage = self._storage.shares(column, made, ratio, rounding)
        return Table([*{**self._columns, into: made}.values()], storage, self._origins)


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
    if isinstance(cell, Decimal) and not cell.is_finite():
        raise ColumnMismatch(f"row {number}: {cell} is no number, which column {column.name!r} holds")
