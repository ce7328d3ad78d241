"""How long something is, out of what people write, as ISO 8601 has it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Final

__all__ = ["span_text"]

_ISO: Final = re.compile(
    r"[+-]?P(?=.)(\d+([.,]\d+)?W|(\d+Y)?(\d+M)?(\d+([.,]\d+)?D)?"
    r"(T(?=\d)(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?)"
)
_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d{1,6}):(\d\d(?:\.\d{1,6})?)")
_BARE: Final = re.compile(r"\d+(\.\d{1,6})?")
_PART: Final = re.compile(r"(\d+(?:\.\d{1,6})?)(?![\d.,])\s*([a-z]+)(?:,\s+|\s*)")
_UNITS: Final = {
    "d": 86_400,
    "h": 3_600,
    "min": 60,
    "m": 60,
    "s": 1,
}
_LONG: Final = {"day": "d", "hour": "h", "hr": "h", "minute": "min", "second": "s", "sec": "s"}


def span_text(given: str | int | timedelta) -> str | None:
    """How long something is, as ISO 8601 writes it; None if it cannot be read.

    Example:
        >>> span_text("2 h 30 min"), span_text("1:30:00"), span_text("90"), span_text("P1DT2H"), span_text("1,5 h")
        ('PT2H30M', 'PT1H30M', 'PT1M30S', 'P1DT2H', None)
    """
    if isinstance(given, timedelta):
        return _iso(Decimal(given // timedelta(microseconds=1)).scaleb(-6))
    text = str(given).strip()
    if _ISO.fullmatch(text.upper()):
        return text.upper()
    text = text.casefold()
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (Decimal(part or 0) for part in clock.groups())
        return _iso(hours * 3_600 + minutes * 60 + seconds)
    worded = _worded(text)
    return None if worded is None else _iso(worded)


def _worded(text: str) -> Decimal | None:
    """The seconds of `2 h 30 min`; a number without a unit is seconds only where it stands alone."""
    if _BARE.fullmatch(text):
        return Decimal(text)
    place, seconds = 0, Decimal(0)
    while place < len(text):
        part = _PART.match(text, place)
        unit = part[2] if part else ""
        unit = _LONG.get(unit.removesuffix("s"), unit)
        if part is None or unit not in _UNITS:
            return None
        seconds += Decimal(part[1]) * _UNITS[unit]
        place = part.end()
    return seconds if text else None


def _iso(seconds: Decimal) -> str:
    sign, whole = ("-", -seconds) if seconds < 0 else ("", seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    day = f"{days:f}D" if days else ""
    parts = ((hours, "H"), (minutes, "M"), (rest.normalize(), "S"))
    clock = "".join(f"{amount:f}{letter}" for amount, letter in parts if amount)
    return f"{sign}P{day}T{clock}" if clock else f"{sign}P{day}" if day else "PT0S"
