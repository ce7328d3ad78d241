"""Clean the sales.

Rules: a text that can be read in one way only is mended, and counted; one that can be read in two ways, or in none, puts its row in
quarantine with everything that is wrong with it. Nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ValidationError

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


class Cleaner:
    """Takes rows one by one and puts each where it belongs."""

    def __init__(self, options: Options, rates: Rates) -> None:
        self._options = options
        self._rates = rates
        self._rows = 0
        self._outside = 0
        self._lines: dict[str, int] = {}
        self._sales: list[Sale] = []
        self._quarantine: list[Issue] = []
        self._mended: Counter[str] = Counter()

    def take(self, row: Row) -> None:
        """Put a row among the sales, outside of the period, or in quarantine."""
        self._rows += 1
        if issues := self._issues(row):
            self._quarantine.extend(issues)

    def result(self) -> Cleaned:
        """Where all rows went."""
        return Cleaned(
            rows=self._rows,
            sales=tuple(self._sales),
            outside=self._outside,
            quarantine=tuple(self._quarantine),
            mended={name: self._mended[name] for name in COLUMNS if name in self._mended},
        )

    def _issues(self, row: Row) -> list[Issue]:
        if len(row.cells) != len(COLUMNS) or not any(map(tidy, row.cells)):
            found = f"has {len(row.cells)} cells, not {len(COLUMNS)}" if any(map(tidy, row.cells)) else "is blank"
            return [Issue(line=row.line, field="row", reason=found, raw=",".join(row.cells))]
        raw = dict(zip(COLUMNS, row.cells, strict=True))
        try:
            entry = Entry.model_validate(raw)
        except ValidationError as error:
            return [
                Issue(line=row.line, field=str(name), reason=item["msg"].removeprefix("Value error, "), raw=raw[str(name)])
                for item in error.errors()
                for name in item["loc"][:1]
            ]
        issue = self._book(row, entry)
        if issue is None:
            self._mended.update(name for name, text in raw.items() if str(getattr(entry, name)) != text)
        return [issue] if issue else []

    def _book(self, row: Row, entry: Entry) -> Issue | None:
        first = self._lines.setdefault(entry.id, row.line)
        if first != row.line:
            return Issue(line=row.line, field="id", reason=f"was on line {first} already", raw=entry.id)
        if not self._options.covers(entry.date):
            self._outside += 1
            return None
        currency = entry.price.currency or CURRENCIES.get(entry.country)
        if currency is None:
            return Issue(line=row.line, field="country", reason="has no known currency", raw=entry.country)
        if self._rates.find(currency, entry.date) is None:
            reason = f"there is no rate of {currency} for {entry.date:%Y-%m}"
            return Issue(line=row.line, field="price", reason=reason, raw=str(entry.price))
        self._sales.append(
            Sale(
                id=entry.id,
                day=entry.date,
                artist=entry.artist,
                title=entry.title,
                amount=entry.price.amount * entry.quantity,
                currency=currency,
            )
        )
        return None
