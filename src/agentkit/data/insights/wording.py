"""Which English words are numbers, which enlarge one, and which are units.

Rules: a word that can hardly be anything else counts wherever it stands; one that may be something else, such as `m`,
`won` or `times`, counts beside a number alone.
"""

from __future__ import annotations

import re
from typing import Final

from agentkit.money import CURRENCIES

__all__ = ["PART", "SMALL", "VAGUE", "is_code", "is_prefix", "is_unit", "unit_of"]

# fmt: off
SMALL: Final = {
    word: number
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
"""The words that may name a figure."""
_TEENS: Final = [
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety",
]
_POWERS: Final = [
    "hundred", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "lakh", "crore", "dozen",
]
_PARTS: Final = [
    "third", "quarter", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "twentieth", "hundredth", "thousandth", "millionth", "billionth",
]
_TIMES: Final = ["doubl", "trebl", "tripl", "quadrupl", "quintupl", "sextupl", "halv"]

VAGUE: Final = frozenset({
    "half", "twice", "thrice", "couple", "pair", "tens", "nil", "nought", "naught", "manyfold", "multifold",
    *_TEENS, *_POWERS, *(f"{word}s" for word in _POWERS),
    *(f"{word}s" for word in _PARTS if word != "quarter"),
    *(f"{word}fold" for word in [*SMALL, *_TEENS, *_POWERS]),
    *(f"{word}{end}" for word in _TIMES for end in ("e", "es", "ed", "ing", "y")),
})
"""The words that are a number which no statement writes."""

PART: Final = re.compile(
    rf"\b(?:an?|one|another|three)[\s-]{{1,3}}(?P<part>{'|'.join(_PARTS)})s?\b(?P<of>\s{{1,3}}of\b)?", re.IGNORECASE
)
"""A part in words, such as `a third`."""

_SCALES: Final = frozenset({
    "k", "m", "mm", "mn", "mln", "mil", "mill", "mio", "b", "bn", "bln", "bil", "mrd", "mia", "t", "tn", "tr", "trn",
    "tsd", "thsd", "thou", "grand", "lac", "lacs", "cr",
})
_UNITS: Final = frozenset({
    "pct", "pc", "pp", "pps", "ppt", "ppm", "bp", "bps", "basis", "percentage", "percentages", "percentile", "prozent",
    "pourcent", "procent", "permille", "promille", "permil", "fold", "times", "x",
})
# The last words of names of currencies that are something else far more often.
_OTHER: Final = frozenset({
    "account", "code", "convertible", "coupon", "day", "electronic", "fomento", "gold", "involved", "oro", "palladium",
    "platinum", "purposes", "right", "silver", "sum",
})
_CURRENCIES: Final = frozenset({
    name + end
    for name in (currency.name.split()[-1].lower() for currency in CURRENCIES)
    if name.isalpha() and name not in _OTHER
    for end in ("", "s")
} | {
    "bitcoin", "bitcoins", "buck", "bucks", "cent", "centime", "centimes", "cents", "ether", "fr", "kopecks", "kr",
    "kroner", "kronor", "kronur", "lei", "leva", "pence", "pennies", "penny", "pound", "pounds", "quid", "rappen",
    "rs", "satoshi", "satoshis", "sfr", "usdc", "usdt", "yuan",
})
# Codes that are English words in small letters.
_WORDS: Final = frozenset({
    "all", "bad", "bam", "bel", "bob", "bop", "cad", "cop", "cup", "dem", "eek", "esp", "gel", "lvl", "mad", "mop",
    "pen", "php", "ron", "rub", "sit", "sos", "std", "sur", "top", "try",
})
_CAPITALS: Final = frozenset(currency.code for currency in CURRENCIES)
_CODES: Final = frozenset(code.lower() for code in _CAPITALS) - _WORDS
_CODES_PLURAL: Final = frozenset(f"{code}s" for code in _CODES)
_AFTER_ONLY: Final = frozenset({"b", "grand", "mark", "marks", "mil", "real", "reals", "t", "thou", "won", "wons"})
# fmt: on


def unit_of(word: str, own: frozenset[str]) -> str:
    """The code of a currency that a word is; empty if it is none. Any three capitals are taken for one.

    Args:
        word: The word.
        own: The codes of the currencies that figures have: they may be longer.
    """
    is_one = is_code(word, own) or (len(word) == 3 and word.isascii() and word.isupper())
    return word.upper() if is_one else ""


def is_code(word: str, own: frozenset[str]) -> bool:
    """Whether a word is the code of a currency that there is: `USD` and not `USA`."""
    return word.upper() in own or word in _CAPITALS or word.lower() in _CODES


def _is_currency(word: str) -> bool:
    """Whether a word names a currency, though not by its code: `dollars`."""
    return word.lower() in _CURRENCIES or word.lower() in _CODES_PLURAL


def _is_scale(word: str) -> bool:
    """Whether a word beside a number makes another number of it, with a code or without: `bn`, `kEUR`."""
    small = word.lower()
    return (
        small in _SCALES
        or (small[:3] in _CODES and small[3:] in _SCALES)
        or (small[-3:] in _CODES and small[:-3] in _SCALES)
    )


def is_unit(word: str) -> bool:
    """Whether a word behind a number makes something else of it."""
    return word.lower() in _UNITS or _is_scale(word) or _is_currency(word)


def is_prefix(word: str) -> bool:
    """Whether a word before a number makes something else of it."""
    return word.lower() not in _AFTER_ONLY and (_is_scale(word) or _is_currency(word))
