"""The first sheet of a workbook: what the report says outside of its tables."""

from __future__ import annotations

from decimal import Decimal

from agentkit.data.reports.report import KeyFigure, KeyFigures, Note, Paragraph, Report, ReportTable
from agentkit.data.reports.texts import cell_text, is_runnable, plain
from agentkit.data.reports.words import Words
from agentkit.money import Money, find_locale

from .excel_cells import is_exact, shape_of
from .facts import facts_of
from .sheets import LONGEST_TEXT
from .workbook import Formats, Sheet

__all__ = ["add_summary"]


def add_summary(sheet: Sheet, report: Report, words: Words, formats: Formats, *, long_numbers: int) -> None:
    """Write the title, the text, the notes and the figures; say how many numbers are text."""
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 1, 26)
    sheet.hide_gridlines(2)
    page = _Page(sheet, formats)
    page.write(report.title, bold=True, font_size=20, font_color="#1f4e79")
    if report.subtitle:
        page.write(report.subtitle, font_size=12, font_color="#5b6773")
    for fact in facts_of(report, words):
        page.write(fact, font_color="#5b6773")
    for section in report.sections:
        if section.title.strip():
            page.skip()
            page.write(section.title, bold=True, font_size=13, font_color="#1f4e79")
        for part in section.parts:
            if isinstance(part, Paragraph):
                page.write_long(part.text)
            elif isinstance(part, Note):
                page.write_long(f"{words.warning}: {part.text}" if part.tone == "warning" else part.text, italic=True)
            elif isinstance(part, KeyFigures):
                for entry in part.entries:
                    page.write_total(entry, report, words)
            elif (isinstance(part, ReportTable) and part.note) or part.note:
                page.write_long(f"{part.title}: {part.note}", font_color="#5b6773")
    if long_numbers:
        page.skip()
        page.write_long(words.exact.replace("{count}", f"{long_numbers:,}"), bg_color="#ffe3a3")


class _Page:
    """Writes lines below each other."""

    def __init__(self, sheet: Sheet, formats: Formats) -> None:
        self._sheet = sheet
        self._formats = formats
        self._row = 0

    def skip(self) -> None:
        self._row += 1

    def write(self, text: str, **looks: object) -> None:
        told = plain(text)[: LONGEST_TEXT // 2]
        if is_runnable(told):
            looks["quote_prefix"] = True
        self._sheet.write_string(self._row, 0, told, self._formats.get(**looks))
        self._row += 1

    def write_long(self, text: str, **looks: object) -> None:
        """Write a text in lines, so that none is lost behind the edge of its cell."""
        for line in plain(text).split("\n"):
            for piece in _wrapped(line, 110):
                self.write(piece, **looks)

    def write_total(self, entry: KeyFigure, report: Report, words: Words) -> None:
        value = entry.value
        looks: dict[str, object] = {"bold": True, "align": "right"}
        label = plain(entry.label)
        self._sheet.write_string(
            self._row, 0, label, self._formats.get(quote_prefix=True) if is_runnable(label) else None
        )
        number = value.amount if isinstance(value, Money) else value
        if isinstance(number, (int, Decimal)) and not isinstance(number, bool) and is_exact(Decimal(number)):
            places = max(0, -int(Decimal(number).as_tuple().exponent))
            shape = shape_of(places, value.currency.code if isinstance(value, Money) else "")
            self._sheet.write_number(self._row, 1, float(number), self._formats.get(num_format=shape, **looks))
        else:
            told = cell_text(value, find_locale(report.language), words)
            self._sheet.write_string(self._row, 1, told, self._formats.get(quote_prefix=True, **looks))
        self._row += 1


def _wrapped(line: str, width: int) -> list[str]:
    """A line in pieces of at most so many letters, broken between words where there are any."""
    pieces: list[str] = []
    while len(line) > width:
        at = line.rfind(" ", 0, width)
        at = at if at > 0 else width
        pieces.append(line[:at])
        line = line[at:].lstrip()
    return [*pieces, line]
