"""What comes in as an amount: read exactly, rounded once, held against its bounds; and what is wrong with the rest.

Rules: a bare number has the currency of whoever reads it; a float is read by its shortest text or refused, and never
computed with; of many values, each is accepted or has its issue.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, cast

from agentkit.errors import CurrencyMismatch, CurrencyRequired, FloatNotAllowed, MoneyError, NonFinite
from agentkit.money.amounts.amount import ExactMoney, Money
from agentkit.money.currencies.currency import Currency
from agentkit.money.numbers.canonical import parse_canonical, ratio_of, shortened
from agentkit.money.numbers.rows import in_row

from .precision import PrecisionConfig

__all__ = ["AmountIssue", "AmountLike", "Intake", "ValidatedAmounts"]

AmountLike: TypeAlias = str | int | float | Decimal | Fraction | Money | ExactMoney
"""What a processor reads as an amount. Text is canonical: `-1234.50`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountIssue:
    """Why a value is no amount.

    Attributes:
        row: Where it stands, from 1.
        code: The code of the error, such as `non_finite`.
        message: What is wrong, and what to do.
        value: The value, as messages show it.

    Example:
        >>> from agentkit.money import FinancialProcessor
        >>> FinancialProcessor(currency="EUR").validate_many(["1", "one"]).issues[0].row
        2
    """

    row: int
    code: str
    message: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedAmounts:
    """What became of many values: each of them is accepted, or has an issue.

    Attributes:
        accepted: The amounts, each with its row, from 1.
        issues: What is wrong with all others, in order.

    Example:
        >>> from agentkit.money import FinancialProcessor
        >>> found = FinancialProcessor(currency="EUR").validate_many(["19.90", "NaN", "5"])
        >>> found.amounts, [(issue.row, issue.code) for issue in found.issues]
        ((Money('19.90', 'EUR'), Money('5.00', 'EUR')), [(2, 'non_finite')])
    """

    accepted: tuple[tuple[int, Money], ...]
    issues: tuple[AmountIssue, ...]

    @property
    def amounts(self) -> tuple[Money, ...]:
        """The accepted amounts, without their rows."""
        return tuple(amount for _, amount in self.accepted)

    @property
    def is_clean(self) -> bool:
        """Whether there are no issues."""
        return not self.issues


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How amounts are read: the configuration, and the currency of bare numbers.

    Attributes:
        config: How they are rounded and bounded, and what becomes of a float.
        currency: The currency of bare numbers, which amounts have too; None: bare numbers are refused.

    Example:
        >>> from agentkit.money import CURRENCIES
        >>> Intake(config=PrecisionConfig(), currency=CURRENCIES.get("EUR")).read(0.1)
        Money('0.10', 'EUR')
    """

    config: PrecisionConfig
    currency: Currency | None

    def read(self, value: object) -> Money:
        """Read an amount.

        Raises:
            MoneyError: It is none, or not a valid one; the kind of the error says why.
        """
        amount = self.exact(value)
        return self.config.accept(amount.fraction, amount.currency)

    def read_all(self, values: Iterable[object]) -> list[Money]:
        """Read amounts that all have to be valid.

        Raises:
            MoneyError: One is not; the kind of the error says why, and its text names the row, from 1.
        """
        amounts: list[Money] = []
        for row, value in enumerate(values, start=1):
            try:
                amounts.append(self.read(value))
            except MoneyError as wrong:
                raise in_row(wrong, f"row {row}") from wrong
        return amounts

    def read_each(self, values: Iterable[object]) -> ValidatedAmounts:
        """Read many amounts, and tell everything that is wrong with them."""
        accepted: list[tuple[int, Money]] = []
        issues: list[AmountIssue] = []
        for row, value in enumerate(values, start=1):
            try:
                accepted.append((row, self.read(value)))
            except MoneyError as wrong:
                issues.append(AmountIssue(row=row, code=wrong.code, message=str(wrong), value=shortened(value)))
        return ValidatedAmounts(accepted=tuple(accepted), issues=tuple(issues))

    def exact(self, value: object) -> ExactMoney:
        """Read an amount of this currency, and neither round it nor hold it against the bounds.

        Raises:
            CurrencyMismatch: It is an amount of another currency.
            MoneyError: It is no amount; the kind of the error says why.
        """
        amount = self.exact_of_any(value)
        if self.currency is not None and amount.currency != self.currency:
            raise CurrencyMismatch(f"{amount} is no amount of {self.currency}: convert it first")
        return amount

    def exact_of_any(self, value: object) -> ExactMoney:
        """Read an amount of any currency, and neither round it nor hold it against the bounds.

        Raises:
            CurrencyRequired: It is a bare number, and has no currency.
            MoneyError: It is no amount; the kind of the error says why.
        """
        if isinstance(value, (Money, ExactMoney)):
            return value if isinstance(value, ExactMoney) else value.exact()
        number = self._number(value)
        if self.currency is None:
            raise CurrencyRequired(
                f"{shortened(value)} has no currency: give Money, or name the processor's currency with currency=..."
            )
        return ExactMoney(number, self.currency)

    def _number(self, value: object) -> Fraction:
        if not isinstance(value, float):
            return Fraction(*ratio_of(cast("str", value), "the amount"))
        if not math.isfinite(value):
            raise NonFinite(f"the amount is {value!r}: give a finite number")
        if self.config.float_policy == "reject":
            raise FloatNotAllowed(
                f"the amount is the float {value!r}, and float_policy is 'reject': give text, an int or a Decimal"
            )
        # Subclasses write themselves in other ways.
        return Fraction(parse_canonical(float.__repr__(value), exponent=True))
