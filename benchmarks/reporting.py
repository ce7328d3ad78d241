"""The column of agentkit, where it writes reports. Its writers read their files back, and that counts too."""

from datetime import UTC, datetime
from time import perf_counter

from agentkit.data import Chart, Column, Report, ReportTable, Section, Table, write_excel, write_pdf
from agentkit.money import Money

from .sample import Sample, scratch
from .sold import COLUMNS, bars, rows


def report(size: int, *, chart: bool) -> Report:
    kinds = ("text", "date", "integer", "money", "code", "text")
    columns = [
        Column(name=name, kind=kind, currency="USD" if kind == "money" else None)
        for name, kind in zip(COLUMNS, kinds, strict=True)
    ]
    cells = [(*row[:3], Money.from_minor(row[3], "USD"), *row[4:]) for row in rows(size)]
    sold = ReportTable(table=Table.of(columns, cells), title="Sales")
    parts: tuple[Chart | ReportTable, ...] = (sold,)
    if chart:
        shown = Table.of(
            [Column(name="artist"), Column(name="revenue", kind="money", currency="USD")],
            [(name, Money.from_minor(cents, "USD")) for name, cents in bars()],
        )
        parts = (Chart(kind="bar", title="Revenue", table=shown, labels="artist", values=("revenue",)), sold)
    return Report(title="Sales", created=datetime(2025, 1, 31, tzinfo=UTC), sections=(Section(parts=parts),))


def report_excel(size: int) -> Sample:
    made = report(size, chart=False)
    with scratch() as folder:
        start = perf_counter()
        written = write_excel(made, folder / "sales.xlsx")
        seconds = perf_counter() - start
    assert written.size > size
    return Sample(size, seconds)


def report_pdf(size: int) -> Sample:
    made = report(size, chart=True)
    with scratch() as folder:
        start = perf_counter()
        written = write_pdf(made, folder / "sales.pdf")
        seconds = perf_counter() - start
    assert written.size > size
    return Sample(size, seconds)
