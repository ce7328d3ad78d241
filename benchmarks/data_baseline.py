"""The baseline for tables: the loop that people write, with the standard library.

It strips what is no digit by a regular expression, so that it takes `1.234,50` for another number without a word.
"""

import csv
import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from time import perf_counter

from .messy import write_sales
from .sample import Sample, scratch

_NO_NUMBER = re.compile(r"[^0-9.\-]")


def _price(written: str) -> Decimal | None:
    text = written.strip()
    digits = _NO_NUMBER.sub("", text)
    if not digits:
        return None
    return -Decimal(digits) if text.startswith("(") else Decimal(digits)


def clean_polars(size: int) -> Sample:
    """`csv.reader`, a regular expression, `Decimal` and a set of ids."""
    with scratch() as directory:
        write_sales(directory / "sales.csv", size)
        start = perf_counter()
        kept: list[tuple[str, date, str, str, Decimal, int]] = []
        bad: list[list[str]] = []
        seen: set[str] = set()
        with (directory / "sales.csv").open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            for row in rows:
                price = _price(row[4])
                if price is None:
                    bad.append(row)
                elif row[0] not in seen:
                    seen.add(row[0])
                    name = " ".join(row[2].split())
                    kept.append((row[0], date.fromisoformat(row[1]), name, row[3], price, int(row[5])))
        seconds = perf_counter() - start
    assert len(kept) + len(bad) <= size
    return Sample(size, seconds)


def clean_python(size: int) -> Sample:
    """`csv.DictReader`, a regular expression, `Decimal` and a set of ids."""
    with scratch() as directory:
        write_sales(directory / "sales.csv", size)
        start = perf_counter()
        kept: list[dict[str, object]] = []
        bad: list[dict[str, str]] = []
        seen: set[str] = set()
        with (directory / "sales.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                price = _price(row["price"])
                if price is None:
                    bad.append(row)
                elif row["id"] not in seen:
                    seen.add(row["id"])
                    kept.append(_typed(row, price))
        seconds = perf_counter() - start
    assert len(kept) + len(bad) <= size
    return Sample(size, seconds)


def _typed(row: dict[str, str], price: Decimal) -> dict[str, object]:
    changed: Iterable[tuple[str, object]] = (
        ("date", date.fromisoformat(row["date"])),
        ("artist", " ".join(row["artist"].split())),
        ("price", price),
        ("quantity", int(row["quantity"])),
    )
    return {**row, **dict(changed)}


def data_dedupe(size: int) -> Sample:
    """A set of keys and a list of rows."""
    ids = [f"S{number * 7919 % (size - size // 50):07}" for number in range(size)]
    start = perf_counter()
    seen: set[str] = set()
    kept: list[int] = []
    for row, key in enumerate(ids):
        if key not in seen:
            seen.add(key)
            kept.append(row)
    seconds = perf_counter() - start
    assert 0 < len(kept) < size
    return Sample(size, seconds)


def _prices(size: int) -> list[Decimal]:
    return [Decimal(number * 7919 % 1_000_003).scaleb(-2) for number in range(size)]


def data_share(size: int) -> Sample:
    """Two shares rounded to cents, and the rest."""
    prices, cent = _prices(size), Decimal("0.01")
    start = perf_counter()
    shared: list[tuple[Decimal, Decimal, Decimal]] = []
    for price in prices:
        writer = (price * Decimal("0.125")).quantize(cent)
        singer = (price * Decimal("0.30")).quantize(cent)
        shared.append((writer, singer, price - writer - singer))
    seconds = perf_counter() - start
    assert len(shared) == size
    return Sample(size, seconds)


def data_convert(size: int) -> Sample:
    """A rate by its day, looked up in a dict that has one for each."""
    prices, cent = _prices(size), Decimal("0.01")
    days = [date(2024, 1, 1) + timedelta(days=number % 100) for number in range(size)]
    rates = dict.fromkeys(days, Decimal("0.9211"))
    start = perf_counter()
    converted = [(price * rates[day]).quantize(cent) for price, day in zip(prices, days, strict=True)]
    seconds = perf_counter() - start
    assert len(converted) == size
    return Sample(size, seconds)


def data_sources(size: int) -> Sample:
    """The slowest of the sources, alone: read by agentkit too, as it is to be beside the others."""
    from .extraction import api, measured, offered

    with offered(size) as (access, files, port):
        slowest = max(measured([source], access)[0] for source in [*files, api("api", port)])
    return Sample(size, slowest)
