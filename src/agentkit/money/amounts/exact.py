"""What all amounts have in common, and amounts that are not rounded yet.

Rules: amounts of two currencies never meet in a sum or an order; a bare number has no currency; an intermediate result
is a ratio of integers and loses nothing, until somebody rounds it by name.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final, Never, Self, overload

from agentkit.errors import CurrencyMismatch, CurrencyRequired, MoneyError, PrecisionExceeded
from agentkit.markup import bundle, escaped
from agentkit.money.currencies.currency import CURRENCIES, Currency
from agentkit.money.numbers.canonical import MOST_DIGITS, Number, ratio_of, refusal, shortened, write_minor

__all__ = ["Amount", "UnroundedAmount"]

# Alignment, width, and a comma or a locale: nothing that could hide a digit, or put one in front.
LAYOUT: Final = re.compile(
    r"(?P<aligned>(?:[^0-9]?[<>^])?(?:[1-9][0-9]{0,3})?)(?:(?P<comma>,)|(?P<locale>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*))?",
    re.DOTALL,
)

MOST_OF_EXACT: Final = 10 ** (3 * MOST_DIGITS)
"""No numerator or denominator of an exact amount reaches this."""


class Amount:
    """What `Money` and `ExactMoney` share: a currency, an exact value, an order, and how they show themselves.

    Attributes:
        currency: The currency.
        fraction: The exact value, in units of the currency.

    Example:
        >>> from agentkit.money import Money
        >>> isinstance(Money("19.90", "EUR"), Amount)
        True
    """

    __slots__ = ("_currency",)
    _currency: Currency

    @property
    def currency(self) -> Currency:
        """The currency."""
        return self._currency

    @property
    def fraction(self) -> Fraction:
        """The exact value, in units of the currency."""
        raise NotImplementedError

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an amount never changes: make a new {type(self).__name__} instead of setting {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"an amount never changes: {name!r} cannot be deleted")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __bool__(self) -> bool:
        return bool(self.fraction)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Amount):
            return NotImplemented
        return self._currency == other._currency and self.fraction == other.fraction

    def __hash__(self) -> int:
        return hash((self.fraction, self._currency.code))

    def __lt__(self, other: Amount) -> bool:
        return self.fraction < other.fraction if self._meets(other) else NotImplemented

    def __le__(self, other: Amount) -> bool:
        return self.fraction <= other.fraction if self._meets(other) else NotImplemented

    def __gt__(self, other: Amount) -> bool:
        return self.fraction > other.fraction if self._meets(other) else NotImplemented

    def __ge__(self, other: Amount) -> bool:
        return self.fraction >= other.fraction if self._meets(other) else NotImplemented

    def __radd__(self, other: int) -> Self:
        # `sum` begins with the integer 0, and no other number may stand before an amount.
        if type(other) is int and other == 0:
            return self
        _ = self._meets(other)
        return NotImplemented

    def __rsub__(self, other: Never) -> Self:
        # An amount before the minus has answered already; what is left is refused.
        _ = self._meets(other)
        return NotImplemented

    def __str__(self) -> str:
        return f"{self._text()} {self._currency.code}"

    def __format__(self, spec: str) -> str:
        layout = LAYOUT.fullmatch(spec)
        if layout is None:
            raise MoneyError(
                f"the format {spec!r} could hide digits: an amount takes an alignment, a width, and a comma or a"
                " locale, such as '>12,' or '>12de-DE'; round it first, or ask agentkit.money.format_money"
            )
        return format(self._shown(layout["comma"], layout["locale"]), layout["aligned"])

    def _shown(self, comma: str | None, locale: str | None) -> str:
        """The amount as a format wants it: with commas, as a locale writes it, or as it is."""
        if locale:
            return self._localised(locale)
        whole, point, decimals = self._text().partition(".")
        if comma and (digits := whole.removeprefix("-")).isdigit():
            whole = f"{whole[: -len(digits)]}{int(digits):,}"
        return f"{whole}{point}{decimals} {self._currency.code}"

    def _localised(self, locale: str) -> str:
        """The amount as a locale writes it.

        Raises:
            MoneyError: It is not in whole minor units.
        """
        raise MoneyError(f"{self} is not rounded, and {locale} writes whole minor units: round it first")

    def _repr_html_(self) -> str:
        """The amount as HTML, for notebooks."""
        return f'<span style="font-variant-numeric: tabular-nums; white-space: nowrap">{escaped(str(self))}</span>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The amount as text and HTML, for notebooks."""
        return bundle(str(self), self._repr_html_())

    def __rich__(self) -> str:
        """The amount as rich shows it; a code cannot be mistaken for markup."""
        return str(self)

    def _text(self) -> str:
        """The exact value as text, without the currency."""
        raise NotImplementedError

    def _meets(self, other: object) -> bool:
        """Tell whether this is an amount of the same currency; False leaves the answer to the other operand.

        Raises:
            CurrencyMismatch: It is one of another currency.
            CurrencyRequired: It is a bare number.
            FloatNotAllowed: It is a float.
            InvalidAmount: It is a bool.
        """
        if isinstance(other, Amount):
            if self._currency is other._currency or self._currency == other._currency:
                return True
            raise CurrencyMismatch(
                f"{self} and {other} are of two currencies: convert one of them first, or keep both in a MoneyBag"
            )
        if isinstance(other, (bool, float)):
            raise refusal(other, "the other amount", expected="an amount of money")
        if isinstance(other, (int, Decimal, Fraction)):
            raise CurrencyRequired(
                f"{shortened(other)} has no currency: write Money('...', {self._currency.code!r}) if that is meant"
            )
        return False


