"""Read sales, rates and contracts. Nothing is judged here: cells stay the texts that they are."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import TypeAdapter

from agentkit import GiveUp

from .model import Contracts, Options, Rates, Row

COLUMNS = ("id", "date", "artist", "title", "country", "price", "quantity")

# What the rates call a currency; the euro's members have rows of their own there, of the currencies they had before.
SERIES = {
    "Australia": "AUD",
    "Brazil": "BRL",
    "Canada": "CAD",
    "Denmark": "DKK",
    "Euro": "EUR",
    "India": "INR",
    "Japan": "JPY",
    "Mexico": "MXN",
    "New Zealand": "NZD",
    "Norway": "NOK",
    "Singapore": "SGD",
    "Sweden": "SEK",
    "Switzerland": "CHF",
    "United Kingdom": "GBP",
}

# SQLite keeps a price as a binary fraction. Made text by SQLite itself, to 15 digits, it is exact again; rounding it to
# cents here would hide one that has more decimals.
SALES = """
    SELECT line.InvoiceLineId, date(invoice.InvoiceDate), artist.Name, track.Name, invoice.BillingCountry,
           'USD ' || line.UnitPrice, line.Quantity
    FROM InvoiceLine AS line
    JOIN Invoice AS invoice USING (InvoiceId)
    JOIN Track AS track USING (TrackId)
    LEFT JOIN Album AS album USING (AlbumId)
    LEFT JOIN Artist AS artist USING (ArtistId)
    ORDER BY line.InvoiceLineId
"""


def read_sales(source: Path) -> tuple[Row, ...]:
    """All rows of a CSV file, or of a database with Chinook's tables; the file's ending says which."""
    match source.suffix.lower():
        case ".csv":
            return tuple(_from_csv(source))
        case ".sqlite" | ".db":
            return tuple(_from_database(source))
        case other:
            raise GiveUp(f"{source}: sales are read from .csv, .sqlite or .db, not from {other or 'a nameless format'}")


def read_rates(options: Options) -> Rates:
    """The rates of the period's months."""
    months: dict[str, dict[str, Decimal]] = {}
    for row in _records(options.rates):
        day = date.fromisoformat(row["Date"])
        if options.covers(day) and (currency := SERIES.get(row["Country"])):
            months.setdefault(f"{day:%Y-%m}", {})[currency] = Decimal(row["Exchange rate"])
    return Rates(per_dollar=months, source=options.rates.name)


def read_contracts(source: Path) -> Contracts:
    """The share of every artist who has a contract."""
    return TypeAdapter(Contracts).validate_python({row["artist"]: row["share"] for row in _records(source)})


def _from_csv(source: Path) -> Iterator[Row]:
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != COLUMNS:
            raise GiveUp(f"{source}: the first line must be {','.join(COLUMNS)}")
        for cells in reader:
            yield Row(reader.line_num, tuple(cells))


def _from_database(source: Path) -> Iterator[Row]:
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        for line, cells in enumerate(connection.execute(SALES), start=1):
            yield Row(line, tuple("" if cell is None else str(cell) for cell in cells))


def _records(source: Path) -> Iterator[dict[str, str]]:
    with source.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
