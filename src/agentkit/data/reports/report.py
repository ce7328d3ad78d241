"""What a report is: its title, and sections of text, notes, tables, charts and totals.

Rules: a report is one value that never changes, and says nothing of files; every format is written from it, so all of
them say the same. Times come in as values: the same report makes the same bytes, whenever it is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.table import Table
from agentkit.errors import MoneyError, ReportError
from agentkit.money import find_locale

from .charts.chart import Chart

__all__ = [
    "Align",
    "KeyFigure",
    "KeyFigures",
    "Note",
    "Paragraph",
    "Part",
    "Report",
    "ReportColumn",
    "ReportTable",
    "Section",
]

Align: TypeAlias = Literal["left", "right", "centre"]
"""To which side the cells of a column lean."""

ADDABLE = frozenset({"integer", "decimal", "money"})
"""The kinds of columns that can be summed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Text for people. It is text and nothing else: no markup is read out of it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What readers must not overlook.

    Attributes:
        text: What it says.
        tone: Whether it explains or warns.
    """

    text: str
    tone: Literal["information", "warning"] = "information"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A figure with its name, such as `Revenue` and 12,345.67 USD."""

    label: str
    value: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """The figures that readers look for first, shown large.

    Raises:
        ReportError: There are none.
    """

    entries: tuple[KeyFigure, ...]

    def __post_init__(self) -> None:
        if not self.entries:
            raise ReportError("Totals without entries: give at least one KeyFigure, or leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumn:
    """How a report shows a column of a table.

    Attributes:
        name: The column in the table.
        title: What stands above it; its name if empty.
        align: To which side its cells lean; None for what suits its kind: numbers right, dates and texts left.
        width: Its share of the width of a page, compared with the other columns; None to find it out by what it holds.
    """

    name: str
    title: str = ""
    align: Align | None = None
    width: float | None = None

    @property
    def heading(self) -> str:
        """What stands above it."""
        return self.title or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table as a report shows it.

    Attributes:
        table: The rows.
        title: What stands above it; in Excel also the name of its sheet, in CSV that of its file.
        columns: The columns to show, in this order; empty for all.
        totals: Columns to sum in rows at the end: one row, or one for each currency where amounts have several.
        note: What stands below it.

    Raises:
        ReportError: The title is empty, a column is shown twice, a width is not above 0, or what is to be summed is
            not shown or no number.
        ColumnMissing: The table has no column of a name.

    Example:
        >>> from agentkit.data import Column, Table
        >>> sales = Table.of([Column(name="artist"), Column(name="sold", kind="integer")], [("Ibis", 3), ("Oak", 4)])
        >>> ReportTable(table=sales, title="Sales", totals=("sold",)).shown[1].heading
        'sold'
    """

    table: Table
    title: str
    columns: tuple[ReportColumn, ...] = ()
    totals: tuple[str, ...] = ()
    note: str = ""
    kind: Literal["table"] = field(default="table", init=False)

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ReportError("a table of a report needs a title: its sheet and its file are called after it")
        names = [column.name for column in self.shown]
        if not names:
            raise ReportError(f"table {self.title!r} has no columns: name at least one")
        if len(set(names)) != len(names):
            raise ReportError(f"table {self.title!r} shows a column twice: {', '.join(names)}")
        for column in self.shown:
            self.table.find(column.name)
            if column.width is not None and not 0 < column.width < 1e6:
                raise ReportError(f"table {self.title!r}: column {column.name!r} needs a width above 0")
        for name in self.totals:
            if name not in names or self.table.find(name).kind not in ADDABLE:
                raise ReportError(f"table {self.title!r} cannot sum {name!r}: name a column of numbers that it shows")

    @property
    def shown(self) -> tuple[ReportColumn, ...]:
        """The columns that are shown, in order."""
        return self.columns or tuple(ReportColumn(name=name) for name in self.table.names)

    @property
    def kinds(self) -> tuple[Column, ...]:
        """What the columns that are shown hold."""
        return tuple(self.table.find(column.name) for column in self.shown)


Part: TypeAlias = Paragraph | Note | KeyFigures | ReportTable | Chart
"""What a section is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Some parts under one heading.

    Attributes:
        title: The heading; empty for none.
        parts: What stands below it, in order.
    """

    title: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report says; see the writers for its files.

    Attributes:
        title: What it is called.
        created: When it was made, with its time zone. It stands in every file.
        sections: What it says, in order.
        subtitle: What stands below the title.
        period: The time that it is about, such as `2024`.
        language: The locale whose numbers and words it uses, such as `en-US` or `de-DE`.
        author: Who made it.

    Raises:
        ReportError: The title is empty, the time has no time zone, two tables have the same title, or the language is
            not known.
        MissingExtra: The language is not built in, and Babel is not installed.

    Example:
        >>> made = datetime(2025, 1, 31, 9, 0, tzinfo=UTC)
        >>> report = Report(title="Royalties", created=made, sections=(Section(parts=(Paragraph(text="Hello"),)),))
        >>> report.period
        ''
    """

    title: str
    created: datetime
    sections: tuple[Section, ...] = ()
    subtitle: str = ""
    period: str = ""
    language: str = "en-US"
    author: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ReportError("a report needs a title")
        if self.created.tzinfo is None or self.created.utcoffset() is None:
            raise ReportError("created needs a time zone: datetime(..., tzinfo=UTC)")
        if not 1980 <= self.created.astimezone(UTC).year <= 2107:
            raise ReportError(f"created is {self.created.year}: files know the years 1980 to 2107")
        titles = Counter(table.title.casefold() for table in self.tables)
        if twice := sorted(title for title, times in titles.items() if times > 1):
            raise ReportError(f"two tables are called {twice[0]!r}: give each a title of its own")
        try:
            find_locale(self.language)
        except MoneyError as unknown:
            raise ReportError(f"language: {unknown}") from unknown

    @property
    def parts(self) -> Sequence[Part]:
        """All parts, in order."""
        return [part for section in self.sections for part in section.parts]

    @property
    def tables(self) -> tuple[ReportTable, ...]:
        """All tables, in order."""
        return tuple(part for part in self.parts if isinstance(part, ReportTable))

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All charts, in order."""
        return tuple(part for part in self.parts if isinstance(part, Chart))
