"""Doing again what a processor's audit entries say that it did.

Rules: an entry holds all that its calculation was given, but for the rates of an exchange, which it names by their
version; what is done again goes through the processor itself, so there is one truth of how it is computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final, cast

from agentkit.errors import AgentKitError, CurrencyUnknown, MoneyError, RateMissing
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
    "reconcile",
)
COUNTS: Final = ("decimal_places", "precision")
AGE: Final = re.compile(r"-?[0-9]{1,300}")

Inputs = Mapping[str, AuditValue]


def replay_calculations(
    *, rates: RateTable | None = None, currencies: Currencies = CURRENCIES
) -> dict[str, Calculation]:
    """Return what does each operation of a `FinancialProcessor` again, by its name, as `AuditTrail.replay` takes it.

    An entry that does not have the form of those that a processor writes comes out otherwise: as a refusal.

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
            kept = Outputs()
            try:
                processor = _processor(object_of(inputs["processor"]) or {}, currencies, kept)
                arguments = _arguments(operation, inputs, currencies)
                if operation == "convert":
                    arguments = {"rates": _exchanged(entry, rates), **arguments}
                cast("Callable[..., object]", getattr(processor, operation))(**arguments)
            except AgentKitError:
                raise
            except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as strange:
                raise MoneyError(f"entry {entry.number} is not what a processor writes: {strange!r}") from strange
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


def _arguments(operation: str, inputs: Inputs, currencies: Currencies) -> dict[str, object]:
    arguments = {name: _given(value, currencies) for name, value in inputs.items() if name != "processor"}
    if operation == "tax" and (rule := object_of(inputs["rule"])) is not None:
        arguments["rule"] = TaxRule.from_dict(rule)
    if operation == "reconcile":
        arguments.update(key=_key_of, amount=_amount_of)
    if isinstance(age := arguments.get("max_age_days"), str) and AGE.fullmatch(age):
        arguments["max_age_days"] = int(age)
    return arguments


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """A key as an entry holds it: equal to those with its number, and shown by its text."""

    number: str
    text: str = field(compare=False)

    def __str__(self) -> str:
        return self.text


def _key_of(row: Mapping[str, str]) -> WrittenKey:
    if code := row.get("refused"):
        raise next((kind for kind in MoneyError.__subclasses__() if kind.code == code), MoneyError)(str(row.get("row")))
    return WrittenKey(row["number"], row["key"])


def _amount_of(row: Mapping[str, str]) -> str:
    return row["amount"]


def _given(value: AuditValue, currencies: Currencies) -> object:
    """Make of what an entry holds what the calculation was given."""
    if isinstance(value, list):
        return [_given(item, currencies) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"mapping": dict(own), **rest} if not rest:
            return {name: _given(item, currencies) for name, item in own.items()}
        case {"currency": str(code), **rest} if not rest:
            return _currency(code, currencies)
        case {"amount": str(text), "currency": str(code), **rest} if not rest:
            return _amount(text, currencies.get(code, allow_historical=True))
        case _ if len(value) == 1 and (number := _number(*value.items())) is not None:
            return number
        case _:
            return {name: _given(item, currencies) for name, item in value.items()}


def _number(tagged: tuple[str, AuditValue]) -> float | Decimal | int | Fraction | None:
    """Make a number of what stands under the name of its kind; None where that is none."""
    match tagged:
        case "float", str(text):
            return float(text)
        case "decimal", str(text):
            return Decimal(text)
        case "integer", str(text):
            return int(text, 0)
        case "fraction", str(text):
            numerator, _, denominator = text.partition("/")
            return Fraction(int(numerator, 0), int(denominator, 0))
        case _:
            return None


def _currency(code: str, currencies: Currencies) -> Currency | str:
    """Look up a currency; a code that no amount may have is left to whoever is given it."""
    try:
        return currencies.get(code, allow_historical=True)
    except CurrencyUnknown:
        return code


def _amount(text: str, currency: Currency) -> Money | ExactMoney:
    exact = Fraction(text)
    minor = exact * 10**currency.places
    return Money.from_minor(minor.numerator, currency) if minor.denominator == 1 else ExactMoney(exact, currency)


def _exchanged(entry: AuditEntry, rates: RateTable | None) -> RateTable:
    """Return the rates, if they are those of the entry."""
    assert rates is not None
    if entry.data_versions.get("rates", rates.version) != rates.version:
        raise RateMissing("the entry was made with other rates than those that were given to do it again")
    return rates
