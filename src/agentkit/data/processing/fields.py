"""Operations on columns: names, order, and what is computed from others."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final, cast

from agentkit.data.issues import Issue
from agentkit.data.tables.kinds import Cell, Column, Kind
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch, ExpressionInvalid, MoneyError
from agentkit.money import ExactMoney, Money, Rounding, quantize

from .exact import exact_decimal
from .expressions.expression import Expression
from .expressions.values import Gives, Value
from .operations import Derive, Rename, Select
from .steps import Step, Work

__all__ = ["derive", "rename", "select"]

HOLDS: Final[dict[Gives, tuple[Kind, ...]]] = {
    "number": ("decimal", "integer"),
    "money": ("money",),
    "text": ("text", "code"),
    "date": ("date",),
    "boolean": ("boolean",),
    "nothing": ("text", "code", "integer", "decimal", "money", "date", "boolean"),
}
"""What a column may hold of what an expression gives; the first is taken if nothing is said."""


def rename(operation: Rename, table: Table, work: Work) -> Step:
    """Give columns other names.

    Raises:
        ColumnMissing: There is no column of an old name.
        ColumnMismatch: Two columns would have one name.
    """
    for old in operation.names:
        table.find(old)
    names = [operation.names.get(name, name) for name in table.names]
    if len(set(names)) != len(names):
        raise ColumnMismatch(f"two columns would have the same name: {', '.join(names)}")
    # From a table without columns, so that two columns can change their names with each other.
    renamed = table.select([])
    for column, name in zip(table.columns, names, strict=True):
        renamed = renamed.with_column(
            Column(name=name, kind=column.kind, currency=column.currency), table.column(column.name)
        )
    return Step(table=renamed)


def select(operation: Select, table: Table, work: Work) -> Step:
    """Keep some columns only."""
    return Step(table=table.select(operation.columns))


def derive(operation: Derive, table: Table, work: Work) -> Step:
    """Add a column that is computed from others.

    Raises:
        ExpressionInvalid: The expression is not valid for these columns, or gives what the column cannot hold.
    """
    expression = Expression(operation.expression, table.columns, work.parameters)
    column, write = _column(operation, expression), _writer(operation, expression)
    cells: list[Cell] = []
    issues: list[Issue] = []
    for index, (value, issue) in enumerate(expression.over(table, done=work.tell)):
        cell: Cell = None
        try:
            cell = None if value is None else write(value)
        except MoneyError as wrong:
            issue = _unwritten(operation, table, index, wrong)  # noqa: PLW2901 - one of the two says why it is empty
        if issue is not None:
            issues.append(issue)
        cells.append(cell)
    before = table.column(operation.name) if operation.name in table.names else [None] * len(table)
    changed = sum(1 for old, new in zip(before, cells, strict=True) if old != new)
    return Step(table=table.with_column(column, cells), changed=changed, issues=tuple(issues))


def _column(operation: Derive, expression: Expression) -> Column:
    possible = HOLDS[expression.gives]
    holds = operation.holds or possible[0]
    if holds not in possible:
        raise ExpressionInvalid(
            f"{operation.expression} gives a {expression.gives}, which is no {holds}: leave holds out, or say"
            f" {' or '.join(possible)}"
        )
    if operation.places is not None and holds != "decimal":
        raise ExpressionInvalid(
            f"{operation.name}: places are for decimals, and this is of kind {holds}; to round on the way, write"
            " round(value, places)"
        )
    if holds == "decimal" and operation.places is None and expression.endless:
        raise ExpressionInvalid(
            f"{operation.expression} divides, and its decimals may never end: say with places=... how many are kept"
        )
    return Column(name=operation.name, kind=holds, currency=expression.currency if holds == "money" else None)


def _writer(operation: Derive, expression: Expression) -> Callable[[Value], Cell]:
    """What makes a cell of an exact value, rounding it once."""
    if expression.gives == "money":
        return lambda value: _rounded(cast("Money | ExactMoney", value), operation.rounding)
    if expression.gives != "number":
        return lambda value: cast("Cell", value)
    if operation.holds == "integer":
        return lambda value: int(quantize(cast("Fraction", value), 0, operation.rounding))
    places = operation.places
    if places is None:
        return lambda value: exact_decimal(cast("Fraction", value))
    return lambda value: quantize(cast("Fraction", value), places, operation.rounding)


def _rounded(value: Money | ExactMoney, rounding: Rounding) -> Money:
    return value.round(rounding=rounding)


def _unwritten(operation: Derive, table: Table, index: int, wrong: MoneyError) -> Issue:
    origin = table.origins[index]
    return Issue(
        source=origin.source, row=origin.row, field=operation.name, code=wrong.code, message=str(wrong), raw=""
    )
