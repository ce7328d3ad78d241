"""Exchange rates: what a currency was worth in another one, on which date, and who says so.

Rules: a rate has a date and a source; a table never changes; asked for a date, it answers with the latest rate on or
before it, never with one from the future, and never with one that is older than it may be.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self, cast

from agentkit.errors import (
    CurrencyMismatch,
    DateRequired,
    DefinitionError,
    DuplicateKey,
    InvalidDate,
    MoneyError,
    RateInvalid,
    RateMissing,
    RateStale,
)
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency, checked_registry
from agentkit.money.numbers.canonical import parse_canonical, ratio_of, shortened
from agentkit.money.numbers.kinds import elements, is_a, is_filled, is_unicode, object_of
from agentkit.money.numbers.rows import in_row, rows_of

__all__ = ["Rate", "RateTable", "day_of"]

MAX_AGE_DAYS: Final = 7
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
COLUMNS: Final = frozenset({"base", "quote", "rate", "date", "source"})


@dataclass(frozen=True, slots=True, init=False)
class Rate:
    """One exchange rate: one unit of `base` was worth `value` units of `quote`.

    Attributes:
        base: The currency of which one unit is priced; a code or a `Currency`.
        quote: The currency of the price.
        value: The price, above zero: text, an int or a `Decimal`.
        on: The day for which it was set; a `date`, or text such as `2024-03-31`.
        source: Who says so, such as `ECB`.

    Raises:
        RateInvalid: The value is no finite number above zero, both currencies are the same, or the source is no text.
        FloatNotAllowed: The value is a float.
        InvalidDate: The date is none of the calendar, or a `datetime`, whose day depends on the place.
        DateRequired: There is no date.
        CurrencyUnknown: No such currency is current; pass a `Currency` for an old one or one of your own.

    Example:
        >>> rate = Rate(base="EUR", quote="USD", value="1.0811", on="2024-03-28", source="ECB")
        >>> rate.value, rate.age_days(date(2024, 4, 1))
        (Decimal('1.0811'), 4)
    """

    base: Currency
    quote: Currency
    value: Decimal
    on: date
    source: str

    def __init__(
        self,
        *,
        base: str | Currency,
        quote: str | Currency,
        value: str | int | Decimal,
        on: date | str,
        source: str,
    ) -> None:
        put = object.__setattr__
        put(self, "base", currency_of(base))
        put(self, "quote", currency_of(quote))
        put(self, "value", _rate_value(value))
        put(self, "on", day_of(on, "the date of a rate"))
        put(self, "source", source)
        if self.base == self.quote:
            raise RateInvalid(f"a rate from {self.base} to itself is none: name two currencies")
        if not is_filled(source) or not is_unicode(source):
            raise RateInvalid(f"the source of a rate is {shortened(source)}: say in a text who published it")

    def __str__(self) -> str:
        return f"1 {self.base} = {self.value:f} {self.quote} ({self.source}, {self.on})"

    def age_days(self, on: date) -> int:
        """How many days before another day it was set.

        Raises:
            DateRequired: There is no day.
            InvalidDate: It is none.

        Example:
            >>> Rate(base="EUR", quote="USD", value="1.08", on="2024-03-28", source="ECB").age_days(date(2024, 3, 29))
            1
        """
        return (day_of(on, "the day") - self.on).days

    def to_dict(self) -> dict[str, str]:
        """Write it as a row of text, as `RateTable.from_rows` reads it."""
        return {
            "base": self.base.code,
            "quote": self.quote.code,
            "rate": f"{self.value:f}",
            "date": self.on.isoformat(),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class _Series:
    """The rates of one pair, by date."""

    dates: list[date]
    rates: list[Rate]


class RateTable:
    """Exchange rates by pair and date. It never changes, and any number of threads may ask it.

    Args:
        rates: The rates, in any order. The same rate may come twice.
        max_age_days: How old a rate may be on the date that is asked for, in days; 0 asks for that very day. A call may
            say otherwise. Seven days reach over weekends and holidays.

    Raises:
        DuplicateKey: Two rates of one pair and date differ.
        DefinitionError: `max_age_days` is no int from 0 up.
        RateInvalid: Something in it is no `Rate`.

    Example:
        >>> rates = RateTable([Rate(base="EUR", quote="USD", value="1.0811", on="2024-03-28", source="ECB")])
        >>> rates.find("EUR", "USD", on=date(2024, 4, 1)).value
        Decimal('1.0811')
        >>> rates.find("EUR", "USD", on=date(2024, 4, 1), max_age_days=3)
        Traceback (most recent call last):
        ...
        agentkit.errors.RateStale: the newest rate from EUR to USD on or before 2024-04-01 is 4 days old...
    """

    __slots__ = ("_max_age_days", "_series", "_version")

    def __init__(self, rates: Iterable[Rate], *, max_age_days: int = MAX_AGE_DAYS) -> None:
        self._max_age_days = checked_age(max_age_days)
        self._version = ""
        self._series: dict[tuple[str, str], _Series] = {}
        known: dict[tuple[str, str, date], Rate] = {}
        for number, rate in enumerate(cast("Iterable[Rate]", rows_of(rates, refused=RateInvalid)), start=1):
            if not is_a(rate, Rate):
                raise RateInvalid(f"rate {number} is a {type(rate).__name__}: give a Rate, or use RateTable.from_rows")
            key = rate.base.code, rate.quote.code, rate.on
            if known.setdefault(key, rate) != rate:
                raise DuplicateKey(f"rate {number}: there are two rates of one pair and date: {known[key]} and {rate}")
        for (base, quote, on), rate in sorted(known.items(), key=lambda item: item[0]):
            series = self._series.setdefault((base, quote), _Series([], []))
            series.dates.append(on)
            series.rates.append(rate)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, object]],
        *,
        source: str | None = None,
        currencies: Currencies = CURRENCIES,
        allow_historical: bool = False,
        max_age_days: int = MAX_AGE_DAYS,
    ) -> Self:
        """Read rows with the columns `base`, `quote`, `rate`, `date` and `source`.

        Args:
            rows: Mappings, such as those of `csv.DictReader`.
            source: Who published them, where the rows do not say so.
            currencies: Where codes are looked up.
            allow_historical: Whether currencies that ISO 4217 has withdrawn are accepted.
            max_age_days: See `RateTable`.

        Raises:
            MoneyError: A row is not valid; the error is of the kind that `Rate` raises, and names the row, from 1.
            DuplicateKey: Two rates of one pair and date differ.

        Example:
            >>> row = {"base": "EUR", "quote": "USD", "rate": "1.0811", "date": "2024-03-28"}
            >>> len(RateTable.from_rows([row], source="ECB"))
            1
        """
        registry = checked_registry(currencies)

        def read(code: object) -> Currency:
            return registry.get(cast("str", code), allow_historical=allow_historical)

        made: list[Rate] = []
        for number, row in enumerate(rows_of(rows, refused=RateInvalid), start=1):
            try:
                said = _checked_row(row, source)
                made.append(
                    Rate(
                        base=read(said["base"]),
                        quote=read(said["quote"]),
                        value=cast("str", said["rate"]),
                        on=cast("str", said["date"]),
                        source=cast("str", said["source"]),
                    )
                )
            except MoneyError as wrong:
                raise in_row(wrong, f"row {number}") from wrong
        return cls(made, max_age_days=max_age_days)

    @classmethod
    def from_json(cls, text: str, *, currencies: Currencies = CURRENCIES, allow_historical: bool = False) -> Self:
        """Read what `to_json` writes. A JSON number is read exactly, never as a float.

        Raises:
            RateInvalid: It is no JSON, or not of this form.
            MoneyError: A row is not valid; the error names it.
        """
        try:
            found = object_of(json.loads(text, parse_float=Decimal, parse_constant=_no_constant)) or {}
        except (TypeError, ValueError, RecursionError) as wrong:
            raise RateInvalid(f"the rates are no JSON text: {wrong}") from wrong
        rows = elements(found.get("rates"))
        if rows is None:
            raise RateInvalid('rates in JSON are {"max_age_days": 7, "rates": [{"base": "EUR", ...}]}')
        return cls.from_rows(
            cast("list[Mapping[str, object]]", rows),
            currencies=currencies,
            allow_historical=allow_historical,
            max_age_days=cast("int", found.get("max_age_days", MAX_AGE_DAYS)),
        )

    def to_json(self) -> str:
        """Write it as JSON; every value is text."""
        return json.dumps({"max_age_days": self._max_age_days, "rates": [rate.to_dict() for rate in self]}, indent=1)

    @property
    def max_age_days(self) -> int:
        """How old a rate may be, where a call does not say otherwise."""
        return self._max_age_days

    @property
    def version(self) -> str:
        """What tells this table from every other one: a digest of its rates, for audit entries."""
        # Computed when it is first asked for; two threads that ask at once find the same.
        if not self._version:
            rows = json.dumps([rate.to_dict() for rate in self], sort_keys=True, ensure_ascii=False)
            self._version = f"sha256:{hashlib.sha256(rows.encode()).hexdigest()}"
        return self._version

    def has(self, base: str | Currency, quote: str | Currency) -> bool:
        """Tell whether there is any rate of this pair, in this direction."""
        return (currency_of(base).code, currency_of(quote).code) in self._series

    def find(
        self, base: str | Currency, quote: str | Currency, *, on: date | str | None, max_age_days: int | None = None
    ) -> Rate:
        """Return the latest rate of a pair on or before a date.

        Args:
            base: The currency of which one unit is priced.
            quote: The currency of the price. The other direction is another pair.
            on: The date; it has no default.
            max_age_days: How old the rate may be; None asks the table.

        Raises:
            DateRequired: There is no date.
            InvalidDate: It is no date.
            RateMissing: There is no rate of this pair on or before the date.
            RateStale: The latest one is older than it may be.
            CurrencyUnknown: No such currency is current.
            CurrencyMismatch: The table knows another currency under this code.
            DefinitionError: `max_age_days` is no int from 0 up.
        """
        given, wanted, day = currency_of(base), currency_of(quote), day_of(on, "the date of an exchange")
        series = self._series.get((given.code, wanted.code), _Series([], []))
        number = bisect_right(series.dates, day)
        if not number:
            raise RateMissing(
                f"there is no rate from {given} to {wanted} on or before {day}"
                + (f": the first one is of {series.dates[0]}" if series.dates else "")
            )
        rate = series.rates[number - 1]
        if (rate.base, rate.quote) != (given, wanted):
            raise CurrencyMismatch(f"the rates know {given} or {wanted} as a currency with other minor units")
        age, most = rate.age_days(day), self._max_age_days if max_age_days is None else checked_age(max_age_days)
        if age > most:
            raise RateStale(
                f"the newest rate from {given} to {wanted} on or before {day} is {age} days old, and may be {most}: get"
                " newer rates, or allow more with max_age_days"
            )
        return rate

    def __iter__(self) -> Iterator[Rate]:
        """Iterate over all rates, by pair and date."""
        return (rate for series in self._series.values() for rate in series.rates)

    def __len__(self) -> int:
        return sum(len(series.rates) for series in self._series.values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RateTable):
            return NotImplemented
        return self._series == other._series and self._max_age_days == other._max_age_days

    def __hash__(self) -> int:
        return hash((self.version, self._max_age_days))

    def __repr__(self) -> str:
        return f"<RateTable: {len(self)} rates of {len(self._series)} pairs>"


def day_of(given: object, what: str) -> date:
    """Read a day: a `date`, or text of the form `2024-03-31`.

    Raises:
        DateRequired: It is None.
        InvalidDate: It is no day of the calendar, or a `datetime`.

    Example:
        >>> day_of("2024-02-29", "the day")
        datetime.date(2024, 2, 29)
    """
    if given is None:
        raise DateRequired(f"{what} is missing: name it, such as date(2024, 3, 31); nothing here depends on today")
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    # `fromisoformat` alone would read other forms too, such as weeks.
    if isinstance(given, str) and DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError as wrong:
            raise InvalidDate(f"{what} is {given!r}, which is no day of the calendar: {wrong}") from wrong
    raise InvalidDate(f"{what} is {shortened(given)}: give a date (not a datetime), or text such as '2024-03-31'")


def currency_of(given: str | Currency) -> Currency:
    """Return a currency as it is, or look up its code.

    Raises:
        CurrencyUnknown: No such currency is current.

    Example:
        >>> currency_of("eur").code
        'EUR'
    """
    return given if isinstance(given, Currency) else CURRENCIES.get(given)


def _rate_value(given: object) -> Decimal:
    """Read a quoted rate, whatever the decimal context is."""
    numerator, _ = ratio_of(cast("str", given), "the rate", refused=RateInvalid, endless=RateInvalid)
    if numerator <= 0:
        raise RateInvalid(f"the rate is {shortened(given)}: give a number above 0")
    if isinstance(given, Fraction):
        raise RateInvalid("the rate is a Fraction, and rates are quoted as decimals: give text or a Decimal")
    return given if isinstance(given, Decimal) else parse_canonical(str(given))


def checked_age(given: object) -> int:
    """Return how old a rate may be, in days.

    Raises:
        DefinitionError: It is no int from 0 up.

    Example:
        >>> checked_age(7)
        7
    """
    if type(given) is not int or given < 0:
        raise DefinitionError(f"max_age_days is {shortened(given)}: give an int from 0 up")
    return given


def _checked_row(row: object, source: str | None) -> dict[str, object]:
    said = object_of(row)
    if said is None:
        raise RateInvalid(f"it is a {type(row).__name__}: give a mapping with {', '.join(sorted(COLUMNS))}")
    if source is not None:
        said.setdefault("source", source)
    if missing := sorted(COLUMNS - set(said)):
        raise RateInvalid(f"it has no {', '.join(missing)}")
    return said


def _no_constant(name: str) -> object:
    raise RateInvalid(f"{name} is no rate")
