"""Totals of groups of rows, exactly.

Rules: a group has the cells that are equal, and empty ones are a group too; empty cells count for no total; what adds
up keeps every digit; amounts of several currencies have no sum, no least and no greatest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias, cast, get_args

from agentkit.data.declared import Declared
from agentkit.errors import ColumnMismatch, CurrencyMismatch, DefinitionError
from agentkit.money import Money

from .kinds import Cell, Column, Kind

__all__ = ["Grouped", "Total", "TotalKind", "group_cells", "total_cells", "total_column"]

TotalKind: TypeAlias = Literal["sum", "count", "min", "max", "first"]
"""What is told of a group: `count` counts the cells that are filled, `first` is the first one that is."""

_ADDABLE: frozenset[Kind] = frozenset({"integer", "decimal", "money"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Total(Declared):
    """One total of each group.

    Attributes:
        column: The column it is made of.
        kind: What is told of its cells.
        name: What the new column is called; None calls a sum like its column, and others with their kind behind it,
            like `price_min`.

    Raises:
        DefinitionError: There is no such kind.

    Example:
        >>> Total(column="price").column_name, Total(column="price", kind="min").column_name
        ('price', 'price_min')
    """

    column: str
    kind: TotalKind = "sum"
    name: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(TotalKind):
            raise DefinitionError(f"a total of kind {self.kind!r}: give one of {', '.join(get_args(TotalKind))}")

    @property
    def column_name(self) -> str:
        """What the new column is called."""
        return self.name or (self.column if self.kind == "sum" else f"{self.column}_{self.kind}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Groups of rows, in order of their first rows.

    Attributes:
        first: The first row of each group, counted from 0.
        totals: The cells of each total, group by group.
    """

    first: Sequence[int]
    totals: Sequence[Sequence[Cell]]


def total_column(total: Total, column: Column) -> Column:
    """What the column of a total holds.

    Raises:
        ColumnMismatch: Cells of that kind do not add up.
    """
    if total.kind == "count":
        return Column(name=total.column_name, kind="integer")
    if total.kind == "sum" and column.kind not in _ADDABLE:
        raise ColumnMismatch(f"column {column.name!r} holds {column.kind}, which does not add up")
    return Column(name=total.column_name, kind=column.kind, currency=column.currency)


def group_cells(keys: Sequence[Sequence[Cell]], height: int) -> list[list[int]]:
    """The rows of each group, in order of the first ones; without keys, all rows are one group."""
    if not keys:
        return [list(range(height))] if height else []
    groups: dict[object, list[int]] = {}
    for row, key in enumerate(keys[0] if len(keys) == 1 else zip(*keys, strict=True)):
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def total_cells(total: Total, column: Column, cells: Sequence[Cell]) -> Cell:
    """The total of the cells of one group; None where none is filled, but for a count.

    Raises:
        CurrencyMismatch: They are amounts of several currencies.
        PrecisionExceeded: A sum of money has more than 28 digits.
    """
    filled = [cell for cell in cells if cell is not None]
    if total.kind == "count":
        return len(filled)
    if not filled:
        return None
    if total.kind == "first":
        return filled[0]
    _check_currencies(column, filled)
    if total.kind == "sum":
        return _sum(column, filled)
    ordered = cast("Sequence[Any]", filled)
    return cast("Cell", min(ordered) if total.kind == "min" else max(ordered))


def _check_currencies(column: Column, cells: Sequence[Cell]) -> None:
    codes = sorted({cell.currency.code for cell in cells if isinstance(cell, Money)})
    if len(codes) > 1:
        raise mixed(column, codes)


def mixed(column: Column, codes: Sequence[str]) -> CurrencyMismatch:
    """What says that a group holds several currencies."""
    return CurrencyMismatch(
        f"column {column.name!r} has amounts of {', '.join(codes)} in one group: group by the currency too, or convert"
        " them first"
    )


def _sum(column: Column, cells: Sequence[Cell]) -> Cell:
    if column.kind == "money":
        return Money.sum(cast("Sequence[Money]", cells))
    if column.kind == "integer":
        return sum(cast("Sequence[int]", cells))
    return sum_decimals(cast("Sequence[Decimal]", cells))


def sum_decimals(cells: Sequence[Decimal]) -> Decimal:
    """The exact sum, with as many decimals as the cell that has the most; no context of decimals rounds it."""
    parts = [cell.as_tuple() for cell in cells]
    least = min(cast("int", part.exponent) for part in parts)
    total = 0
    for part in parts:
        whole = int("".join(map(str, part.digits))) * 10 ** (cast("int", part.exponent) - least)
        total += -whole if part.sign else whole
    return Decimal((int(total < 0), tuple(map(int, str(abs(total)))), least))
