"""The symbols of currencies, and which of them several currencies share.

Rules: a symbol with one currency says it; one with several needs a locale or a currency beside it, since no reading is
guessed. Only current currencies of ISO 4217 stand here; what a locale calls them is in `known.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["BIDI_MARKS", "SYMBOLS", "spoken"]

# Directions of writing, which nobody sees: they surround numbers in texts of right-to-left scripts.
BIDI_MARKS = "\u200e\u200f\u061c"
_NO_MARKS = {ord(mark): None for mark in BIDI_MARKS}


def spoken(symbol: str) -> str:
    """A symbol as it is looked up: without marks of direction, and with plain spaces."""
    return " ".join(symbol.translate(_NO_MARKS).split())


_DOLLAR = (
    "USD AUD CAD NZD SGD HKD TWD MXN ARS BBD BMD BND BSD BZD CLP COP CUP CVE DOP FJD GYD JMD KYD LRD NAD SBD SRD TTD"
    " UYU XCD"
)
_BY_SYMBOL = {
    "$": _DOLLAR, "US$": "USD", "USD$": "USD", "$US": "USD",
    "A$": "AUD", "AU$": "AUD", "$AU": "AUD", "CA$": "CAD", "CAD$": "CAD", "$CA": "CAD", "C$": "CAD NIO",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "SG$": "SGD", "NT$": "TWD", "MX$": "MXN", "Mex$": "MXN", "R$": "BRL",
    "EC$": "XCD", "RD$": "DOP", "J$": "JMD", "TT$": "TTD", "N$": "NAD",
    "€": "EUR", "£": "GBP EGP FKP GIP LBP SDG SHP SSP SYP", "UK£": "GBP", "£GB": "GBP", "EG£": "EGP", "E£": "EGP",
    "¥": "JPY CNY", "￥": "JPY CNY", "JP¥": "JPY", "CN¥": "CNY", "RMB": "CNY", "円": "JPY", "元": "CNY TWD HKD",
    "kr": "SEK NOK DKK ISK", "kr.": "SEK NOK DKK ISK", "Skr": "SEK", "Nkr": "NOK", "Dkr": "DKK", "Ikr": "ISK",
    "Fr": "CHF XAF XOF XPF DJF GNF RWF KMF BIF CDF", "Fr.": "CHF XAF XOF XPF DJF GNF RWF KMF BIF CDF",
    "SFr": "CHF", "SFr.": "CHF", "sFr.": "CHF", "FCFA": "XAF XOF", "F CFA": "XOF XAF",
    "₹": "INR", "Rs": "INR PKR LKR NPR MUR SCR", "Rs.": "INR PKR LKR NPR MUR SCR", "₨": "INR PKR LKR NPR MUR SCR",
    "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON MDL", "₽": "RUB", "₴": "UAH", "₺": "TRY", "₸": "KZT",
    "₼": "AZN", "₾": "GEL", "֏": "AMD", "₩": "KRW KPW", "₫": "VND", "฿": "THB", "₱": "PHP CUP", "₭": "LAK",
    "₮": "MNT", "៛": "KHR", "৳": "BDT", "؋": "AFN", "﷼": "IRR OMR QAR SAR YER", "₪": "ILS", "RM": "MYR", "Rp": "IDR",
    "R": "ZAR", "₦": "NGN", "₵": "GHS", "GH₵": "GHS", "KSh": "KES", "₡": "CRC", "₲": "PYG", "S/": "PEN", "Bs": "BOB",
}  # fmt: skip

SYMBOLS: Mapping[str, frozenset[str]] = MappingProxyType(
    {symbol: frozenset(codes.split()) for symbol, codes in _BY_SYMBOL.items()}
)
"""For each symbol, the codes of the currencies that are written with it somewhere."""
