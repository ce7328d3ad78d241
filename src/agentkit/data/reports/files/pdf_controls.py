"""What the tables of a report's PDF come to, by the letters on its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from agentkit.data.reports.charts.scale import EXACT
from agentkit.data.reports.controls import ControlTotal, TableControl
from agentkit.data.reports.report import ADDABLE, Report
from agentkit.data.reports.words import words_of
from agentkit.data.tables.kinds import Column
from agentkit.errors import ControlTotalWrong
from agentkit.money import Locale, find_locale

from .blocks import sums_of
from .pdf_reading import read_tables

__all__ = ["PdfRows", "currency_in", "number_in"]

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,}")
_SILENT = re.compile("[\u00a0\u202f\u2009 \u200b\u200e\u200f\u061c]")


class PdfRows:
    """Adds up what is read back, table by table."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._locale = find_locale(report.language)
        words = words_of(report.language)
        self._sums: list[dict[tuple[str, str], Decimal]] = [{} for _ in report.tables]
        self._rows: list[dict[int, int]] = [{} for _ in report.tables]
        self._foot = [sums_of(table, self._locale, words) for table in report.tables]

    def read(self, data: bytes, plan: Sequence[tuple[int, tuple[int, ...]]]) -> None:
        """Read the tables of a file.

        Args:
            data: The file.
            plan: For each of its tables, in order: which one of the report it is, and which columns it shows.

        Raises:
            ControlTotalWrong: There are more or fewer tables, or a cell that should hold a number holds none.
        """
        count = 0
        for count, table in enumerate(read_tables(data), start=1):
            if count > len(plan):
                break
            number, places = plan[count - 1]
            self._add(number, places, table.rows)
            expected = [[_bare(row[place]) for place in places] for row in self._foot[number]]
            if table.foot and [[_bare(cell) for cell in row] for row in table.foot] != expected:
                title = self._report.tables[number].title
                raise ControlTotalWrong(f"table {title!r}: the sums at its end are {table.foot}, not {expected}")
        if count != len(plan):
            raise ControlTotalWrong(f"the PDF has {count} tables, and {len(plan)} were written")

    def controls(self) -> Iterator[TableControl]:
        """What the tables come to."""
        for table, sums, rows in zip(self._report.tables, self._sums, self._rows, strict=True):
            totals = [ControlTotal(column, code, value) for (column, code), value in sums.items()]
            yield TableControl(table.title, min(rows.values(), default=0), tuple(totals))

    def _add(self, number: int, places: tuple[int, ...], rows: Sequence[Sequence[str]]) -> None:
        table = self._report.tables[number]
        sums = self._sums[number]
        for at, place in enumerate(places):
            counts = self._rows[number]
            if at == 0 and place == 0 and 1 in counts and 1 not in places:
                # The first column stands again before every further group.
                continue
            counts[place] = counts.get(place, 0) + len(rows)
            column = table.kinds[place]
            if column.kind not in ADDABLE:
                continue
            for row in rows:
                cell = row[at] if at < len(row) else "?"
                if not cell:
                    continue
                value = number_in(cell, self._locale)
                if value is None:
                    raise ControlTotalWrong(f"table {table.title!r}: {cell!r} was read back for {column.name!r}")
                key = (column.name, currency_in(cell, column))
                sums[key] = EXACT.add(sums.get(key, Decimal()), value)


def number_in(text: str, locale: Locale) -> Decimal | None:
    """The number that a locale wrote like this; None if it is none."""
    bare = _SILENT.sub("", _CODE.sub("", text))
    if locale.zero != "0":
        zero = ord(locale.zero)
        bare = bare.translate({zero + digit: ord("0") + digit for digit in range(10)} | {0x066B: ".", 0x066C: None})
    else:
        bare = bare.replace(locale.group, "").replace(locale.decimal, ".")
    negative = bare.startswith(("-", "\u2212"))
    bare = bare.lstrip("-\u2212").removesuffix("-")
    try:
        value = Decimal(bare) if bare[:1].isdigit() else None
    except InvalidOperation:
        value = None
    if value is None:
        return None
    return value.copy_negate() if negative else value


def currency_in(text: str, column: Column) -> str:
    """The currency of an amount that was written like this; empty for a number that is no amount."""
    if column.kind != "money":
        return ""
    if column.currency:
        return column.currency
    found = _CODE.search(text)
    return found[0] if found else "?"


def _bare(text: str) -> str:
    return _SILENT.sub("", text)
