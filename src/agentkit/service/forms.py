"""What people fill in, out of JSON: the fields of a question have kinds that JSON does not know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import JsonValue

from agentkit.errors import InputError, MoneyError
from agentkit.money import parse_canonical

__all__ = ["filled"]


def filled(given: Mapping[str, JsonValue], kinds: Mapping[str, str]) -> dict[str, object]:
    """The fields as values of their kinds; what fits no kind is left as it is, for the question to refuse.

    Args:
        given: What was filled in: amounts and dates as texts.
        kinds: The kinds of the fields, with `?` where they are optional.

    Raises:
        InputError: A text is no amount, or no date.

    Example:
        >>> filled({"amount": "12.50", "why": "ok"}, {"amount": "decimal", "why": "text?"})
        {'amount': Decimal('12.50'), 'why': 'ok'}
    """
    return {name: _value(name, value, kinds.get(name, "").removesuffix("?")) for name, value in given.items()}


def _value(name: str, value: JsonValue, kind: str) -> object:
    if kind == "decimal" and isinstance(value, str):
        try:
            return parse_canonical(value)
        except MoneyError as error:
            raise InputError(f"field {name!r}: {error}") from error
    if kind == "decimal" and isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if kind == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise InputError(f"field {name!r}: {value!r:.50} is no date, such as 2026-12-25") from error
    return value
