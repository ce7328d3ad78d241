"""A report as one page of HTML that needs nothing else: no script, no font and no picture from elsewhere.

Rules: every text is escaped, and the page itself forbids whatever could load or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape, unescape
from pathlib import Path

from agentkit.data.progress import Progress
from agentkit.data.reports.charts.chart import Chart
from agentkit.data.reports.charts.drawing import draw
from agentkit.data.reports.charts.scale import EXACT
from agentkit.data.reports.controls import ControlTotal, TableControl, check_controls, control_totals
from agentkit.data.reports.report import ADDABLE, KeyFigures, Note, Paragraph, Part, Report, ReportTable
from agentkit.data.reports.texts import cell_text, plain
from agentkit.data.reports.words import Words, words_of
from agentkit.errors import ControlTotalWrong
from agentkit.money import Locale, find_locale

from .blocks import side_of, sums_of
from .facts import facts_of, heads_of
from .pdf_controls import currency_in, number_in

__all__ = ["make_html"]

_STYLE = Path(__file__).with_name("report.css")
_EVERY = 5_000
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
_BODY = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)
_TEXT_DIRECTION = {"ar", "fa", "he", "ur"}


def make_html(report: Report, path: Path, *, progress: Progress | None = None) -> None:
    """Write a report as a page to a path that is not there yet, and compare its control totals.

    Raises:
        ControlTotalWrong: The file says something else than the report.
    """
    locale, words = find_locale(report.language), words_of(report.language)
    with path.open("w", encoding="utf-8", newline="\n", errors="replace") as file:
        file.writelines(_page(report, locale, words, progress))
    check_controls(path.name, control_totals(report), _read(report, path, locale))


def _page(report: Report, locale: Locale, words: Words, progress: Progress | None) -> Iterator[str]:
    tag = locale.tag
    side = "rtl" if tag.split("-")[0] in _TEXT_DIRECTION else "ltr"
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    yield f'<!doctype html>\n<html lang="{escape(tag)}" dir="{side}">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    style = _STYLE.read_text(encoding="utf-8")
    yield f"<title>{_said(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
    yield f'<main>\n<header>\n<h1 dir="auto">{_said(report.title)}</h1>\n'
    if report.subtitle:
        yield f'<p class="subtitle" dir="auto">{_said(report.subtitle)}</p>\n'
    yield f'<p class="facts">{" · ".join(_said(fact) for fact in facts_of(report, words))}</p>\n</header>\n'
    for section in report.sections:
        yield "<section>\n"
        if section.title.strip():
            yield f'<h2 dir="auto">{_said(section.title)}</h2>\n'
        for part in section.parts:
            yield from _part(part, locale, words, progress)
        yield "</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _part(part: Part, locale: Locale, words: Words, progress: Progress | None) -> Iterator[str]:
    match part:
        case Paragraph():
            yield f'<p dir="auto">{_said(part.text)}</p>\n'
        case Note():
            word = f"<strong>{_said(words.warning)}:</strong> " if part.tone == "warning" else ""
            yield f'<p class="note {part.tone}" role="note" dir="auto">{word}{_said(part.text)}</p>\n'
        case KeyFigures():
            yield '<dl class="totals">\n'
            for entry in part.entries:
                value = cell_text(entry.value, locale, words)
                yield f'<div><dt dir="auto">{_said(entry.label)}</dt><dd dir="auto">{_said(value)}</dd></div>\n'
            yield "</dl>\n"
        case Chart():
            yield f'<figure>\n<figcaption dir="auto">{_said(part.title)}</figcaption>\n'
            yield f"{draw(part, locale, words).svg}\n{_remark(part.note)}</figure>\n"
        case ReportTable():
            yield from _table(part, locale, words, progress)


def _table(table: ReportTable, locale: Locale, words: Words, progress: Progress | None) -> Iterator[str]:
    sides = [side_of(table, place) for place in range(len(table.shown))]
    starts = ['<td dir="auto">' if side == "left" else f'<td class="{side}">' for side in sides]
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{_said(table.title)}">\n<table>\n'
    yield f'<caption dir="auto">{_said(table.title)}</caption>\n<thead><tr>'
    for side, head in zip(sides, heads_of(table), strict=True):
        yield f'<th scope="col" class="{side}">{_said(head)}</th>'
    yield "</tr></thead>\n<tbody>\n"
    columns = [table.table.column(column.name) for column in table.kinds]
    coded = [column.currency is None for column in table.kinds]
    for number, row in enumerate(zip(*columns, strict=True), start=1):
        cells = (
            f"{start}{_said(cell_text(cell, locale, words, with_currency=with_code))}</td>"
            for start, cell, with_code in zip(starts, row, coded, strict=True)
        )
        yield f"<tr>{''.join(cells)}</tr>\n"
        if progress is not None and number % _EVERY == 0:
            progress(number, len(table.table), f"rows of {table.title!r} in HTML")
    yield "</tbody>\n"
    if sums := sums_of(table, locale, words):
        rows = ("".join(f"{start}{_said(cell)}</td>" for start, cell in zip(starts, row, strict=True)) for row in sums)
        yield f"<tfoot>\n{''.join(f'<tr>{row}</tr>' for row in rows)}\n</tfoot>\n"
    empty = "" if len(table.table) else f'<p class="remark">{_said(words.no_rows)}</p>\n'
    yield f"</table>\n{empty}{_remark(table.note)}</div>\n"


def _remark(note: str) -> str:
    return f'<p class="remark" dir="auto">{_said(note)}</p>\n' if note else ""


def _said(text: str) -> str:
    told = escape(plain(text))
    return told.replace("\n", "<br>") if "\n" in told else told


def _read(report: Report, path: Path, locale: Locale) -> dict[str, TableControl]:
    bodies = _BODY.findall(path.read_text(encoding="utf-8"))
    if len(bodies) != len(report.tables):
        raise ControlTotalWrong(f"{path.name} has {len(bodies)} tables, and the report has {len(report.tables)}")
    return {
        table.title: _control(table, _ROW.findall(body), locale)
        for table, body in zip(report.tables, bodies, strict=True)
    }


def _control(table: ReportTable, rows: Sequence[str], locale: Locale) -> TableControl:
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        for column, cell in zip(table.kinds, _CELL.findall(row), strict=True):
            if column.kind not in ADDABLE or not cell:
                continue
            text = unescape(cell)
            value = number_in(text, locale)
            if value is None:
                raise ControlTotalWrong(f"table {table.title!r}: {text!r} was read back for {column.name!r}")
            key = (column.name, currency_in(text, column))
            sums[key] = EXACT.add(sums.get(key, Decimal()), value)
    totals = tuple(ControlTotal(column, code, value) for (column, code), value in sums.items())
    return TableControl(table.title, len(rows), totals)
