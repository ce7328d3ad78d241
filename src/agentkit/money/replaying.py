"""Doing again what a processor's audit entries say that it did.

Rules: an entry holds all that its calculation was given, but for the rates of an exchange, which it names by their
version; what is done again goes through the processor itself, so there is one truth of how it is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, cast

from agentkit.errors import RateMissing

from .amount import ExactMoney, Money
from .currency import CURRENCIES, Currencies, Currency
from .kinds import object_of
from .precision import PrecisionConfig
from .processor import FinancialProcessor
from .rates import RateTable
from .recording import Plain
from .tax import TaxRule

__all__ = ["replay_calculations"]

OPERATIONS: Final = (
    "validate_input",
    "validate_many",
    "calculate_percentage",
    "calculate_revenue_share",
    "calculate_shares",
    "allocate",
    "tax",
    "running_total",
)
COUNTS: Final = ("decimal_places", "precision")

Inputs = Mapping[str, Plain]


def replay_calculations(
    *, rates: RateTable | None = None, currencies: Currencies = CURRENCIES
) -> dict[str, Callable[[Inputs, object], Mapping[str, Plain]]]:
    """Return what does each operation of a `FinancialProcessor` again, by its name, as `AuditTrail.replay` takes it.

    Each takes the inputs of an entry, and the entry, which it does not need; it gives the outputs that the entry should
    hold, or raises the refusal. `reconcile` is not among them: its keys may be of any kind, and are texts in an entry.

    Args:
        rates: The rates for `convert`; without them conversions cannot be done again. An entry that was made with
            another version of them raises `RateMissing`.
        currencies: Where codes of currencies are looked up.

    Example:
        >>> entry = {"amount": "199.99", "percent": "12.5", "processor": {"currency": "USD"}}
        >>> replay_calculations()["calculate_percentage"](entry, None)
        {'amount': {'amount': '25.00', 'currency': 'USD'}}
    """

    def again(operation: str) -> Callable[[Inputs, object], Mapping[str, Plain]]:
        def calculate(inputs: Inputs, entry: object) -> Mapping[str, Plain]:
            arguments = {name: _given(value, currencies) for name, value in inputs.items() if name != "processor"}
            if operation == "tax":
                arguments["rule"] = TaxRule.from_dict(object_of(inputs["rule"]) or {})
            if operation == "convert":
                arguments.update(_exchange(inputs, entry, rates))
            kept = Outputs()
            processor = _processor(object_of(inputs["processor"]) or {}, currencies, kept)
            cast("Callable[..., object]", getattr(processor, operation))(**arguments)
            return kept.outputs

        return calculate

    return {name: again(name) for name in (*OPERATIONS, *(("convert",) if rates is not None else ()))}


class Outputs:
    """An audit trail of one entry, of which it keeps the outputs."""

    __slots__ = ("outputs",)

    def __init__(self) -> None:
        self.outputs: Mapping[str, Plain] = {}

    def record(self, *, outputs: Mapping[str, Plain] | None = None, **_: object) -> None:
        """Keep the outputs."""
        self.outputs = outputs or {}


def _processor(settings: Mapping[str, object], currencies: Currencies, audit: Outputs) -> FinancialProcessor:
    read: dict[str, object] = {name: value for name, value in settings.items() if name != "currency"}
    for name in COUNTS:
        if isinstance(text := read.get(name), str):
            read[name] = int(text)
    code = cast("str | None", settings.get("currency"))
    currency = None if code is None else currencies.get(code, allow_historical=True)
    return FinancialProcessor(PrecisionConfig.from_dict(read), currency=currency, currencies=currencies, audit=audit)


def _given(value: Plain, currencies: Currencies) -> object:
    """Make of what an entry holds what the calculation was given."""
    if isinstance(value, list):
        return [_given(item, currencies) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"float": str(text), **rest} if not rest:
            return float(text)
        case {"decimal": str(text), **rest} if not rest:
            return Decimal(text)
        case {"fraction": str(text), **rest} if not rest:
            return Fraction(text)
        case {"currency": str(code), **rest} if not rest:
            return currencies.get(code, allow_historical=True)
        case {"amount": str(text), "currency": str(code), **rest} if not rest:
            return _amount(text, currencies.get(code, allow_historical=True))
        case _:
            return {name: _given(item, currencies) for name, item in value.items()}


def _amount(text: str, currency: Currency) -> Money | ExactMoney:
    exact = Fraction(text)
    minor = exact * 10**currency.places
    return Money.from_minor(minor.numerator, currency) if minor.denominator == 1 else ExactMoney(exact, currency)


def _exchange(inputs: Inputs, entry: object, rates: RateTable | None) -> dict[str, object]:
    assert rates is not None
    versions = object_of(getattr(entry, "data_versions", None)) or {}
    if versions.get("rates", rates.version) != rates.version:
        raise RateMissing("the entry was made with other rates than those that were given to do it again")
    age = inputs.get("max_age_days")
    return {"rates": rates, "max_age_days": int(age) if isinstance(age, str) else None}
