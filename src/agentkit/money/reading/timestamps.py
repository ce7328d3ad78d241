"""The time behind a date, and bare numbers that count days or seconds.

Rules: the date of a timestamp is its own, local one, unless a time zone is asked for; what is no time of day is refused
with its date, and not cut off.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal, NamedTuple, NoReturn

from agentkit.errors import InvalidDate
from agentkit.money.numbers.canonical import shortened

__all__ = ["Clock", "SerialKind", "date_in", "read_serial", "refuse_date", "split_clock"]

SerialKind = Literal["excel", "excel-1904", "seconds", "milliseconds"]
"""What a bare number is: days as Excel counts them (from 1900 or 1904), or the time since 1970 in UTC."""

_TIME = re.compile(
    r"(?:T|,?\s)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?"
    r"(?:\s?([AaPp])\.?[Mm]\.?)?"
    r"(\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_SERIAL = re.compile(r"(-?\d{1,15})|(\d{1,15})\.\d{1,20}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Excel counts a 29 February 1900 that there was not.
_NO_DAY = 60


class Clock(NamedTuple):
    """A time of day; `offset` is None where none is said."""

    hour: int
    minute: int
    second: int
    offset: timezone | None


def split_clock(text: str, plain: str) -> tuple[str, Clock | None]:
    """Take the time off the end of a timestamp.

    Args:
        text: The whole text, for messages.
        plain: The same with single spaces and ASCII digits.

    Raises:
        InvalidDate: There is no such time of day.
    """
    colon = plain.find(":")
    # The hour has one digit or two, and a `T`, a space or a comma and a space are before it.
    for at in range(max(colon - 4, 1), colon - 1):
        found = _TIME.fullmatch(plain, at)
        if found is not None:
            return plain[:at], _clock(text, found)
    return plain, None


def date_in(zone: tzinfo | None, text: str, day: date, clock: Clock | None) -> date:
    """The date of a timestamp: its own, or the one that it has in the time zone.

    Raises:
        InvalidDate: It has none there, at the ends of the calendar.
    """
    if clock is None or clock.offset is None or zone is None:
        return day
    hour, minute, second, offset = clock
    try:
        moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=offset)
        return moment.astimezone(zone).date()
    except (OverflowError, ValueError) as outside:
        raise InvalidDate(f"{shortened(text)} is no date: it is outside of the calendar in that zone") from outside


def read_serial(text: str, plain: str, serial: SerialKind, zone: tzinfo | None) -> date | None:
    """The date that a bare number is; None if the text is no number.

    Raises:
        InvalidDate: It is a number, but no day.
    """
    found = _SERIAL.fullmatch(plain)
    if found is None:
        return None
    number = int(found[1] or found[2])
    try:
        if serial in {"seconds", "milliseconds"}:
            seconds = number if serial == "seconds" else number // 1000
            return (_EPOCH + timedelta(seconds=seconds)).astimezone(zone or UTC).date()
        if serial == "excel-1904" and number >= 0:
            return date(1904, 1, 1) + timedelta(days=number)
        if serial == "excel" and number > 0 and number != _NO_DAY:
            return date(1899, 12, 31 if number < _NO_DAY else 30) + timedelta(days=number)
    except (OverflowError, ValueError) as outside:
        raise InvalidDate(f"{shortened(text)} is no date: it is outside of the calendar") from outside
    raise InvalidDate(f"{shortened(text)} is no date: it is no number of a day, as {serial!r} counts them")


def refuse_date(text: str, why: str) -> NoReturn:
    """Say why a text is no date.

    Raises:
        InvalidDate: Always.
    """
    raise InvalidDate(f"{shortened(text)} is no date: {why}")


def _clock(text: str, found: re.Match[str]) -> Clock:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = found[4]
    if half is not None:
        if not 1 <= hour <= 12:
            refuse_date(text, "a time with AM or PM has hours from 1 to 12")
        hour = hour % 12 + (12 if half in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        refuse_date(text, "there is no such time of day")
    return Clock(hour, minute, second, _offset(text, (found[5] or "").strip()))


def _offset(text: str, offset: str) -> timezone | None:
    if not offset:
        return None
    if offset[0] not in "+-":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 23 or minutes > 59:
        refuse_date(text, "there is no such offset from UTC")
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if offset[0] == "-" else shift)
