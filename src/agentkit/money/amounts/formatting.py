"""Writing amounts as the people of a locale write them.

Rules: an amount has at least the decimals of its currency in ISO 4217, and never fewer digits than its value; nothing
is rounded. What is written is read back equal by `parse_money` with the same locale.
"""

from __future__ import annotations

from agentkit.errors import InvalidAmount
from agentkit.money.locales.formatting import SymbolStyle, format_amount
from agentkit.money.locales.locale import Locale
from agentkit.money.numbers.kinds import is_a

from .amount import Money

__all__ = ["format_money"]


def format_money(
    money: Money, *, locale: str | Locale = "en-US", symbol: SymbolStyle = "symbol", grouped: bool = True
) -> str:
    r"""Write an amount as the people of a locale write it.

    The decimals are those that ISO 4217 gives the currency, and never fewer than the amount has. A symbol that the
    locale uses for several currencies is replaced by the code.

    Args:
        money: The amount.
        locale: A tag such as `de-DE`, or a `Locale`.
        symbol: Whether the symbol, the code or nothing stands beside the number.
        grouped: Whether separators stand between thousands, or what the locale groups.

    Returns:
        One line, with spaces that do not break: U+00A0 beside the symbol, and where the locale groups by spaces.

    Raises:
        InvalidAmount: It is no `Money`.
        MissingExtra: The locale is not built in, and Babel is not installed.
        MoneyError: There is no such locale, or `symbol` is none of the three.

    Example:
        >>> format_money(Money("-1234.5", "EUR"), locale="de-DE")
        '-1.234,50\xa0€'
        >>> format_money(Money(1234567, "JPY"), locale="en-IN")
        'JP¥12,34,567'
        >>> format_money(Money("9.99", "USD"), symbol="code")
        'USD\xa09.99'
    """
    if not is_a(money, Money):
        raise InvalidAmount(f"Money is written here, not {type(money).__name__}: format_decimal writes numbers")
    return format_amount(money.amount, money.currency, locale=locale, symbol=symbol, grouped=grouped)
