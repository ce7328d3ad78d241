"""Sums of several currencies, kept apart.

Rules: a bag holds one amount of each currency and converts nothing; what is zero is not in it, so two bags are equal
when they are worth the same in every currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final, cast, final

from agentkit.errors import CurrencyMismatch, InvalidAmount
from agentkit.markup import bundle, table
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency
from agentkit.money.numbers.canonical import refusal
from agentkit.money.numbers.kinds import is_a
from agentkit.money.numbers.rows import rows_of

from .amount import Money, validated
from .form import FORM_SCHEMA, AmountForm, HasContext, core_schema

__all__ = ["MoneyBag"]

FORMS: Final = "a list of amounts in wire form, [{'amount': '19.90', 'currency': 'EUR'}, ...]"


@final
class MoneyBag:
    """Amounts of several currencies, one of each: a sum where currencies meet. It never changes.

    `+` and `-` take bags and amounts, `sum` works. A bag is iterated by the codes of its currencies, and is false when
    it is empty. Two bags are equal if they are worth the same in every currency. The wire form is the list of those
    of its amounts.

    Args:
        amounts: Amounts of any currencies; those of one currency are added up.

    Raises:
        InvalidAmount: One is no `Money`, or they are no list of any kind.
        FloatNotAllowed: One is a float.
        CurrencyMismatch: Two registries have given one code to two currencies.
        PrecisionExceeded: A sum has more than 28 significant digits.

    Example:
        >>> bag = MoneyBag([Money(5, "USD"), Money("1.50", "EUR"), Money(1, "USD")])
        >>> str(bag)
        '1.50 EUR + 6.00 USD'
        >>> bag["USD"], bag["GBP"]
        (Money('6.00', 'USD'), Money('0.00', 'GBP'))
        >>> bag - Money(6, "USD")
        MoneyBag([Money('1.50', 'EUR')])
    """

    __slots__ = ("_held",)
    _held: dict[str, Money]

    def __init__(self, amounts: Iterable[Money] = ()) -> None:
        held: dict[str, Money] = {}
        for amount in cast("Iterable[Money]", rows_of(amounts, refused=InvalidAmount)):
            if type(amount) is not Money:
                raise refusal(amount, "an amount of the bag", expected="Money")
            before = held.get(amount.currency.code)
            held[amount.currency.code] = amount if before is None else before + amount
        object.__setattr__(self, "_held", {code: held[code] for code in sorted(held) if held[code]})

    @classmethod
    def from_list(
        cls, given: object, *, currencies: Currencies = CURRENCIES, allow_historical: bool = False
    ) -> MoneyBag:
        """Read the wire form, a list of amounts; those of one currency are added up.

        Raises:
            InvalidAmount: It is no list, or one of its items is no amount in wire form.
            MoneyError: What an amount or a currency is refused for anywhere.
        """
        return _read(given, {"currencies": currencies, "allow_historical": allow_historical})

    def to_list(self) -> list[AmountForm]:
        """Write the wire form: those of the amounts, by the codes of their currencies."""
        return [amount.to_dict() for amount in self]

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """The currencies of which there is an amount, by code."""
        return tuple(amount.currency for amount in self)

    def only(self, currency: str | Currency) -> Money:
        """Return the amount of a bag that holds one currency at most.

        Raises:
            CurrencyMismatch: There is an amount of another currency.
            CurrencyUnknown: No such currency is current.
        """
        wanted = self[currency]
        if others := [amount.currency.code for amount in self if amount.currency != wanted.currency]:
            raise CurrencyMismatch(
                f"besides {wanted.currency.code} there is {', '.join(others)} in the bag: convert it first"
            )
        return wanted

    def __getitem__(self, currency: str | Currency) -> Money:
        """Return the amount of a currency; nothing of it where there is none."""
        code = currency.code if isinstance(currency, Currency) else currency
        wanted = self._held.get(code) if is_a(code, str) else None
        if wanted is None or (isinstance(currency, Currency) and wanted.currency != currency):
            zero = Money.zero(currency)
            return self._held.get(zero.currency.code, zero) if isinstance(currency, str) else zero
        return wanted

    def __contains__(self, currency: object) -> bool:
        """Tell whether there is an amount of this currency that is not zero."""
        code = currency.code if isinstance(currency, Currency) else currency
        return isinstance(code, str) and code in self._held

    def __iter__(self) -> Iterator[Money]:
        return iter(self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    def __add__(self, other: MoneyBag | Money) -> MoneyBag:
        amounts = _amounts(other)
        return NotImplemented if amounts is None else MoneyBag([*self, *amounts])

    def __radd__(self, other: Money | int) -> MoneyBag:
        # `sum` begins with the integer 0, and no other number may stand before a bag.
        amounts = [] if type(other) is int and other == 0 else _amounts(other)
        return NotImplemented if amounts is None else MoneyBag([*self, *amounts])

    def __sub__(self, other: MoneyBag | Money) -> MoneyBag:
        amounts = _amounts(other)
        return NotImplemented if amounts is None else MoneyBag([*self, *(-amount for amount in amounts)])

    def __rsub__(self, other: Money) -> MoneyBag:
        amounts = _amounts(other)
        return NotImplemented if amounts is None else MoneyBag([*amounts, *-self])

    def __neg__(self) -> MoneyBag:
        return MoneyBag(-amount for amount in self)

    def __eq__(self, other: object) -> bool:
        return self._held == other._held if isinstance(other, MoneyBag) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a bag never changes: make a new MoneyBag instead of setting {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a bag never changes: {name!r} cannot be deleted")

    def __reduce__(self) -> tuple[type[MoneyBag], tuple[list[Money]]]:
        return MoneyBag, (list(self),)

    def __str__(self) -> str:
        return " + ".join(map(str, self)) or "nothing"

    def __repr__(self) -> str:
        return f"MoneyBag({list(self)!r})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The bag as text and HTML, for notebooks: an amount on each line."""
        return bundle(str(self), table([("amount",), *((str(amount),) for amount in self)], figures={0}))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> dict[str, object]:
        return core_schema(_validated, cls.to_list)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: object) -> dict[str, object]:
        return {"type": "array", "title": "MoneyBag", "items": dict(FORM_SCHEMA)}


def _amounts(other: object) -> list[Money] | None:
    """Return what a bag adds or takes away; None is for Python to refuse."""
    if isinstance(other, MoneyBag):
        return list(other)
    if isinstance(other, (int, float, Decimal, Fraction)):
        raise refusal(other, "what meets a bag", expected="Money or another MoneyBag")
    return [other] if isinstance(other, Money) else None


def _validated(given: object, info: HasContext) -> MoneyBag:
    """Take what pydantic has: a bag, or its wire form."""
    if isinstance(given, MoneyBag):
        return given
    return _read(given, info.context)


def _read(given: object, context: object) -> MoneyBag:
    if not isinstance(given, list):
        raise refusal(given, "a bag in wire form", expected=FORMS)
    return MoneyBag(validated(item, context) for item in cast("list[object]", given))
