"""Amounts in words: exact, with the code of their currency.

Rules: nothing is rounded; what is no amount here is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.errors import MoneyError
from agentkit.money import Money, format_money

from .words import UNKNOWN, plain_text

__all__ = ["amount_text"]


def amount_text(amount: Money | Mapping[str, object] | None) -> str:
    """An amount with its currency, exactly; a dash if there is none.

    Args:
        amount: An amount, or what it is in JSON.

    Example:
        >>> amount_text({"amount": "1234.5", "currency": "EUR"}), amount_text({"amount": "1", "currency": "?"})
        ('1,234.50 EUR', '1 ?')
    """
    if amount is None:
        return UNKNOWN
    if isinstance(amount, Mapping):
        text, code = str(amount.get("amount", "")), str(amount.get("currency", ""))
        try:
            amount = Money(text, code)
        except MoneyError:
            # Of a currency that is registered elsewhere, or finer than its currency: shown as it is.
            return plain_text(f"{text} {code}", 100)
    return f"{format_money(amount, symbol='none')} {amount.currency.code}"
