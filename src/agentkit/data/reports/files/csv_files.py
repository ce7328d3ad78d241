"""The tables of a report as CSV, one file each: UTF-8 without a BOM, commas, lines that end as RFC 4180 says.

Rules: a file has the head and the rows and nothing else, so that programs can read it; sums are in the other formats. A
text that a spreadsheet would run has an apostrophe before it, a number never.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from threading import Lock

from agentkit.data.progress import Progress
from agentkit.data.reports.charts.scale import EXACT
from agentkit.data.reports.controls import ControlTotal, TableControl, check_controls, control_totals
from agentkit.data.reports.report import ADDABLE, Report, ReportTable
from agentkit.data.reports.texts import neutral, plain
from agentkit.data.tables.kinds import Cell, Column
from agentkit.errors import ControlTotalWrong
from agentkit.money import Money

from .facts import heads_of

__all__ = ["make_csv"]

_EVERY = 5_000
_LONGEST = 1 << 27
_READING = Lock()


def make_csv(report: Report, table: ReportTable, path: Path, *, progress: Progress | None = None) -> None:
    """Write one table to a path that is not there yet, and compare its control totals.

    An amount stands as its plain number. Where the amounts of a column have several currencies, a column behind it says
    which; where they have one, the head does.

    Raises:
        ControlTotalWrong: The file says something else than the report.
    """
    with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(_head(table))
        columns = [table.table.column(column.name) for column in table.kinds]
        for number, row in enumerate(zip(*columns, strict=True), start=1):
            writer.writerow(_cells(table.kinds, row))
            if progress is not None and number % _EVERY == 0:
                progress(number, len(table.table), f"rows of {table.title!r} in CSV")
    expected = [control for control in control_totals(report) if control.table == table.title]
    check_controls(path.name, expected, {table.title: _read(table, path)})


def _head(table: ReportTable) -> list[str]:
    head: list[str] = []
    for text, column in zip(heads_of(table), table.kinds, strict=True):
        head.append(neutral(text))
        if column.kind == "money" and column.currency is None:
            head.append(neutral(f"{text} currency"))
    return head


def _cells(kinds: Sequence[Column], row: Sequence[Cell]) -> list[str]:
    cells: list[str] = []
    for column, cell in zip(kinds, row, strict=True):
        cells.append(_text(cell))
        if column.kind == "money" and column.currency is None:
            cells.append(cell.currency.code if isinstance(cell, Money) else "")
    return cells


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return neutral(plain(cell))
        case bool():
            return "true" if cell else "false"
        case Money():
            return f"{cell.amount:f}"
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case int():
            return str(cell)


def _read(table: ReportTable, path: Path) -> TableControl:
    try:
        return _added(table, path)
    except csv.Error:
        # A cell is longer than the module reads: it has one limit for the whole process, which others rely on.
        with _READING:
            limit = csv.field_size_limit(_LONGEST)
            try:
                return _added(table, path)
            finally:
                csv.field_size_limit(limit)


def _added(table: ReportTable, path: Path) -> TableControl:
    sums: dict[tuple[str, str], Decimal] = {}
    rows = -1
    with path.open(encoding="utf-8", newline="") as file:
        for rows, row in enumerate(csv.reader(file, strict=True)):
            if not rows:
                continue
            at = 0
            for column in table.kinds:
                text, at = row[at] if at < len(row) else "", at + 1
                code = column.currency or ""
                if column.kind == "money" and not code:
                    code, at = row[at] if at < len(row) else "", at + 1
                if text and column.kind in ADDABLE:
                    key = (column.name, code)
                    sums[key] = EXACT.add(sums.get(key, Decimal()), _number(text, table, column))
    totals = tuple(ControlTotal(column, code, value) for (column, code), value in sums.items())
    return TableControl(table.title, rows, totals)


def _number(text: str, table: ReportTable, column: Column) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ControlTotalWrong(f"table {table.title!r}: {text!r} was read back for {column.name!r}") from error
