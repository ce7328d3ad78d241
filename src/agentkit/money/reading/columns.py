"""Finding out how a whole column is written, from what its values decide.

Rules: a value that only one form can read decides for it; what no value decides is not guessed; values that decide for
different forms contradict each other, and are named by their rows. Rows count from 1. Empty values, and values that no
form can read, decide nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from decimal import Decimal
from typing import Generic, Literal, NamedTuple, TypeVar

from agentkit.errors import AmbiguousDate, AmbiguousNumber, InconsistentFormat, InvalidAmount, InvalidDate, MoneyError
from agentkit.money.amounts.amount import Money
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency
from agentkit.money.locales.digits import COMMA, POINT, NumberForm
from agentkit.money.locales.known import find_locale
from agentkit.money.locales.locale import DateOrder, Locale
from agentkit.money.locales.symbols import SYMBOLS
from agentkit.money.numbers.canonical import refusal, shortened
from agentkit.money.numbers.rounding import Rounding
from agentkit.money.numbers.rows import rows_of

from .dates import ORDERS, DateRules, date_readings, date_rules, settled_date
from .marks import Allowed, NegativeWord, Wanted, wanted
from .parsing import currency_of, exact, read_number, read_percent, read_text
from .timestamps import SerialKind

__all__ = ["DateColumn", "NumberColumn", "infer_dates", "infer_numbers"]

_Form = TypeVar("_Form")
_Value = TypeVar("_Value")
_ROWS_SHOWN = 10
_FORMS: Mapping[Literal[".", ","], NumberForm] = {".": POINT, ",": COMMA}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberColumn:
    """How the numbers of a column are written.

    Attributes:
        decimal: The decimal separator; None where no value had one that decides, as in a column of whole numbers.
    """

    decimal: Literal[".", ","] | None
    _form: NumberForm | None = field(repr=False)
    _wanted: Wanted = field(repr=False)

    def parse(self, text: str) -> Decimal:
        """Read a value of the column as `parse_decimal` does, in the form of the column.

        Raises:
            InvalidAmount: It is no number in this form.
            AmbiguousNumber: The column has not decided, and the value has two readings.
            MoneyError: What else `parse_decimal` refuses.
        """
        return read_number(text, self._form, self._wanted)

    def parse_money(
        self,
        text: str,
        *,
        currency: str | Currency | None = None,
        locale: str | Locale | None = None,
        rounding: Rounding | None = None,
        currencies: Currencies = CURRENCIES,
    ) -> Money:
        """Read a value of the column as `parse_money` does, in the form of the column.

        Args:
            text: The whole text.
            currency: The currency, if the text does not say it.
            locale: Where a symbol of several currencies means one. It says nothing of separators here.
            rounding: How more decimals than the currency has are rounded; None refuses them.
            currencies: Where codes are looked up.

        Raises:
            MoneyError: What `parse_money` refuses.
        """
        number, before, after = read_text(text, self._form, self._wanted)
        place = None if locale is None else find_locale(locale)
        found = currency_of(text, before, after, currency=currency, locale=place, currencies=currencies)
        return Money(number, found, rounding=rounding)

    def parse_percent(self, text: str) -> Decimal:
        """Read a value of the column as `parse_percent` does, in the form of the column.

        Raises:
            MoneyError: What `parse_percent` refuses.
        """
        return read_percent(text, self._form)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateColumn:
    """How the dates of a column are written.

    Attributes:
        order: The order of dates of three numbers that do not begin with a year of four digits; None where no value
            had one that decides.
    """

    order: DateOrder | None
    _rules: DateRules = field(repr=False)

    def parse(self, text: str) -> date:
        """Read a value of the column as `parse_date` does, in the order of the column.

        Raises:
            InvalidDate: It is no date in this order.
            AmbiguousDate: The column has not decided, and the value has two readings.
        """
        return settled_date(text, self._rules)


def infer_numbers(
    values: Iterable[str | None], *, allow: Collection[Allowed] = (), negative: NegativeWord | None = None
) -> NumberColumn:
    """Find out which decimal separator a column of numbers has, and return its reader.

    `1,234.50`, `0.5` and `1,234,567` decide for the point; `1.234,50`, `0,5` and `3,99` for the comma; `1,234` may be
    either, and whole numbers say nothing. Signs, symbols and percent signs may stand beside the numbers.

    Args:
        values: The values, row by row; None and empty texts are passed over.
        allow: As for `parse_money`.
        negative: As for `parse_money`.

    Raises:
        AmbiguousNumber: Values have two readings, and no other value decides. `candidates` are those of the first one.
        InconsistentFormat: Values decide for both. `rows` are those of the rarer form, and the first one of the other.
        InvalidAmount: There is no number in the column, or a value is no text.
        FloatNotAllowed: A value is a float.
        MoneyError: There is no such option, or there are no rows to walk through.

    Example:
        >>> column = infer_numbers(["1.234", "0,50", None])
        >>> column.decimal, column.parse("1.234")
        (',', Decimal('1234'))
        >>> infer_numbers(["1,234", "5,678"])
        Traceback (most recent call last):
        ...
        agentkit.errors.AmbiguousNumber: no value of the column decides what '1,234' in row 1 is: 1234 or 1.234; ...
    """
    want = wanted(allow, negative=negative)
    evidence = _Evidence[Literal[".", ","], Decimal](_FORMS)
    for row, text in _texts(values, InvalidAmount):
        evidence.add(row, text, _numbers(text, want))
    if not evidence.count:
        raise InvalidAmount("there is no number in the column")
    left = evidence.left("decimal separators")
    still = evidence.undecided(left)
    if still is not None:
        raise AmbiguousNumber(f"{still.said}; name its locale", still.candidates)
    decimal = left[0] if len(left) == 1 else None
    return NumberColumn(decimal=decimal, _form=_FORMS[decimal] if decimal else None, _wanted=want)


def infer_dates(
    values: Iterable[str | None],
    *,
    locale: str | Locale | None = None,
    two_digit_years_from: int | None = None,
    serial: SerialKind | None = None,
    zone: tzinfo | None = None,
) -> DateColumn:
    """Find out in which order day, month and year stand in a column of dates, and return its reader.

    `25/11/2025` decides for the day before the month, `11/25/2025` for the month; `03/11/2025` may be either.
    Dates that begin with a year of four digits or name their month have one reading, and decide nothing.

    Args:
        values: The values, row by row; None and empty texts are passed over.
        locale: Whose names of months and whose digits are read too. Its order decides nothing here.
        two_digit_years_from: As for `parse_date`.
        serial: As for `parse_date`.
        zone: As for `parse_date`.

    Raises:
        AmbiguousDate: Values have two readings, and no other value decides. `candidates` are those of the first one.
        InconsistentFormat: Values decide for several. `rows` are those of the rarer order, and the first one of the
            other.
        InvalidDate: There is no date in the column, or a value is no text.
        FloatNotAllowed: A value is a float.
        MoneyError: There is no such locale or option, or there are no rows to walk through.

    Example:
        >>> column = infer_dates(["03/11/2025", "25/11/2025"])
        >>> column.order, column.parse("03/11/2025")
        ('dmy', datetime.date(2025, 11, 3))
    """
    rules = replace(
        date_rules(locale=locale, two_digit_years_from=two_digit_years_from, serial=serial, zone=zone), usual=None
    )
    evidence = _Evidence[DateOrder, date](ORDERS)
    for row, text in _texts(values, InvalidDate):
        evidence.add(row, text, _dates(text, rules))
    if not evidence.count:
        raise InvalidDate("there is no date in the column")
    left = evidence.left("orders of day, month and year")
    still = evidence.undecided(left)
    if still is not None:
        raise AmbiguousDate(f"{still.said}; name the order or the locale", still.candidates)
    order = left[0] if len(left) == 1 else None
    return DateColumn(order=order, _rules=replace(rules, usual=order))


def _texts(values: Iterable[str | None], refused: type[MoneyError]) -> Iterator[tuple[int, str]]:
    """The values that say something, with their rows."""
    for row, text in enumerate(rows_of(values), start=1):
        if text is None:
            continue
        if not isinstance(text, str):
            raise refusal(text, f"row {row}", expected="the text that was written, or None", refused=refused)
        if text.strip():
            yield row, text


def _numbers(text: str, want: Wanted) -> dict[Literal[".", ","], Decimal]:
    """The readings of a value; none if it is no number."""
    readings: dict[Literal[".", ","], Decimal] = {}
    for decimal, form in _FORMS.items():
        try:
            number, before, after = read_text(text, form, want._replace(percent=True))
        except MoneyError:
            continue
        if _names_currency(before) and _names_currency(after):
            readings[decimal] = exact(number)
    return readings


def _names_currency(word: str) -> bool:
    return not word or word in SYMBOLS or (len(word) == 3 and word.isascii() and word.isalpha())


def _dates(text: str, rules: DateRules) -> Mapping[DateOrder | None, date]:
    """The readings of a value; none if it is no date."""
    try:
        return date_readings(text, rules)
    except InvalidDate:
        return {}


class _Open(NamedTuple):
    """A value that nothing decides."""

    said: str
    candidates: tuple[object, ...]


class _Evidence(Generic[_Form, _Value]):
    """What the values of a column say about its form."""

    def __init__(self, forms: Iterable[_Form]) -> None:
        self._forms = tuple(forms)
        self.count = 0
        # Values are many, but the sets of forms that can read one are few.
        self._rows: dict[frozenset[_Form], list[int]] = {}
        self._open: dict[tuple[tuple[_Form, _Form], ...], tuple[int, str, Mapping[_Form, _Value]]] = {}

    def add(self, row: int, text: str, readings: Mapping[_Form, _Value] | Mapping[_Form | None, _Value]) -> None:
        """Note the readings of a value by their forms; one under None is the only one, whatever the form."""
        if not readings:
            return
        self.count += 1
        told = {form: value for form, value in readings.items() if form is not None}
        if not told:
            return
        if len(told) < len(self._forms):
            self._rows.setdefault(frozenset(told), []).append(row)
        if len(told) > 1:
            # Which forms read the same: a kind of value, of which the first one will do.
            kind = tuple((form, next(one for one in told if told[one] == value)) for form, value in told.items())
            self._open.setdefault(kind, (row, text, told))

    def left(self, what: str) -> tuple[_Form, ...]:
        """The forms that can read every value.

        Raises:
            InconsistentFormat: There is none.
        """
        left = tuple(form for form in self._forms if all(form in fits for fits in self._rows))
        if left:
            return left
        best = max(self._forms, key=lambda form: sum(len(rows) for fits, rows in self._rows.items() if form in fits))
        rarer = [fits for fits in self._rows if best not in fits]
        others = [row for fits in rarer for row in self._rows[fits]]
        usual = [rows[0] for fits, rows in self._rows.items() if best in fits and fits.isdisjoint(rarer[0])]
        contrary = sorted([*sorted(usual)[:1], *others])
        shown = ", ".join(map(str, contrary[:_ROWS_SHOWN])) + (", ..." if len(contrary) > _ROWS_SHOWN else "")
        raise InconsistentFormat(
            f"the column has several {what}: rows {shown} contradict each other; correct them, or split the column",
            contrary,
        )

    def undecided(self, left: Collection[_Form]) -> _Open | None:
        """The first value that the forms that are left read differently."""
        for row, text, told in self._open.values():
            candidates = tuple(dict.fromkeys(told[form] for form in left if form in told))
            if len(candidates) > 1:
                said = f"no value of the column decides what {shortened(text)} in row {row} is"
                return _Open(f"{said}: {' or '.join(map(str, candidates))}", candidates)
        return None
