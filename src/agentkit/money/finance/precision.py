"""How a processor rounds: decimals, mode, digits, bounds, and what it makes of a float.

Rules: a configuration is checked completely when it is made, and never changes; an exact value is rounded once; bounds
belong to the range, and are compared with the rounded value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal, Self, TypeAlias, cast, get_args

from agentkit.errors import (
    DefinitionError,
    ExcessPrecision,
    MoneyError,
    OutOfRange,
    PrecisionExceeded,
    RoundingRequired,
)
from agentkit.money.amounts.amount import Money
from agentkit.money.currencies.currency import Currency
from agentkit.money.numbers.allocation import AllocationMethod, allocate_steps
from agentkit.money.numbers.canonical import Number, parse_canonical, ratio_of, shortened
from agentkit.money.numbers.kinds import is_a
from agentkit.money.numbers.rounding import PRECISION, Rounding, round_ratio

__all__ = ["FloatPolicy", "PrecisionConfig"]

FloatPolicy: TypeAlias = Literal["repr", "reject"]
"""What becomes of a float that comes in as an amount: `repr` reads the shortest text that stands for it, `0.1` for 0.1,
and the audit entry says so; `reject` refuses it.

Example:
    >>> PrecisionConfig(float_policy="reject").float_policy
    'reject'