class UnroundedAmount(Amount):
    """An exact amount that no minor unit has been forced upon: the arithmetic of `ExactMoney`.

    Example:
        >>> from agentkit.money import ExactMoney
        >>> ExactMoney("0.00123", "USD") * 1000 + ExactMoney(1, "USD") / 3
        ExactMoney(Fraction(469, 300), 'USD')
    """

    __slots__ = ("_fraction",)
    _fraction: Fraction

    def __new__(cls, amount: str | Number, currency: str | Currency) -> Self:
        """Check and make the amount."""
        found = currency if isinstance(currency, Currency) else CURRENCIES.get(currency)
        _ = found.places  # raises where there are none
        return cls._of(Fraction(*ratio_of(amount, "the amount")), found)

    @classmethod
    def _of(cls, value: Fraction, currency: Currency) -> Self:
        if not (-MOST_OF_EXACT < value.numerator < MOST_OF_EXACT and value.denominator < MOST_OF_EXACT):
            raise PrecisionExceeded(f"the exact amount has more than {3 * MOST_DIGITS:,} digits: round in between")
        made = object.__new__(cls)
        object.__setattr__(made, "_fraction", value)
        object.__setattr__(made, "_currency", currency)
        return made

    @property
    def fraction(self) -> Fraction:
        """The exact value, in units of the currency."""
        return self._fraction

    def __reduce__(self) -> tuple[type[Self], tuple[Fraction, Currency]]:
        return type(self), (self._fraction, self._currency)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._fraction!r}, {self._currency.code!r})"

    def __add__(self, other: Amount) -> Self:
        if not self._meets(other):
            return NotImplemented
        return self._of(self._fraction + other.fraction, self._currency)

    def __sub__(self, other: Amount) -> Self:
        if not self._meets(other):
            return NotImplemented
        return self._of(self._fraction - other.fraction, self._currency)

    def __mul__(self, factor: Number) -> Self:
        if not _is_number(factor):
            return NotImplemented
        return self._of(self._fraction * factor_of(factor), self._currency)

    __rmul__ = __mul__

    @overload
    def __truediv__(self, divisor: Amount) -> Fraction: ...
    @overload
    def __truediv__(self, divisor: Number) -> Self: ...
    def __truediv__(self, divisor: object) -> Fraction | Self:
        if isinstance(divisor, Amount) and self._meets(divisor):
            return self._fraction / divisor_of(divisor.fraction)
        if not _is_number(divisor):
            return NotImplemented
        return self._of(self._fraction / divisor_of(divisor), self._currency)

    def __neg__(self) -> Self:
        return self._of(-self._fraction, self._currency)

    def __abs__(self) -> Self:
        return self._of(abs(self._fraction), self._currency)

    def __hash__(self) -> int:
        # In minor units as `Money` does it, so that equal amounts of both kinds have one hash.
        return hash((self._fraction * 10**self._currency.places, self._currency.code))

    def __eq__(self, other: object) -> bool:
        return Amount.__eq__(self, other)

    def _text(self) -> str:
        places = _decimals_of(self._fraction.denominator)
        if places is None or places > MOST_DIGITS:
            return str(self._fraction)
        places = max(places, self._currency.places)
        return write_minor((self._fraction * 10**places).numerator, places)


def _is_number(value: object) -> bool:
    """Tell whether something is a number of Python, one that is refused included."""
    return isinstance(value, (int, float, Decimal, Fraction))


def factor_of(factor: object) -> Fraction:
    """Return what multiplies an amount, exactly.

    Raises:
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.
        InvalidAmount: It is a bool.

    Example:
        >>> factor_of(Decimal("0.125"))
        Fraction(1, 8)
    """
    return Fraction(*ratio_of(factor, "the factor"))


def divisor_of(divisor: object) -> Fraction:
    """Return what divides an amount, exactly.

    Raises:
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.
        InvalidAmount: It is a bool.
        ZeroDivisionError: It is zero.

    Example:
        >>> divisor_of(4)
        Fraction(4, 1)
    """
    value = Fraction(*ratio_of(divisor, "the divisor"))
    if not value:
        raise ZeroDivisionError("an amount cannot be divided by zero")
    return value


def _decimals_of(denominator: int) -> int | None:
    """How many decimals a fraction with this denominator has, or None where they never end."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None
