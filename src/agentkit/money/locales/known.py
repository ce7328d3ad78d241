"""The locales that are built in, and how any other one is found.

Rules: the facts are those of Unicode CLDR 48, but for the number of decimals, which is that of ISO 4217. The common
locales are built in; any other comes from Babel, where it is installed. A test compares the table with Babel.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agentkit.errors import MoneyError

from .cldr import read_cldr
from .locale import DateOrder, Locale
from .months import MONTHS

__all__ = ["LOCALES", "find_locale"]


# fmt: off
# What most locales write; each says below what it writes otherwise. None: the code itself.
_COMMON = {
    "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "HKD": "HK$", "ILS": "₪", "INR": "₹", "KRW": "₩",
    "MXN": "MX$", "NZD": "NZ$", "TWD": "NT$", "VND": "₫", "XAF": "FCFA", "XCD": "EC$", "XCG": "Cg.",
    "XOF": "F\u202fCFA", "XPF": "CFPF",
}
_FRENCH = {
    "ARS": "$AR", "AUD": "$AU", "BMD": "$BM", "BND": "$BN", "BZD": "$BZ", "CAD": "$CA", "CLP": "$CL", "CNY": None,
    "COP": "$CO", "FJD": "$FJ", "FKP": "£FK", "GBP": "£GB", "GIP": "£GI", "HKD": None, "LBP": "£LB", "MXN": "$MX",
    "NAD": "$NA", "NZD": "$NZ", "SBD": "$SB", "SGD": "$SG", "SRD": "$SR", "TTD": "$TT", "TWD": None, "USD": "$US",
    "UYU": "$UY", "WST": "$WS", "XCD": None, "XPF": "FCFP",
}
_SPANISH = dict.fromkeys(
    ["BRL", "CAD", "CNY", "GBP", "HKD", "ILS", "INR", "KRW", "MXN", "NZD", "TWD", "XAF", "XCD", "XOF"]
) | {"THB": "฿", "USD": "US$"}
_ITALIAN = dict.fromkeys(["BRL", "HKD", "INR", "KRW", "MXN", "TWD", "VND"]) | {"AUD": "A$", "PHP": "₱", "THB": "฿"}
_POLISH = dict.fromkeys(
    ["CAD", "CNY", "GBP", "HKD", "ILS", "INR", "KRW", "MXN", "NZD", "TWD", "VND", "XCG"]
) | {"PLN": "zł"}
_SWEDISH = dict.fromkeys(["CNY", "GBP", "HKD", "INR", "KRW", "NZD", "TWD", "VND", "XCG"]) | {
    "BBD": "Bds$", "BMD": "BM$", "BRL": "BR$", "BSD": "BS$", "BZD": "BZ$", "DKK": "Dkr", "DOP": "RD$", "EGP": "EG£",
    "ISK": "Ikr", "JMD": "JM$", "NOK": "Nkr", "SEK": "kr", "USD": "US$",
}
_ARABIC = {
    "AED": "د.إ.\u200f", "AUD": "AU$", "BHD": "د.ب.\u200f", "DZD": "د.ج.\u200f", "EGP": "ج.م.\u200f", "GBP": "UK£",
    "IQD": "د.ع.\u200f", "IRR": "ر.إ.", "JOD": "د.أ.\u200f", "JPY": "JP¥", "KWD": "د.ك.\u200f", "LBP": "ل.ل.\u200f",
    "LYD": "د.ل.\u200f", "MAD": "د.م.\u200f", "MRU": "أ.م.", "OMR": "ر.ع.\u200f", "QAR": "ر.ق.\u200f",
    "SAR": "ر.س.\u200f", "SDG": "ج.س.", "SYP": "ل.س.\u200f", "THB": "฿", "TND": "د.ت.\u200f", "USD": "US$",
    "YER": "ر.ي.\u200f",
}
_GERMAN = {"AUD": "AU$", "JPY": "¥", "THB": "฿", "USD": "$"}
# fmt: on

_BEFORE = ("¤#", "-¤#")
_BEFORE_SPACED = ("¤\u00a0#", "-¤\u00a0#")
_AFTER_SPACED = ("#\u00a0¤", "-#\u00a0¤")
_POINT = (".", ",")
_COMMA = (",", ".")


def _built_in(
    tag: str,
    separators: tuple[str, str],
    patterns: tuple[str, str],
    date_order: DateOrder,
    symbols: Mapping[str, str | None],
    *,
    secondary: int = 3,
    minus: str = "-",
    zero: str = "0",
) -> Locale:
    written = {**_COMMON, **symbols}
    return Locale(
        tag=tag,
        decimal=separators[0],
        group=separators[1],
        positive=patterns[0],
        negative=patterns[1],
        date_order=date_order,
        symbols=MappingProxyType({code: symbol for code, symbol in written.items() if symbol is not None}),
        months=MONTHS[tag.partition("-")[0]],
        secondary=secondary,
        minus=minus,
        zero=zero,
    )


_AMERICAN = {"AUD": "A$", "JPY": "¥", "PHP": "₱", "USD": "$"}
_INDIAN = {"AUD": "A$", "JPY": "JP¥", "USD": "$"}
_BUILT_IN = (
    _built_in("en-US", _POINT, _BEFORE, "mdy", _AMERICAN),
    _built_in("en-GB", _POINT, _BEFORE, "dmy", _AMERICAN | {"JPY": "JP¥", "USD": "US$"}),
    _built_in("de-DE", _COMMA, _AFTER_SPACED, "dmy", _GERMAN),
    _built_in("de-CH", (".", "'"), ("¤\u00a0#", "¤-#"), "dmy", _GERMAN | {"EUR": None}),
    _built_in("fr-FR", (",", "\u202f"), _AFTER_SPACED, "dmy", _FRENCH),
    _built_in("es-ES", _COMMA, _AFTER_SPACED, "dmy", _SPANISH),
    _built_in("it-IT", _COMMA, _AFTER_SPACED, "dmy", _ITALIAN),
    _built_in(
        "nl-NL",
        _COMMA,
        ("¤\u00a0#", "¤\u00a0-#"),
        "dmy",
        _GERMAN | {"CAD": "C$", "FJD": "FJ$", "JPY": "JP¥", "SBD": "SI$", "USD": "US$", "XPF": None, "ZWG": "ZiG"},
    ),
    _built_in("pt-BR", _COMMA, _BEFORE_SPACED, "dmy", _GERMAN | {"JPY": "JP¥", "USD": "US$"}),
    _built_in("pl-PL", (",", "\u00a0"), _AFTER_SPACED, "dmy", _POLISH),
    _built_in("sv-SE", (",", "\u00a0"), _AFTER_SPACED, "ymd", _SWEDISH, minus="\u2212"),
    _built_in("ja-JP", _POINT, _BEFORE, "ymd", {"AUD": "A$", "CNY": "元", "JPY": "￥", "USD": "$", "XCG": "Cg"}),
    _built_in("zh-CN", _POINT, _BEFORE, "ymd", {"AUD": "AU$", "CNY": "¥", "JPY": "JP¥", "USD": "US$"}),
    _built_in("en-IN", _POINT, _BEFORE, "dmy", _INDIAN | {"PHP": "₱"}, secondary=2),
    _built_in("hi-IN", _POINT, _BEFORE, "dmy", _INDIAN | {"THB": "฿"}, secondary=2),
    _built_in("ar-EG", _POINT, ("\u200f#\u00a0¤", "\u200f-#\u00a0¤"), "dmy", _ARABIC, zero="\u0660", minus="\u061c-"),
)

LOCALES: Mapping[str, Locale] = MappingProxyType({locale.tag: locale for locale in _BUILT_IN})
"""The built-in locales by their tags."""

# A language alone means what CLDR says of it: in all but Arabic, that is the first of its locales here.
_LANGUAGES = {locale.tag.partition("-")[0]: locale for locale in reversed(_BUILT_IN) if locale.tag != "ar-EG"}


def find_locale(locale: str | Locale) -> Locale:
    r"""The locale with this tag: a built-in one, or else what Babel knows of it.

    Args:
        locale: A tag such as `de-CH` or `de_CH`, or a language such as `de`, which means the locale that Unicode CLDR
            has for it; a `Locale` is returned as it is.

    Raises:
        MissingExtra: It is not built in, and Babel is not installed.
        MoneyError: It is no locale.

    Example:
        >>> find_locale("de-CH").group
        "'"
    """
    if isinstance(locale, Locale):
        return locale
    try:
        return LOCALES[locale]
    except (KeyError, TypeError):
        tag = _tag(locale)
    return LOCALES.get(tag) or _LANGUAGES.get(tag) or read_cldr(tag)


def _tag(locale: object) -> str:
    if not isinstance(locale, str):
        raise MoneyError(f"a locale is a tag such as 'de-CH', not {type(locale).__name__}")
    return locale.replace("_", "-")
