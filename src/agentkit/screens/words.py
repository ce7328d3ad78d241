"""Words for figures: spans, ages, times with their zone, shares, sizes, counts; amounts are in `amounts.py`.

Rules: the same figure reads the same at every door; a time never stands without its zone; nothing is rounded up to be
more than it is. What came from outside becomes text on one line.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from math import isfinite
from typing import Final

__all__ = [
    "UNKNOWN",
    "age_text",
    "bar_text",
    "clock_text",
    "count_text",
    "duration_text",
    "moment_text",
    "percent_text",
    "plain_text",
    "size_text",
    "zone_text",
]

_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
UNKNOWN: Final = "-"
"""Stands where a figure is not known."""


def plain_text(text: str, most: int = 300) -> str:
    r"""The text on one line, cut to a number of characters: it moves no cursor, hides nothing and turns nothing round.

    Whoever writes HTML or Markdown escapes it besides.

    Example:
        >>> plain_text("no route\n\x1b[31mto host")
        'no route [31mto host'
    """
    seen = text[: 4 * most]
    shown = "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in seen)
    shown = " ".join(shown.split())
    return shown if len(shown) <= most and len(seen) == len(text) else shown[: most - 1] + "…"


def duration_text(seconds: float | None) -> str:
    """How long something takes, in at most two units; a dash if it is not known.

    Example:
        >>> [duration_text(seconds) for seconds in (0.25, 12.9, 185, 7_630, 100_000, None)]
        ['0.2 s', '12 s', '3 min 05 s', '2 h 07 min', '1 d 03 h', '-']
    """
    if seconds is None or not isfinite(seconds):
        return UNKNOWN
    seconds = max(0.0, seconds)
    if seconds < 10:
        return "0 s" if seconds == 0 else f"{int(seconds * 10) / 10:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days:,} d {hours:02} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def age_text(at: datetime, now: datetime) -> str:
    """How long ago something was, or how soon it will be.

    Example:
        >>> noon = datetime(2026, 11, 28, 12, tzinfo=UTC)
        >>> age_text(noon, noon), age_text(noon, noon.replace(minute=5)), age_text(noon.replace(hour=15), noon)
        ('just now', '5 min ago', 'in 3 h')
    """
    seconds = (now - at).total_seconds()
    if abs(seconds) < 5:
        return "just now"
    size = abs(seconds)
    for least, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if size >= least:
            told = f"{int(size / least):,} {unit}"
            break
    else:
        told = f"{int(size)} s"
    return f"{told} ago" if seconds > 0 else f"in {told}"


def moment_text(at: datetime | None, zone: tzinfo = UTC) -> str:
    """A day and a time of day with its zone; a dash if there is none.

    Example:
        >>> moment_text(datetime(2026, 11, 28, 12, 0, 3, tzinfo=UTC))
        '2026-11-28 12:00:03 UTC'
    """
    if at is None:
        return UNKNOWN
    there = _aware(at).astimezone(zone)
    return f"{there:%Y-%m-%d %H:%M:%S} {zone_text(there)}"


def clock_text(at: datetime, zone: tzinfo = UTC) -> str:
    """A time of day with its zone, where the day is clear.

    Example:
        >>> clock_text(datetime(2026, 11, 28, 12, 0, 3, tzinfo=UTC))
        '12:00:03 UTC'
    """
    there = _aware(at).astimezone(zone)
    return f"{there:%H:%M:%S} {zone_text(there)}"


def zone_text(at: datetime) -> str:
    """The zone of a time: its name if it has one, and how far it is from UTC.

    Example:
        >>> from datetime import timedelta, timezone
        >>> zone_text(datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=2), "CEST")))
        'CEST (+02:00)'
        >>> zone_text(datetime(2026, 7, 1, tzinfo=UTC))
        'UTC'
    """
    name, shift = at.tzname() or "", f"{at:%z}"
    if not shift.strip("+-0:") and name in ("UTC", "GMT", ""):
        return "UTC"
    shift = f"{shift[:3]}:{shift[3:5]}"
    # Zones without a name call themselves by what they are from UTC.
    return f"{name} ({shift})" if name and not name.startswith(("UTC+", "UTC-", "+", "-")) else f"UTC{shift}"


def percent_text(fraction: float | None) -> str:
    """A share in percent, rounded down: 100 is all of it, and 0 nothing.

    Example:
        >>> percent_text(0.999), percent_text(0.0001), percent_text(1), percent_text(0)
        ('99 %', '< 1 %', '100 %', '0 %')
    """
    if fraction is None or not isfinite(fraction):
        return UNKNOWN
    whole = int(100 * fraction + 1e-9) if fraction < 1 else int(100 * fraction)
    whole = min(whole, 99) if fraction < 1 else whole
    return "< 1 %" if fraction > 0 and whole == 0 else f"{whole} %"


def size_text(size: int) -> str:
    """A number of bytes, in units of a thousand.

    Example:
        >>> size_text(999), size_text(1_234), size_text(45_600_000)
        ('999 B', '1.2 kB', '45 MB')
    """
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    if not unit or amount >= 10:
        return f"{int(amount):,} {_UNITS[unit]}"
    return f"{int(amount * 10) / 10:.1f} {_UNITS[unit]}"


def count_text(number: int, one: str, many: str = "") -> str:
    """A number of things.

    Example:
        >>> count_text(1, "stage"), count_text(1_200, "stage"), count_text(0, "reply", "replies")
        ('1 stage', '1,200 stages', '0 replies')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def bar_text(fraction: float, width: int = 20) -> str:
    """A bar of letters.

    Example:
        >>> bar_text(0.5, 8)
        '━━━━────'
    """
    filled = int(max(0.0, min(1.0, fraction)) * width + 1e-9)
    return "━" * filled + "─" * (width - filled)


def _aware(at: datetime) -> datetime:
    """A time that says its zone; models have all of theirs in UTC."""
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
