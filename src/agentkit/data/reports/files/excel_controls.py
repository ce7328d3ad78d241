"""What the sheets of a workbook come to, read back from its XML."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from agentkit.data.reports.charts.scale import EXACT
from agentkit.data.reports.controls import ControlTotal, TableControl
from agentkit.data.reports.report import ADDABLE, Report, ReportTable
from agentkit.errors import ControlTotalWrong

from .facts import sum_rows
from .sheets import column_letters

__all__ = ["read_workbook", "sheet_files"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW = re.compile(rb'<row r="(\d+)"')
_CELL = re.compile(
    rb'<c r="([A-Z]+)(\d+)"(?: s="(\d+)")?(?: t="(\w+)")?>(?:<v>([^<]*)</v>|<is><t[^>]*>([^<]*)</t></is>)</c>'
)
_CODE = re.compile(r"\[\$([A-Z0-9]+)\]|([A-Z][A-Z0-9]+)$")
_CHUNK = 1 << 20


def read_workbook(path: Path, report: Report, places: Mapping[str, Sequence[str]]) -> dict[str, TableControl]:
    """What the tables in a workbook come to, by their titles.

    Args:
        path: The file.
        report: What was written.
        places: The sheets of each table, by its title.

    Raises:
        ControlTotalWrong: A cell that should hold a number holds none, or it is no workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = dict(sheet_files(archive))
            codes = _codes(archive)
            return {
                table.title: _read(archive, table, [sheets[name] for name in places[table.title]], codes)
                for table in report.tables
            }
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, EOFError) as error:
        raise ControlTotalWrong(
            f"{path.name} cannot be read back: {error!r}; nothing was kept, write it again"
        ) from error


def sheet_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet, and its file in the archive."""
    # These two files were written a moment ago by xlsxwriter, and name nothing outside of themselves.
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - see above
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - see above
    for sheet in book.iter(f"{_MAIN}sheet"):
        yield sheet.get("name", ""), "xl/" + targets[sheet.get(_REL, "")]


def _codes(archive: zipfile.ZipFile) -> list[str]:
    """The currency that each look of a cell shows; empty for none."""
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))  # noqa: S314 - written a moment ago
    shapes = {shape.get("numFmtId"): shape.get("formatCode", "") for shape in styles.iter(f"{_MAIN}numFmt")}
    looks = styles.find(f"{_MAIN}cellXfs")
    found = [_CODE.match(shapes.get(look.get("numFmtId"), "")) for look in (looks if looks is not None else ())]
    return [code[1] or "" if code else "" for code in found]


def _read(archive: zipfile.ZipFile, table: ReportTable, sheets: Sequence[str], codes: Sequence[str]) -> TableControl:
    numbers = {column_letters(at): column for at, column in enumerate(table.kinds) if column.kind in ADDABLE}
    sums: dict[tuple[str, str], Decimal] = {}
    rows, foot = 0, len(sum_rows(table))
    for sheet in sheets:
        last = rows_here = 0
        for rows_here, name, look, text in _cells(archive, sheet):
            last = max(last, rows_here)
            column = numbers.get(name)
            # Sums stand below the rows of the last sheet; they are told apart by their number.
            if column is None or rows_here == 1 or rows + rows_here - 1 > len(table.table):
                continue
            try:
                value = Decimal(text.split()[0])
            except (InvalidOperation, IndexError) as error:
                raise ControlTotalWrong(f"table {table.title!r}: {text!r} was read back for {column.name!r}") from error
            key = (column.name, "")
            if column.kind == "money":
                key = (column.name, column.currency or _code(text) or codes[look])
            sums[key] = EXACT.add(sums.get(key, Decimal()), value)
        rows += max(last - 1, 0)
    if rows < len(table.table):
        # Rows whose cells are all empty stand in no file, and rows of sums do.
        rows = _with_empty(table, rows)
    elif rows > len(table.table):
        rows -= foot
    totals = tuple(ControlTotal(column, code, value) for (column, code), value in sums.items())
    return TableControl(table.title, rows, totals)


def _with_empty(table: ReportTable, rows: int) -> int:
    """Count rows at the end that hold nothing."""
    empty = 0
    columns = [table.table.column(column.name) for column in table.kinds]
    for at in range(len(table.table) - 1, -1, -1):
        if any(column[at] is not None for column in columns):
            break
        empty += 1
    return rows + empty


def _cells(archive: zipfile.ZipFile, sheet: str) -> Iterator[tuple[int, str, int, str]]:
    """Yield the cells that hold something: their row, the letters of their column, their look and their text."""
    with archive.open(sheet) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            data = rest + chunk
            end = data.rfind(b"</c>") + 4
            if end < 4:
                rest = data
                continue
            for found in _CELL.finditer(data, 0, end):
                text = found[5] if found[5] is not None else found[6]
                yield int(found[2]), found[1].decode(), int(found[3] or 0), unescape(text.decode())
            rest = data[end:]


def _code(text: str) -> str:
    found = _CODE.search(text)
    return found[2] or "" if found else ""
