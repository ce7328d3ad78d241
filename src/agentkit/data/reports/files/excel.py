"""A report as an Excel workbook: a summary, its charts, and a sheet for each table.

Rules: a number of up to 15 digits is a number, a longer one is text on amber, as Excel would change it; a text is never
a formula or a link; rows that do not fit on a sheet go on in the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import cast

from agentkit.data.progress import Progress
from agentkit.data.reports.controls import check_controls, control_totals
from agentkit.data.reports.report import Report, ReportTable
from agentkit.data.reports.texts import plain
from agentkit.data.reports.words import Words, words_of
from agentkit.data.tables.kinds import Cell, Column
from agentkit.errors import MissingExtra, ReportError
from agentkit.money import Money

from .excel_cells import Look, RowWriter, is_long, looks_of, places_of
from .excel_charts import add_charts
from .excel_controls import read_workbook
from .excel_rows import Rows, SheetRows, fill_sheets
from .excel_summary import add_summary
from .facts import heads_of, sum_rows
from .sheets import HEIGHT, WIDTH, SheetNames
from .workbook import Book, Formats, Sheet

__all__ = ["make_excel"]

_EVERY = 5_000
_HEAD = {"bold": True, "font_color": "#ffffff", "bg_color": "#1f4e79", "valign": "vcenter", "text_wrap": True}


@dataclass(frozen=True, slots=True)
class _Span:
    """The rows of a table that are on one sheet, counted from 0, and whether the sums stand below them."""

    name: str
    begin: int
    end: int
    with_sums: bool


def make_excel(report: Report, path: Path, *, rows_per_sheet: int = HEIGHT, progress: Progress | None = None) -> None:
    """Write a report as a workbook to a path that is not there yet, and compare its control totals.

    Raises:
        MissingExtra: xlsxwriter is not installed.
        ReportError: A table has more columns, or a text more letters, than Excel can hold.
        ControlTotalWrong: The file says something else than the report.
    """
    words = words_of(report.language)
    names = SheetNames()
    summary = names.take(words.summary)
    charts = names.take(words.charts) if report.charts else ""
    spans = {table.title: list(_spans(table, names, rows_per_sheet)) for table in report.tables}
    frame = BytesIO()
    long_numbers = sum(_long_numbers(table) for table in report.tables)
    book = _open(report, frame)
    formats = Formats(book)
    try:
        add_summary(book.add_worksheet(summary), report, words, formats, long_numbers=long_numbers)
        if charts:
            add_charts(book, book.add_worksheet(charts), report, words, formats)
        looks = {table.title: looks_of(table) for table in report.tables}
        for table in report.tables:
            for span in spans[table.title]:
                _frame_sheet(book.add_worksheet(span.name), table, span, looks[table.title], formats)
    finally:
        book.close()
    rows = {
        span.name: SheetRows(looks[table.title], _rows_of(table, span, words, progress), _size(table, span))
        for table in report.tables
        for span in spans[table.title]
    }
    fill_sheets(frame, path, rows)
    places = {title: [span.name for span in found] for title, found in spans.items()}
    check_controls(path.name, control_totals(report), read_workbook(path, report, places))


def _open(report: Report, frame: BytesIO) -> Book:
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    book = cast("Book", _xlsxwriter().Workbook(frame, options))
    created = report.created.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    told = {"title": plain(report.title), "subject": plain(report.subtitle), "author": plain(report.author)}
    book.set_properties({**told, "created": created})
    return book


def _spans(table: ReportTable, names: SheetNames, rows_per_sheet: int) -> Iterator[_Span]:
    """Yield which rows of a table are on which sheet; a sheet has a head, and the last one has the sums."""
    if len(table.shown) > WIDTH:
        raise ReportError(
            f"table {table.title!r} has {len(table.shown):,} columns; a sheet holds {WIDTH:,}: select some"
        )
    count, room, begin = len(table.table), rows_per_sheet - 1, 0
    sums = len(sum_rows(table))
    while True:
        end = min(begin + room, count)
        with_sums = end == count and end - begin + sums <= room
        yield _Span(names.take(table.title), begin, end, with_sums)
        if with_sums:
            return
        begin = end


def _frame_sheet(sheet: Sheet, table: ReportTable, span: _Span, looks: list[Look], formats: Formats) -> None:
    """Write the head of a sheet, and below it one cell of each look, whose places the rows will take."""
    heads = heads_of(table)
    for place, (text, column) in enumerate(zip(heads, table.kinds, strict=True)):
        sheet.set_column(place, place, _width(table, column, text))
        sheet.write_string(0, place, text, formats.get(**_HEAD))
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 0)
    if span.end > span.begin:
        sheet.autofilter(0, 0, span.end - span.begin, len(heads) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for place, look in enumerate(looks):
        sheet.write_number(1, place, place, formats.get(**dict(look)) if look else None)


def _rows_of(table: ReportTable, span: _Span, words: Words, progress: Progress | None) -> Rows:
    def rows(styles: Mapping[Look, str]) -> Iterator[str]:
        writer = RowWriter(table, styles)
        columns = [table.table.column(column.name)[span.begin : span.end] for column in table.kinds]
        number = 1
        for number, cells in enumerate(zip(*columns, strict=True), start=2):
            yield writer.row(number, cells)
            if progress is not None and number % _EVERY == 0:
                progress(span.begin + number, len(table.table), f"rows of {table.title!r} in Excel")
        if span.with_sums:
            for below, sums in enumerate(sum_rows(table), start=number + 1):
                yield writer.sums(below, sums, words.total)

    return rows


def _size(table: ReportTable, span: _Span) -> tuple[int, int]:
    sums = len(sum_rows(table)) if span.with_sums else 0
    return span.end - span.begin + sums + 1, len(table.shown)


def _long_numbers(table: ReportTable) -> int:
    """How many numbers of a table will be text."""
    cells = (table.table.column(column.name) for column in table.kinds)
    return sum(is_long(cell) for column in (*cells, *sum_rows(table)) for cell in column)


def _width(table: ReportTable, column: Column, head: str) -> float:
    places = places_of(table, column)
    cells = table.table.column(column.name)[:2000]
    longest = max((len(_sample(cell, places)) for cell in cells if cell is not None), default=0)
    word = max((len(part) for part in head.split()), default=0)
    # The head has an arrow of the filter beside it.
    return float(min(max(longest + 2, word + 4, min(len(head), 16) + 2, 9), 60))


def _sample(cell: Cell, places: int) -> str:
    if isinstance(cell, Money):
        return f"{cell.amount:,f}    "
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:,.{places}f}" if not isinstance(cell, str) and places else str(cell)


def _xlsxwriter() -> ModuleType:
    # It has no types, so its name stands in no import.
    try:
        return import_module("xlsxwriter")
    except ImportError as missing:
        raise MissingExtra("reports", "xlsxwriter") from missing
