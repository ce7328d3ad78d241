"""Tax: on top of prices or inside of them, rounded for each line or once for the invoice.

Rules: net and tax sum to gross, of each line and of the whole; what is computed on the invoice and divided up among its
lines sums to the invoice's tax; a credit note mirrors its invoice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, Self, TypeAlias, cast, get_args

from agentkit.errors import CurrencyRequired, DefinitionError, InvalidAmount, InvalidPercentage, Unbalanced
from agentkit.money.amounts.amount import Money
from agentkit.money.currencies.currency import Currency
from agentkit.money.numbers.canonical import Number, ratio_of, shortened
from agentkit.money.numbers.kinds import is_a, is_filled, object_of
from agentkit.money.numbers.rounding import Rounding, round_ratio
from agentkit.money.numbers.rows import rows_of

from .precision import PrecisionConfig

__all__ = ["Tax", "TaxRule", "TaxScope", "Taxed", "calculate_tax"]

TaxScope: TypeAlias = Literal["line", "invoice", "invoice_to_lines"]
"""Where tax is rounded.

| scope | tax is |
| --- | --- |
| `line` | rounded for each line, and added up |
| `invoice` | rounded once, on the sum of the lines; no line has a tax of its own |
| `invoice_to_lines` | rounded once, on the sum, and divided up among the lines: the largest remainder first |

