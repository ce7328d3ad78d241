"""Exchange: an amount in another currency, at a rate that is on record.

Rules: there is no exchange without a date; a rate is used as it is quoted, and turned around only where that is
allowed, by dividing; a third currency is between only where it is named; all of it is exact, and rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from agentkit.errors import DefinitionError, InvalidAmount, MoneyError, RateInvalid, RateMissing
from agentkit.money.amounts.amount import ExactMoney, Money
from agentkit.money.currencies.currency import Currency
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import is_a
from agentkit.money.numbers.rounding import Rounding, check_rounding

from .precision import PrecisionConfig
from .rates import Rate, RateTable, checked_age, currency_of, day_of

__all__ = ["Conversion", "Leg", "convert"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One step of an exchange: a rate, and which way it was used.

    Attributes:
        rate: The rate, as it is quoted.
        divided: Whether the amount was divided by it, from `quote` to `base`, and not multiplied.

    Example:
        >>> rate = Rate(base="EUR", quote="USD", value="1.25", on="2024-03-28", source="ECB")
        >>> Leg(rate=rate, divided=True).factor
        Fraction(4, 5)
    """

    rate: Rate
    divided: bool = False

    @property
    def factor(self) -> Fraction:
        """What an amount is multiplied with, exactly."""
        quoted = Fraction(self.rate.value)
        return 1 / quoted if self.divided else quoted

    def to_dict(self) -> dict[str, str | bool]:
        """Write it as JSON data: the rate as a row, and which way it was used."""
        return {**self.rate.to_dict(), "divided": self.divided}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """An amount in another currency, with everything that led to it.

    Attributes:
        original: What was converted.
        converted: The result, rounded once.
        unrounded: The exact result.
        on: The date that was asked for.
        legs: The rates that were used, in order; none where both currencies are the same.
        rounding: How the result was rounded.

    Example:
        >>> ecb = Rate(base="EUR", quote="USD", value="1.0811", on="2024-03-28", source="ECB")
        >>> rates, price = RateTable([ecb]), Money("19.90", "EUR")
        >>> done = convert(price, "USD", on="2024-04-01", rates=rates, rounding="ROUND_HALF_UP")
        >>> str(done.converted), str(done.unrounded), done.sources, done.rate_dates
        ('21.51 USD', '21.51389 USD', ('ECB',), (datetime.date(2024, 3, 28),))
    """

    original: Money | ExactMoney
    converted: Money
    unrounded: ExactMoney
    on: date
    legs: tuple[Leg, ...]
    rounding: Rounding

    @property
    def factor(self) -> Fraction:
        """What the original was multiplied with, exactly: the product of all rates that were used."""
        product = Fraction(1)
        for leg in self.legs:
            product *= leg.factor
        return product

    @property
    def sources(self) -> tuple[str, ...]:
        """Who published the rates that were used."""
        return tuple(leg.rate.source for leg in self.legs)

    @property
    def rate_dates(self) -> tuple[date, ...]:
        """Of which days the rates are that were used."""
        return tuple(leg.rate.on for leg in self.legs)

    def to_dict(self) -> dict[str, object]:
        """Write it as JSON data: amounts in wire form, the exact result as text."""
        return {
            "original": {"amount": str(self.original).rsplit(" ", 1)[0], "currency": self.original.currency.code},
            "converted": self.converted.to_dict(),
            "unrounded": str(self.unrounded.fraction),
            "on": self.on.isoformat(),
            "legs": [leg.to_dict() for leg in self.legs],
            "rounding": self.rounding,
        }


