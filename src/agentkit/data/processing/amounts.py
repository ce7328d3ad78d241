"""Operations on amounts: converting them, and sharing them to the minor unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import cast

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch, InvalidPercentage, MoneyError, RateInvalid
from agentkit.money import ExactMoney, FinancialProcessor, Money, RateTable, complete_percents

from .operations import Convert, Party, Share
from .steps import BATCH, Step, Work, issue_at, set_apart

__all__ = ["convert", "share"]


def convert(operation: Convert, table: Table, work: Work) -> Step:
    """Convert the amounts of a column at the rates of each row's date.

    Raises:
        ColumnMismatch: The column holds no amounts, or that of the date no dates.
        RateInvalid: The rates are not of their form.
    """
    amounts = cast("Sequence[Money | None]", _cells(table, operation.column, "money"))
    days = cast("Sequence[date | None]", _cells(table, operation.date, "date"))
    rates, wanted = _rates(operation, work), ExactMoney(0, operation.to).currency
    processor = work.processor or FinancialProcessor()
    via = None if operation.via is None else ExactMoney(0, operation.via).currency
    converted: list[Cell] = []
    issues: list[Issue] = []
    broken: dict[int, list[Issue]] = {}
    for index, (amount, day) in enumerate(zip(amounts, days, strict=True)):
        result: Money | None = None
        if amount is None:
            issues.append(_empty(table, index, operation.column))
        else:
            try:
                result = processor.convert(
                    amount,
                    wanted,
                    on=day,
                    rates=rates,
                    via=via,
                    allow_divide=operation.allow_divide,
                    max_age_days=operation.max_age_days,
                ).converted
            except MoneyError as wrong:
                broken[index] = [issue_at(table.origins[index], operation.column, wrong.code, str(wrong), amount)]
        converted.append(result)
        _tell(work, index)
    target = Column(name=operation.into or operation.column, kind="money", currency=wanted.code)
    kept, quarantine = _apart(table, {target: converted}, broken)
    changed = sum(1 for cell, before in zip(converted, amounts, strict=True) if cell is not None and cell != before)
    return Step(table=kept, changed=changed, quarantine=quarantine, issues=tuple(issues))


def share(operation: Share, table: Table, work: Work) -> Step:
    """Share the amounts of a column among parties.

    Raises:
        ColumnMismatch: The column holds no amounts, one of percentages no numbers, or a party is called like a column.
        MoneyError: The percentages are the same for all rows, and no shares of a whole.
    """
    amounts = cast("Sequence[Money | None]", _cells(table, operation.column, "money"))
    names = [party.name for party in operation.parties]
    if operation.remainder is not None:
        names.append(operation.remainder)
    if taken := [name for name in names if name in table.names or names.count(name) > 1]:
        raise ColumnMismatch(f"there is a column or another party {taken[0]!r} already: give the party another name")
    divide = _divider(operation, table, work)
    shared: list[Mapping[str, Money] | None] = []
    issues: list[Issue] = []
    broken: dict[int, list[Issue]] = {}
    for index, amount in enumerate(amounts):
        parts: Mapping[str, Money] | None = None
        if amount is None:
            issues.append(_empty(table, index, operation.column))
        else:
            try:
                parts = divide(amount, index)
            except MoneyError as wrong:
                broken[index] = [issue_at(table.origins[index], operation.column, wrong.code, str(wrong), amount)]
        shared.append(parts)
        _tell(work, index)
    currency = table.find(operation.column).currency
    columns = {
        Column(name=name, kind="money", currency=currency): [None if parts is None else parts[name] for parts in shared]
        for name in names
    }
    kept, quarantine = _apart(table, columns, broken)
    return Step(table=kept, changed=len(kept) - len(issues), quarantine=quarantine, issues=tuple(issues))


def _cells(table: Table, name: str, kind: str) -> Sequence[Cell]:
    column = table.find(name)
    if column.kind != kind:
        raise ColumnMismatch(f"column {name!r} holds {column.kind}, and {kind} is needed")
    return table.column(name)


def _empty(table: Table, index: int, column: str) -> Issue:
    return issue_at(table.origins[index], column, "missing_input", f"{column} is empty")


def _rates(operation: Convert, work: Work) -> RateTable:
    source, rows = "", operation.rates
    if isinstance(rows, str):
        source, rates = rows, work.table(rows)
        records = cast("list[Mapping[str, object]]", list(rates.records()))
    else:
        records = cast("list[Mapping[str, object]]", list(rows))
    try:
        return RateTable.from_rows(records, source=source or None)
    except RateInvalid as wrong:
        raise RateInvalid(f"the rates{f' of input {source!r}' if source else ''}: {wrong}") from wrong


def _divider(operation: Share, table: Table, work: Work) -> Callable[[Money, int], Mapping[str, Money]]:
    """What divides the amount of a row."""
    remainder, method = operation.remainder, operation.method
    if all(party.percent is not None for party in operation.parties):
        complete = complete_percents({party.name: party.percent or "" for party in operation.parties}, remainder)
        if work.processor is None and method != "separate":
            # Nobody writes it down, and the percentages are the same for all rows: so they are checked once.
            weights = list(complete.values())
            return lambda amount, _: dict(zip(complete, amount.allocate(weights, method=method), strict=True))
    processor = work.processor or FinancialProcessor()
    percents = [(party, _percents(table, party)) for party in operation.parties]
    return lambda amount, index: processor.calculate_shares(
        amount,
        {party.name: _filled(party, given[index]) for party, given in percents},
        remainder=remainder,
        method=method,
    )


def _percents(table: Table, party: Party) -> Sequence[Cell]:
    """The percentage of a party for each row."""
    if party.percent_column is None:
        return [party.percent] * len(table)
    column = table.find(party.percent_column)
    if column.kind not in {"integer", "decimal"}:
        raise ColumnMismatch(f"column {column.name!r} holds {column.kind}, and percentages are numbers")
    return table.column(column.name)


def _filled(party: Party, percent: Cell) -> str | int | Decimal:
    if percent is None:
        raise InvalidPercentage(f"the percentage of {party.name} is empty")
    return cast("str | int | Decimal", percent)


def _apart(
    table: Table, columns: Mapping[Column, Sequence[Cell]], broken: Mapping[int, Sequence[Issue]]
) -> tuple[Table, tuple[Quarantined, ...]]:
    """Set broken rows apart as they came in, and give the others their new columns."""
    kept, quarantine = set_apart(table, broken)
    for column, cells in columns.items():
        kept = kept.with_column(column, [cell for index, cell in enumerate(cells) if index not in broken])
    return kept, quarantine


def _tell(work: Work, index: int) -> None:
    if index % BATCH == BATCH - 1:
        work.tell(index + 1)