"""

MOST_PLACES: Final = 18
ROUNDINGS: Final[tuple[str, ...]] = get_args(Rounding)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionConfig:
    """How amounts are rounded, how many digits they may have, and between which bounds they lie.

    Attributes:
        decimal_places: How many decimals results have; None takes those of the currency. Negative: -1 rounds to tens,
            -2 to hundreds. Never more than the currency has.
        rounding: How results are rounded; `UNNECESSARY` raises where a digit would be lost.
        precision: How many significant digits a result may have, its decimals included; from 1 to 28.
        minimum: The least amount that comes in, in units of the currency; text, an int or a `Decimal`.
        maximum: The most.
        float_policy: `repr` reads a float by its shortest text, `reject` refuses it.

    Raises:
        DefinitionError: A field is not what it may be; the error lists everything that is wrong.

    Example:
        >>> PrecisionConfig(decimal_places=0, rounding="ROUND_HALF_UP", minimum="0.5").minimum
        Decimal('0.5')
        >>> PrecisionConfig(precision=0, minimum=10, maximum=1)
        Traceback (most recent call last):
        ...
        agentkit.errors.DefinitionError: ...
    """

    decimal_places: int | None = None
    rounding: Rounding = "ROUND_HALF_EVEN"
    precision: int = PRECISION
    minimum: Decimal | str | int | None = None
    maximum: Decimal | str | int | None = None
    float_policy: FloatPolicy = "repr"

    def __post_init__(self) -> None:
        problems = [*self._problems()]
        for name in ("minimum", "maximum"):
            try:
                object.__setattr__(self, name, _bound(getattr(self, name)))
            except MoneyError as unread:
                problems.append(f"{name}: {unread}")
        least, most = self.minimum, self.maximum
        # What was refused before may be a NaN, which compares with nothing.
        if not problems and isinstance(least, Decimal) and isinstance(most, Decimal) and least > most:
            problems.append(f"minimum {self.minimum} is above maximum {self.maximum}")
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        places = self.decimal_places
        if places is not None and not _is_count(places, -PRECISION, MOST_PLACES):
            yield f"decimal_places must be an int from {-PRECISION} to {MOST_PLACES}, or None; not {shortened(places)}"
        if not _is_count(self.precision, 1, PRECISION):
            yield f"precision must be an int from 1 to {PRECISION}, not {shortened(self.precision)}"
        if self.rounding not in ROUNDINGS:
            yield f"rounding must be one of {', '.join(ROUNDINGS)}; not {shortened(self.rounding)}"
        if self.float_policy not in ("repr", "reject"):
            yield f"float_policy must be 'repr' or 'reject', not {shortened(self.float_policy)}"

    def step(self, currency: Currency) -> int:
        """Return what results are multiples of, in minor units: 1, or 100 where two decimals are rounded away.

        Raises:
            ExcessPrecision: More decimals are wanted than the currency has.

        Example:
            >>> from agentkit.money import CURRENCIES
            >>> PrecisionConfig(decimal_places=-1).step(CURRENCIES.get("EUR"))
            1000
        """
        places = currency.places if self.decimal_places is None else self.decimal_places
        if places > currency.places:
            raise ExcessPrecision(
                f"amounts of {currency.code} have {currency.places} decimals, and decimal_places={places} wants more:"
                " leave decimal_places out, or keep such values as ExactMoney"
            )
        step: int = 10 ** (currency.places - places)
        return step

    def round(self, value: Fraction, currency: Currency) -> Money:
        """Round an exact value, in units of the currency, once.

        Raises:
            RoundingRequired: The rounding is `UNNECESSARY`, and a digit would be lost.
            PrecisionExceeded: The result has more significant digits than `precision`.
            ExcessPrecision: More decimals are wanted than the currency has.

        Example:
            >>> from agentkit.money import CURRENCIES
            >>> PrecisionConfig(rounding="ROUND_UP").round(Fraction(10, 3), CURRENCIES.get("EUR"))
            Money('3.34', 'EUR')
        """
        step = self.step(currency)
        minor = round_ratio(value.numerator * 10**currency.places, value.denominator * step, self.rounding) * step
        return self.kept(minor, currency)

    def kept(self, minor: int, currency: Currency) -> Money:
        """Return an amount of whole minor units, if it has no more digits than are kept.

        Raises:
            PrecisionExceeded: It has more significant digits than `precision`.

        Example:
            >>> from agentkit.money import CURRENCIES
            >>> PrecisionConfig().kept(1990, CURRENCIES.get("EUR"))
            Money('19.90', 'EUR')
        """
        if abs(minor) >= 10**self.precision:
            raise PrecisionExceeded(
                f"the result has more than {self.precision} significant digits in {currency.code}: look for a wrong"
                " factor or a wrong point, or raise precision"
            )
        return Money.from_minor(minor, currency)

    def allocate(self, whole: Money, weights: Iterable[Number], method: AllocationMethod) -> tuple[Money, ...]:
        """Split a rounded amount by weights, into parts that are as coarse as all results. See `Money.allocate`.

        Raises:
            ExcessPrecision: The amount is finer than results are, or more decimals are wanted than the currency has.

        Example:
            >>> PrecisionConfig(decimal_places=0).allocate(Money(10, "EUR"), [1, 1, 1], "last")
            (Money('3.00', 'EUR'), Money('3.00', 'EUR'), Money('4.00', 'EUR'))
        """
        step = self.step(whole.currency)
        if whole.minor % step:
            raise ExcessPrecision(f"{whole} has more decimals than are kept: round it first")
        parts = allocate_steps(whole.minor // step, weights, method=method)
        return tuple(Money.from_minor(part * step, whole.currency) for part in parts)

    def accept(self, value: Fraction, currency: Currency) -> Money:
        """Round an amount that comes in, and hold it against the bounds.

        Raises:
            ExcessPrecision: It has more decimals than are kept, and the rounding is `UNNECESSARY`; or more decimals are
                wanted than the currency has.
            PrecisionExceeded: It has more significant digits than `precision`.
            OutOfRange: Rounded, it is below `minimum` or above `maximum`.

        Example:
            >>> from agentkit.money import CURRENCIES
            >>> PrecisionConfig(maximum=10).accept(Fraction("10.004"), CURRENCIES.get("EUR"))
            Money('10.00', 'EUR')
        """
        try:
            amount = self.round(value, currency)
        except RoundingRequired as inexact:
            raise ExcessPrecision(
                f"the amount has more decimals than are kept in {currency.code}, and the rounding is UNNECESSARY: give"
                " fewer, or configure a rounding"
            ) from inexact
        least, most = self.minimum, self.maximum
        if least is not None and amount.fraction < Fraction(least):
            raise OutOfRange(f"{amount} is below the minimum of {least}")
        if most is not None and amount.fraction > Fraction(most):
            raise OutOfRange(f"{amount} is above the maximum of {most}")
        return amount

    def to_dict(self) -> dict[str, str | int | None]:
        """Write it as JSON data; the bounds are text.

        Example:
            >>> PrecisionConfig(minimum="0.50").to_dict()["minimum"]
            '0.50'
        """
        bounds = {name: None if bound is None else f"{bound:f}" for name, bound in self._bounds()}
        return {
            "decimal_places": self.decimal_places,
            "rounding": self.rounding,
            "precision": self.precision,
            **bounds,
            "float_policy": self.float_policy,
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Self:
        """Read what `to_dict` writes; what is left out has its default.

        Raises:
            DefinitionError: A field is unknown, or not what it may be.

        Example:
            >>> PrecisionConfig.from_dict({"rounding": "ROUND_HALF_UP"}).rounding
            'ROUND_HALF_UP'
        """
        if not is_a(given, Mapping):
            raise DefinitionError(f"a PrecisionConfig is read from a mapping, not from {shortened(given)}")
        names = [field.name for field in fields(cls)]
        if unknown := [shortened(name) for name in given if name not in names]:
            raise DefinitionError(f"a PrecisionConfig has no {', '.join(unknown)}: it has {', '.join(names)}")
        return cls(**cast("dict[str, Any]", dict(given)))  # the constructor checks each of them, whatever it is

    def _bounds(self) -> Iterator[tuple[str, Decimal | None]]:
        for name in ("minimum", "maximum"):
            yield name, _bound(getattr(self, name))


def _is_count(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _bound(value: object) -> Decimal | None:
    if value is None:
        return None
    # Text is the one form that every number has; what is none is refused before, and a Fraction by the parser.
    ratio_of(value, "the bound")
    if isinstance(value, Decimal):
        return parse_canonical(f"{value:f}")
    return parse_canonical(f"{value:d}" if isinstance(value, int) else cast("str", value))