def convert(
    amount: Money | ExactMoney,
    to: str | Currency,
    *,
    on: date | str | None,
    rates: RateTable,
    via: str | Currency | None = None,
    allow_divide: bool = False,
    max_age_days: int | None = None,
    rounding: Rounding | None = None,
) -> Conversion:
    """Convert an amount at the rates of a date.

    Args:
        amount: What is converted.
        to: The currency that is wanted.
        on: The date whose rates apply; it has no default. The latest rate on or before it is taken.
        rates: Where the rates are.
        via: A third currency between the two; only where it is named, rates are chained.
        allow_divide: Whether a rate of the other direction may be used, where there is none of the right one; then the
            amount is divided by the rate as it is quoted.
        max_age_days: How old a rate may be, in days; None asks the table.
        rounding: How the result is rounded, once. None: it has to be exact.

    Raises:
        DateRequired: There is no date.
        InvalidDate: It is no date.
        RateMissing: There is no rate for this, or only one of the other direction.
        RateStale: The latest one is older than it may be.
        RoundingRequired: The result is not exact, and no rounding was named.
        PrecisionExceeded: The result has more than 28 significant digits.
        CurrencyUnknown: No such currency is current.
        CurrencyMismatch: The table knows another currency under this code.
        InvalidAmount: The amount is no `Money`.
        RateInvalid: `rates` is no `RateTable`.
        DefinitionError: No such rounding, `allow_divide` is no bool, or `max_age_days` is no int from 0 up.

    Example:
        >>> ecb = Rate(base="EUR", quote="USD", value="1.25", on="2024-03-28", source="ECB")
        >>> convert(Money("10", "USD"), "EUR", on="2024-03-28", rates=RateTable([ecb]), allow_divide=True).converted
        Money('8.00', 'EUR')
    """
    mode: Rounding = "UNNECESSARY" if rounding is None else rounding
    check_rounding(mode)
    config = PrecisionConfig(rounding=mode)
    route = Route(rates=rates, via=via, allow_divide=allow_divide, max_age_days=max_age_days)
    return route.convert(amount, currency_of(to), day_of(on, "the date of an exchange"), config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which rates may be used, and how.

    Attributes:
        rates: Where they are.
        via: The currency between, if one is named.
        allow_divide: Whether rates of the other direction may be used.
        max_age_days: How old they may be; None asks the table.

    Raises:
        RateInvalid: `rates` is no `RateTable`.
        DefinitionError: `allow_divide` is no bool, or `max_age_days` no int from 0 up.
    """

    rates: RateTable
    via: str | Currency | None
    allow_divide: bool
    max_age_days: int | None

    def __post_init__(self) -> None:
        if not is_a(self.rates, RateTable):
            raise RateInvalid(f"rates is {shortened(self.rates)}: give a RateTable")
        if not is_a(self.allow_divide, bool):
            raise DefinitionError(f"allow_divide is {shortened(self.allow_divide)}: give True or False")
        if self.max_age_days is not None:
            checked_age(self.max_age_days)

    def convert(self, amount: Money | ExactMoney, to: Currency, on: date, config: PrecisionConfig) -> Conversion:
        """Convert an amount, and round it as a configuration says. See the function `convert`.

        Raises:
            InvalidAmount: It is no amount of money.
        """
        if not is_a(amount, Money, ExactMoney):
            raise InvalidAmount(f"{shortened(amount)} is no amount of money: give Money")
        legs = tuple(self._legs(amount.currency, to, on))
        exact = amount.fraction
        for leg in legs:
            exact *= leg.factor
        return Conversion(
            original=amount,
            converted=config.round(exact, to),
            unrounded=ExactMoney(exact, to),
            on=on,
            legs=legs,
            rounding=config.rounding,
        )

    def _legs(self, given: Currency, wanted: Currency, on: date) -> Iterator[Leg]:
        if given == wanted:
            return
        between = None if self.via is None else currency_of(self.via)
        if between is None or between in (given, wanted):
            yield self._leg(given, wanted, on)
        else:
            yield self._leg(given, between, on)
            yield self._leg(between, wanted, on)

    def _leg(self, given: Currency, wanted: Currency, on: date) -> Leg:
        try:
            return Leg(rate=self.rates.find(given, wanted, on=on, max_age_days=self.max_age_days))
        except MoneyError as unfound:
            turned = self.rates.has(wanted, given)
            if self.allow_divide and turned:
                rate = self.rates.find(wanted, given, on=on, max_age_days=self.max_age_days)
                return Leg(rate=rate, divided=True)
            if turned and isinstance(unfound, RateMissing):
                raise RateMissing(
                    f"{unfound}; there are rates from {wanted} to {given}: pass allow_divide=True to divide by them"
                ) from unfound
            if self.via is None and isinstance(unfound, RateMissing):
                raise RateMissing(f"{unfound}; to go by a third currency, name it with via=...") from unfound
            raise
