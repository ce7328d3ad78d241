"""Tables of several sources put below each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.table import Origin, Table
from agentkit.errors import ColumnMismatch, ColumnMissing

from .building import table_of

__all__ = ["consolidate"]


def consolidate(tables: Mapping[str, Table], columns: Mapping[str, Mapping[str, str]] | None = None) -> Table:
    """One table with the rows of all, in their order; each row keeps its origin.

    The order of columns is that of the first table. A column that is of integers here and of decimals there becomes one
    of decimals; nothing else is made to fit.

    Args:
        tables: By the names of their sources.
        columns: For a source whose columns are called otherwise: its own names, by the common ones. A column that is
            not named there keeps its name.

    Raises:
        ColumnMissing: A mapping names a column, or a source, that is not there.
        ColumnMismatch: There is no table; the tables have different columns, or columns of different kinds; or two
            columns of one table get the same name.

    Example:
        >>> web = Table.of([Column(name="artist")], [("Ibis",)], source="web")
        >>> shop = Table.of([Column(name="Interpret")], [("Oak",)], source="shop")
        >>> both = consolidate({"web": web, "shop": shop}, {"shop": {"artist": "Interpret"}})
        >>> list(both.column("artist")), both.origins[1]
        (['Ibis', 'Oak'], Origin(source='shop', row=1))
    """
    if not tables:
        raise ColumnMismatch("there is no table to put together")
    unknown = [name for name in columns or {} if name not in tables]
    if unknown:
        raise ColumnMissing(f"there is no source {unknown[0]!r} to name columns of; there are {', '.join(tables)}")
    renamed = {name: _renamed(name, table, (columns or {}).get(name, {})) for name, table in tables.items()}
    first, head = next(iter(renamed.items()))
    for name, table in renamed.items():
        _check_names(first, head, name, table)
    kinds = [_common(column.name, renamed) for column in head.columns]
    cells = [[cell for table in renamed.values() for cell in _widened(table, column)] for column in kinds]
    origins: list[Origin] = [origin for table in renamed.values() for origin in table.origins]
    return table_of(kinds, cells, origins)


def _renamed(source: str, table: Table, own: Mapping[str, str]) -> Table:
    for name in own.values():
        if name not in table.names:
            raise ColumnMissing(f"source {source!r} has no column {name!r}; it has {', '.join(table.names)}")
    common = {name: target for target, name in own.items()}
    if len(common) != len(own):
        raise ColumnMismatch(f"source {source!r}: one of its columns is mapped to two names")
    named = [replace(column, name=common.get(column.name, column.name)) for column in table.columns]
    if len({column.name for column in named}) != len(named):
        raise ColumnMismatch(f"source {source!r}: two of its columns get the same name")
    return table_of(named, [table.column(name) for name in table.names], table.origins)


def _check_names(first: str, head: Table, name: str, table: Table) -> None:
    lacking = [column for column in head.names if column not in table.names]
    beyond = [column for column in table.names if column not in head.names]
    if lacking or beyond:
        said = [f"it lacks {', '.join(lacking)}"] if lacking else []
        said += [f"it has {', '.join(beyond)} beyond these"] if beyond else []
        raise ColumnMismatch(f"source {name!r} has other columns than {first!r}: {'; '.join(said)}; map its names")


def _common(name: str, tables: Mapping[str, Table]) -> Column:
    found = {source: table.find(name) for source, table in tables.items()}
    kinds = {column.kind for column in found.values()}
    column = next(iter(found.values()))
    if kinds == {"integer", "decimal"}:
        return replace(column, kind="decimal")
    if len(kinds) > 1:
        said = ", ".join(f"{own.kind} in {source!r}" for source, own in found.items())
        raise ColumnMismatch(f"column {name!r} is {said}; clean the tables by one schema first")
    currencies = {own.currency for own in found.values()}
    return column if len(currencies) == 1 else replace(column, currency=None)


def _widened(table: Table, column: Column) -> Sequence[Cell]:
    cells = table.column(column.name)
    if table.find(column.name).kind == column.kind:
        return cells
    return [Decimal(cell) if isinstance(cell, int) else cell for cell in cells]
