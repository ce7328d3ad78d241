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
from agentkit.money.amounts.amount import ExactMoney, Money
from agentkit.money.audit import AuditEntry, AuditValue, Calculation
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency
from agentkit.money.numbers.kinds import object_of

from .precision import PrecisionConfig
from .processor import FinancialProcessor
from .rates import RateTable
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

Inputs = Mapping[str, AuditValue]


def replay_calculations(
    *, rates: RateTable | None = None, currencies: Currencies = CURRENCIES
) -> dict[str, Calculation]:
    """Return what does each operation of a `FinancialProcessor` again, by its name, as `AuditTrail.replay` takes it.

    `reconcile` is not among them: its keys may be of any kind, and are texts in an entry.

    Args:
        rates: The rates for `convert`; without them conversions cannot be done again. An entry that was made with
            another version of them raises `RateMissing`.
        currencies: Where codes of currencies are looked up.

    Example:
        >>> from agentkit.engines import SystemClock
        >>> from agentkit.money import AuditTrail, MemorySink
        >>> trail = AuditTrail(MemorySink(), clock=SystemClock())
        >>> part = FinancialProcessor(currency="USD", audit=trail).calculate_percentage("199.99", "12.5")
        >>> trail.replay(replay_calculations()).is_equal
        True
    """

    def again(operation: str) -> Calculation:
        def calculate(inputs: Inputs, entry: AuditEntry) -> Mapping[str, AuditValue]:
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
        self.outputs: Mapping[str, AuditValue] = {}

    def append(self, *, outputs: Mapping[str, AuditValue] | None = None, **_: object) -> None:
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


def _given(value: AuditValue, currencies: Currencies) -> object:
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


def _exchange(inputs: Inputs, entry: AuditEntry, rates: RateTable | None) -> dict[str, object]:
    assert rates is not None
    versions = entry.data_versions
    if versions.get("rates", rates.version) != rates.version:
        raise RateMissing("the entry was made with other rates than those that were given to do it again")
    age = inputs.get("max_age_days")
    return {"rates": rates, "max_age_days": int(age) if isinstance(age, str) else None}
