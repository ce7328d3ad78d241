"""Operations on rows: which are kept, in which order, and how their texts are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, Protocol, cast

from agentkit.data.issues import Issue
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch, DefinitionError, ExpressionInvalid, MoneyError
from agentkit.money import Money, parse_canonical

from .expressions.expression import Expression
from .operations import BusinessRule, Check, Dedupe, Filter, Normalise, Sort, Top
from .steps import BATCH, Step, Work, issue_at, set_apart, text_of

__all__ = ["check", "dedupe", "duplicates", "keep", "normalise", "sort", "top"]

ZERO_WIDTH: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
BLANKS: Final = re.compile(r"\s+")


def dedupe(operation: Dedupe, table: Table, work: Work) -> Step:
    """Keep the first of rows with the same key."""
    firsts = duplicates(table, operation.by)
    work.tell(len(table))
    cells, origins = table.column(operation.by[0]), table.origins
    issues = tuple(
        issue_at(
            origins[index],
            operation.by[0],
            "duplicate",
            f"the same {', '.join(operation.by)} as row {origins[first].row} of {origins[first].source!r}",
            cells[index],
        )
        for index, first in firsts.items()
    )
    kept = table.take([index for index in range(len(table)) if index not in firsts]) if firsts else table
    return Step(table=kept, issues=issues)


def duplicates(table: Table, by: Sequence[str]) -> dict[int, int]:
    """Find rows that have the key of an earlier one; stable, and linear in time.

    Returns:
        For the place of each such row, the place of the first row with its key.

    Raises:
        ColumnMissing: There is no column of a name.

    Example:
        >>> duplicates(Table.of([Column(name="id")], [("a",), (" ",), ("a",), (" ",)]), ["id"])
        {2: 0}
    """
    first: dict[tuple[Cell, ...], int] = {}
    found: dict[int, int] = {}
    for index, key in enumerate(table.select(by).rows()):
        if not any(is_blank(cell) for cell in key) and (place := first.setdefault(key, index)) != index:
            found[index] = place
    return found


def is_blank(cell: Cell) -> bool:
    """Whether a cell is empty, or a text of blanks, which no key matches.

    Example:
        >>> is_blank(None), is_blank(" "), is_blank(0)
        (True, True, False)
    """
    return cell is None or (isinstance(cell, str) and not cell.strip())


def normalise(operation: Normalise, table: Table, work: Work) -> Step:
    """Write the texts of some columns in one way.

    Raises:
        ColumnMismatch: A column holds no texts.
    """
    changed: set[int] = set()
    for name in operation.columns:
        column = table.find(name)
        if column.kind not in {"text", "code"}:
            raise ColumnMismatch(f"column {name!r} holds {column.kind}, and only texts are written in another way")
        before = cast("Sequence[str | None]", table.column(name))
        after = [tidy(cell, operation.case) for cell in before]
        changed.update(index for index, (old, new) in enumerate(zip(before, after, strict=True)) if old != new)
        table = table.with_column(column, after)
        work.tell(len(table))
    return Step(table=table, changed=len(changed))


def tidy(text: str | None, case: str = "keep") -> str | None:
    """Write a text in one way; what is blank then is empty.

    Example:
        >>> tidy("  The\u00a0 Ibis\u200b "), tidy(" ")
        ('The Ibis', None)
    """
    if text is None:
        return None
    composed = BLANKS.sub(" ", unicodedata.normalize("NFC", text).translate(ZERO_WIDTH)).strip()
    if case != "keep":
        composed = unicodedata.normalize("NFC", composed.lower() if case == "lower" else composed.upper())
    return composed or None


def keep(operation: Filter, table: Table, work: Work) -> Step:
    """Keep the rows for which a condition holds.

    Raises:
        ExpressionInvalid: It is no condition.
    """
    condition = Expression(operation.expression, table.columns, work.parameters)
    if condition.gives != "boolean":
        raise ExpressionInvalid(
            f"{operation.expression} gives a {condition.gives}, and a filter needs a condition, such as sold > 0"
        )
    broken: dict[int, list[Issue]] = {}
    kept: list[int] = []
    for index, (value, issue) in enumerate(condition.over(table, done=work.tell)):
        if issue is not None:
            broken[index] = [issue]
        elif value is None:
            broken[index] = [issue_at(table.origins[index], "", "missing_input", f"{operation.expression} gives empty")]
        elif value:
            kept.append(index)
    _, quarantine = set_apart(table, broken)
    return Step(table=table.take(kept), quarantine=quarantine)


def check(operation: Check, table: Table, work: Work) -> Step:
    """Put rows that break rules into quarantine."""
    broken: dict[int, list[Issue]] = {}
    for rule in operation.rules:
        wrong = _rule(rule, table.find(rule.column))
        for index, cell in enumerate(table.column(rule.column)):
            for code, message in wrong(cell):
                broken.setdefault(index, []).append(issue_at(table.origins[index], rule.column, code, message, cell))
            if index % BATCH == BATCH - 1:
                work.tell(index + 1)
    kept, quarantine = set_apart(table, broken)
    return Step(table=kept, quarantine=quarantine)


def sort(operation: Sort, table: Table, work: Work) -> Step:
    """Put rows in order."""
    return Step(table=table.sort(operation.by, descending=operation.descending))


def top(operation: Top, table: Table, work: Work) -> Step:
    """Keep the rows with the greatest values, or the least."""
    ordered = table.sort(operation.by, descending=operation.descending)
    return Step(table=ordered.take(range(min(operation.count, len(ordered)))))


class _Ordered(Protocol):
    """What can be held against a bound."""

    def __lt__(self, other: _Ordered, /) -> bool: ...
    def __gt__(self, other: _Ordered, /) -> bool: ...


def _rule(rule: BusinessRule, column: Column) -> Callable[[Cell], list[tuple[str, str]]]:
    """What finds, as code and message, whatever is wrong with a cell."""
    least = None if rule.minimum is None else _bound(column, rule.minimum)
    most = None if rule.maximum is None else _bound(column, rule.maximum)
    allowed = [_value(column, text) for text in rule.allowed]

    def wrong(cell: Cell) -> list[tuple[str, str]]:
        if is_blank(cell):
            return [("missing", f"{column.name} has to be filled")] if rule.required else []
        found: list[tuple[str, str]] = []
        value, shown = cast("_Ordered", cell), text_of(cell)
        try:
            if least is not None and value < least:
                found.append(("below_minimum", f"{column.name} is {shown}, and at least {rule.minimum} is allowed"))
            if most is not None and value > most:
                found.append(("above_maximum", f"{column.name} is {shown}, and at most {rule.maximum} is allowed"))
        except MoneyError as mixed:
            found.append((mixed.code, str(mixed)))
        if allowed and cell not in allowed:
            found.append(("not_allowed", f"{column.name} is {shown!r}, which is none of {', '.join(rule.allowed)}"))
        return found

    return wrong


def _bound(column: Column, text: str) -> _Ordered:
    if column.kind in {"text", "code", "boolean"}:
        raise DefinitionError(f"rule of {column.name!r}: a {column.kind} has no minimum and no maximum; name allowed")
    return cast("_Ordered", _value(column, text))


def _value(column: Column, text: str) -> Cell:
    """Read a value of a rule, as a cell of the column."""
    try:
        match column.kind:
            case "text" | "code":
                return text
            case "integer" | "decimal":
                return parse_canonical(text)
            case "date":
                return date.fromisoformat(text)
            case "boolean":
                return {"true": True, "false": False}[text]
            case "money":
                amount, _, code = text.strip().partition(" ")
                return Money(amount, code or column.currency or "")
    except (MoneyError, ValueError, KeyError) as wrong:
        raise DefinitionError(f"rule of {column.name!r}: {text!r} is no {column.kind}: {wrong}") from wrong
