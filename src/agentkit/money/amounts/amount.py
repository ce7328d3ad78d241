"""Money: an exact, immutable amount of one currency, in whole minor units; and amounts that wait to be rounded.

Rules: an amount is an integer of minor units inside, so adding loses nothing; nothing rounds silently; a bare number is
never an amount, and a float never anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Self, cast, final, overload

from agentkit.errors import CurrencyRequired, InvalidAmount
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency, checked_registry
from agentkit.money.numbers.canonical import Number, refusal
from agentkit.money.numbers.kinds import int_of
from agentkit.money.numbers.rounding import LEAST_MINOR, MOST_MINOR, PRECISION, Rounding, round_ratio, rounded_to
from agentkit.money.numbers.rows import rows_of

from .exact import UnroundedAmount
from .form import FORM_SCHEMA, HasContext, core_schema, read_currency, read_form
from .whole import WholeAmount, minor_of, new, set_currency, set_minor

__all__ = ["ExactMoney", "Money", "validated"]


@final
class ExactMoney(UnroundedAmount):
    """An exact amount that is not rounded to minor units yet: what multiplying and dividing give, or a price per piece.

    It adds up, compares and multiplies as `Money` does, loses nothing on the way, and becomes `Money` by `round`. It
    has no wire form: round before it travels.

    Args:
        amount: The exact value: canonical text, an int, `Decimal` or `Fraction`; any number of decimals.
        currency: The code of a current currency, or a `Currency`.

    Raises:
        InvalidAmount: The amount is no number in canonical form.
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.
        CurrencyUnknown: No such currency is current, or it has no minor units.

    Example:
        >>> per_stream = ExactMoney("0.00437", "USD")
        >>> (per_stream * 12_345).round(rounding="ROUND_HALF_EVEN")
        Money('53.95', 'USD')
    """

    __slots__ = ()

    def round(self, *, rounding: Rounding | None = None) -> Money:
        """Round to whole minor units, once.

        Args:
            rounding: How. None: it has to be exact already.

        Raises:
            RoundingRequired: It is not exact, and no rounding was named.
            PrecisionExceeded: The result has more than 28 significant digits.
            DefinitionError: No such rounding.
        """
        value, places = self._fraction, self._currency.places
        mode: Rounding = "UNNECESSARY" if rounding is None else rounding
        minor = round_ratio(value.numerator * 10**places, value.denominator, mode)
        return Money.from_minor(minor, self._currency)

    def round_to(self, places: int, *, rounding: Rounding | None = None) -> ExactMoney:
        """Round to a number of decimals, such as four for a unit price; -1 rounds to tens. See `round`."""
        return self._of(rounded_to(self._fraction, places, rounding), self._currency)


@final
class Money(WholeAmount):
    """An exact amount of one currency: immutable, hashable, ordered, in whole minor units.

    `+` and `-` take amounts of the same currency. A whole number multiplies; any other factor, and dividing by a
    number, give an `ExactMoney`, which you round by name. `//` and `%` by an int divide into whole minor units and
    what is left; `/`, `//` and `%` by an amount tell how often that fits. `==` with another currency is False, every
    other meeting of two currencies an error. `sum` works, `Money.sum` is faster.

    Args:
        amount: Canonical text, an int, `Decimal` or `Fraction`, in units of the currency: `"19.90"`.
        currency: The code of a current currency, or a `Currency` of a registry.
        rounding: How an amount with more decimals than the currency is rounded; None refuses it.

    Raises:
        InvalidAmount: The amount is no number in canonical form, or a bool.
        FloatNotAllowed: It is a float.
        NonFinite: It is NaN or infinite.
        ExcessPrecision: It has more decimals than the currency, and no rounding was named.
        PrecisionExceeded: It has more than 28 significant digits.
        CurrencyUnknown: No such currency is current, or it has no minor units.

    Example:
        >>> price = Money("19.90", "EUR")
        >>> price * 3 + Money(5, "EUR")
        Money('64.70', 'EUR')
        >>> (price / 3).round(rounding="ROUND_HALF_UP")
        Money('6.63', 'EUR')
        >>> [str(part) for part in price.split(3)]
        ['6.64 EUR', '6.63 EUR', '6.63 EUR']
    """

    __slots__ = ()

    def __new__(cls, amount: str | Number, currency: str | Currency, *, rounding: Rounding | None = None) -> Self:
        """Check and make the amount."""
        found = currency if isinstance(currency, Currency) else CURRENCIES.get(currency)
        if type(amount) is str and rounding is None and amount.isascii():
            # Most amounts are written as they are kept, and need no more than this; `5.` is left to the parser.
            whole, point, decimals = amount.partition(".")
            digits = whole + decimals
            plain = (decimals or not point) and digits.isdigit() and len(digits) <= PRECISION
            if plain and len(decimals) == found.minor_units:
                return cls._of(int(digits), found)
        return cls._of(minor_of(amount, found, rounding), found)

    @classmethod
    def sum(cls, amounts: Iterable[Money], currency: str | Currency | None = None) -> Money:
        """Add up amounts of one currency, without making an amount for each step.

        Args:
            amounts: The amounts.
            currency: Their currency; needed where there may be none of them.

        Raises:
            CurrencyMismatch: They are of several currencies, or not of the one that is asked for.
            CurrencyRequired: There are none, and no currency says what nothing is worth.
            InvalidAmount: One of them is no `Money`, or they are no list of any kind.
            PrecisionExceeded: The sum has more than 28 significant digits.
        """
        start: Money | None = None if currency is None else cls.zero(currency)
        left = cast("Iterator[Money]", iter(rows_of(amounts, refused=InvalidAmount)))
        if start is None and (start := next(left, None)) is None:
            raise CurrencyRequired("nothing was added up: name its currency with currency=...")
        if type(start) is not Money:
            raise refusal(start, "the first amount", expected="Money")
        total, kept = start._minor, start._currency
        for amount in left:
            if type(amount) is not Money:
                raise refusal(amount, "an amount of the sum", expected="Money")
            if amount._currency is not kept:
                start._meets(amount)
            total += amount._minor
        return cls._of(total, kept)

    @classmethod
    def from_dict(
        cls, given: Mapping[str, object], *, currencies: Currencies = CURRENCIES, allow_historical: bool = False
    ) -> Money:
        """Read the wire form, `{"amount": "19.90", "currency": "EUR"}`.

        Raises:
            InvalidAmount: It is another form, such as a number in place of the text.
            MoneyError: What the amount or the currency is refused for anywhere.
        """
        amount, code = read_form(given)
        return cls(amount, checked_registry(currencies).get(code, allow_historical=allow_historical))

    def exact(self) -> ExactMoney:
        """The same amount, to compute with: all that follows is exact until it is rounded."""
        return ExactMoney(self.fraction, self._currency)

    @overload
    def __add__(self, other: Money) -> Money: ...
    @overload
    def __add__(self, other: ExactMoney) -> ExactMoney: ...
    def __add__(self, other: Money | ExactMoney) -> Money | ExactMoney:
        if type(other) is Money and self._currency is other._currency:
            # What `_of` does, without the call: nothing is done more often.
            minor = self._minor + other._minor
            if LEAST_MINOR < minor < MOST_MINOR:
                made = new(Money)
                set_minor(made, minor)
                set_currency(made, self._currency)
                return made
        if type(other) is Money and self._meets(other):
            return self._of(self._minor + other._minor, self._currency)
        return self.exact() + other if self._meets(other) else NotImplemented

    @overload
    def __sub__(self, other: Money) -> Money: ...
    @overload
    def __sub__(self, other: ExactMoney) -> ExactMoney: ...
    def __sub__(self, other: Money | ExactMoney) -> Money | ExactMoney:
        if type(other) is Money and self._currency is other._currency:
            # What `_of` does, without the call: nothing is done more often.
            minor = self._minor - other._minor
            if LEAST_MINOR < minor < MOST_MINOR:
                made = new(Money)
                set_minor(made, minor)
                set_currency(made, self._currency)
                return made
        if type(other) is Money and self._meets(other):
            return self._of(self._minor - other._minor, self._currency)
        return self.exact() - other if self._meets(other) else NotImplemented

    @overload
    def __mul__(self, factor: int) -> Money: ...
    @overload
    def __mul__(self, factor: Decimal | Fraction) -> ExactMoney: ...
    def __mul__(self, factor: Number) -> Money | ExactMoney:
        if type(factor) is int:
            return self._of(self._minor * factor, self._currency)
        whole = int_of(factor)
        return self.exact() * factor if whole is None else self._of(self._minor * whole, self._currency)

    @overload
    def __rmul__(self, factor: int) -> Money: ...
    @overload
    def __rmul__(self, factor: Decimal | Fraction) -> ExactMoney: ...
    def __rmul__(self, factor: Number) -> Money | ExactMoney:
        return self * factor

    @overload
    def __truediv__(self, divisor: Money | ExactMoney) -> Fraction: ...
    @overload
    def __truediv__(self, divisor: Number) -> ExactMoney: ...
    def __truediv__(self, divisor: Money | ExactMoney | Number) -> Fraction | ExactMoney:
        return self.exact() / divisor

    @overload
    def __floordiv__(self, divisor: int) -> Money: ...
    @overload
    def __floordiv__(self, divisor: Money) -> int: ...
    def __floordiv__(self, divisor: object) -> Money | int:
        if (whole := int_of(divisor)) is not None:
            return self._of(self._minor // whole, self._currency)
        if type(divisor) is Money and self._meets(divisor):
            return self._minor // divisor._minor
        _refuse_divisor(divisor)
        return NotImplemented

    @overload
    def __mod__(self, divisor: int) -> Money: ...
    @overload
    def __mod__(self, divisor: Money) -> Money: ...
    def __mod__(self, divisor: object) -> Money:
        if (whole := int_of(divisor)) is not None:
            return self._of(self._minor % whole, self._currency)
        if type(divisor) is Money and self._meets(divisor):
            return self._of(self._minor % divisor._minor, self._currency)
        _refuse_divisor(divisor)
        return NotImplemented

    @overload
    def __divmod__(self, divisor: int) -> tuple[Money, Money]: ...
    @overload
    def __divmod__(self, divisor: Money) -> tuple[int, Money]: ...
    def __divmod__(self, divisor: int | Money) -> tuple[Money | int, Money]:
        return self // divisor, self % divisor

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> dict[str, object]:
        return core_schema(_validated, cls.to_dict)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: object) -> dict[str, object]:
        return dict(FORM_SCHEMA)


def _refuse_divisor(divisor: object) -> None:
    """Raise for numbers that `//` and `%` do not take; the rest is for Python to refuse."""
    if isinstance(divisor, (int, float, Decimal, Fraction)):
        raise refusal(divisor, "the divisor of // and %", expected="an int or an amount")


def validated(given: object, context: object = None) -> Money:
    """Take an amount, or its wire form; the context is that of `read_currency`.

    Raises:
        InvalidAmount: It is neither.
        MoneyError: What the amount or the currency is refused for anywhere.

    Example:
        >>> validated({"amount": "19.90", "currency": "EUR"})
        Money('19.90', 'EUR')
    """
    if isinstance(given, Money):
        return given
    amount, code = read_form(given)
    return Money(amount, read_currency(code, context))


def _validated(given: object, info: HasContext) -> Money:
    """Take what pydantic has."""
    return validated(given, info.context)
