"""Sheets of Excel.

Rules: numbers come as Excel keeps them, as floats, and are read by their shortest text; a cell with an error such as
#DIV/0! is no empty cell, and its row goes to quarantine. Rows are counted as Excel shows them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Literal

from agentkit.data.issues import Quarantined
from agentkit.errors import DefinitionError, MissingExtra, SourceMalformed, SourceNotFound, SourceTooLarge

from .building import assemble, header_names, kept_apart
from .ports import Extracted
from .reading import Reading

if TYPE_CHECKING:
    import fastexcel

__all__ = ["ExcelSource"]

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_ERROR = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*\br="[A-Z]+([0-9]+)"[^>]*>.{0,2000}?<(?:\w+:)?v>([^<]*)', re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcelSource:
    """A sheet of a workbook: `.xlsx`, `.xlsm`, `.xlsb`, `.xls` or `.ods`.

    Attributes:
        name: What people call it.
        path: The file, below the folder that `Access` allows.
        sheet: Its name; the first one unless given.
        header_row: The row with the names of the columns, as Excel counts; what is above is left out.
        columns: Names to use instead of those of the header.
        optional: Whether the others count without it.

    Raises:
        DefinitionError: There is no such row.

    Example:
        >>> ExcelSource(name="sales", path="sales.xlsx", sheet="2024").header_row
        1
    """

    name: str
    path: str
    kind: Literal["excel"] = "excel"
    sheet: str | None = None
    header_row: int = 1
    columns: tuple[str, ...] | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        if self.header_row < 1:
            raise DefinitionError(f"source {self.name!r}: rows are counted from 1")

    def read(self, reading: Reading) -> Extracted:
        """Read the whole sheet.

        Raises:
            SourceError: It cannot be read, or there is no such sheet.
        """
        with reading.open(self.path) as stream:
            data = stream.read()
        reading.count_bytes(len(data))
        if not data:
            raise SourceMalformed("it is empty: 0 bytes")
        parts = _parts(data, reading)
        title, header, columns = self._sheet(data, reading)
        names = header_names(reading, header, self.columns)
        errors = _errors(parts, title, reading)
        first = self.header_row + 1
        numbers = range(first, first + (len(columns[0]) if columns else 0))
        keep, apart = _sorted(names, columns, numbers, errors, reading)
        values = {name: [own[row - first] for row in keep] for name, own in zip(names, columns, strict=True)}
        reading.count_rows(len(keep))
        table, bad = assemble(reading, values, keep)
        return Extracted(table=table, quarantine=tuple(sorted([*apart, *bad], key=lambda row: row.row)), format="excel")

    def _sheet(self, data: bytes, reading: Reading) -> tuple[str, list[str], list[list[object]]]:
        """The title of the sheet, the texts of its header, and the values of its columns."""
        try:
            import fastexcel
        except ImportError as error:
            raise MissingExtra("data", "fastexcel") from error
        try:
            book = fastexcel.read_excel(data)
            title = self._title(book, reading)
            load = book.load_sheet  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - of pyarrow
            top = load(title, header_row=None, skip_rows=0, n_rows=self.header_row, dtypes="string")
            head = top.to_polars().rows()[self.header_row - 1 :]
            columns: list[list[object]] = []
            if top.total_height > self.header_row:
                body = load(title, header_row=None, skip_rows=self.header_row, schema_sample_rows=None).to_polars()
                columns = [own.to_list() for own in body.get_columns()]
        except fastexcel.FastExcelError as error:
            raise SourceMalformed(f"it is no workbook that can be read: {str(error).splitlines()[0]}") from error
        if not head:
            raise SourceMalformed(f"sheet {title!r} has no row {self.header_row}, where its header should be")
        header = [str(cell) if cell is not None else "" for cell in head[0]]
        return title, header, columns or [[] for _ in header]

    def _title(self, book: fastexcel.ExcelReader, reading: Reading) -> str:
        if self.sheet is None:
            if len(book.sheet_names) > 1:
                reading.note(f"the workbook has {len(book.sheet_names)} sheets, and {book.sheet_names[0]!r} was taken")
            return book.sheet_names[0]
        if self.sheet not in book.sheet_names:
            raise SourceNotFound(f"there is no sheet {self.sheet!r}; there are {', '.join(book.sheet_names)}")
        return self.sheet


def _sorted(
    names: Sequence[str],
    columns: Sequence[Sequence[object]],
    numbers: Sequence[int],
    errors: Mapping[int, str],
    reading: Reading,
) -> tuple[list[int], list[Quarantined]]:
    """The numbers of rows that are kept, and the rows that hold errors; rows that hold nothing are neither."""
    keep: list[int] = []
    apart: list[Quarantined] = []
    for number, row in zip(numbers, zip(*columns, strict=True), strict=False):
        if number in errors:
            cells = {name: str(cell) for name, cell in zip(names, row, strict=True) if cell is not None}
            message = f"a cell shows {errors[number]}"
            apart.append(kept_apart(reading, number, {**cells, "": errors[number]}, "excel_error", message))
        elif any(cell is not None for cell in row):
            keep.append(number)
    return keep, apart


def _parts(data: bytes, reading: Reading) -> zipfile.ZipFile | None:
    """The parts of the workbook, if it has such; none of them may unpack to too much."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        return None
    size = sum(part.file_size for part in parts.infolist())
    if size > reading.limits.max_bytes:
        raise SourceTooLarge(f"it unpacks to {size:,} bytes, and {reading.limits.max_bytes:,} are allowed")
    return parts


def _errors(parts: zipfile.ZipFile | None, title: str, reading: Reading) -> dict[int, str]:
    """What cells with errors show, by row: the library gives them as empty cells."""
    if parts is None or "xl/workbook.xml" not in parts.namelist():
        reading.note("in this kind of workbook, cells with errors like #DIV/0! cannot be told from empty ones")
        return {}
    try:
        sheet = parts.read(_part_of(parts, title))
    except (KeyError, zipfile.BadZipFile) as error:
        raise SourceMalformed(f"it is no workbook that can be read: {error}") from error
    return {int(row): unescape(said.decode("utf-8", "replace")) for row, said in _ERROR.findall(sheet)}


def _part_of(parts: zipfile.ZipFile, title: str) -> str:
    """Where in the workbook a sheet is kept."""
    sheets = list(_attributes(_SHEET, parts.read("xl/workbook.xml")))
    relations = list(_attributes(_RELATION, parts.read("xl/_rels/workbook.xml.rels")))
    wanted = next(sheet for sheet in sheets if sheet.get("name") == title)
    relation = next(value for name, value in wanted.items() if name.endswith(":id"))
    target = next(found["Target"] for found in relations if found.get("Id") == relation)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _attributes(pattern: re.Pattern[bytes], text: bytes) -> Iterator[dict[str, str]]:
    for found in pattern.findall(text):
        yield {name.decode(): unescape(value.decode()) for name, value in _ATTRIBUTE.findall(found)}
