"""What Unicode CLDR says of a locale that is not built in, read through Babel.

Rules: the one module of this room that asks a library, and only when it is called; the library brings facts, and all
reading and writing stays here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from agentkit.errors import MissingExtra, MoneyError
from agentkit.money.numbers.canonical import shortened

from .locale import DateOrder, Locale
from .months import month_key

if TYPE_CHECKING:
    import babel

__all__ = ["read_cldr"]

_LONGEST_TAG = 40
_NUMBER = re.compile(r"[#0][#0,.]*")
# The zeros of the numbering systems in which a locale of CLDR writes by default. Others are written with ASCII digits.
_ZEROS = {
    "arab": "\u0660", "arabext": "\u06f0", "beng": "\u09e6", "deva": "\u0966", "mymr": "\u1040", "tibt": "\u0f20",
    "cakm": "\U00011136", "adlm": "\U0001e950", "olck": "\u1c50",
}  # fmt: skip
_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy", "ymd")


def read_cldr(tag: str) -> Locale:
    """What CLDR says of a locale.

    Args:
        tag: A tag such as `da-DK` or `da`.

    Raises:
        MissingExtra: Babel is not installed.
        MoneyError: It is no locale.
    """
    if len(tag) > _LONGEST_TAG:
        raise MoneyError(f"there is no locale {shortened(tag)}: name one such as 'en-US', 'de-CH' or 'ja'")
    return _read(tag)


# What was read stays read: a locale is a fact, and reading one takes Babel milliseconds.
@lru_cache(maxsize=64)
def _read(tag: str) -> Locale:
    try:
        from babel import Locale as Cldr
        from babel import UnknownLocaleError
    except ImportError as missing:
        raise MissingExtra("reports", "babel") from missing
    try:
        return _locale(tag, Cldr.parse(tag, sep="-"))
    except (ValueError, TypeError, UnknownLocaleError) as unknown:
        raise MoneyError(f"there is no locale {shortened(tag)}: name one such as 'en-US', 'de-CH' or 'ja'") from unknown


def _locale(tag: str, cldr: babel.Locale) -> Locale:
    latin = cldr.number_symbols["latn"]
    symbols = cast("dict[str, str]", dict(cldr.currency_symbols))
    zero = _ZEROS.get(cldr.default_numbering_system, "0")
    standard = cldr.currency_formats["standard"]
    positive, _, negative = standard.pattern.partition(";")
    grouped = "," in positive
    return Locale(
        tag=tag,
        decimal=latin["decimal"],
        group=latin.get("currencyGroup", latin["group"]) if grouped else "",
        groups=latin["group"],
        secondary=2 if grouped and standard.grouping == (3, 2) else 3,
        positive=_NUMBER.sub("#", positive),
        negative=_NUMBER.sub("#", negative or f"-{positive}"),
        minus=(cldr.number_symbols[cldr.default_numbering_system] or latin).get("minusSign", latin["minusSign"]),
        zero=zero,
        symbols=MappingProxyType({code: symbol for code, symbol in symbols.items() if code != symbol}),
        date_order=_date_order(cldr.date_formats["short"].pattern),
        months=MappingProxyType(_months(cldr)),
    )


def _date_order(pattern: str) -> DateOrder | None:
    """The order of the letters of a pattern such as `dd.MM.yy`."""
    found = "".join(dict.fromkeys(letter for letter in pattern.lower() if letter in "dmy"))
    return next((order for order in _ORDERS if order == found), None)


def _months(cldr: babel.Locale) -> dict[str, int]:
    """The names of the months that are names: those with digits are read by their characters.

    The names that stand alone are left out: Babel 2.18 gives those of the locale that it read before.
    """
    found: dict[str, int] = {}
    doubtful: set[str] = set()
    for width in ("wide", "abbreviated"):
        for number, name in cast("dict[int, str]", cldr.months["format"][width]).items():
            key = month_key(name)
            if found.setdefault(key, number) != number:
                doubtful.add(key)
    return {key: number for key, number in found.items() if key not in doubtful and not any(map(str.isdigit, key))}
