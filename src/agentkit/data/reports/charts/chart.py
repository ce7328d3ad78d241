"""What a chart is, and the figures that it shows.

Rules: a chart shows figures of a table and invents none; what it leaves out or adds up, it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Literal, TypeAlias

from agentkit.data.tables.kinds import Cell
from agentkit.data.tables.table import Table
from agentkit.errors import ReportError
from agentkit.money import Money

from .scale import EXACT

__all__ = ["Chart", "ChartKind", "Figures", "Series", "figures_of", "is_time"]

ChartKind: TypeAlias = Literal["bar", "line", "pie"]
"""How a chart looks: bars compare, a line shows a course, a pie shows parts of a whole."""

NUMBERS = frozenset({"integer", "decimal", "money"})
MOST_SERIES = 8
MOST_SLICES = 8
_TIME = re.compile(r"\d{4}(?:-\d{2}){0,2}|\d{4}[- ]?Q[1-4]|Q[1-4][- ]\d{4}|\d{4}-W\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of some columns of a table.

    Attributes:
        kind: How it looks.
        title: What stands above it.
        table: Where its figures come from; the report need not show it.
        labels: The column whose cells name the bars, points or slices.
        values: The columns of numbers that it draws, at most 8; a pie draws one.
        names: What the values are called in the picture; empty for the names of their columns.
        most: How many bars there are at most, and slices up to 8; the rest are added up into one, which says how many
            they are. Bars of times, such as months, are never added up.
        note: What stands below it.

    Raises:
        ReportError: The title is empty, a column of values holds no numbers, amounts have several currencies, there
            are too many or too few columns, or a pie is to show what is below zero.
        ColumnMissing: The table has no column of a name.

    Example:
        >>> from agentkit.data import Column, Table
        >>> sales = Table.of([Column(name="artist"), Column(name="sold", kind="integer")], [("Ibis", 3), ("Oak", 4)])
        >>> figures_of(Chart(kind="bar", title="Sold", table=sales, labels="artist", values=("sold",))).labels
        ('Ibis', 'Oak')
    """

    kind: ChartKind
    title: str
    table: Table
    labels: str
    values: tuple[str, ...]
    names: tuple[str, ...] = ()
    most: int = 20
    note: str = ""
    part: Literal["chart"] = field(default="chart", init=False)

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ReportError("a chart needs a title: it says what the figures are")
        place = f"chart {self.title!r}"
        if self.kind not in ("bar", "line", "pie"):
            raise ReportError(f"{place}: kind {self.kind!r} is none of bar, line, pie")
        self.table.find(self.labels)
        if not 1 <= len(self.values) <= (1 if self.kind == "pie" else MOST_SERIES):
            raise ReportError(f"{place}: a {self.kind} shows 1 to {MOST_SERIES} columns of values, a pie exactly 1")
        for name in self.values:
            if self.table.find(name).kind not in NUMBERS:
                raise ReportError(f"{place}: column {name!r} holds no numbers")
        if self.names and len(self.names) != len(self.values):
            raise ReportError(f"{place}: there are {len(self.names)} names for {len(self.values)} columns of values")
        if self.most < 2:
            raise ReportError(f"{place}: most={self.most}: at least 2 have to be shown")
        if len(currencies := _currencies(self)) > 1:
            raise ReportError(f"{place} mixes {' and '.join(currencies)}: convert them, or draw one chart for each")
        if self.kind == "pie" and any(_number(cell) < 0 for cell in self.table.column(self.values[0])):
            raise ReportError(f"{place}: a pie cannot show values below zero; use bars")


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures of a chart.

    Attributes:
        name: What it is called.
        values: The figures, None where there is none.
    """

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a chart draws.

    Attributes:
        labels: What the figures belong to.
        series: The figures.
        unit: Their currency; empty if they are no amounts.
        others: How many figures the last one adds up; 0 if nothing was added up.
    """

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    others: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for series in self.series for value in series.values)


def figures_of(chart: Chart, others: str = "{count} others") -> Figures:
    """The figures of a chart, in the order of its table; a pie's from large to small.

    Args:
        chart: The chart.
        others: What the figures are called that were added up, with `{count}` for how many they are.
    """
    labels = [label_of(cell) for cell in chart.table.column(chart.labels)]
    columns = [[_figure(cell) for cell in chart.table.column(name)] for name in chart.values]
    if chart.kind == "pie":
        order = [place for place, value in enumerate(columns[0]) if value]
        order.sort(key=lambda place: -(columns[0][place] or 0))
        labels, columns = [labels[place] for place in order], [[columns[0][place] for place in order]]
    left = 0
    most = min(chart.most, MOST_SLICES) if chart.kind == "pie" else chart.most
    if chart.kind != "line" and len(labels) > most and not is_time(labels):
        labels, columns, left = _shortened(labels, columns, most, others)
    names = chart.names or chart.values
    series = tuple(Series(name, tuple(column)) for name, column in zip(names, columns, strict=True))
    return Figures(tuple(labels), series, next(iter(_currencies(chart)), ""), left)


def is_time(labels: Sequence[str]) -> bool:
    """Whether all labels are years, quarters, months, weeks or days: those are never added up into one."""
    return bool(labels) and all(_TIME.fullmatch(label) for label in labels)


def label_of(cell: Cell) -> str:
    """How a cell is written as a label."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _shortened(
    labels: list[str], columns: list[list[Decimal | None]], most: int, others: str
) -> tuple[list[str], list[list[Decimal | None]], int]:
    kept = most - 1
    left = len(labels) - kept
    rest = [_total(column[kept:]) for column in columns]
    return (
        [*labels[:kept], others.replace("{count}", str(left))],
        [[*column[:kept], total] for column, total in zip(columns, rest, strict=True)],
        left,
    )


def _total(values: Sequence[Decimal | None]) -> Decimal | None:
    filled = [value for value in values if value is not None]
    return reduce(EXACT.add, filled) if filled else None


def _figure(cell: Cell) -> Decimal | None:
    return None if cell is None else _number(cell)


def _number(cell: Cell) -> Decimal:
    if isinstance(cell, Money):
        return cell.amount
    return Decimal(cell) if isinstance(cell, (int, Decimal)) else Decimal()


def _currencies(chart: Chart) -> list[str]:
    found = {
        cell.currency.code for name in chart.values for cell in chart.table.column(name) if isinstance(cell, Money)
    }
    return sorted(found)
