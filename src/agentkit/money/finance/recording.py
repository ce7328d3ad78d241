"""What a processor tells its audit trail: one entry for each calculation, and for each refusal.

Rules: an entry holds text, truth values, lists and mappings only, so that it means the same wherever it is read; a
float that was accepted is named as one; a result whose entry could not be written is not handed out.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol, cast

from agentkit.errors import AgentKitError, MoneyError
from agentkit.money.amounts.amount import ExactMoney, Money
from agentkit.money.audit import AuditValue
from agentkit.money.currencies.currency import Currency
from agentkit.money.currencies.iso4217 import DATA_VERSION
from agentkit.money.numbers.canonical import is_canonical, shortened
from agentkit.money.numbers.kinds import is_unicode
from agentkit.money.numbers.rows import rows_of

from .reconciliation import Keyed

__all__ = ["AuditDraft", "AuditPort", "compared_rows", "listed", "plain", "recorded"]

LONGEST: Final = 1_000
LONGEST_NUMBER: Final = 100_000
DEEPEST: Final = 20

TAGS: Final = [{"float"}, {"decimal"}, {"integer"}, {"fraction"}, {"currency"}, {"amount", "currency"}, {"mapping"}]
"""The keys of the mappings by which values are told apart that would be one text otherwise."""


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
                inputs=_plain_inputs(draft.inputs),
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
            inputs=_plain_inputs(draft.inputs),
            outputs=_plain_fields(draft.outputs),
            rounding=rounding,
            data_versions=draft.data_versions,
        )


def plain(value: object, *, given: bool = False, depth: int = 0) -> AuditValue:
    """Write a value as an entry holds it: numbers as text, other kinds of numbers than decimal ones under their name.

    What is none of the room's values is shown, as a message would show it.

    Args:
        value: The value.
        given: Whether it was given by whoever asked: then a mapping that looks like what is written here for a number
            or an amount is marked as a mapping.
        depth: How deep it lies in another one; what is nested too deep is shown too.

    Example:
        >>> plain({"float": "0.1"}, given=True)
        {'mapping': {'float': '0.1'}}
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
    if depth < DEEPEST and isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        fields = {_name(name): plain(item, given=given, depth=depth + 1) for name, item in items}
        return {"mapping": fields} if given and set(fields) in TAGS else fields
    if depth < DEEPEST and isinstance(value, (list, tuple)):
        return [plain(item, given=given, depth=depth + 1) for item in cast("Sequence[object]", value)]
    return _written(value)


def _written(value: object) -> AuditValue:
    """Write what is neither a list nor a mapping; what is too long to be an amount is shortened."""
    match value:
        case str() if len(value) <= LONGEST and is_unicode(value):
            return str(value)
        case str() if len(value) <= LONGEST_NUMBER and is_canonical(value):
            return {"decimal": value.strip()}
        case Decimal():
            short = value.is_finite() and abs(value.adjusted()) < LONGEST
            return f"{value:f}" if short else {"decimal": str(value)}
        case int():
            return f"{value:d}" if value.bit_length() < LONGEST else {"integer": hex(value)}
        case Fraction():
            return {"fraction": f"{_digits(value.numerator)}/{_digits(value.denominator)}"}
        case Currency():
            return {"currency": value.code}
        case date():
            return value.isoformat()
        case _:
            return shortened(value)


def _digits(number: int) -> str:
    # Python refuses to write integers of thousands of digits, but in a base that is a power of two.
    return str(number) if number.bit_length() < LONGEST else hex(number)


def _name(name: object) -> str:
    return name if isinstance(name, str) and is_unicode(name) else shortened(name)


def compared_rows(sides: Sequence[Sequence[Keyed]]) -> list[list[dict[str, object]]]:
    """Write the rows of a reconciliation by what was compared: keys that are equal have one number.

    Example:
        >>> compared_rows([[Keyed(key="A-1", amount="5")], [Keyed(key="A-1", amount="6")]])[1]
        [{'key': 'A-1', 'number': 1, 'amount': '6'}]
    """
    numbers: dict[object, int] = {}

    def written(row: Keyed) -> dict[str, object]:
        if row.wrong is not None:
            return {"refused": row.wrong.code, "row": row.row}
        return {"key": str(row.key), "number": numbers.setdefault(row.key, len(numbers) + 1), "amount": row.amount}

    return [[written(row) for row in rows] for rows in sides]


def listed(values: object) -> list[object]:
    """Read an iterable once, so that it can be computed with and recorded.

    Raises:
        MoneyError: It is none.

    Example:
        >>> listed(iter([1, 2]))
        [1, 2]
    """
    return list(rows_of(values))


def _plain_inputs(given: Mapping[str, object]) -> dict[str, AuditValue]:
    return {name: plain(value, given=True) for name, value in given.items()}


def _plain_fields(given: Mapping[str, object]) -> dict[str, AuditValue]:
    return {name: plain(value) for name, value in given.items()}
