"""Operations that combine rows: with those of another table, or with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

from agentkit.data.issues import Issue
from agentkit.data.tables.kinds import Cell, Column, Kind
from agentkit.data.tables.python import PythonStorage
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch, CurrencyMismatch, DuplicateKey
from agentkit.money import Money

from .exact import exact_sum
from .operations import Group, Join, Total
from .rows import is_blank
from .steps import BATCH, Step, Work, issue_at, set_apart, text_of

__all__ = ["group", "join"]

SUMMED: Final[frozenset[Kind]] = frozenset({"integer", "decimal", "money"})


def join(operation: Join, table: Table, work: Work) -> Step:
    """Bring columns of another table to the rows of this one.

    Raises:
        ColumnMissing: There is no input or column of a name.
        ColumnMismatch: Key columns are of two kinds, or a column is in both tables.
        DuplicateKey: The other table has a key twice.
    """
    other = work.table(operation.input)
    _check_keys(operation, table, other)
    brought = [name for name in operation.columns or other.names if name not in operation.by]
    if taken := [name for name in brought if name in table.names]:
        raise ColumnMismatch(
            f"both tables have a column {taken[0]!r}: rename one, or name the columns that are brought"
        )
    places = _places(operation, other)
    matches: list[int | None] = []
    unmatched: dict[int, list[Issue]] = {}
    for index, key in enumerate(table.select(operation.by).rows()):
        place = places.get(key)
        matches.append(place)
        if place is None:
            shown = ", ".join(text_of(cell) or "empty" for cell in key)
            message = f"{operation.input} has no row with {', '.join(operation.by)} = {shown}"
            unmatched[index] = [issue_at(table.origins[index], operation.by[0], "no_match", message, key[0])]
        if index % BATCH == BATCH - 1:
            work.tell(index + 1)
    joined = table
    for name in brought:
        cells = other.column(name)
        joined = joined.with_column(other.find(name), [None if at is None else cells[at] for at in matches])
    matched = len(table) - len(unmatched)
    if operation.unmatched == "keep":
        issues = tuple(issue for found in unmatched.values() for issue in found)
        return Step(table=joined, changed=matched, issues=issues)
    kept, _ = set_apart(joined, unmatched)
    quarantine = set_apart(table, unmatched)[1] if operation.unmatched == "quarantine" else ()
    return Step(table=kept, changed=matched, quarantine=quarantine)


def group(operation: Group, table: Table, work: Work) -> Step:
    """Make one row of all rows that are the same in some columns.

    Raises:
        ColumnMissing: There is no column of a name.
        ColumnMismatch: A column cannot be summed, or two new columns have the same name.
        CurrencyMismatch: A group has amounts of several currencies.
    """
    columns = [*(table.find(name) for name in operation.by), *(_column(total, table) for total in operation.totals)]
    if operation.rows is not None:
        columns.append(Column(name=operation.rows, kind="integer"))
    names = [column.name for column in columns]
    if not names or len(set(names)) != len(names):
        raise ColumnMismatch(f"a group needs columns of different names: {', '.join(names) or 'there are none'}")
    members: dict[tuple[Cell, ...], list[int]] = {}
    for index, key in enumerate(table.select(operation.by).rows()):
        members.setdefault(key, []).append(index)
        if index % BATCH == BATCH - 1:
            work.tell(index + 1)
    cells: dict[str, Sequence[Cell]] = {
        name: [key[place] for key in members] for place, name in enumerate(operation.by)
    }
    for total in operation.totals:
        values = table.column(total.column)
        currency = table.find(total.column).currency
        cells[total.name] = [_total(total, [values[index] for index in rows], currency) for rows in members.values()]
    if operation.rows is not None:
        cells[operation.rows] = [len(rows) for rows in members.values()]
    origins = [table.origins[rows[0]] for rows in members.values()]
    grouped = Table(columns, PythonStorage(cells, len(origins)), origins)
    return Step(table=grouped, changed=len(grouped), issues=_skipped(operation, table))


def _check_keys(operation: Join, table: Table, other: Table) -> None:
    for name in operation.by:
        mine, theirs = table.find(name).kind, other.find(name).kind
        if {mine, theirs} - {"text", "code"} and mine != theirs:
            raise ColumnMismatch(
                f"{name!r} is of kind {mine} here and {theirs} in {operation.input!r}, so nothing would match: make"
                " them of one kind"
            )


def _places(operation: Join, other: Table) -> dict[tuple[Cell, ...], int]:
    """Where each key of the other table stands."""
    places: dict[tuple[Cell, ...], int] = {}
    for index, key in enumerate(other.select(operation.by).rows()):
        if any(is_blank(cell) for cell in key):
            continue
        if (first := places.setdefault(key, index)) != index:
            origin, before = other.origins[index], other.origins[first]
            raise DuplicateKey(
                f"{operation.input} has {', '.join(operation.by)} = {', '.join(map(text_of, key))} in row {before.row}"
                f" and row {origin.row}, and rows would be counted twice: dedupe or group it first"
            )
    return places


def _column(total: Total, table: Table) -> Column:
    column = table.find(total.column)
    if total.of == "count":
        return Column(name=total.name, kind="integer")
    if total.of == "sum" and column.kind not in SUMMED:
        raise ColumnMismatch(f"column {column.name!r} holds {column.kind}, which has no sum: count it")
    return Column(name=total.name, kind=column.kind, currency=column.currency)


def _total(total: Total, cells: Sequence[Cell], currency: str | None) -> Cell:
    filled = [cell for cell in cells if cell is not None]
    if total.of == "count":
        return len(filled)
    try:
        if total.of == "sum":
            return _sum(filled, currency)
        ordered = cast("Sequence[Any]", filled)
        return cast("Cell", (min if total.of == "min" else max)(ordered)) if filled else None
    except CurrencyMismatch as mixed:
        raise CurrencyMismatch(
            f"column {total.column!r} has several currencies in one group: convert them first, or group by the currency"
            f" too: {mixed}"
        ) from mixed


def _sum(filled: Sequence[Cell], currency: str | None) -> Cell:
    """The exact sum. Of nothing it is zero only where it is known of what."""
    if currency is not None or (filled and isinstance(filled[0], Money)):
        return Money.sum(cast("Sequence[Money]", filled), currency)
    if not filled:
        return None
    if isinstance(filled[0], Decimal):
        return exact_sum(cast("Sequence[Decimal]", filled))
    return sum(cast("Sequence[int]", filled))


def _skipped(operation: Group, table: Table) -> tuple[Issue, ...]:
    """The cells that a sum could not count."""
    issues: Mapping[tuple[str, int], Issue] = {
        (total.column, index): issue_at(
            table.origins[index],
            total.column,
            "missing_input",
            f"{total.column} is empty, and counts as nothing in its sum",
        )
        for total in operation.totals
        if total.of == "sum"
        for index, cell in enumerate(table.column(total.column))
        if cell is None
    }
    return tuple(issues.values())
