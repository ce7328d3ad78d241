"""The cells of a table in Excel, as the XML that they are in its file.

Rules: the workbook around them is made by xlsxwriter, the rows of tables are written here, as calling it for every cell
would take most of the time; a number is written with its own digits and never becomes a float.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias
from xml.sax.saxutils import escape

from agentkit.data.reports.report import ReportTable
from agentkit.data.reports.texts import is_runnable, plain
from agentkit.data.tables.kinds import Cell, Column
from agentkit.errors import ReportError
from agentkit.money import Money

from .sheets import LONGEST_TEXT, column_letters

__all__ = ["Look", "RowWriter", "is_exact", "is_long", "looks_of", "places_of", "shape_of"]

Look: TypeAlias = tuple[tuple[str, object], ...]
"""How a cell looks: properties of a format of xlsxwriter, in order of their names."""

_Encoder: TypeAlias = Callable[[Cell], str]

_DIGITS = 15
_MOST_PLACES = 15
_LARGEST = 300
_LIMIT: Final = 10**_DIGITS
# Excel believes that 1900 was a leap year; from here on its days are right.
_FIRST_DAY = date(1900, 3, 1)
_DAY_ZERO = date(1899, 12, 30).toordinal()
_ESCAPED_BY_EXCEL = re.compile(r"(_x[0-9A-Fa-f]{4}_)")
_REMEMBERED = 20_000
_SUM: Final[dict[str, object]] = {"bold": True, "top": 1, "top_color": "#1f4e79"}


def is_exact(value: Decimal) -> bool:
    """Whether Excel keeps all digits of a number."""
    if not value.is_finite():
        return False
    if not value:
        return True
    digits = len("".join(map(str, value.as_tuple().digits)).rstrip("0"))
    return digits <= _DIGITS and -_LARGEST < value.adjusted() < _LARGEST


def is_long(cell: Cell) -> bool:
    """Whether a cell holds a number that is written as text, as Excel would change it."""
    if isinstance(cell, Money):
        return not -_LIMIT < cell.minor < _LIMIT and not is_exact(cell.amount)
    if isinstance(cell, int):
        return not -_LIMIT < cell < _LIMIT and not is_exact(Decimal(cell))
    return isinstance(cell, Decimal) and not is_exact(cell)


def places_of(table: ReportTable, column: Column) -> int:
    """The most decimals that a number of a column has."""
    if column.kind != "decimal":
        return 0
    cells = table.table.column(column.name)
    places = (-int(cell.as_tuple().exponent) for cell in cells if isinstance(cell, Decimal) and cell.is_finite())
    return min(max(places, default=0), _MOST_PLACES)


def shape_of(places: int, currency: str = "") -> str:
    """How Excel writes numbers with so many decimals, behind their currency."""
    number = f"#,##0.{'0' * places}" if places else "#,##0"
    return f"[${currency}]\u00a0{number}" if currency else number


def looks_of(table: ReportTable) -> list[Look]:
    """All looks that the cells of a table can have."""
    looks: list[Look] = []
    for extra in ({}, _SUM):
        looks += [_look({}, extra), _look({"quote_prefix": True}, extra), _long(extra)]
        for column in table.kinds:
            if column.kind == "money":
                codes = {cell.currency for cell in table.table.column(column.name) if isinstance(cell, Money)}
                looks += [_amount(column, money.code, money.places, extra) for money in sorted(codes, key=str)]
            elif column.kind in ("integer", "decimal"):
                looks.append(_look({"num_format": shape_of(places_of(table, column))}, extra))
            elif column.kind == "date":
                looks.append(_look({"num_format": "yyyy-mm-dd", "align": "left"}, extra))
    return list(dict.fromkeys(looks))


class RowWriter:
    """Writes rows of one table.

    Args:
        table: The table.
        styles: The number of each look in the workbook.
    """

    def __init__(self, table: ReportTable, styles: Mapping[Look, str]) -> None:
        self._table = table
        self._styles = styles
        self._letters = [column_letters(place) for place in range(len(table.kinds))]
        self._texts: dict[str, str] = {}
        self._encoders = [self._encoder(column, {}) for column in table.kinds]

    def row(self, number: int, cells: Sequence[Cell]) -> str:
        """One row, counted from 1."""
        written = [
            f'<c r="{letters}{number}"{encode(cell)}</c>'
            for letters, encode, cell in zip(self._letters, self._encoders, cells, strict=True)
            if cell is not None
        ]
        return f'<row r="{number}">{"".join(written)}</row>'

    def sums(self, number: int, cells: Sequence[Cell], word: str) -> str:
        """A row of sums."""
        kinds = self._table.kinds
        free = next((place for place, column in enumerate(kinds) if column.name not in self._table.totals), None)
        written: list[str] = []
        for place, (letters, column, cell) in enumerate(zip(self._letters, kinds, cells, strict=True)):
            encoded = f' s="{self._styles[_look({}, _SUM)]}">'
            if cell is not None:
                encoded = self._encoder(column, _SUM)(cell)
            elif place == free:
                encoded = self._text_of(_look({}, _SUM), word)
            written.append(f'<c r="{letters}{number}"{encoded}</c>')
        return f'<row r="{number}">{"".join(written)}</row>'

    def _encoder(self, column: Column, extra: Mapping[str, object]) -> _Encoder:
        match column.kind:
            case "money":
                return self._amounts(column, extra)
            case "integer" | "decimal":
                return self._numbers(column, extra)
            case "date":
                return self._days(extra)
            case "boolean":
                return lambda cell: f' t="b"><v>{int(bool(cell))}</v>'
            case "text" | "code":
                return self._words(column, extra)

    def _amounts(self, column: Column, extra: Mapping[str, object]) -> _Encoder:
        starts: dict[str, str] = {}

        def encode(cell: Cell) -> str:
            assert isinstance(cell, Money)
            code = cell.currency.code
            if (start := starts.get(code)) is None:
                look = _amount(column, code, cell.currency.places, extra)
                start = starts[code] = f' s="{self._styles[look]}"><v>'
            if not is_long(cell):
                return f"{start}{cell.amount:f}</v>"
            return self._long_number(f"{cell.amount:f}" if column.currency else f"{cell.amount:f} {code}", extra)

        return encode

    def _numbers(self, column: Column, extra: Mapping[str, object]) -> _Encoder:
        look = _look({"num_format": shape_of(places_of(self._table, column))}, extra)
        start = f' s="{self._styles[look]}"><v>'

        def encode(cell: Cell) -> str:
            if isinstance(cell, int):
                return self._long_number(str(cell), extra) if is_long(cell) else f"{start}{cell}</v>"
            assert isinstance(cell, Decimal)
            told = f"{cell:f}" if cell.is_finite() and abs(cell.adjusted()) < _LARGEST else str(cell)
            return self._long_number(told, extra) if is_long(cell) else f"{start}{told}</v>"

        return encode

    def _days(self, extra: Mapping[str, object]) -> _Encoder:
        start = f' s="{self._styles[_look({"num_format": "yyyy-mm-dd", "align": "left"}, extra)]}"><v>'

        def encode(cell: Cell) -> str:
            assert isinstance(cell, date)
            if cell < _FIRST_DAY:
                return self._text_of(_look({}, extra), cell.isoformat())
            return f"{start}{cell.toordinal() - _DAY_ZERO}</v>"

        return encode

    def _words(self, column: Column, extra: Mapping[str, object]) -> _Encoder:
        known = self._texts if not extra else {}
        usual = _look({}, extra)
        # A cell with this mark stays text when somebody edits it.
        marked = _look({"quote_prefix": True}, extra)

        def encode(cell: Cell) -> str:
            text = str(cell)
            encoded = known.get(text)
            if encoded is None:
                told = plain(text)
                self._check_length(column, told)
                encoded = self._text_of(marked if is_runnable(told) else usual, told)
                if len(known) < _REMEMBERED:
                    known[text] = encoded
            return encoded

        return encode

    def _long_number(self, text: str, extra: Mapping[str, object]) -> str:
        return self._text_of(_long(extra), text)

    def _text_of(self, look: Look, text: str) -> str:
        told = escape(text)
        if "_x" in told:
            told = _ESCAPED_BY_EXCEL.sub(r"_x005F\1", told)
        kept = ' xml:space="preserve"' if told != told.strip() or "\n" in told or "  " in told else ""
        style = self._styles[look]
        shown = f' s="{style}"' if style != "0" else ""
        return f'{shown} t="inlineStr"><is><t{kept}>{told}</t></is>'

    def _check_length(self, column: Column, text: str) -> None:
        if len(text) > LONGEST_TEXT // 2 and len(text.encode("utf-16-le")) > 2 * LONGEST_TEXT:
            raise ReportError(
                f"table {self._table.title!r}: a text of {column.name!r} has {len(text):,} letters, and a cell of Excel"
                f" holds {LONGEST_TEXT:,}; shorten it, or write CSV"
            )


def _look(looks: Mapping[str, object], extra: Mapping[str, object]) -> Look:
    return tuple(sorted({**looks, **extra}.items()))


def _long(extra: Mapping[str, object]) -> Look:
    return _look({"bg_color": "#ffe3a3", "align": "right"}, extra)


def _amount(column: Column, code: str, places: int, extra: Mapping[str, object]) -> Look:
    return _look({"num_format": shape_of(places, "" if column.currency else code)}, extra)
