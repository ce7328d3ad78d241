"""Gathers the values of a table: which rows have one, and how they add up by group and by period.

Rules: a row is left out only with an issue that says why; amounts of two currencies are never added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, cast

from agentkit.data.issues import Issue
from agentkit.data.processing.steps import BATCH, issue_at
from agentkit.data.tables.kinds import Cell, Kind
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMismatch, CurrencyMismatch, MoneyError
from agentkit.money import Currency, Money

from .measures import Measure, Number
from .periods import name_of, period_of
from .statements import BehindRows, InsightsConfig

__all__ = ["Gathered", "Part", "gather"]

MEASURED: Final[frozenset[Kind]] = frozenset({"money", "decimal", "integer"})


@dataclass(slots=True)
class Part:
    """The rows of a group or a period.

    Attributes:
        name: How it is called; None for empty cells.
        total: The sum of their values.
        rows: Their places in the table.
        place: Of a period, its number.
    """

    name: str | None
    total: Number = 0
    rows: list[int] = field(default_factory=list[int])
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The values of a table.

    Attributes:
        config: What is looked at.
        table: The table.
        measure: What the values are.
        values: Each value, by the place of its row.
        groups: For each column of comparison, its groups, the highest total first.
        periods: The periods that have rows, in order.
        last_day: The last day of a row with a value.
        issues: The rows that were left out, and why.
    """

    config: InsightsConfig
    table: Table
    measure: Measure
    values: Mapping[int, Number]
    groups: Mapping[str, Sequence[Part]]
    periods: Sequence[Part]
    last_day: date | None
    issues: tuple[Issue, ...]

    def behind(self, rows: Sequence[int]) -> BehindRows:
        """The rows behind a statement."""
        return BehindRows.at(rows, self.table.origins, self.config.sample)

    @property
    def total(self) -> Number:
        """The sum of all values."""
        return sum(self.values.values())


def gather(table: Table, config: InsightsConfig, tell: Callable[[int], None]) -> Gathered:
    """Gather the values of a table.

    Args:
        table: The table.
        config: What is looked at.
        tell: Is told every few thousand rows how many were read.

    Raises:
        ColumnMissing: There is no column of a name.
        ColumnMismatch: The column of values holds no numbers, or that of dates no dates.
        CurrencyMismatch: There are amounts of several currencies, and none is chosen.
    """
    column = table.find(config.value)
    if column.kind not in MEASURED:
        raise ColumnMismatch(f"column {column.name!r} holds {column.kind}, and insights need amounts or numbers")
    if config.date is not None and table.find(config.date).kind != "date":
        raise ColumnMismatch(f"column {config.date!r} holds {table.find(config.date).kind}, and dates are needed")
    issues: list[Issue] = []
    currency = _currency(table, config) if column.kind == "money" else None
    measure = Measure(kind=column.kind, currency=currency)
    values = _values(table, measure, issues, config=config, tell=tell)
    periods, last_day = _periods(table, config, values, issues)
    return Gathered(
        config=config,
        table=table,
        measure=measure,
        values=values,
        groups={name: _groups(table.column(name), values) for name in config.by},
        periods=periods,
        last_day=last_day,
        issues=tuple(issues),
    )


def _currency(table: Table, config: InsightsConfig) -> Currency | None:
    amounts = cast("Sequence[Money | None]", table.column(config.value))
    found = {amount.currency for amount in amounts if amount is not None}
    if config.currency is not None:
        chosen = config.currency.strip().upper()
        return next((currency for currency in found if currency.code == chosen), None)
    if len(found) > 1:
        codes = ", ".join(sorted(currency.code for currency in found))
        raise CurrencyMismatch(
            f"column {config.value!r} has amounts in {codes}: convert them first, or choose one with currency=..."
        )
    return next(iter(found), None)


def _values(
    table: Table, measure: Measure, issues: list[Issue], *, config: InsightsConfig, tell: Callable[[int], None]
) -> dict[int, Number]:
    values: dict[int, Number] = {}
    for index, cell in enumerate(table.column(config.value)):
        if cell is None:
            issues.append(issue_at(table.origins[index], config.value, "missing_input", f"{config.value} is empty"))
        elif isinstance(cell, Money) and cell.currency != measure.currency:
            message = f"{config.value} is in {cell.currency.code}, and {config.currency} is looked at"
            issues.append(issue_at(table.origins[index], config.value, "currency_mismatch", message, cell))
        else:
            try:
                values[index] = measure.read(cell)
            except MoneyError as wrong:
                issues.append(issue_at(table.origins[index], config.value, wrong.code, str(wrong)))
        if index % BATCH == BATCH - 1:
            tell(index + 1)
    return values


def _groups(cells: Sequence[Cell], values: Mapping[int, Number]) -> list[Part]:
    groups: dict[Cell, Part] = {}
    for index, value in values.items():
        cell = cells[index]
        if cell not in groups:
            groups[cell] = Part(None if cell is None else str(cell))
        groups[cell].total += value
        groups[cell].rows.append(index)
    # Groups of equal totals by name, so that the order of the rows does not decide who is named.
    return sorted(groups.values(), key=lambda part: (-part.total, part.name is None, part.name or ""))


def _periods(
    table: Table, config: InsightsConfig, values: Mapping[int, Number], issues: list[Issue]
) -> tuple[list[Part], date | None]:
    if config.date is None:
        return [], None
    place_of, days = period_of(config.period), cast("Sequence[date | None]", table.column(config.date))
    periods: dict[int, Part] = {}
    last: date | None = None
    for index, value in values.items():
        day = days[index]
        if day is None:
            message = f"{config.date} is empty: in no {config.period}"
            issues.append(issue_at(table.origins[index], config.date, "missing_input", message))
            continue
        place = place_of(day)
        if place not in periods:
            periods[place] = Part(name_of(place, config.period), place=place)
        periods[place].total += value
        periods[place].rows.append(index)
        last = day if last is None or day > last else last
    return [periods[place] for place in sorted(periods)], last
