"""The column of agentkit, where it works on tables."""

import csv
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from agentkit.data import (
    Column,
    Convert,
    EngineName,
    Field,
    Operation,
    Party,
    Schema,
    Share,
    Table,
    clean,
    dedupe,
    process,
)
from agentkit.data.tables.origins import Origins
from agentkit.data.tables.python import PythonStorage
from agentkit.money import FinancialProcessor, Money

from .extraction import api, measured, offered
from .messy import write_sales
from .money import RATE, cents
from .sample import CannotError, Sample, scratch

SALES = Schema(
    fields=[
        Field(name="id", kind="code", required=True),
        Field(name="date", kind="date", required=True),
        Field(name="artist", required=True),
        Field(name="country"),
        Field(name="price", kind="money", currency="USD", required=True, empty=["n/a"]),
        Field(name="quantity", kind="integer", min=1),
    ]
)

FIRST_DAY = date(2024, 1, 1)


def _read_python(path: Path) -> Table:
    """The columns of a file as texts."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        names = next(rows)
        columns: list[list[str]] = [[] for _ in names]
        while chunk := list(islice(rows, 500)):
            for column, cells in zip(columns, zip(*chunk, strict=True), strict=True):
                column.extend(cells)
    storage = PythonStorage(dict(zip(names, columns, strict=True)), len(columns[0]))
    return Table([Column(name=name) for name in names], storage, Origins.of(path.name, range(2, storage.height + 2)))


def _read_polars(path: Path) -> Table:
    try:
        import polars as pl
    except ImportError as missing:
        raise CannotError("polars is not installed") from missing
    return Table.of_frame(pl.read_csv(path, infer_schema=False), source=path.name)


def _cleaned(size: int, engine: EngineName) -> Sample:
    read = _read_polars if engine == "polars" else _read_python
    with scratch() as directory:
        path = directory / "sales.csv"
        write_sales(path, size)
        start = perf_counter()
        found = clean(read(path), SALES)
        kept = dedupe(found.table, ["id"])
        seconds = perf_counter() - start
    assert kept.table.engine == engine
    assert len(kept.table) + len(kept.duplicates) + len(found.quarantine) == size
    return Sample(size, seconds)


def clean_polars(size: int) -> Sample:
    return _cleaned(size, "polars")


def clean_python(size: int) -> Sample:
    return _cleaned(size, "python")


def data_dedupe(size: int) -> Sample:
    ids = [(f"S{number * 7919 % (size - size // 50):07}",) for number in range(size)]
    table = Table.of([Column(name="id", kind="code")], ids)
    start = perf_counter()
    found = dedupe(table, ["id"])
    seconds = perf_counter() - start
    assert len(found.table) + len(found.duplicates) == size
    return Sample(size, seconds)


def money_polars(size: int) -> Sample:
    """12.5 % of a column of money that polars keeps."""
    price = Column(name="price", kind="money", currency="EUR")
    table = Table.of([price], [(Money.from_minor(minor, "EUR"),) for minor in cents(size)]).on("polars")
    start = perf_counter()
    shared = table.share("price", RATE, into="share", rounding="ROUND_HALF_EVEN")
    seconds = perf_counter() - start
    assert shared.take([1]).column("share")[0] == Money("9.90", "EUR")
    return Sample(size, seconds)


def _processed(size: int, operation: Operation) -> Sample:
    """Amounts of a hundred days, under an operation that nobody writes down."""
    columns = [Column(name="revenue", kind="money", currency="USD"), Column(name="day", kind="date")]
    rows = [
        (Money.from_minor(minor, "USD"), FIRST_DAY + timedelta(days=number % 100))
        for number, minor in enumerate(cents(size))
    ]
    table = Table.of(columns, rows, source="sales.csv")
    start = perf_counter()
    found = process(table, [operation], processor=FinancialProcessor())
    seconds = perf_counter() - start
    assert len(found.table) == size
    return Sample(size, seconds)


def data_share(size: int) -> Sample:
    parties = (Party(name="writer", percent="12.5"), Party(name="singer", percent="30"))
    return _processed(size, Share(column="revenue", parties=parties, remainder="label"))


def data_convert(size: int) -> Sample:
    days = [FIRST_DAY + timedelta(days=7 * week) for week in range(15)]
    rates = tuple(
        {"base": "USD", "quote": "EUR", "rate": "0.9211", "date": day.isoformat(), "source": "made up"} for day in days
    )
    return _processed(size, Convert(column="revenue", to="EUR", date="day", rates=rates))


def data_sources(size: int) -> Sample:
    """Four files and an API at the same time."""
    with offered(size) as (access, files, port):
        seconds, _ = measured([*files, api("api", port)], access)
    return Sample(size, seconds)
