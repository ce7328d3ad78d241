"""A report as an Excel workbook: a summary, its charts, and a sheet for each table.

Rules: a number of up to 15 digits is a number, a longer one is text on amber, as Excel would change it; a text is never
a formula or a link; rows that do not fit on a sheet go on in the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from agentkit.data.reports.controls import check_controls, control_totals
from agentkit.data.reports.report import Report, ReportTable
from agentkit.data.reports.texts import plain
from agentkit.data.reports.words import Words, words_of
from agentkit.errors import MissingExtra, ReportError

from .excel_cells import Cells, Formats
from .excel_charts import add_charts
from .excel_controls import read_workbook
from .excel_summary import add_summary
from .facts import heads_of
from .progress import Progress
from .sheets import HEIGHT, SheetNames

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

__all__ = ["make_excel"]

_EVERY = 5_000


def make_excel(
    report: Report, path: Path, *, rows_per_sheet: int = HEIGHT, progress: Progress | None = None
) -> None:
    """Write a report as a workbook to a path that is not there yet, and compare its control totals.

    Raises:
        MissingExtra: xlsxwriter is not installed.
        ReportError: A table has more columns, or a text more letters, than Excel can hold.
        ControlTotalWrong: The file says something else than the report.
    """
    book = _open(report, path)
    words = words_of(report.language)
    formats = Formats(book)
    names = SheetNames()
    places: dict[str, list[str]] = {}
    try:
        summary = book.add_worksheet(names.take(words.summary))
        charts = book.add_worksheet(names.take(words.charts)) if report.charts else None
        counts = 0
        for table in report.tables:
            sheets = list(_write_table(book, table, formats, names, words, rows_per_sheet, progress))
            places[table.title] = [name for name, _ in sheets]
            counts += sum(long for _, long in sheets)
        if charts is not None:
            add_charts(book, charts, report, words, formats)
        add_summary(summary, report, words, formats, long_numbers=counts)
    finally:
        _close(book, path)
    found = read_workbook(path, report, places)
    check_controls(path.name, control_totals(report), found)


def _open(report: Report, path: Path) -> Workbook:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    book = cast("Workbook", _xlsxwriter().Workbook(str(path), options))
    created = report.created.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    told = {"title": plain(report.title), "subject": plain(report.subtitle), "author": plain(report.author)}
    book.set_properties({**told, "created": created})
    return book


def _close(book: Workbook, path: Path) -> None:
    try:
        book.close()
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - xlsxwriter has errors of its own for what the disk says
        raise OSError(0, str(error), str(path)) from error


def _write_table(
    book: Workbook,
    table: ReportTable,
    formats: Formats,
    names: SheetNames,
    words: Words,
    rows_per_sheet: int,
    progress: Progress | None,
) -> Iterator[tuple[str, int]]:
    """Write a table to as many sheets as it needs; yield the name of each, and how many long numbers it has."""
    if len(table.shown) > 16_384:
        raise ReportError(f"table {table.title!r} has {len(table.shown):,} columns; a sheet holds 16,384, so select some")
    cells = Cells(table, formats)
    rows = zip(*(table.table.column(column.name) for column in table.kinds), strict=True)
    count, done = len(table.table), 0
    sums = cells.sums()
    room = rows_per_sheet - 1
    while True:
        left = count - done
        # The sums need room below the last rows.
        here = min(left, room) if left > room or left + len(sums) > room else left
        name = names.take(table.title)
        sheet = book.add_worksheet(name)
        cells.begin(sheet, heads_of(table), here)
        for at in range(1, here + 1):
            cells.write(sheet, at, next(rows))
            if progress is not None and (done + at) % _EVERY == 0:
                progress(done + at, count, f"rows of {table.title!r} in Excel")
        done += here
        if done == count and here + len(sums) <= room:
            for at, row in enumerate(sums, start=here + 1):
                cells.write_sum(sheet, at, row, words.total)
            yield name, cells.take_long()
            return
        yield name, cells.take_long()


def _xlsxwriter() -> ModuleType:
    try:
        import xlsxwriter
    except ImportError as missing:
        raise MissingExtra("reports", "xlsxwriter") from missing
    return xlsxwriter
