"""Clean the sales.

Rules: a text that can be read in one way only is mended, and counted; one that can be read in two ways, or in none,
puts its row in quarantine, with everything that is wrong with it. Nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ValidationError, ValidationInfo

from agentkit.errors import CurrencyRequired
from agentkit.money import Money, parse_date, parse_money

from .model import Cleaned, Issue, Options, Rates, Row, Sale
from .reading import COLUMNS, SERIES

EURO = ("Austria", "Belgium", "Finland", "France", "Germany", "Ireland", "Italy", "Netherlands", "Portugal", "Spain")
CURRENCIES = {**SERIES, "USA": "USD", **dict.fromkeys(EURO, "EUR")}


@dataclass(frozen=True, slots=True)
class Price:
    """A price, and whether its currency came with it."""

    amount: Money
    named: bool

    def __str__(self) -> str:
        return f"{self.amount.currency} {self.amount.amount}" if self.named else f"{self.amount.amount}"


def tidy(text: str) -> str:
    """The text without surplus space and invisible characters."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\u200b", "")).split())


def filled(text: str) -> str:
    """The text, tidy, and not empty."""
    found = tidy(text)
    if not found:
        raise ValueError("is missing")
    return found


def read_day(text: str) -> date:
    """A date in a notation that has one reading; with points, the day comes first in all countries."""
    return parse_date(tidy(text), order="dmy" if "." in text else None)


def read_price(text: str, country: str = "") -> Price:
    """A price with point or comma, with or without its currency, a refund by minus or in parentheses."""
    try:
        return Price(parse_money(tidy(text)), named=True)
    except CurrencyRequired as unnamed:
        if country not in CURRENCIES:
            raise ValueError("has no currency, and its country has none that is known") from unnamed
        return Price(parse_money(tidy(text), currency=CURRENCIES[country]), named=False)


def price_of(text: str, info: ValidationInfo) -> Price:
    """The price in a row, of which the country is read already."""
    return read_price(text, info.data.get("country", ""))


def read_quantity(text: str) -> int:
    """A whole number from 1 on."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", tidy(text)):
        raise ValueError("is no quantity")
    return int(tidy(text))


class Entry(BaseModel):
    """A row whose cells can all be read. The fields are the columns."""

    id: Annotated[str, BeforeValidator(filled)]
    date: Annotated[date, BeforeValidator(read_day)]
    artist: Annotated[str, BeforeValidator(filled)]
    title: Annotated[str, BeforeValidator(tidy)]
    country: Annotated[str, BeforeValidator(tidy)]
    price: Annotated[Price, BeforeValidator(price_of)]
    quantity: Annotated[int, BeforeValidator(read_quantity)]

    def mended(self, row: Row) -> list[str]:
        """The columns that were not written as they are read."""
        return [name for name, text in zip(COLUMNS, row.cells, strict=True) if str(getattr(self, name)) != text]

    def sale(self) -> Sale:
        """The sale that the row tells of."""
        return Sale(
            id=self.id,
            day=self.date,
            artist=self.artist,
            title=self.title,
            amount=self.price.amount * self.quantity,
        )


def read(row: Row) -> Entry | list[Issue]:
    """A row's entry, or everything that is wrong with it."""
    whole = ",".join(row.cells)
    if not any(map(tidy, row.cells)):
        return [Issue(line=row.line, field="row", reason="is blank", raw=whole)]
    if len(row.cells) != len(COLUMNS):
        reason = f"has {len(row.cells)} cells, not {len(COLUMNS)}"
        return [Issue(line=row.line, field="row", reason=reason, raw=whole)]
    cells: dict[str, str] = dict(zip(COLUMNS, row.cells, strict=True))
    try:
        return Entry.model_validate(cells)
    except ValidationError as error:
        problems = [(str(item["loc"][0]), item["msg"].removeprefix("Value error, ")) for item in error.errors()]
        return [Issue(line=row.line, field=name, reason=reason, raw=cells[name]) for name, reason in problems]


class Cleaner:
    """Takes rows one by one and puts each where it belongs."""

    def __init__(self, options: Options, rates: Rates) -> None:
        self._options = options
        self._rates = rates
        self._rows = 0
        self._outside = 0
        self._first_lines: dict[str, int] = {}
        self._sales: list[Sale] = []
        self._quarantine: list[Issue] = []
        self._mended: Counter[str] = Counter()

    def take(self, row: Row) -> None:
        """Put a row among the sales, outside of the period, or in quarantine."""
        self._rows += 1
        entry = read(row)
        if not isinstance(entry, Entry):
            self._quarantine.extend(entry)
        elif issue := self._contradiction(row, entry):
            self._quarantine.append(issue)
        elif not self._options.covers(entry.date):
            self._outside += 1
        else:
            self._mended.update(entry.mended(row))
            self._sales.append(entry.sale())

    def result(self) -> Cleaned:
        """Where all rows went."""
        return Cleaned(
            rows=self._rows,
            sales=tuple(self._sales),
            outside=self._outside,
            quarantine=tuple(self._quarantine),
            mended={name: self._mended[name] for name in COLUMNS if name in self._mended},
        )

    def _contradiction(self, row: Row, entry: Entry) -> Issue | None:
        """What is wrong with a readable row when one looks beyond it."""
        first = self._first_lines.setdefault(entry.id, row.line)
        if first != row.line:
            return Issue(line=row.line, field="id", reason=f"was on line {first} already", raw=entry.id)
        currency = entry.price.amount.currency.code
        if self._options.covers(entry.date) and not self._rates.knows(currency, entry.date):
            reason = f"there is no rate of {currency} for {entry.date:%Y-%m}"
            return Issue(line=row.line, field="price", reason=reason, raw=str(entry.price))
        return None
