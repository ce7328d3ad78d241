"""Amounts in whole minor units: what can be done with one amount alone, and how it is divided up.

Rules: an amount is an integer of minor units; parts always sum to the whole; what is not exact is rounded by
name, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

from agentkit.errors import DefinitionError, ExcessPrecision, OutOfRange, PrecisionExceeded
from agentkit.money.currencies.currency import CURRENCIES, Currency
from agentkit.money.numbers.allocation import AllocationMethod, allocate_steps, split_steps
from agentkit.money.numbers.canonical import Number, ratio_of, refusal, shortened, write_minor
from agentkit.money.numbers.kinds import int_of
from agentkit.money.numbers.percent import complete_percents
from agentkit.money.numbers.rounding import (
    LEAST_MINOR,
    MOST_MINOR,
    PRECISION,
    Rounding,
    check_rounding,
    decimal_of,
    round_ratio,
    rounded_to,
)

from .exact import Amount
from .form import AmountForm

__all__ = ["WholeAmount", "minor_of", "new", "set_currency", "set_minor"]


class WholeAmount(Amount):
    """An amount in whole minor units: what `Money` does without another amount.

    Example:
        >>> from agentkit.money import Money
        >>> Money.from_minor(1990, "EUR").minor
        1990
    """

    __slots__ = ("_minor",)
    _minor: int

    @classmethod
    def _of(cls, minor: int, currency: Currency) -> Self:
        if not LEAST_MINOR < minor < MOST_MINOR:
            raise PrecisionExceeded(
                f"the result has more than {PRECISION} significant digits in {currency.code}: that is more money than"
                " there is; look for a wrong factor or a wrong point"
            )
        made = new(cls)
        set_minor(made, minor)
        set_currency(made, currency)
        return made

    @classmethod
    def from_minor(cls, minor: int, currency: str | Currency) -> Self:
        """Make an amount of whole minor units, such as cents: `Money.from_minor(1990, "EUR")` is 19.90 EUR.

        Raises:
            InvalidAmount: It is no int.
            FloatNotAllowed: It is a float.
            PrecisionExceeded: It has more than 28 digits.
            CurrencyUnknown: No such currency is current, or it has no minor units.
        """
        found = currency if isinstance(currency, Currency) else CURRENCIES.get(currency)
        _ = found.places  # raises where there are none
        whole = int_of(minor)
        if whole is None:
            raise refusal(minor, "the number of minor units", expected="an int")
        return cls._of(whole, found)

    @classmethod
    def zero(cls, currency: str | Currency) -> Self:
        """Make an amount of nothing."""
        return cls.from_minor(0, currency)

    def to_dict(self) -> AmountForm:
        """Write the wire form, `{"amount": "19.90", "currency": "EUR"}`."""
        return {"amount": self._text(), "currency": self._currency.code}

    @property
    def amount(self) -> Decimal:
        """The amount as a `Decimal`, with all decimals of its currency."""
        return decimal_of(self._minor, self._currency.places)

    @property
    def minor(self) -> int:
        """The amount in whole minor units, such as cents."""
        return self._minor

    @property
    def fraction(self) -> Fraction:
        """The exact value, in units of the currency."""
        return Fraction(self._minor, 10**self._currency.places)

    def __neg__(self) -> Self:
        return self._of(-self._minor, self._currency)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return self._of(abs(self._minor), self._currency)

    def __bool__(self) -> bool:
        return self._minor != 0

    def __hash__(self) -> int:
        return hash((self._minor, self._currency.code))

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self):
            return self._minor == other._minor and self._currency == other._currency
        return Amount.__eq__(self, other)

    def __reduce__(self) -> tuple[Callable[[int, Currency], Self], tuple[int, Currency]]:
        return type(self).from_minor, (self._minor, self._currency)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._text()!r}, {self._currency.code!r})"

    def round(self, *, rounding: Rounding | None = None) -> Self:
        """Return the amount as it is: it has whole minor units already. So what is multiplied may be an int too.

        Raises:
            DefinitionError: No such rounding.
        """
        check_rounding("UNNECESSARY" if rounding is None else rounding)
        return self

    def round_to(self, places: int, *, rounding: Rounding | None = None) -> Self:
        """Round to fewer decimals than the currency has; -1 rounds to tens. More decimals change nothing.

        Args:
            places: How many decimals are kept.
            rounding: How. None: it has to be exact already.

        Raises:
            RoundingRequired: It is not exact, and no rounding was named.
            PrecisionExceeded: The result has more than 28 significant digits.
            DefinitionError: No such rounding, or `places` is no int from -1,000 to 1,000.
            InvalidAmount: `places` is a bool.
            FloatNotAllowed: `places` is a float.
        """
        rounded = rounded_to(self.fraction, places, rounding)
        return self._of((rounded * 10**self._currency.places).numerator, self._currency)

    def within(self, least: Self | None = None, most: Self | None = None) -> Self:
        """Return the amount if it lies between two bounds, which belong to the range themselves; None is no bound.

        Raises:
            OutOfRange: It is below the least or above the most.
            CurrencyMismatch: A bound is of another currency.
            CurrencyRequired: A bound is a bare number.
            InvalidAmount: A bound is no amount.
        """
        for name, bound in (("the least", least), ("the most", most)):
            if bound is not None and not self._meets(bound):
                raise refusal(bound, name, expected="an amount of money")
        if least is not None and self < least:
            raise OutOfRange(f"{self} is below {least}: give at least that")
        if most is not None and self > most:
            raise OutOfRange(f"{self} is above {most}: give at most that")
        return self

    def percentage(self, rate: str | Number, *, rounding: Rounding | None = None) -> Self:
        """Return so many percent of the amount: `Money(200, "EUR").percentage("12.5")` is 25.00 EUR.

        Args:
            rate: The percentage, exactly; below 0 and above 100 too.
            rounding: How the result is rounded, once. None: it has to be exact.

        Raises:
            RoundingRequired: The result is not exact, and no rounding was named.
            InvalidAmount: The rate is a bool or no number.
            FloatNotAllowed: It is a float.
            NonFinite: It is NaN or infinite.
            PrecisionExceeded: The result has more than 28 significant digits.
            DefinitionError: No such rounding.
        """
        numerator, denominator = ratio_of(rate, "the percentage")
        mode: Rounding = "UNNECESSARY" if rounding is None else rounding
        minor = round_ratio(self._minor * numerator, denominator * 100, mode)
        if not LEAST_MINOR < minor < MOST_MINOR:
            return self._of(minor, self._currency)  # raises
        # What `_of` does, without the call: reports take a percentage of every line.
        made = new(type(self))
        set_minor(made, minor)
        set_currency(made, self._currency)
        return made

    def split(self, count: int) -> tuple[Self, ...]:
        """Split into equal parts that sum to the amount; where it does not come out even, the first have one step more.

        Raises:
            InvalidRatio: The count is no int from 1 to 10,000,000.
        """
        return tuple(self._of(part, self._currency) for part in split_steps(self._minor, count))

    def allocate(
        self, weights: Iterable[str | Number], *, method: AllocationMethod = "largest_remainder"
    ) -> tuple[Self, ...]:
        """Split by weights into parts that sum to the amount, in steps of the minor unit.

        Args:
            weights: One exact number from 0 up for each part. A weight of zero receives nothing.
            method: Who receives the steps that are left over; see `AllocationMethod`.

        Returns:
            One part for each weight, in order; with `separate` one more, the rest.

        Raises:
            InvalidRatio: There are no weights, all are zero, or one is negative, a bool, no number or not finite.
            FloatNotAllowed: A weight is a float.
            DefinitionError: No such method.
        """
        parts = allocate_steps(self._minor, weights, method=method)
        return tuple(self._of(part, self._currency) for part in parts)

    def share(
        self,
        percents: Mapping[str, str | Number],
        *,
        remainder: str | None = None,
        method: AllocationMethod = "largest_remainder",
    ) -> dict[str, Self]:
        """Split among parties by percentages that are exactly 100 in the end; what they get sums to the amount.

        Args:
            percents: The percentage of each party, from 0 to 100.
            remainder: A party that takes what the percentages of the others leave.
            method: Who receives the minor units that are left over; `separate` would leave them to nobody.

        Raises:
            PercentagesDoNotSum: They are not exactly 100 and nobody takes the rest, or they are more than 100.
            InvalidPercentage: One is below 0, above 100, a bool or no number; or the party that takes the rest has one.
            FloatNotAllowed: One is a float.
            NonFinite: One is NaN or infinite.
            DefinitionError: No such method, or `separate`.
        """
        if method == "separate":
            raise DefinitionError("shares leave nothing over: take another method than 'separate'")
        whole = complete_percents(percents, remainder)
        return dict(zip(whole, self.allocate(whole.values(), method=method), strict=True))

    def round_cash(
        self, step: Decimal | str | None = None, *, rounding: Rounding = "ROUND_HALF_UP"
    ) -> tuple[Self, Self]:
        """Round the total of a bill to what cash can pay.

        Args:
            step: The smallest sum that cash can pay, such as `"0.05"`; None takes that of the currency.
            rounding: How; to the nearest step, and half a step away from zero, as most rules for cash say.

        Returns:
            What is paid in cash, and the adjustment: the first minus the second is the amount.

        Raises:
            DefinitionError: The currency has no rule for cash and no step was named, or the step is not above zero, or
                no such rounding.
            ExcessPrecision: The step has more decimals than the currency.
            RoundingRequired: The rounding is `UNNECESSARY`, and cash cannot pay the amount.
        """
        wanted = self._currency.cash_step if step is None else step
        if wanted is None:
            raise DefinitionError(f"{self._currency.code} has no rule for cash: name the step of its coins, step=...")
        steps = minor_of(wanted, self._currency, None)
        if steps <= 0:
            raise DefinitionError(f"the step of cash is {wanted}: give a sum above zero")
        cash = self._of(round_ratio(self._minor, steps, rounding) * steps, self._currency)
        return cash, self._of(cash._minor - self._minor, self._currency)

    def _localised(self, locale: str) -> str:
        # Most programs write no locale, and need not read any.
        from agentkit.money.locales.formatting import format_amount

        return format_amount(self.amount, self._currency, locale=locale, symbol="symbol", grouped=True)

    def _text(self) -> str:
        return write_minor(self._minor, self._currency.places)


# An amount never changes, so its slots are filled past `__setattr__`, and this is the cheapest way to do that.
new: Final = object.__new__
set_minor: Callable[[WholeAmount, int], None] = vars(WholeAmount)["_minor"].__set__
set_currency: Callable[[Amount, Currency], None] = vars(Amount)["_currency"].__set__


def minor_of(amount: str | Number, currency: Currency, rounding: Rounding | None) -> int:
    """Return how many minor units an amount is.

    Raises:
        ExcessPrecision: It has more decimals than the currency, and no rounding was named.
        RoundingRequired: The rounding is `UNNECESSARY`, and a digit would be lost.
        InvalidAmount: It is a bool or no number.
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.
        CurrencyUnknown: The currency has no minor units.
        DefinitionError: No such rounding.

    Example:
        >>> minor_of("19.9", CURRENCIES.get("EUR"), None)
        1990
    """
    places = currency.places
    numerator, denominator = ratio_of(amount, "the amount")
    scaled: int = numerator * 10**places
    if rounding is not None:
        return round_ratio(scaled, denominator, rounding)
    minor, rest = divmod(scaled, denominator)
    if rest:
        raise ExcessPrecision(
            f"{shortened(amount)} has more than the {places} decimals of {currency.code}: name a rounding, such as"
            " rounding='ROUND_HALF_UP'"
        )
    return minor
