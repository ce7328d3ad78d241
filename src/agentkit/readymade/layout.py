"""How a report is laid out, as plain data: sections of figures, texts, tables and charts, by the names of tables.

Rules: it names tables and columns, and holds no data; what it names has to be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agentkit.data import (
    Chart,
    Column,
    Declared,
    KeyFigure,
    KeyFigures,
    Note,
    Paragraph,
    Report,
    ReportColumn,
    ReportTable,
    Section,
    Table,
    Total,
)
from agentkit.errors import InputError

__all__ = ["ChartLayout", "EachLayout", "FigureLayout", "ReportLayout", "SectionLayout", "TableLayout", "report_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLayout(Declared):
    """A figure that stands out: a total of a column, or how many rows there are.

    Attributes:
        label: What it is.
        table: Of which table.
        column: The column that is totalled; None counts the rows.
        total: How it is totalled.
    """

    label: str
    table: str
    column: str | None = None
    total: Literal["sum", "count", "min", "max"] = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout(Declared):
    """A table.

    Attributes:
        table: Which table.
        title: What stands above it.
        columns: Which columns, in order; empty for all.
        headings: What columns are called in print, by their names.
        totals: Columns that are summed at the end.
        note: What stands below it.
    """

    table: str
    title: str
    columns: tuple[str, ...] = ()
    headings: Mapping[str, str] | None = None
    totals: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EachLayout(Declared):
    """A table for each value of a column, such as a statement for each artist.

    Attributes:
        table: Which table.
        by: The column; its value is the title.
        columns: Which columns, in order; empty for all but that one.
        headings: What columns are called in print, by their names.
        totals: Columns that are summed at the end of each.
    """

    table: str
    by: str
    columns: tuple[str, ...] = ()
    headings: Mapping[str, str] | None = None
    totals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLayout(Declared):
    """A chart.

    Attributes:
        kind: How it looks.
        title: What stands above it.
        table: Which table.
        labels: The column that names bars, points or slices.
        values: The columns that are drawn.
        names: What they are called in the picture.
        most: How many bars or slices at most; the others are one.
        note: What stands below it.
    """

    kind: Literal["bar", "line", "pie"]
    title: str
    table: str
    labels: str
    values: tuple[str, ...]
    names: tuple[str, ...] = ()
    most: int = 20
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLayout(Declared):
    """A section: what it has stands in this order.

    Attributes:
        title: Its heading.
        text: Paragraphs.
        figures: Figures that stand out.
        insights: Whether the statements of stages before stand here.
        charts: Charts.
        tables: Tables.
        each: Tables for each value of a column.
        note: A remark.
    """

    title: str = ""
    text: tuple[str, ...] = ()
    figures: tuple[FigureLayout, ...] = ()
    insights: bool = False
    charts: tuple[ChartLayout, ...] = ()
    tables: tuple[TableLayout, ...] = ()
    each: tuple[EachLayout, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLayout(Declared):
    """A report; in its texts, `{name}` is a parameter of the operation.

    Attributes:
        title: What it is called.
        sections: What it says, in order.
        subtitle: What stands below the title.
        language: Whose numbers and words it uses, such as `en-US` or `de-DE`.
        author: Who made it.
    """

    title: str
    sections: tuple[SectionLayout, ...]
    subtitle: str = ""
    language: str = "en-US"
    author: str = ""

    @property
    def tables(self) -> frozenset[str]:
        """The names of the tables that it needs."""
        return frozenset(name for section in self.sections for name in _tables_of(section))


def _tables_of(section: SectionLayout) -> Iterator[str]:
    yield from (each.table for each in section.figures)
    yield from (each.table for each in section.charts)
    yield from (each.table for each in section.tables)
    yield from (each.table for each in section.each)


def report_of(
    layout: ReportLayout, tables: Mapping[str, Table], *, statements: Iterable[str], created: datetime
) -> Report:
    """The report of a layout.

    Args:
        layout: What it looks like.
        tables: The tables, by name.
        statements: What was found out, for sections with insights.
        created: When it is made, with a time zone.

    Raises:
        InputError: It names a table that is not there.
        ColumnMissing: It names a column that is not there.
        ReportError: What it asks for cannot be shown.
    """
    missing = sorted(layout.tables - tables.keys())
    if missing:
        raise InputError(f"the report names the table {missing[0]!r}; there are: {', '.join(sorted(tables)) or 'none'}")
    said = tuple(statements)
    # Titles that the layout gives stand as they are; those that come from data give way to them.
    titles = _Titles(each.title for section in layout.sections for each in section.tables)
    return Report(
        title=layout.title,
        subtitle=layout.subtitle,
        language=layout.language,
        author=layout.author,
        created=created,
        sections=tuple(
            Section(title=section.title, parts=tuple(_parts(section, tables, said, titles)))
            for section in layout.sections
        ),
    )


class _Titles:
    """The titles of tables: a report has each once, however its letters are written."""

    def __init__(self, given: Iterable[str]) -> None:
        self._taken = {title.casefold() for title in given}

    def take(self, wanted: str) -> str:
        """The title, with a number if there is one like it: what somebody in the data is called stops no report."""
        wanted = wanted.strip() or "(empty)"
        number, title = 1, wanted
        while title.casefold() in self._taken:
            number += 1
            title = f"{wanted} ({number})"
        self._taken.add(title.casefold())
        return title


def _parts(
    section: SectionLayout, tables: Mapping[str, Table], statements: tuple[str, ...], titles: _Titles
) -> Iterator[Paragraph | Note | KeyFigures | ReportTable | Chart]:
    yield from (Paragraph(text=text) for text in section.text)
    if section.figures:
        yield KeyFigures(entries=tuple(_figure(each, tables[each.table]) for each in section.figures))
    if section.insights:
        yield from (Paragraph(text=text) for text in statements)
    for chart in section.charts:
        yield Chart(
            kind=chart.kind,
            title=chart.title,
            table=tables[chart.table],
            labels=chart.labels,
            values=chart.values,
            names=chart.names,
            most=chart.most,
            note=chart.note,
        )
    for each in section.tables:
        yield ReportTable(
            table=tables[each.table],
            title=each.title,
            columns=_columns(each.columns or tables[each.table].names, each.headings),
            totals=each.totals,
            note=each.note,
        )
    for split in section.each:
        yield from _each(split, tables[split.table], titles)
    if section.note:
        yield Note(text=section.note)


def _figure(layout: FigureLayout, table: Table) -> KeyFigure:
    if layout.column is None:
        return KeyFigure(label=layout.label, value=len(table))
    total = Total(column=layout.column, kind=layout.total, name="total")
    (value,) = table.group([], [total]).column("total") if len(table) else (None,)
    return KeyFigure(label=layout.label, value=value)


def _columns(names: Iterable[str], headings: Mapping[str, str] | None) -> tuple[ReportColumn, ...]:
    titles = headings or {}
    return tuple(ReportColumn(name=name, title=titles.get(name, "")) for name in names)


def _each(layout: EachLayout, table: Table, titles: _Titles) -> Iterator[ReportTable]:
    column: Column = table.find(layout.by)
    places: dict[object, list[int]] = {}
    for index, cell in enumerate(table.column(column.name)):
        places.setdefault(cell, []).append(index)
    shown = layout.columns or tuple(name for name in table.names if name != layout.by)
    for value, rows in places.items():
        yield ReportTable(
            table=table.take(rows),
            title=titles.take("" if value is None else str(value)),
            columns=_columns(shown, layout.headings),
            totals=layout.totals,
        )
