"""Writing numbers as the people of a locale write them, alone and beside the sign of a currency.

Rules: an amount has at least the decimals of its currency in ISO 4217, and never fewer digits than its value; nothing
is rounded. What is written is read back equal by `parse_money` with the same locale.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, get_args
from unicodedata import category

from agentkit.errors import MoneyError, NonFinite, PrecisionExceeded
from agentkit.money.currencies.currency import Currency
from agentkit.money.numbers.canonical import MOST_DIGITS, refusal, shortened
from agentkit.money.numbers.rounding import check_places

from .digits import ARABIC, ARABIC_ZEROS
from .known import find_locale
from .locale import Locale
from .symbols import spoken

__all__ = ["SymbolStyle", "format_amount", "format_decimal"]

SymbolStyle = Literal["symbol", "code", "none"]
"""What stands beside the number: the symbol that the locale has, the code of ISO 4217, or nothing."""

_STYLES = get_args(SymbolStyle)
_LETTERS_APART = "\u00a0"


def format_amount(
    amount: Decimal, currency: Currency, *, locale: str | Locale, symbol: SymbolStyle, grouped: bool
) -> str:
    """Write an amount as the people of a locale write it. See `agentkit.money.format_money`.

    Args:
        amount: The amount, with all decimals of its currency.
        currency: The currency.
        locale: A tag such as `de-DE`, or a `Locale`.
        symbol: Whether the symbol, the code or nothing stands beside the number.
        grouped: Whether there are separators between groups.

    Raises:
        MissingExtra: The locale is not built in, and Babel is not installed.
        MoneyError: There is no such locale, or `symbol` is none of the three.
    """
    if symbol not in _STYLES:
        raise MoneyError(f"symbol={shortened(symbol)}: give 'symbol', 'code' or 'none'")
    place, code = find_locale(locale), currency.code
    number = _written(amount.copy_abs(), place, places=currency.places, grouped=grouped)
    if symbol == "none":
        return f"{place.minus}{number}" if amount.is_signed() else number
    sign = place.symbols.get(code, code) if symbol == "symbol" else code
    if sign != code and spoken(sign) not in place.codes:
        sign = code
    pattern = place.negative if amount.is_signed() else place.positive
    return _filled(pattern, sign, number, place.minus)


def format_decimal(
    value: Decimal | int, *, locale: str | Locale = "en-US", places: int = 0, grouped: bool = True
) -> str:
    """Write a number as the people of a locale write it.

    Args:
        value: The number.
        locale: A tag such as `de-DE`, or a `Locale`.
        places: The least decimals; zeros are added, and no digit is taken away.
        grouped: Whether separators stand between thousands, or what the locale groups.

    Raises:
        InvalidAmount: It is no int or Decimal.
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.
        PrecisionExceeded: It has more than a thousand digits before or after its point.
        DefinitionError: `places` is no int from 0 to 1,000.
        MissingExtra: The locale is not built in, and Babel is not installed.
        MoneyError: There is no such locale.

    Example:
        >>> format_decimal(Decimal("1234567.5"), locale="pt-BR", places=2)
        '1.234.567,50'
    """
    number = _checked(value)
    check_places(places)
    place = find_locale(locale)
    written = _written(number.copy_abs(), place, places=places, grouped=grouped)
    return f"{place.minus}{written}" if number.is_signed() and number else written


def _checked(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise refusal(value, "the number", expected="an int or a Decimal")
    number = Decimal(value)
    if not number.is_finite():
        raise NonFinite(f"{number} is not finite")
    if abs(number.adjusted()) > MOST_DIGITS:
        raise PrecisionExceeded(f"the number has more than {MOST_DIGITS:,} digits before or after its point")
    return number


def _written(value: Decimal, place: Locale, *, places: int, grouped: bool) -> str:
    """Write a number that is not negative, with at least so many decimals."""
    whole, _, decimals = format(value, "f").partition(".")
    decimals = decimals.ljust(places, "0")
    decimal, group = place.decimal, place.group
    if ord(place.zero) in ARABIC_ZEROS:
        decimal, group = ARABIC.decimal, ARABIC.groups
    if grouped and group:
        whole = group.join(_groups(whole, place.secondary))
    written = f"{whole}{decimal}{decimals}" if decimals else whole
    if place.zero == "0":
        return written
    zero = ord(place.zero)
    return written.translate({ord("0") + digit: zero + digit for digit in range(10)})


def _groups(whole: str, size: int) -> list[str]:
    """Split digits into groups: the last has three, those before it have so many, and the first has what is left."""
    front, last = whole[:-3], whole[-3:]
    first = len(front) % size
    return [
        *([front[:first]] if first else []),
        *(front[at : at + size] for at in range(first, len(front), size)),
        last,
    ]


def _filled(pattern: str, sign: str, number: str, minus: str) -> str:
    """Put sign and number into a pattern; letters beside digits are kept apart, as CLDR wants it."""
    sign_first = "\u00a4#" in pattern
    if sign_first and _is_letter(sign[-1]):
        sign += _LETTERS_APART
    elif "#\u00a4" in pattern and _is_letter(sign[0]):
        sign = _LETTERS_APART + sign
    return pattern.replace("-", minus).replace("#", number).replace("\u00a4", sign)


def _is_letter(one: str) -> bool:
    return category(one)[0] not in "SZ"
