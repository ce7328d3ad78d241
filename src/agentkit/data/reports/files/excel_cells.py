"""The cells of a table in Excel: what is a number, what is text, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from agentkit.data.reports.report import ReportTable
from agentkit.data.reports.texts import is_runnable, plain
from agentkit.data.tables.kinds import Cell, Column
from agentkit.errors import ReportError
from agentkit.money import Money

from .facts import sum_rows
from .sheets import LONGEST_TEXT

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["Cells", "Formats", "is_exact"]

_DIGITS = 15
_MOST_PLACES = 15
# Excel believes that 1900 was a leap year; from here on its days are right.
_FIRST_DAY = date(1900, 3, 1)
_Writer: TypeAlias = Callable[["Worksheet", int, int, Cell], None]


def is_exact(value: Decimal) -> bool:
    """Whether Excel keeps all digits of a number."""
    if not value.is_finite():
        return False
    digits = len(str(abs(int(value.scaleb(-int(value.as_tuple().exponent))))).rstrip("0")) if value else 0
    return digits <= _DIGITS and -300 < value.adjusted() < 300


class Formats:
    """The looks of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def get(self, **looks: object) -> Format:
        """The format with these looks."""
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(key))
        return self._made[key]


class Cells:
    """Writes the rows of one table.

    Args:
        table: The table.
        formats: The looks of its workbook.
    """

    def __init__(self, table: ReportTable, formats: Formats) -> None:
        self._table = table
        self._formats = formats
        self._long = 0
        self._places = [_places(table, column) for column in table.kinds]
        self._writers = [self._writer(place, {}) for place in range(len(table.kinds))]

    def sums(self) -> list[list[Cell]]:
        """The rows of sums at the end."""
        return sum_rows(self._table)

    def take_long(self) -> int:
        """How many numbers were written as text since it was asked last."""
        count, self._long = self._long, 0
        return count

    def begin(self, sheet: Worksheet, heads: Sequence[str], rows: int) -> None:
        """Write the head, keep it in sight, and make the columns wide enough."""
        head = self._formats.get(
            bold=True, font_color="#ffffff", bg_color="#1f4e79", valign="vcenter", text_wrap=True, border_color="#1f4e79"
        )
        for place, (text, column) in enumerate(zip(heads, self._table.kinds, strict=True)):
            sheet.set_column(place, place, self._width(column, text, place))
        sheet.set_row(0, 30)
        for place, text in enumerate(heads):
            sheet.write_string(0, place, text, head)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, rows, len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def write(self, sheet: Worksheet, row: int, cells: Sequence[Cell]) -> None:
        """Write one row."""
        for place, (writer, cell) in enumerate(zip(self._writers, cells, strict=True)):
            if cell is not None:
                writer(sheet, row, place, cell)

    def write_sum(self, sheet: Worksheet, row: int, cells: Sequence[Cell], word: str) -> None:
        """Write a row of sums."""
        looks = {"bold": True, "top": 1, "top_color": "#1f4e79"}
        kinds = self._table.kinds
        label = next((place for place, column in enumerate(kinds) if column.name not in self._table.totals), None)
        for place, cell in enumerate(cells):
            if cell is not None:
                self._writer(place, looks)(sheet, row, place, cell)
            elif place == label:
                sheet.write_string(row, place, word, self._formats.get(**looks))
            else:
                sheet.write_blank(row, place, None, self._formats.get(**looks))

    def _writer(self, place: int, looks: dict[str, object]) -> _Writer:
        column = self._table.kinds[place]
        match column.kind:
            case "money":
                return self._amounts(column, looks)
            case "integer" | "decimal":
                zeros = "0" * self._places[place]
                shape = f"#,##0.{zeros}" if zeros else "#,##0"
                return self._numbers(self._formats.get(num_format=shape, **looks), looks)
            case "date":
                return self._days(looks)
            case "boolean":
                return lambda sheet, row, at, cell: _done(sheet.write_boolean(row, at, bool(cell)))
            case "text" | "code":
                return self._texts(looks)

    def _amounts(self, column: Column, looks: dict[str, object]) -> _Writer:
        shapes: dict[str, Format] = {}

        def write(sheet: Worksheet, row: int, place: int, cell: Cell) -> None:
            assert isinstance(cell, Money)
            amount, code = cell.amount, cell.currency.code
            shape = shapes.get(code)
            if shape is None:
                zeros = "0" * cell.currency.places
                number = f"#,##0.{zeros}" if zeros else "#,##0"
                if column.currency is None:
                    number = f"[${code}]\u00a0{number}"
                shape = shapes[code] = self._formats.get(num_format=number, **looks)
            if is_exact(amount):
                sheet.write_number(row, place, float(amount), shape)
            else:
                self._write_long(sheet, row, place, f"{amount:f}" if column.currency else f"{amount:f} {code}", looks)

        return write

    def _numbers(self, shape: Format, looks: dict[str, object]) -> _Writer:
        def write(sheet: Worksheet, row: int, place: int, cell: Cell) -> None:
            assert isinstance(cell, (int, Decimal))
            value = Decimal(cell)
            if is_exact(value):
                sheet.write_number(row, place, float(value), shape)
            else:
                self._write_long(sheet, row, place, f"{value:f}" if value.is_finite() else str(value), looks)

        return write

    def _days(self, looks: dict[str, object]) -> _Writer:
        shape = self._formats.get(num_format="yyyy-mm-dd", align="left", **looks)

        def write(sheet: Worksheet, row: int, place: int, cell: Cell) -> None:
            assert isinstance(cell, date)
            if cell < _FIRST_DAY:
                sheet.write_string(row, place, cell.isoformat())
            else:
                sheet.write_datetime(row, place, datetime(cell.year, cell.month, cell.day), shape)  # noqa: DTZ001 - Excel knows no zones

        return write

    def _texts(self, looks: dict[str, object]) -> _Writer:
        usual = self._formats.get(**looks) if looks else None
        # A cell with this mark stays text when somebody edits it.
        marked = self._formats.get(quote_prefix=True, **looks)

        def write(sheet: Worksheet, row: int, place: int, cell: Cell) -> None:
            text = plain(str(cell))
            if len(text) > LONGEST_TEXT // 2 and len(text.encode("utf-16-le")) > 2 * LONGEST_TEXT:
                column = self._table.kinds[place].name
                raise ReportError(
                    f"table {self._table.title!r}, row {row}: the text of {column!r} has {len(text):,} letters, and a"
                    f" cell of Excel holds {LONGEST_TEXT:,}; shorten it, or write CSV"
                )
            sheet.write_string(row, place, text, marked if is_runnable(text) else usual)

        return write

    def _write_long(self, sheet: Worksheet, row: int, place: int, text: str, looks: dict[str, object]) -> None:
        self._long += 1
        sheet.write_string(row, place, text, self._formats.get(bg_color="#ffe3a3", align="right", **looks))

    def _width(self, column: Column, head: str, place: int) -> float:
        cells = self._table.table.column(column.name)
        sample = max((len(_sample(cell, self._places[place])) for cell in cells[:2000] if cell is not None), default=0)
        word = max(len(part) for part in head.split()) if head.split() else 0
        # The head has an arrow of the filter beside it.
        return float(min(max(sample + 2, word + 4, min(len(head), 16) + 2, 9), 60))


def _places(table: ReportTable, column: Column) -> int:
    """The most decimals that a number of the column has."""
    if column.kind != "decimal":
        return 0
    cells = table.table.column(column.name)
    places = (-int(cell.as_tuple().exponent) for cell in cells if isinstance(cell, Decimal) and cell.is_finite())
    return min(max(places, default=0), _MOST_PLACES) if len(cells) else 0


def _sample(cell: Cell, places: int) -> str:
    if isinstance(cell, Money):
        return f"{cell.amount:,f}    "
    if isinstance(cell, Decimal):
        return f"{cell:,.{places}f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _done(answer: object) -> None:
    """Forget what a call answers."""
    del answer