Example:
    >>> TaxRule(name="VAT", percent=19, scope="invoice").scope
    'invoice'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """One tax, with one percentage. An invoice with several percentages is several calls, one for each.

    Attributes:
        name: What it is called on the invoice.
        percent: The percentage, from 0 up: an int, a `Decimal`, a `Fraction` or canonical text.
        included: Whether the amounts include the tax already; else it comes on top.
        scope: Where it is rounded.
        rounding: How; None leaves it to whoever computes.

    Raises:
        InvalidPercentage: The percentage is below 0, a bool or no number.
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.
        DefinitionError: The name is empty, `included` is no bool, or there is no such scope or rounding.

    Example:
        >>> TaxRule(name="VAT", percent="7.7", included=True).exact
        Fraction(77, 1000)
    """

    name: str
    percent: str | Number
    included: bool = False
    scope: TaxScope = "line"
    rounding: Rounding | None = None

    def __post_init__(self) -> None:
        if not is_filled(self.name):
            raise DefinitionError(f"the name of a tax is {shortened(self.name)}: give a text that is not empty")
        if not is_a(self.included, bool):
            raise DefinitionError(f"tax {self.name}: included is {shortened(self.included)}: give True or False")
        if self.scope not in get_args(TaxScope):
            raise DefinitionError(f"tax {self.name}: there is no scope {shortened(self.scope)}: there are {SCOPES}")
        if self.rounding is not None and self.rounding not in get_args(Rounding):
            raise DefinitionError(f"tax {self.name}: there is no rounding {shortened(self.rounding)}")
        if self.exact < 0:
            raise InvalidPercentage(f"tax {self.name}: the percentage is {shortened(self.percent)}: give one from 0 up")

    @property
    def exact(self) -> Fraction:
        """The part of a net amount that the tax is."""
        return Fraction(*ratio_of(self.percent, f"the percentage of tax {self.name}", refused=InvalidPercentage)) / 100

    def tax_in(self, amount: int) -> Fraction:
        """Return the exact tax on an amount, or inside of it where amounts include it; both in the same unit.

        Example:
            >>> TaxRule(name="VAT", percent=25, included=True).tax_in(500)
            Fraction(100, 1)
        """
        return amount * self.exact / (1 + self.exact) if self.included else amount * self.exact

    def to_dict(self) -> dict[str, str | bool | None]:
        """Write it as JSON data; the percentage is text.

        Example:
            >>> TaxRule(name="VAT", percent=Decimal("19.0")).to_dict()["percent"]
            '19.0'
        """
        percent = f"{self.percent:f}" if isinstance(self.percent, Decimal) else str(self.percent)
        return {
            "name": self.name,
            "percent": percent,
            "included": self.included,
            "scope": self.scope,
            "rounding": self.rounding,
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Self:
        """Read what `to_dict` writes; what is left out has its default.

        Raises:
            DefinitionError: A field is unknown or missing, or not what it may be.
            MoneyError: The percentage is none.

        Example:
            >>> TaxRule.from_dict({"name": "VAT", "percent": "19"}).scope
            'line'
        """
        read, names = object_of(given), [field.name for field in fields(cls)]
        if read is None:
            raise DefinitionError(f"a TaxRule is read from a mapping, not from {shortened(given)}")
        if wrong := sorted({*read}.symmetric_difference(names) - {"included", "scope", "rounding"}):
            raise DefinitionError(f"a TaxRule has the fields {', '.join(names)}: look at {', '.join(wrong)}")
        if isinstance(percent := read["percent"], str) and RATIO.fullmatch(percent):
            read["percent"] = Fraction(percent)
        return cls(**cast("dict[str, Any]", read))  # the constructor checks each of them, whatever it is


RATIO = re.compile(r"[+-]?[0-9]{1,3000}/0*[1-9][0-9]{0,2999}")
SCOPES = ", ".join(get_args(TaxScope))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxed:
    """An amount with its tax: `net + tax == gross`, exactly.

    Attributes:
        net: The amount without tax.
        tax: The tax.
        gross: The amount with tax.

    Raises:
        Unbalanced: Net and tax are not gross.

    Example:
        >>> Taxed(net=Money("100", "EUR"), tax=Money("19", "EUR"), gross=Money("119", "EUR")).tax
        Money('19.00', 'EUR')
    """

    net: Money
    tax: Money
    gross: Money

    def __post_init__(self) -> None:
        _check_sum(self.net + self.tax, self.gross, "net and tax")

    def to_dict(self) -> dict[str, dict[str, str]]:
        """Write it as JSON data, each amount in wire form."""
        return {"net": self.net.to_dict(), "tax": self.tax.to_dict(), "gross": self.gross.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax(Taxed):
    """The tax of an invoice: its totals, and those of each line, which sum to them.

    Attributes:
        rule: The rule that was applied.
        lines: Each line with its tax, in order; empty where the scope is `invoice`.

    Raises:
        Unbalanced: Net and tax are not gross, or the taxes of the lines not the tax.

    Example:
        >>> rule = TaxRule(name="VAT", percent=19, scope="invoice_to_lines", rounding="ROUND_HALF_UP")
        >>> bill = calculate_tax([Money("0.99", "EUR"), Money("0.99", "EUR"), Money("0.99", "EUR")], rule)
        >>> str(bill.tax), [str(line.tax) for line in bill.lines]
        ('0.56 EUR', ['0.19 EUR', '0.19 EUR', '0.18 EUR'])
    """

    rule: TaxRule
    lines: tuple[Taxed, ...]

    def __post_init__(self) -> None:
        _check_sum(self.net + self.tax, self.gross, "net and tax")
        if self.lines:
            _check_sum(Money.sum(line.tax for line in self.lines), self.tax, "the taxes of the lines")


def _check_sum(parts: Money, whole: Money, what: str) -> None:
    if parts != whole:
        raise Unbalanced(f"{what} are {parts}, and not {whole}: calculate_tax makes what sums")


def calculate_tax(lines: Iterable[Money], rule: TaxRule, *, currency: str | Currency | None = None) -> Tax:
    """Compute the tax of an invoice's lines. Negative lines, such as discounts, have negative tax.

    Args:
        lines: The amounts, net or gross as the rule says, all in one currency.
        rule: The tax. Where it names no rounding, every tax has to be exact.
        currency: The currency; needed where there may be no lines.

    Raises:
        CurrencyMismatch: The lines are of several currencies.
        CurrencyRequired: There are no lines, and no currency.
        RoundingRequired: A tax is not exact, and the rule names no rounding.
        PrecisionExceeded: A result has more than 28 significant digits.
        InvalidAmount: A line is no `Money`, the lines are no list, or the rule is no `TaxRule`.

    Example:
        >>> rule = TaxRule(name="VAT", percent=19, included=True, rounding="ROUND_HALF_UP")
        >>> calculate_tax([Money("119", "EUR")], rule).net
        Money('100.00', 'EUR')
    """
    # Lines may come one by one, and are looked at twice.
    kept = cast("list[Money]", list(rows_of(lines, refused=InvalidAmount)))
    return tax_of(kept, rule, PrecisionConfig(rounding="UNNECESSARY"), currency)


def tax_of(lines: Sequence[Money], rule: TaxRule, config: PrecisionConfig, currency: str | Currency | None) -> Tax:
    """Compute the tax as a configuration rounds, where the rule does not say how. See `calculate_tax`.

    Raises:
        InvalidAmount: The rule is none.
        CurrencyRequired: There are no lines, and no currency.
    """
    if not is_a(rule, TaxRule):
        raise InvalidAmount(f"{shortened(rule)} is no TaxRule")
    total = Money.sum(lines, currency) if lines or currency else None
    if total is None:
        raise CurrencyRequired("an invoice without lines has no currency: name it with currency=...")
    step = config.step(total.currency)
    rounding = rule.rounding or config.rounding

    def rounded(exact: Fraction) -> int:
        return round_ratio(exact.numerator, exact.denominator * step, rounding)

    taxes = [rule.tax_in(line.minor) for line in lines]
    if rule.scope == "line":
        steps = [rounded(tax) for tax in taxes]
        whole = sum(steps)
    else:
        whole = rounded(sum(taxes, Fraction(0)))
        steps = _divided(whole, [tax / step for tax in taxes]) if rule.scope == "invoice_to_lines" else []
    parts = [
        _taxed(line, config.kept(tax * step, line.currency), rule)
        for line, tax in zip(lines if steps else (), steps, strict=True)
    ]
    sums = _taxed(total, config.kept(whole * step, total.currency), rule)
    return Tax(net=sums.net, tax=sums.tax, gross=sums.gross, rule=rule, lines=tuple(parts))


def _taxed(amount: Money, tax: Money, rule: TaxRule) -> Taxed:
    if rule.included:
        return Taxed(net=amount - tax, tax=tax, gross=amount)
    return Taxed(net=amount, tax=tax, gross=amount + tax)


def _divided(whole: int, exact: Sequence[Fraction]) -> list[int]:
    """Divide rounded tax up by the exact taxes of the lines, of either sign: floors, then largest remainders.

    `whole` is their sum, rounded to a neighbour, so there are never more steps left over than lines with a remainder.
    """
    # A credit note mirrors its invoice; where all of it comes to nothing, its first line says which of both it is.
    leading = sum(exact, Fraction(0)) or next((tax for tax in exact if tax), Fraction(0))
    if leading < 0:
        return [-part for part in _divided(-whole, [-tax for tax in exact])]
    parts = [tax.numerator // tax.denominator for tax in exact]
    by_remainder = sorted(range(len(exact)), key=lambda number: parts[number] - exact[number])
    for number in by_remainder[: whole - sum(parts)]:
        parts[number] += 1
    return parts
