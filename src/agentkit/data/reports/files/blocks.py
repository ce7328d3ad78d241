"""From a report to the blocks of its pages, as plain data that goes to typst as JSON, and in parts of a bearable size.

Rules: what is written is text and never markup; a table that is too long for one part goes on in the next ones, and
each says which rows it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from agentkit.data.reports.charts.chart import Chart
from agentkit.data.reports.charts.drawing import draw
from agentkit.data.reports.report import KeyFigures, Note, Paragraph, Part, Report, ReportTable
from agentkit.data.reports.texts import breakable, cell_text, plain
from agentkit.data.reports.words import Words, words_of
from agentkit.money import Locale, find_locale, format_decimal

from .facts import heads_of, sum_rows
from .layout import Group, groups_of

__all__ = ["Block", "Piece", "parts_of", "side_of", "sums_of", "table_texts"]

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"]
Block: TypeAlias = dict[str, Json]

MOST_CELLS = 9_000
"""The cells of one part: so many are set in about 130 MB."""

# A figure that is shown large is broken only where it would not fit on its tile.
_LONGEST_FIGURE = 34


@dataclass(slots=True)
class Piece:
    """One part of the pages.

    Attributes:
        blocks: What stands on them.
        tables: For each table on them, in order: which one of the report it is, and which of its columns it shows.
        texts: Everything that is written, to look for letters that no font has.
        cells: How many cells its tables have.
    """

    blocks: list[Block] = field(default_factory=list[Block])
    tables: list[tuple[int, tuple[int, ...]]] = field(default_factory=list[tuple[int, tuple[int, ...]]])
    texts: list[str] = field(default_factory=list[str])
    cells: int = 0

    def add(self, block: Block, *texts: str) -> None:
        """Put one more block below the others."""
        self.blocks.append(block)
        self.texts += texts


def parts_of(report: Report) -> Iterator[Piece]:
    """The pages of a report, in parts."""
    locale, words = find_locale(report.language), words_of(report.language)
    size = MOST_CELLS
    piece = Piece()
    number = 0
    for section in report.sections:
        level = 2 if section.title.strip() else 1
        if level == 2:
            piece.add({"kind": "heading", "text": plain(section.title)}, section.title)
        for part in section.parts:
            if not isinstance(part, ReportTable):
                _add_part(piece, part, level, locale, words)
                continue
            for slice_ in _slices(part, number, size, locale, words):
                if piece.cells and piece.cells + slice_.cells > size:
                    yield _levelled(piece)
                    piece = Piece()
                slice_.block["level"] = level
                piece.add(slice_.block, *slice_.texts)
                piece.tables.append((number, slice_.places))
                piece.cells += slice_.cells
            number += 1
    yield _levelled(piece)


@dataclass(frozen=True, slots=True)
class _Slice:
    block: Block
    places: tuple[int, ...]
    texts: list[str]
    cells: int


def _slices(table: ReportTable, number: int, size: int, locale: Locale, words: Words) -> Iterator[_Slice]:
    """Yield a table in slices: rows that fit into one part, columns that fit side by side."""
    heads = heads_of(table)
    texts = table_texts(table, locale, words)
    sums = sums_of(table, locale, words)
    groups = groups_of(
        table.shown, table.kinds, heads, [[*column, *(row[at] for row in sums)] for at, column in enumerate(texts)]
    )
    count = len(table.table)
    for group in groups:
        step = max(size // len(group.places), 1)
        step = step // 100 * 100 or step
        for begin in range(0, max(count, 1), step):
            end = min(begin + step, count)
            title = _title(table, (begin, end, count), group, len(heads), words, locale)
            block = _table_block(table, group, title, words)
            rows = [[breakable(texts[at][row]) for at in group.places] for row in range(begin, end)]
            block["head"] = [breakable(heads[at]) for at in group.places]
            block["rows"] = [list[Json](row) for row in rows]
            last = end == count
            foot = [[row[at] for at in group.places] for row in sums] if last and count else []
            block["totals"] = [list[Json](row) for row in foot]
            block["note"] = plain(table.note) if last and group is groups[-1] else ""
            written = [title, *(heads[at] for at in group.places), *(cell for row in (*rows, *foot) for cell in row)]
            yield _Slice(block, group.places, [*written, table.note], len(rows) * len(group.places))


def _table_block(table: ReportTable, group: Group, title: str, words: Words) -> Block:
    return {
        "kind": "table",
        "title": plain(title),
        "size": group.size,
        "flipped": group.flipped,
        "widths": list(group.widths),
        "aligns": [side_of(table, at) for at in group.places],
        "empty": words.no_rows,
    }


def _title(
    table: ReportTable, rows: tuple[int, int, int], group: Group, columns: int, words: Words, locale: Locale
) -> str:
    told = [table.title]
    begin, end, count = rows
    if end - begin < count:
        told.append(_span(words.rows, begin + 1, end, count, locale))
    if len(group.places) < columns:
        # Behind the first group, a group begins with the first column once more.
        first = group.places[0] if group.places[1:2] in ((), (1,)) else group.places[1]
        told.append(_span(words.columns, first + 1, group.places[-1] + 1, columns, locale))
    return " \u00b7 ".join(told)


def _span(template: str, first: int, last: int, count: int, locale: Locale) -> str:
    numbers = {"{first}": first, "{last}": last, "{all}": count}
    for place, number in numbers.items():
        template = template.replace(place, format_decimal(number, locale=locale))
    return template


def _add_part(piece: Piece, part: Part, level: int, locale: Locale, words: Words) -> None:
    match part:
        case Paragraph():
            text = breakable(plain(part.text))
            piece.add({"kind": "paragraph", "text": text}, text)
        case Note():
            text = breakable(plain(part.text))
            piece.add({"kind": "note", "warning": part.tone == "warning", "text": text}, text)
        case KeyFigures():
            entries = [(plain(entry.label), cell_text(entry.value, locale, words)) for entry in part.entries]
            told: list[Json] = [
                [breakable(label), breakable(value) if len(value) > _LONGEST_FIGURE else value]
                for label, value in entries
            ]
            piece.add({"kind": "totals", "entries": told}, *(text for entry in entries for text in entry))
        case Chart():
            drawing = draw(part, locale, words)
            block: Block = {"kind": "chart", "level": level, "title": plain(part.title), "svg": drawing.svg}
            block |= {"alt": plain(drawing.description), "note": plain(part.note)}
            piece.add(block, part.title, part.note, *drawing.texts)
        case ReportTable():  # pragma: no cover - tables are sliced by the caller
            pass


def _levelled(piece: Piece) -> Piece:
    """A part whose first heading is one of the first level: a part may begin in the middle of a section."""
    for block in piece.blocks:
        if block["kind"] == "heading":
            break
        if "level" in block:
            block["level"] = 1
    return piece


def table_texts(table: ReportTable, locale: Locale, words: Words) -> list[list[str]]:
    """What stands in the cells of a table, by column."""
    return [
        [
            _in_row(cell_text(cell, locale, words, with_currency=column.currency is None))
            for cell in table.table.column(column.name)
        ]
        for column in table.kinds
    ]


def sums_of(table: ReportTable, locale: Locale, words: Words) -> list[list[str]]:
    """The texts of the rows of sums at the end of a table."""
    free = next((at for at, column in enumerate(table.kinds) if column.name not in table.totals), None)
    rows: list[list[str]] = []
    for cells in sum_rows(table):
        texts = [
            cell_text(cell, locale, words, with_currency=column.currency is None)
            for cell, column in zip(cells, table.kinds, strict=True)
        ]
        if free is not None:
            texts[free] = words.total
        rows.append(texts)
    return rows


def side_of(table: ReportTable, place: int) -> str:
    """To which side the cells of a column lean: `left`, `right` or `center`."""
    shown, column = table.shown[place], table.kinds[place]
    side = shown.align or ("right" if column.kind in ("integer", "decimal", "money") else "left")
    return "center" if side == "centre" else side


def _in_row(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ") if "\n" in text or "\t" in text else text
