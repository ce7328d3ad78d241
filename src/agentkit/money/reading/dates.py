"""Reading dates as people write them.

Rules: a text is read whole or refused, and every date is one of the calendar; an order that is given is binding, and
without one a text with two readings is ambiguous; no reading depends on what day it is. Years have four digits, and a
bare number is no date, unless the caller says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, tzinfo
from typing import Any, Final, cast, get_args

from agentkit.errors import AmbiguousDate, InvalidDate, MoneyError
from agentkit.money.locales.digits import ascii_digits
from agentkit.money.locales.known import find_locale
from agentkit.money.locales.locale import DateOrder, Locale
from agentkit.money.locales.months import MONTHS, month_key
from agentkit.money.locales.symbols import spoken
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import is_a

from .timestamps import SerialKind, date_in, read_serial, refuse_date, split_clock

__all__ = ["ORDERS", "DateRules", "date_readings", "date_rules", "parse_date", "settled_date"]

ORDERS: Final[tuple[DateOrder, ...]] = ("dmy", "mdy", "ymd")

_LONGEST = 80
_FOUR_DIGITS = 4
_NUMERIC = re.compile(r"(\d{1,4})(\s?[-/.]\s?|\s)(\d{1,2})\2(\d{1,4})\.?", re.ASCII)
_COMPACT = re.compile(r"\d{8}", re.ASCII)
_CHINESE = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日", re.ASCII)
_WORD = r"([^\s.,/\-]+)"
_BETWEEN = r"(?:\.?,?\s|[-/.])(?:(?:de|do|of)\s)?"
_WORDED = re.compile(rf"{_WORD}{_BETWEEN}{_WORD}{_BETWEEN}{_WORD}\.?")
_YEAR = re.compile(r"\d{4}", re.ASCII)
_ORDINAL = re.compile(r"(\d{1,2})(st|nd|rd|th|er|º|ª)")
_NO_FORM = "it has no form that is read, such as 2025-11-03, 3.11.2025 or 3 November 2025"
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRules:
    """How dates are read.

    Attributes:
        order: The binding order; None: any.
        usual: The order of dates of three numbers of which the year is not the first; None: any. It binds too, but
            does not say anything of dates that begin with the year, or name their month.
        months: The months by their names, in languages besides English.
        century: The year that two-digit years begin with; None refuses them.
        serial: What a bare number is; None: nothing.
        zone: The time zone whose date of a timestamp counts; None: that of the timestamp itself.
        any_digits: Whether digits of other numbering systems are read.
    """

    order: DateOrder | None = None
    usual: DateOrder | None = None
    months: Mapping[str, int]
    century: int | None = None
    serial: SerialKind | None = None
    zone: tzinfo | None = None
    any_digits: bool = False

    def __reduce__(self) -> tuple[Callable[[Mapping[str, object]], DateRules], tuple[dict[str, object]]]:
        # What nobody can change cannot be pickled as it is either.
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return _made, ({**said, "months": dict(self.months)},)


def _made(given: Mapping[str, object]) -> DateRules:
    return DateRules(**cast("Mapping[str, Any]", given))  # what rules said of themselves


def parse_date(
    text: str,
    *,
    order: DateOrder | None = None,
    locale: str | Locale | None = None,
    two_digit_years_from: int | None = None,
    serial: SerialKind | None = None,
    zone: tzinfo | None = None,
) -> date:
    """Read a date as people write it, or the date of a timestamp.

    `2025-11-03` is read anywhere; of `03/11/2025` an order says what it is, or a locale, or that only one reading is in
    the calendar. Months may be named, in English and in the language of the locale.

    Args:
        text: The whole text. Space around it is ignored.
        order: The binding order of day, month and year. A text in another order is refused, even if it can be read.
        locale: A tag such as `en-GB`, or a `Locale`; its order binds dates of three numbers, but for those that
            begin with the year.
        two_digit_years_from: The first of the hundred years that two digits mean: with 1970, `69` is 2069 and `70` is
            1970. None refuses them.
        serial: What a bare number is; None: nothing, but for `20251103`, the basic form of ISO 8601.
        zone: The time zone whose date a timestamp with an offset has. None: its own, local date. Seconds and
            milliseconds count in UTC.

    Raises:
        InvalidDate: It is no date in this form, or none of the calendar.
        AmbiguousDate: It has several readings; `candidates` has them.
        MissingExtra: The locale is not built in, and Babel is not installed.
        MoneyError: There is no such locale or option.

    Example:
        >>> parse_date("03/11/2025", order="dmy")
        datetime.date(2025, 11, 3)
        >>> parse_date("25/11/2025")
        datetime.date(2025, 11, 25)
        >>> parse_date("3. März 2025", locale="de-DE")
        datetime.date(2025, 3, 3)
        >>> parse_date("03/11/2025")
        Traceback (most recent call last):
        ...
        agentkit.errors.AmbiguousDate: '03/11/2025' can be 2025-11-03 or 2025-03-11: name the order, ...
    """
    rules = date_rules(order=order, locale=locale, two_digit_years_from=two_digit_years_from, serial=serial, zone=zone)
    return settled_date(text, rules)


def date_rules(
    *,
    order: DateOrder | None = None,
    locale: str | Locale | None = None,
    two_digit_years_from: int | None = None,
    serial: SerialKind | None = None,
    zone: tzinfo | None = None,
) -> DateRules:
    """How dates are read with these options. See `parse_date`.

    Raises:
        MoneyError: There is no such option.
    """
    if order is not None and order not in ORDERS:
        raise MoneyError(f"order={shortened(order)}: give 'dmy', 'mdy' or 'ymd'")
    if serial is not None and serial not in get_args(SerialKind):
        raise MoneyError(f"serial={shortened(serial)}: give one of {', '.join(get_args(SerialKind))}")
    _check_century(two_digit_years_from)
    if zone is not None and not is_a(zone, tzinfo):
        raise MoneyError(f"zone={shortened(zone)}: give a time zone, such as ZoneInfo('Europe/Berlin')")
    place = None if locale is None else find_locale(locale)
    return DateRules(
        order=order,
        usual=place.date_order if place else None,
        months=place.months if place else MONTHS["en"],
        century=two_digit_years_from,
        serial=serial,
        zone=zone,
        any_digits=place is not None,
    )


def _check_century(first: object) -> None:
    if first is None or (isinstance(first, int) and not isinstance(first, bool) and 1 <= first <= 9900):
        return
    raise MoneyError(f"two_digit_years_from={shortened(first)}: give the first of a hundred years, such as 1970")


def settled_date(text: str, rules: DateRules) -> date:
    """The one date that a text is.

    Raises:
        InvalidDate: It is none.
        AmbiguousDate: It is one of several.
    """
    readings = date_readings(text, rules)
    first, *others = readings.values()
    if all(other == first for other in others):
        return first
    ordered = tuple(dict.fromkeys(readings.values()))
    raise AmbiguousDate(
        f"{shortened(text)} can be {' or '.join(map(str, ordered))}: name the order, such as order='dmy', or the"
        " locale",
        ordered,
    )


def date_readings(text: str, rules: DateRules) -> Mapping[DateOrder | None, date]:
    """The dates that a text can be, by order; under None where its form says which part is which.

    Never empty.

    Raises:
        InvalidDate: It is no date.
    """
    plain = _plain(text, rules)
    if rules.serial is not None:
        counted = read_serial(text, plain, rules.serial, rules.zone)
        if counted is not None:
            return {None: counted}
    if rules.order in {None, "ymd"} and _ISO.fullmatch(plain):
        return {None: _iso(text, plain)}
    day, clock = split_clock(text, plain)
    readings = _numeric(text, day, rules) or _worded(text, day, rules)
    if clock is None or rules.zone is None:
        return readings
    return {order: date_in(rules.zone, text, one, clock) for order, one in readings.items()}


def _iso(text: str, plain: str) -> date:
    try:
        return date.fromisoformat(plain)
    except ValueError as none:
        raise InvalidDate(f"{shortened(text)} is no date: there is no such day in the calendar") from none


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidDate(f"a text is read here, not {type(value).__name__}")
    return value


def _plain(text: str, rules: DateRules) -> str:
    """The text with single spaces and ASCII digits."""
    plain = _text(text).strip()
    if len(plain) > _LONGEST:
        refuse_date(text, "it is longer than any date")
    plain = spoken(plain)
    if plain.isascii() or all(one.isascii() or not one.isdecimal() for one in plain):
        return plain
    changed = ascii_digits(plain) if rules.any_digits else None
    if changed is None:
        refuse_date(text, "other digits than 0 to 9 are read where a locale is named, and of one numbering system")
    return changed[0]


def _numeric(text: str, day: str, rules: DateRules) -> Mapping[DateOrder | None, date]:
    """The readings of three numbers; none if it is something else."""
    if _COMPACT.fullmatch(day):
        orders: tuple[DateOrder, ...] = (rules.order or "ymd",)
        at = 4 if orders[0] == "ymd" else 2
        first, second, third = day[:at], day[at : at + 2], day[at + 2 :]
    elif found := _NUMERIC.fullmatch(day):
        first, second, third = found[1], found[3], found[4]
        orders = _orders(first, third, rules)
    elif found := _CHINESE.fullmatch(day):
        return _one(text, found.groups(), "ymd", rules)
    else:
        return {}
    readings: dict[DateOrder | None, date] = {}
    for order in orders:
        year, month, number = _ordered((first, second, third), order)
        made = _date(_year(year, rules), month, number)
        if made is not None:
            readings[order] = made
    if not readings:
        refuse_date(text, _why(first, third, rules))
    # Nobody writes the year first, and the day before the month: a long year in front says all.
    return {None: readings["ymd"]} if len(first) == _FOUR_DIGITS and rules.order is None else readings


def _orders(first: str, third: str, rules: DateRules) -> tuple[DateOrder, ...]:
    """The orders in which three numbers may be read."""
    if rules.order is not None:
        return (rules.order,)
    # A year of four digits in front, or behind where the year is usually in front, says more than what is usual.
    told = len(first) == _FOUR_DIGITS or (len(third) == _FOUR_DIGITS and rules.usual == "ymd")
    return ORDERS if told or rules.usual is None else (rules.usual,)


def _one(
    text: str, parts: tuple[str | None, ...], order: DateOrder, rules: DateRules
) -> Mapping[DateOrder | None, date]:
    """The reading of parts whose order is known."""
    if rules.order is not None and rules.order != order:
        refuse_date(text, f"it has the order {order}, and not {rules.order}")
    year, month, number = _ordered((parts[0] or "", parts[1] or "", parts[2] or ""), order)
    made = _date(_year(year, rules), month, number)
    if made is None:
        refuse_date(text, "there is no such day in the calendar, or its year has not four digits")
    return {None: made}


def _worded(text: str, day: str, rules: DateRules) -> Mapping[DateOrder | None, date]:
    """The reading of a date whose month is named."""
    found = _WORDED.fullmatch(day)
    if found is None:
        refuse_date(text, _NO_FORM)
    words = found.groups()
    months = [rules.months.get(month_key(word)) or MONTHS["en"].get(month_key(word)) for word in words]
    order: DateOrder
    match [month is not None for month in months]:
        case [False, True, False]:
            order = "ymd" if _YEAR.fullmatch(words[0]) else "dmy"
        case [True, False, False]:
            order = "mdy"
        case _:
            refuse_date(text, _NO_FORM)
    parts = tuple(str(month) if month else _cardinal(word) for word, month in zip(words, months, strict=True))
    return _one(text, parts, order, rules)


def _cardinal(word: str) -> str:
    """The number of a word such as `3` or `3rd`; a text that is no number otherwise."""
    found = _ORDINAL.fullmatch(word.casefold())
    return word if found is None or not _fits(int(found[1]), found[2]) else found[1]


def _fits(number: int, ending: str) -> bool:
    if ending in {"er", "º", "ª"}:
        return number == 1 or ending != "er"
    usual = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return ending == ("th" if number in {11, 12, 13} else usual)


def _ordered(parts: tuple[str, str, str], order: DateOrder) -> tuple[str, str, str]:
    """Year, month and day of three parts."""
    return parts[order.index("y")], parts[order.index("m")], parts[order.index("d")]


def _year(year: str, rules: DateRules) -> int:
    """The number of a year; 0, which the calendar has not, if it is none."""
    if not (year.isascii() and year.isdigit()):
        return 0
    if len(year) == _FOUR_DIGITS:
        return int(year)
    if len(year) != 2 or rules.century is None:
        return 0
    return rules.century + (int(year) - rules.century) % 100


def _date(year: int, month: str, day: str) -> date | None:
    if not (0 < len(month) <= 2 and 0 < len(day) <= 2 and (month + day).isdigit() and (month + day).isascii()):
        return None
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def _why(first: str, third: str, rules: DateRules) -> str:
    if _FOUR_DIGITS not in {len(first), len(third)} and rules.century is None:
        return "its year has not four digits; two_digit_years_from=1970 reads two"
    order = rules.order or (rules.usual if len(first) != _FOUR_DIGITS else None)
    if order is not None:
        return f"in the order {order} it is no day of the calendar"
    return "there is no such day in the calendar"
