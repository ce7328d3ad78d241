"""FinancialProcessor: amounts in, amounts out, all of them rounded in one way and written down.

Rules: intermediates are exact, and each result is rounded once, by the configuration; the decimal context of whoever
calls has no say; only a `MoneyError` leaves a calculation; each call is one entry of the audit trail, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from itertools import accumulate
from types import NoneType
from typing import Literal, TypeVar, cast

from agentkit.errors import CurrencyRequired, DefinitionError, InvalidPercentage, MoneyError
from agentkit.money.amounts.amount import Money
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency, checked_registry
from agentkit.money.numbers.allocation import AllocationMethod
from agentkit.money.numbers.canonical import Number, ratio_of, shortened
from agentkit.money.numbers.kinds import is_a, is_filled
from agentkit.money.numbers.percent import complete_percents, percent_of

from .exchange import Conversion, Route
from .precision import PrecisionConfig
from .rates import RateTable, day_of
from .reconciliation import Comparison, Field, Reconciliation
from .recording import AuditDraft, AuditPort, compared_rows, listed, recorded
from .shares import RevenueShare, Shares
from .tax import Tax, TaxRule, tax_of
from .validation import AmountLike, Intake, ValidatedAmounts

__all__ = ["FinancialProcessor"]

Row = TypeVar("Row")


class FinancialProcessor:
    """Validates, shares, converts, taxes, adds up and reconciles amounts, by one configuration.

    A processor never changes: any number of threads and tasks may use one. Amounts come in as canonical text, ints,
    `Decimal`, `Fraction`, `Money`, `ExactMoney` or, by `float_policy`, floats; they are rounded once and held against
    the bounds. Percentages, weights and rates are never floats. Results are `Money`.

    Args:
        config: How amounts are rounded and bounded.
        currency: The currency of bare numbers, and the only one but for `convert`. None: each amount brings its own.
        audit: Where each calculation and each refusal is recorded, such as an `AuditTrail`; see `AuditPort`.
        actor: Who the entries of the trail say that it was.
        currencies: Where codes of currencies are looked up.

    Raises:
        DefinitionError: `config` is no `PrecisionConfig`, or wants more decimals than the currency has; or nobody acts.
        CurrencyUnknown: No such currency is current.

    Example:
        >>> FinancialProcessor(PrecisionConfig(rounding="ROUND_UP"), currency="USD").calculate_percentage("199.99", 5)
        Money('10.00', 'USD')
    """

    __slots__ = ("_actor", "_audit", "_config", "_currencies", "_currency", "_intake")

    def __init__(
        self,
        config: PrecisionConfig | None = None,
        *,
        currency: str | Currency | None = None,
        audit: AuditPort | None = None,
        actor: str = "processor",
        currencies: Currencies = CURRENCIES,
    ) -> None:
        self._config = PrecisionConfig() if config is None else config
        if not is_a(self._config, PrecisionConfig):
            raise DefinitionError(f"config is {shortened(config)}: give a PrecisionConfig")
        self._audit = audit
        self._actor = actor
        self._currencies = checked_registry(currencies)
        self._currency = None if currency is None else self._known(currency)
        if not is_filled(actor):
            raise DefinitionError(f"actor is {shortened(actor)}: name with a text who calculates")
        self._intake = Intake(config=self._config, currency=self._currency)
        if self._currency is not None:
            try:
                _ = self._config.step(self._currency)
            except MoneyError as wrong:
                raise DefinitionError(str(wrong)) from wrong

    @property
    def config(self) -> PrecisionConfig:
        """How amounts are rounded and bounded."""
        return self._config

    @property
    def is_audited(self) -> bool:
        """Whether each calculation is written down; where not, many of one kind may share what they have in common."""
        return self._audit is not None

    def validate_input(self, value: AmountLike) -> Money:
        """Read an amount: check it, round it once, and hold the rounded value against the bounds.

        Raises:
            InvalidAmount: It is no number in canonical form, or a bool.
            FloatNotAllowed: It is a float, and `float_policy` is `reject`.
            NonFinite: It is NaN or infinite.
            ExcessPrecision: It has more decimals than are kept, and the rounding is `UNNECESSARY`.
            PrecisionExceeded: It has more significant digits than are kept.
            OutOfRange: It is outside of the bounds, which belong to the range.
            CurrencyMismatch: It is of another currency.
            CurrencyRequired: It is a bare number, and the processor has no currency.

        Example:
            >>> FinancialProcessor(PrecisionConfig(minimum=0), currency="EUR").validate_input(" 19.899 ")
            Money('19.90', 'EUR')
        """
        with self._recorded("validate_input", value=value) as draft:
            draft.outputs["amount"] = amount = self._intake.read(value)
        return amount

    def validate_many(self, values: Iterable[AmountLike]) -> ValidatedAmounts:
        """Read many amounts, and tell everything that is wrong with them, by row.

        Raises:
            MoneyError: It is no iterable. What is wrong with a value is not raised, but listed.

        Example:
            >>> found = FinancialProcessor(currency="EUR").validate_many(["1", True, "1,5"])
            >>> [(issue.row, issue.code) for issue in found.issues]
            [(2, 'invalid_amount'), (3, 'invalid_amount')]
        """
        with self._recorded("validate_many") as draft:
            given = draft.inputs["values"] = listed(values)
            found = self._intake.read_each(given)
            draft.outputs["accepted"] = list(found.amounts)
            draft.outputs["issues"] = [{"row": issue.row, "code": issue.code} for issue in found.issues]
        return found

    def calculate_percentage(self, amount: AmountLike, percent: str | Number) -> Money:
        """Return so many percent of an amount, rounded once. Below 0 and above 100 percent too.

        Raises:
            InvalidPercentage: The percentage is a bool or no number.
            FloatNotAllowed: It is a float.
            NonFinite: It is NaN or infinite.
            RoundingRequired: The rounding is `UNNECESSARY`, and the result is not exact.
            MoneyError: The amount is not valid (see `validate_input`), or the result has too many digits.

        Example:
            >>> FinancialProcessor(currency="JPY").calculate_percentage(1999, "8.25")
            Money('165', 'JPY')
        """
        with self._recorded("calculate_percentage", amount=amount, percent=percent) as draft:
            whole = self._intake.read(amount)
            numerator, denominator = ratio_of(percent, "the percentage", refused=InvalidPercentage)
            part = whole.fraction * numerator / (denominator * 100)
            draft.outputs["amount"] = result = self._config.round(part, whole.currency)
        return result

    def calculate_revenue_share(self, total: AmountLike, percent: str | Number) -> RevenueShare:
        """Share a total between a creator and a platform, which together get exactly all of it.

        Args:
            total: The whole; a refund is negative.
            percent: The creator's percentage, from 0 to 100. The creator's share is rounded once, and the platform has
                the rest.

        Raises:
            InvalidPercentage: The percentage is below 0, above 100, a bool or no number.
            FloatNotAllowed: It is a float.
            NonFinite: It is NaN or infinite.
            MoneyError: The total is not valid (see `validate_input`), or a share has to be rounded and may not be.

        Example:
            >>> share = FinancialProcessor(currency="USD").calculate_revenue_share("0.99", "70")
            >>> str(share.creator_share), str(share.platform_share)
            ('0.69 USD', '0.30 USD')
        """
        with self._recorded("calculate_revenue_share", total=total, percent=percent) as draft:
            whole = self._intake.read(total)
            creator = self._config.round(whole.fraction * percent_of(percent) / 100, whole.currency)
            share = RevenueShare(total=whole, creator_share=creator, platform_share=whole - creator)
            draft.outputs.update(share)
        return share

    def calculate_shares(
        self,
        total: AmountLike,
        percents: Mapping[str, str | Number],
        *,
        remainder: str | None = None,
        method: AllocationMethod = "largest_remainder",
    ) -> Shares:
        """Share a total among any number of parties, who together get exactly all of it.

        Args:
            total: The whole.
            percents: The percentage of each party, from 0 to 100 and 100 together.
            remainder: A party that takes what the percentages of the others leave.
            method: Who gets the minor units that are left over; see `AllocationMethod`. Not `separate`.

        Raises:
            PercentagesDoNotSum: The percentages are not exactly 100, and nobody takes the rest; or they are more.
            InvalidPercentage: One is below 0, above 100, a bool or no number.
            FloatNotAllowed: One is a float.
            NonFinite: One is NaN or infinite.
            MoneyError: The total is not valid (see `validate_input`), or there is no such method.

        Example:
            >>> processor = FinancialProcessor(currency="USD")
            >>> processor.calculate_shares("100.01", {"artist": "33.3"}, remainder="label")["label"]
            Money('66.71', 'USD')
        """
        with self._recorded("calculate_shares", total=total, percents=percents, method=method) as draft:
            # What is no name is recorded in a list, and so refused again.
            draft.inputs["remainder"] = remainder if is_a(remainder, str, NoneType) else [remainder]
            whole = self._intake.read(total)
            if method == "separate":
                raise MoneyError("shares leave nothing over: take another method than 'separate', or name a remainder")
            complete = complete_percents(percents, remainder)
            parts = self._config.allocate(whole, complete.values(), method)
            shares = Shares(total=whole, parts=dict(zip(complete, parts, strict=True)))
            draft.outputs.update(total=whole, shares=dict(shares))
        return shares

    def allocate(
        self, total: AmountLike, weights: Iterable[str | Number], *, method: AllocationMethod = "largest_remainder"
    ) -> tuple[Money, ...]:
        """Split a total by weights into parts that sum to it.

        Args:
            total: The whole; a negative one is split as its mirror image.
            weights: One exact number from 0 up for each part.
            method: Who gets the minor units that are left over; see `AllocationMethod`.

        Returns:
            One part for each weight, in order; with `separate` one more, the rest.

        Raises:
            InvalidRatio: There are no weights, all are zero, or one is negative, a bool, no number or not finite.
            FloatNotAllowed: A weight is a float.
            MoneyError: The total is not valid (see `validate_input`), or there is no such method.

        Example:
            >>> [str(part) for part in FinancialProcessor(currency="EUR").allocate(100, [1, 1, 1])]
            ['33.34 EUR', '33.33 EUR', '33.33 EUR']
        """
        with self._recorded("allocate", total=total, method=method) as draft:
            given = draft.inputs["weights"] = listed(weights)
            whole = self._intake.read(total)
            parts = self._config.allocate(whole, cast("list[Number]", given), method)
            draft.outputs["parts"] = list(parts)
        return parts

    def convert(
        self,
        amount: AmountLike,
        to: str | Currency | None = None,
        *,
        on: date | str | None = None,
        rates: RateTable,
        via: str | Currency | None = None,
        allow_divide: bool = False,
        max_age_days: int | None = None,
    ) -> Conversion:
        """Convert an amount at the rates of a date; see `agentkit.money.convert`. The result is rounded once.

        The amount may be of any currency. It is not rounded before, nor held against the bounds.

        Args:
            amount: What is converted.
            to: The currency that is wanted; None takes the processor's.
            on: The date whose rates apply. It has to be given.
            rates: Where the rates are.
            via: A third currency between the two.
            allow_divide: Whether a rate of the other direction may be used, by dividing.
            max_age_days: How old a rate may be, in days; None asks the table.

        Raises:
            DateRequired: There is no date.
            RateMissing: There is no rate for this.
            RateStale: The latest one is older than it may be.
            RateInvalid: `rates` is no `RateTable`.
            CurrencyRequired: It is not said which currency is wanted.
            MoneyError: The amount or the date is not valid, or the result has to be rounded and may not be.

        Example:
            >>> ecb = {"base": "EUR", "quote": "USD", "rate": "1.0811", "date": "2024-03-28", "source": "ECB"}
            >>> processor = FinancialProcessor(currency="USD")
            >>> processor.convert(Money(100, "EUR"), on="2024-03-29", rates=RateTable.from_rows([ecb])).converted
            Money('108.11', 'USD')
        """
        with self._recorded("convert", amount=amount, to=to, on=on, via=via, allow_divide=allow_divide) as draft:
            is_age = max_age_days is None or type(max_age_days) is int
            # What is neither days nor a table is recorded as messages show it, and so refused again.
            draft.inputs["max_age_days"] = max_age_days if is_age else shortened(max_age_days)
            draft.inputs.update({} if is_a(rates, RateTable) else {"rates": shortened(rates)})
            between = None if via is None else self._known(via)
            route = Route(rates=rates, via=between, allow_divide=allow_divide, max_age_days=max_age_days)
            draft.data_versions["rates"] = rates.version
            wanted = self._currency if to is None else self._known(to)
            if wanted is None:
                raise CurrencyRequired("it is not said into which currency: name it with to=..., or the processor's")
            given = amount if isinstance(amount, Money) else self._intake.exact_of_any(amount)
            conversion = route.convert(given, wanted, day_of(on, "the date of an exchange"), self._config)
            draft.outputs.update(conversion.to_dict())
        return conversion

    def tax(self, lines: AmountLike | Iterable[AmountLike], rule: TaxRule) -> Tax:
        """Compute the tax of one amount, or of the lines of an invoice. The parts always sum.

        Args:
            lines: The amounts, net or gross as the rule says; one amount is an invoice of one line.
            rule: The tax; its rounding goes before the processor's.

        Raises:
            CurrencyRequired: There are no lines, and the processor has no currency.
            MoneyError: A line is not valid (see `validate_input`), or a tax has to be rounded and may not be.

        Example:
            >>> vat = TaxRule(name="VAT", percent=20, included=True)
            >>> str(FinancialProcessor(currency="GBP").tax("120", vat).net)
            '100.00 GBP'
        """
        with self._recorded("tax") as draft:
            given = [lines] if isinstance(lines, (str, Money)) or not isinstance(lines, Iterable) else listed(lines)
            draft.inputs["lines"] = given
            draft.inputs["rule"] = rule.to_dict() if is_a(rule, TaxRule) else shortened(rule)
            tax = tax_of(self._intake.read_all(given), rule, self._config, self._currency)
            draft.outputs.update(tax.to_dict())
            draft.outputs["lines"] = [line.to_dict() for line in tax.lines]
        return tax

    def running_total(self, amounts: Iterable[AmountLike]) -> tuple[Money, ...]:
        """Return the sum after each amount; the last one is the total. No amounts have no totals.

        Raises:
            CurrencyMismatch: The amounts are of several currencies.
            PrecisionExceeded: A sum has more significant digits than are kept.
            MoneyError: An amount is not valid (see `validate_input`); the error names its row, from 1.

        Example:
            >>> [str(total) for total in FinancialProcessor(currency="EUR").running_total(["0.10", "0.20", "-0.30"])]
            ['0.10 EUR', '0.30 EUR', '0.00 EUR']
        """
        with self._recorded("running_total") as draft:
            given = draft.inputs["amounts"] = listed(amounts)
            totals = tuple(accumulate(self._intake.read_all(given)))
            for total in totals:
                _ = self._config.kept(total.minor, total.currency)
            draft.outputs["totals"] = list(totals)
        return totals

    def reconcile(
        self,
        left: Iterable[Row],
        right: Iterable[Row],
        *,
        key: str | Callable[[Row], Hashable],
        amount: str | Callable[[Row], AmountLike],
        tolerance: Money | str | Number = 0,
        total_tolerance: Money | str | Number | None = None,
        duplicates: Literal["refuse", "sum"] = "refuse",
    ) -> Reconciliation:
        """Compare two lists by key and amount; see `agentkit.money.reconcile`.

        Amounts are read as `validate_input` reads them.

        Raises:
            DuplicateKey: A side has a key twice, and `duplicates` is `refuse`.
            InvalidAmount: A row has no such field, or its key is None, blank, NaN or cannot be compared.
            OutOfRange: A tolerance is negative, or an amount is outside of the bounds.
            CurrencyMismatch: Amounts are of several currencies.
            CurrencyRequired: There are no rows, and the processor has no currency.
            MoneyError: A row is not valid; the error names side and row, from 1.

        Example:
            >>> books, bank = {"A-1": "19.90"}, {"A-1": "19.95"}
            >>> FinancialProcessor(currency="EUR").reconcile(
            ...     books.items(), bank.items(), key=lambda row: row[0], amount=lambda row: row[1], tolerance="0.05"
            ... ).is_balanced
            True
        """
        with self._recorded("reconcile", left=left, right=right, duplicates=duplicates) as draft:
            draft.inputs.update(tolerance=tolerance, total_tolerance=total_tolerance)
            comparison = Comparison(
                read=self._intake.read, currency=self._currency, key=cast("Field", key), amount=cast("Field", amount)
            )
            sides = [list(comparison.keyed(side)) for side in (left, right)]
            draft.inputs["left"], draft.inputs["right"] = compared_rows(sides)
            result = comparison.of(*sides, tolerance=tolerance, total_tolerance=total_tolerance, duplicates=duplicates)
            draft.outputs.update(result.to_dict())
        return result

    def _known(self, currency: str | Currency) -> Currency:
        return currency if isinstance(currency, Currency) else self._currencies.get(currency)

    def _recorded(self, operation: str, **inputs: object) -> AbstractContextManager[AuditDraft]:
        if self._audit is not None:
            # With its settings, an entry says all that it takes to do it again.
            inputs["processor"] = {**self._config.to_dict(), "currency": self._currency and self._currency.code}
        return recorded(self._audit, operation, inputs, actor=self._actor, rounding=self._config.rounding)
