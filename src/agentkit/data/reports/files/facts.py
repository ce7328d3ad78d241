"""What the files of a report say alike: heads of columns, sums, and the lines below the title."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from agentkit.data.reports.controls import summed
from agentkit.data.reports.report import Report, ReportTable
from agentkit.data.reports.texts import plain
from agentkit.data.reports.words import Words
from agentkit.data.tables.kinds import Cell, Column
from agentkit.money import Money

__all__ = ["facts_of", "heads_of", "sum_rows"]


def facts_of(report: Report, words: Words) -> list[str]:
    """The lines below the title: the period, who made it and when."""
    zone = f"{report.created:%z}" if report.created.utcoffset() else "UTC"
    facts = [(words.period, report.period), (words.author, report.author)]
    told = [f"{name}: {plain(value)}" for name, value in facts if value.strip()]
    return [*told, f"{words.created}: {report.created:%Y-%m-%d %H:%M} {zone}"]


def heads_of(table: ReportTable) -> list[str]:
    """What stands above the columns of a table: their title, and the currency where it is the same in all rows."""
    return [
        f"{plain(shown.heading)} ({column.currency})" if column.currency else plain(shown.heading)
        for shown, column in zip(table.shown, table.kinds, strict=True)
    ]


def sum_rows(table: ReportTable) -> list[list[Cell]]:
    """The rows of sums at the end of a table: one, or one for each currency; none if nothing is to be summed."""
    if not table.totals or not len(table.table):
        return []
    sums = {name: summed(table.table.column(name)) for name in table.totals}
    currencies = sorted({code for found in sums.values() for code in found if code})
    return [
        [_sum(column, sums.get(column.name, {}), code, first=at == 0) for column in table.kinds]
        for at, code in enumerate(currencies or [""])
    ]


def _sum(column: Column, sums: Mapping[str, Decimal], code: str, *, first: bool) -> Cell:
    if column.kind == "money":
        value = sums.get(code)
        return None if value is None else Money(value, code)
    value = sums.get("")
    return value if first else None
