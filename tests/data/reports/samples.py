"""Reports to write: small ones, long ones, and some that are meant badly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from agentkit.data import (
    Chart,
    Column,
    KeyFigure,
    KeyFigures,
    Note,
    Paragraph,
    Part,
    Report,
    ReportTable,
    Section,
    Table,
)
from agentkit.money import Money

CREATED = datetime(2025, 1, 31, 9, 30, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money(amount, "USD")


def sales(rows: int = 12) -> Table:
    """Sales by artist and month, some of them refunds."""
    columns = [
        Column(name="artist"),
        Column(name="month", kind="date"),
        Column(name="streams", kind="integer"),
        Column(name="revenue", kind="money", currency="USD"),
        Column(name="rate", kind="decimal"),
        Column(name="paid", kind="boolean"),
    ]
    cells = [
        (
            f"Artist {number % 7}",
            date(2024, number % 12 + 1, 1),
            number * 137,
            Money.from_minor(number * 5113 % 99_999 - 5_000, "USD"),
            Decimal(number) / 8,
            number % 2 == 0,
        )
        for number in range(rows)
    ]
    return Table.of(columns, cells, source="sales.csv")


def amounts(*values: Money | None, name: str = "amount") -> Table:
    """A table of amounts in several currencies, each with a name."""
    columns = [Column(name="who"), Column(name=name, kind="money")]
    return Table.of(columns, [(f"No {number}", value) for number, value in enumerate(values, start=1)])


def texts(*values: str | None) -> Table:
    return Table.of([Column(name="name"), Column(name="sold", kind="integer")], [(value, 1) for value in values])


def report(*parts: Part, title: str = "Royalties", language: str = "en-US") -> Report:
    return Report(title=title, created=CREATED, language=language, sections=(Section(title="Part one", parts=parts),))


def table(rows: Table, title: str = "Sales", totals: Sequence[str] = ()) -> ReportTable:
    return ReportTable(table=rows, title=title, totals=tuple(totals))


def full_report(rows: int = 12, language: str = "en-US") -> Report:
    """A report with a part of each kind."""
    sold = sales(rows)
    opening = (
        KeyFigures(entries=(KeyFigure(label="Revenue", value=usd("477.53")), KeyFigure(label="Artists", value=165))),
        Paragraph(text="All amounts are in US dollars.\nShares sum to the total."),
        Note(text="Three rows are kept apart.", tone="warning"),
        Chart(kind="bar", title="Revenue", table=sold, labels="artist", values=("revenue",), most=5),
        Chart(kind="line", title="Streams", table=sold, labels="month", values=("streams",)),
    )
    listed = table(sold, "Sales by artist", ("streams", "revenue"))
    return Report(
        title="Royalty statement",
        subtitle="Sales by artist and month",
        period="2024",
        author="Example Records",
        created=CREATED,
        language=language,
        sections=(Section(title="Overview", parts=opening), Section(title="Sales", parts=(listed,))),
    )
