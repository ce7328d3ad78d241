"""The wire form of an amount: `{"amount": "19.90", "currency": "EUR"}`, the same in JSON, SQL and every door.

Rules: both are texts, and nothing else is there; an amount never travels as a JSON number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Never, Protocol, cast

from agentkit.errors import InvalidAmount
from agentkit.money.currencies.currency import CURRENCIES, Currency, checked_registry
from agentkit.money.numbers.canonical import refusal, shortened

__all__ = ["FORM_SCHEMA", "AmountForm", "HasContext", "core_schema", "read_currency", "read_form"]

AmountForm = dict[str, str]
"""The wire form: `amount` is canonical text, `currency` a code."""

FORM_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "title": "Money",
    "description": "An exact amount of money: decimal text, never a JSON number, and the code of its currency.",
    "properties": {
        "amount": {"type": "string", "pattern": r"^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)$", "examples": ["19.90"]},
        "currency": {"type": "string", "pattern": r"^[A-Z][A-Z0-9]{1,11}$", "examples": ["EUR"]},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
"""The JSON Schema of the wire form."""


class HasContext(Protocol):
    """What pydantic tells a validator."""

    @property
    def context(self) -> object:
        """What the caller of the validation said."""


def core_schema(read: Callable[[object, HasContext], object], write: Callable[[Never], object]) -> dict[str, object]:
    """Say to pydantic how a value is read and written.

    The schemas of pydantic-core are plain dicts, so that this room needs no pydantic to say what it wants.

    Example:
        >>> core_schema(lambda given, info: given, str)["type"]
        'function-plain'
    """
    return {
        "type": "function-plain",
        "function": {"type": "with-info", "function": read},
        "serialization": {"type": "function-plain", "function": write},
    }


FIELDS: Final[set[object]] = {"amount", "currency"}


def read_form(given: object) -> tuple[str, str]:
    """Return amount and currency of a wire form, both as the text that is there.

    Raises:
        InvalidAmount: It is no mapping with exactly `amount` and `currency`, or one of them is no text.
        FloatNotAllowed: The amount is a float.

    Example:
        >>> read_form({"amount": "19.90", "currency": "EUR"})
        ('19.90', 'EUR')
    """
    fields = _mapping(given)
    if set(fields) != FIELDS:
        raise InvalidAmount(
            f"{shortened(given)} is no amount in wire form: give an object with the texts 'amount' and 'currency' and"
            " nothing else"
        )
    amount, currency = fields["amount"], fields["currency"]
    if not isinstance(amount, str):
        raise refusal(amount, "'amount'", expected="decimal text, such as '19.90'")
    if not isinstance(currency, str):
        raise InvalidAmount(f"'currency' is a {type(currency).__name__}: give a code as text, such as 'EUR'")
    return amount, currency


def read_currency(code: str, context: object) -> Currency:
    """Look up a currency as the context of a validation wants it.

    Args:
        code: The code.
        context: None, or a mapping in which `currencies` is the registry to ask, and `allow_historical` whether
            withdrawn currencies will do.

    Raises:
        CurrencyUnknown: There is no such currency.
        DefinitionError: `currencies` is no registry.

    Example:
        >>> read_currency("DEM", {"allow_historical": True}).status
        'historical'
    """
    said = _mapping(context)
    known = checked_registry(said.get("currencies", CURRENCIES))
    return known.get(code, allow_historical=said.get("allow_historical") is True)


def _mapping(given: object) -> Mapping[object, object]:
    """Return what is a mapping, and an empty one in place of anything else."""
    return cast("Mapping[object, object]", given) if isinstance(given, Mapping) else {}
