"""Operations that combine rows: with those of another table, or with each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agentkit.data.issues import Issue
from agentkit.data.tables.grouping import Total
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch, DuplicateKey

from .operations import Group, Join
from .rows import is_blank
from .steps import BATCH, Step, Work, issue_at, set_apart, text_of

__all__ = ["group", "join"]

# No column of users has such a name.
_ONES: Final = Column(name="\0rows", kind="integer")


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
    totals = list(operation.totals)
    if operation.rows is not None:
        table_of_ones = table.with_column(_ONES, [1] * len(table))
        totals.append(Total(column=_ONES.name, name=operation.rows))
    else:
        table_of_ones = table
    if not operation.by and not totals:
        raise ColumnMismatch("a group needs columns: name some that make a group, or something to total")
    grouped = table_of_ones.group(operation.by, totals)
    work.tell(len(table))
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
        if total.kind == "sum"
        for index, cell in enumerate(table.column(total.column))
        if cell is None
    }
    return tuple(issues.values())
