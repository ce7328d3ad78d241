"""What a processor tells its audit trail: one entry for each calculation, and for each refusal.

Rules: an entry holds text, truth values, lists and mappings only, so that it means the same wherever it is read; a
float that was accepted is named as one; a result whose entry could not be written is not handed out.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, cast

from agentkit.errors import AgentKitError, MoneyError
from agentkit.money.amounts.amount import ExactMoney, Money
from agentkit.money.audit import AuditValue
from agentkit.money.currencies.currency import Currency
from agentkit.money.currencies.iso4217 import DATA_VERSION
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import is_unicode
from agentkit.money.numbers.rows import rows_of

__all__ = ["AuditDraft", "AuditPort", "listed", "plain", "recorded"]

LONGEST = 1_000


class AuditPort(Protocol):
    """Where a processor writes what it did. An `AuditTrail` is one.

    `append` is called once for each calculation, from the thread that asked for it: with `outputs` when it succeeded,
    with `refusal` when it was refused. What it raises reaches whoever asked, and the result is not handed out.

    Example:
        >>> class Printed:
        ...     def append(self, *, operation: str, **rest: object) -> None:
        ...         print(operation, rest["outputs"])
        >>> from agentkit.money import FinancialProcessor
        >>> price = FinancialProcessor(currency="EUR", audit=Printed()).validate_input("19.9")
        validate_input {'amount': {'amount': '19.90', 'currency': 'EUR'}}
    """

    def append(
        self,
        *,
        actor: str,
        operation: str,
        inputs: Mapping[str, AuditValue],
        outputs: Mapping[str, AuditValue] | None = None,
        refusal: Mapping[str, AuditValue] | None = None,
        rounding: str | None = None,
        data_versions: Mapping[str, str] | None = None,
    ) -> object:
        """Keep one entry; what is returned is ignored."""
        ...


@dataclass(slots=True, kw_only=True)
class AuditDraft:
    """An entry that is being made, while its calculation goes on.

    Attributes:
        inputs: What the calculation was given.
        outputs: What it came to.
        data_versions: Which data it used, by name.

    Example:
        >>> AuditDraft(inputs={"amount": "5"}).outputs
        {}
    """

    inputs: dict[str, object]
    outputs: dict[str, object] = field(default_factory=dict[str, object])
    data_versions: dict[str, str] = field(default_factory=lambda: {"iso4217": DATA_VERSION})


@contextmanager
def recorded(
    audit: AuditPort | None, operation: str, inputs: Mapping[str, object], *, actor: str, rounding: str
) -> Generator[AuditDraft]:
    """Record the calculation inside: its outputs, which it puts into the draft, or its refusal.

    Args:
        audit: Where to; None records nothing.
        operation: The name of the calculation.
        inputs: What it was given, as far as it is known before it begins.
        actor: Who does it.
        rounding: How it rounds.

    Raises:
        MoneyError: What was raised inside; an error of another kind that agentkit has becomes one.

    Example:
        >>> with recorded(None, "add", {"left": 1, "right": 1}, actor="ada", rounding="UNNECESSARY") as draft:
        ...     draft.outputs["sum"] = 2
    """
    draft = AuditDraft(inputs=dict(inputs))
    try:
        yield draft
    except AgentKitError as error:
        refused = error if isinstance(error, MoneyError) else MoneyError(f"{operation}: {error}")
        if audit is not None:
            audit.append(
                actor=actor,
                operation=operation,
                inputs=_plain_fields(draft.inputs),
                refusal={"code": refused.code, "message": str(refused)},
                rounding=rounding,
                data_versions=draft.data_versions,
            )
        if refused is error:
            raise
        raise refused from error
    if audit is not None:
        audit.append(
            actor=actor,
            operation=operation,
            inputs=_plain_fields(draft.inputs),
            outputs=_plain_fields(draft.outputs),
            rounding=rounding,
            data_versions=draft.data_versions,
        )


def plain(value: object) -> AuditValue:
    """Write a value as an entry holds it: numbers as text, other kinds of numbers than decimal ones under their name.

    What is none of the room's values is shown, as a message would show it.

    Example:
        >>> plain([Money(1, "EUR"), Decimal("0.5"), 0.1])
        [{'amount': '1.00', 'currency': 'EUR'}, '0.5', {'float': '0.1'}]
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return {"float": float.__repr__(value)}
    if isinstance(value, Money):
        return dict(value.to_dict())
    if isinstance(value, ExactMoney):
        return {"amount": str(value.fraction), "currency": value.currency.code}
    if isinstance(value, Mapping):
        given = cast("Mapping[object, object]", value)
        return {str(name): plain(item) for name, item in given.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in cast("Sequence[object]", value)]
    return _written(value)


def _written(value: object) -> AuditValue:
    """Write what is neither a list nor a mapping; what is too long to be an amount is shortened."""
    match value:
        case str() if len(value) <= LONGEST and is_unicode(value):
            return value
        case Decimal():
            short = value.is_finite() and abs(value.adjusted()) < LONGEST
            return f"{value:f}" if short else {"decimal": str(value)}
        case int() if value.bit_length() < LONGEST:
            return str(value)
        case Fraction():
            return {"fraction": str(value)}
        case Currency():
            return {"currency": value.code}
        case date():
            return value.isoformat()
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return shortened(value)


def listed(values: object) -> list[object]:
    """Read an iterable once, so that it can be computed with and recorded.

    Raises:
        MoneyError: It is none.

    Example:
        >>> listed(iter([1, 2]))
        [1, 2]
    """
    return list(rows_of(values))


def _plain_fields(given: Mapping[str, object]) -> dict[str, AuditValue]:
    return {name: plain(value) for name, value in given.items()}
