"""Operations on amounts: converting them, and sharing them to the minor unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import cast

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch, InvalidPercentage, MoneyError, RateInvalid
from agentkit.money import (
    Currency,
    ExactMoney,
    FinancialProcessor,
    Money,
    PrecisionConfig,
    RateTable,
    allocate_column,
    complete_percents,
)

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
    exchange = _exchange(operation, work)
    wanted = ExactMoney(0, operation.to).currency
    converted: list[Cell] = []
    issues: list[Issue] = []
    broken: dict[int, list[Issue]] = {}
    for index, (amount, day) in enumerate(zip(amounts, days, strict=True)):
        result: Money | None = None
        if amount is None:
            issues.append(_empty(table, index, operation.column))
        else:
            try:
                result = exchange(amount, day)
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
    at_once: Mapping[int, Mapping[str, Money]] = {}
    shared: list[Mapping[str, Money] | None] = []
    issues: list[Issue] = []
    broken: dict[int, list[Issue]] = {}
    for index, amount in enumerate(amounts):
        if index % BATCH == 0:
            at_once = _shared_at_once(operation, amounts, range(index, min(index + BATCH, len(amounts))), work, divide)
        parts: Mapping[str, Money] | None = None
        if amount is None:
            issues.append(_empty(table, index, operation.column))
        else:
            try:
                parts = at_once.get(index) or divide(amount, index)
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


def _exchange(operation: Convert, work: Work) -> Callable[[Money, date | None], Money]:
    """What converts an amount at the rates of a day."""
    rates, wanted = _rates(operation, work), ExactMoney(0, operation.to).currency
    processor = work.processor or FinancialProcessor()
    via = None if operation.via is None else ExactMoney(0, operation.via).currency
    # What all amounts of one currency are multiplied with on one day, as the processor has found it.
    factors: dict[tuple[Currency, date | None], Fraction] = {}

    def converted(amount: Money, day: date | None) -> Money:
        factor = factors.get((amount.currency, day))
        if factor is not None:
            return processor.config.round(amount.fraction * factor, wanted)
        conversion = processor.convert(
            amount,
            wanted,
            on=day,
            rates=rates,
            via=via,
            allow_divide=operation.allow_divide,
            max_age_days=operation.max_age_days,
        )
        if not processor.is_audited:
            factors[amount.currency, day] = prod((leg.factor for leg in conversion.legs), start=Fraction(1))
        return conversion.converted

    return converted


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
    processor = work.processor or FinancialProcessor()
    percents = [(party, _percents(table, party)) for party in operation.parties]
    _ = _whole(operation)  # raises before the first row
    return lambda amount, index: processor.calculate_shares(
        amount,
        {party.name: _filled(party, given[index]) for party, given in percents},
        remainder=operation.remainder,
        method=operation.method,
    )


def _whole(operation: Share) -> Mapping[str, Fraction] | None:
    """The percentage of each party, if it is the same for all rows.

    Raises:
        MoneyError: They are no shares of a whole.
    """
    percents = {party.name: party.percent for party in operation.parties if party.percent is not None}
    return complete_percents(percents, operation.remainder) if len(percents) == len(operation.parties) else None


def _shared_at_once(
    operation: Share,
    amounts: Sequence[Money | None],
    rows: range,
    work: Work,
    divide: Callable[[Money, int], Mapping[str, Money]],
) -> Mapping[int, Mapping[str, Money]]:
    """What each party gets of the amounts that have no entry of their own, and nothing that they are held against."""
    whole, processor = _whole(operation), work.processor or FinancialProcessor()
    config = processor.config
    plain = PrecisionConfig(rounding=config.rounding, float_policy=config.float_policy)
    if whole is None or processor.is_audited or config != plain:
        return {}
    places: dict[Currency, list[int]] = {}
    for index in rows:
        amount = amounts[index]
        if amount is not None:
            places.setdefault(amount.currency, []).append(index)
    shared: dict[int, Mapping[str, Money]] = {}
    for currency, indices in places.items():
        totals = [cast("Money", amounts[index]).minor for index in indices]
        try:
            # The processor may refuse a currency, or a method.
            divide(cast("Money", amounts[indices[0]]), indices[0])
        except MoneyError:
            continue
        for index, parts in zip(indices, allocate_column(totals, whole.values(), method=operation.method), strict=True):
            shared[index] = {name: Money.from_minor(part, currency) for name, part in zip(whole, parts, strict=True)}
    return shared


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
