"""Clean the sales.

Rules: a text that can be read in one way only is mended, and counted; one that can be read in two ways, or in none,
puts its row in quarantine, with everything that is wrong with it. Nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ValidationError, ValidationInfo, field_validator

from .model import Cleaned, Issue, Options, Rates, Row, Sale
from .reading import COLUMNS, SERIES

EURO = ("Austria", "Belgium", "Finland", "France", "Germany", "Ireland", "Italy", "Netherlands", "Portugal", "Spain")
CURRENCIES = {**SERIES, "USA": "USD", **dict.fromkeys(EURO, "EUR")}

# In these orders every date has one reading; 05/03/2024 has two.
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%d.%m.%Y")
NUMBER = r"[0-9]{1,9}(?:[.,][0-9]{1,2})?"
PRICE = re.compile(rf"(?:(?P<code>[A-Z]{{3}}) )?(?:(?P<sign>-?)(?P<plain>{NUMBER})|\((?P<refund>{NUMBER})\))")
TWO_READINGS = re.compile(r".*\b[0-9]{1,3}[.,][0-9]{3}\b.*")


@dataclass(frozen=True, slots=True)
class Price:
    """A price, with its currency if it came with one."""

    amount: Decimal
    currency: str | None

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}" if self.currency else f"{self.amount}"


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
    """A date in one of the unmistakable notations."""
    for notation in DATES:
        try:
            return datetime.strptime(tidy(text), notation).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise ValueError("is no date, or more than one")


def read_price(text: str) -> Price:
    """A price with point or comma, with or without its currency, a refund by minus or in parentheses."""
    found = PRICE.fullmatch(tidy(text))
    if found is None:
        raise ValueError("may be thousands or decimals" if TWO_READINGS.fullmatch(tidy(text)) else "is no price")
    digits = found["plain"] or found["refund"]
    amount = Decimal(digits.replace(",", "."))
    return Price(-amount if found["sign"] or found["refund"] else amount, found["code"])


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
    price: Annotated[Price, BeforeValidator(read_price)]
    quantity: Annotated[int, BeforeValidator(read_quantity)]

    @field_validator("price")
    @classmethod
    def _has_currency(cls, price: Price, info: ValidationInfo) -> Price:
        if price.currency is None and info.data["country"] not in CURRENCIES:
            raise ValueError("has no currency, and its country has none that is known")
        return price

    @property
    def currency(self) -> str:
        """The currency that the price came with, or else the country's."""
        return self.price.currency or CURRENCIES[self.country]

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
            currency=self.currency,
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
        if self._options.covers(entry.date) and self._rates.find(entry.currency, entry.date) is None:
            reason = f"there is no rate of {entry.currency} for {entry.date:%Y-%m}"
            return Issue(line=row.line, field="price", reason=reason, raw=str(entry.price))
        return None
