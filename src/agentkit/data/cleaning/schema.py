"""What a clean table looks like, as plain data, and how its cells are written before.

Rules: everything is text, numbers, truth values, lists and mappings, so that it comes from a file as well as from
Python; an option that a kind of field has no use for is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

from agentkit.data.tables.kinds import KINDS, Column, Kind
from agentkit.errors import DefinitionError, MoneyError
from agentkit.money import CURRENCIES, Allowed, DateOrder, NegativeWord, Rounding, find_locale, parse_canonical

__all__ = ["Bound", "CurrencyFrom", "Field", "Schema", "bound_of"]

Bound: TypeAlias = str | int | None
"""The least or greatest value of a field: a number, in text where it has decimals, or a date as `2025-11-03`."""

_NUMBERS: Final = frozenset({"integer", "decimal", "money"})
_TEXTS: Final = frozenset({"text", "code"})
_ORDERED: Final = _NUMBERS | {"date"}
# For which kinds an option is: those that are not named are for all.
_USED_BY: Final[Mapping[str, frozenset[str]]] = {
    "min": _ORDERED,
    "max": _ORDERED,
    "allowed": _TEXTS | {"integer"},
    "pattern": _TEXTS,
    "case": _TEXTS,
    "locale": _ORDERED,
    "decided_by": _ORDERED,
    "currency": frozenset({"money"}),
    "currency_from": frozenset({"money"}),
    "rounding": frozenset({"money"}),
    "allow": _NUMBERS,
    "negative": _NUMBERS,
    "percent": frozenset({"decimal"}),
    "order": frozenset({"date"}),
    "orders": frozenset({"date"}),
    "two_digit_years_from": frozenset({"date"}),
    "true": frozenset({"boolean"}),
    "false": frozenset({"boolean"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyFrom:
    """The currency of an amount that does not name it, by another column of its row.

    Attributes:
        column: The column of the raw table, such as `country`.
        codes: The code of the currency for each of its values, as they are once space is tidied; None: the value is
            the code.
        binding: Whether an amount that names another currency is refused; otherwise it is of the one it names.
    """

    column: str
    codes: Mapping[str, str] | None = None
    binding: bool = False

    def __post_init__(self) -> None:
        _refuse(f"currency_from {self.column!r}", [_currency_problem(code) for code in (self.codes or {}).values()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of the clean table, and how it is read.

    Attributes:
        name: What the column is called.
        kind: What its cells are.
        source_name: What it is called in the raw table; None: the same.
        required: Whether a row without it is kept apart.
        empty: Texts that mean that there is nothing, such as `n/a`.
        min: The least value, itself allowed.
        max: The greatest value, itself allowed.
        allowed: The only values, as texts.
        pattern: A regular expression that the whole text matches.
        case: Whether texts are put in capitals or small letters.
        locale: Where numbers or dates were written; its form is binding.
        decided_by: What says how a number or a date is meant that has two readings, where no locale and no order does:
            the other values of its `column`, or none, so that the `cell` is kept apart.
        currency: The currency of all amounts.
        currency_from: Where the currency of an amount is found that does not name its own.
        rounding: How amounts with more decimals than their currency are rounded; None refuses them.
        allow: Whether `1.5e3` (`exponent`) and `1.5k` (`scale`) are read.
        negative: The word behind an amount that makes it negative.
        percent: Whether numbers are percentages: `12.5 %` is 12.5.
        order: The order of day, month and year.
        orders: Their order by the mark between them, such as `{".": "dmy"}`.
        two_digit_years_from: The first of the hundred years that two digits mean; None refuses them.
        true: The words for true.
        false: The words for false.

    Raises:
        DefinitionError: Options contradict each other or the kind; names everything that is wrong.

    Example:
        >>> Field(name="price", kind="money", currency="EUR", min="0.01").kind
        'money'
    """

    name: str
    kind: Kind = "text"
    source_name: str | None = None
    required: bool = False
    empty: Sequence[str] = ()
    min: Bound = None
    max: Bound = None
    allowed: Sequence[str] | None = None
    pattern: str | None = None
    case: Literal["upper", "lower"] | None = None
    locale: str | None = None
    decided_by: Literal["column", "cell"] = "column"
    currency: str | None = None
    currency_from: CurrencyFrom | None = None
    rounding: Rounding | None = None
    allow: Sequence[Allowed] = ()
    negative: NegativeWord | None = None
    percent: bool = False
    order: DateOrder | None = None
    orders: Mapping[str, DateOrder] | None = None
    two_digit_years_from: int | None = None
    true: Sequence[str] = ("true", "yes", "1")
    false: Sequence[str] = ("false", "no", "0")

    def __post_init__(self) -> None:
        _refuse(f"field {self.name!r}", [*self._unused(), *self._values()])

    @property
    def column_name(self) -> str:
        """What the column is called in the raw table."""
        return self.source_name or self.name

    @property
    def column(self) -> Column:
        """The column of the clean table."""
        return Column(name=self.name, kind=self.kind, currency=self.currency)

    def _unused(self) -> Iterator[str]:
        """Options that a field of this kind has no use for."""
        if self.kind not in KINDS:
            yield f"kind {self.kind!r} is none of {', '.join(KINDS)}"
            return
        for option in fields(self):
            kinds = _USED_BY.get(option.name)
            if kinds is not None and self.kind not in kinds and getattr(self, option.name) != option.default:
                yield f"{option.name} is for {', '.join(sorted(kinds))}, and not for {self.kind}"

    def _values(self) -> Iterator[str | None]:
        """Options whose values are none."""
        if not self.name.strip():
            yield "it needs a name"
        if self.currency is not None:
            yield _currency_problem(self.currency)
        if self.currency is not None and self.currency_from is not None:
            yield "give currency or currency_from, and not both"
        if self.rounding is not None and self.rounding not in get_args(Rounding):
            yield f"rounding {self.rounding!r} is none of {', '.join(get_args(Rounding))}"
        if [self.order, self.orders, self.locale].count(None) < 2:
            yield "give one of order, orders and locale"
        yield from (_pattern_problem(self.pattern), _locale_problem(self.locale))
        for name, bound in (("min", self.min), ("max", self.max)):
            try:
                bound_of(self.kind, bound)
            except ValueError:
                yield f"{name} is {bound!r}: give {'a date like 2025-11-03' if self.kind == 'date' else 'a number'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The columns of a clean table, in order. Columns of the raw table that no field names are left out.

    Attributes:
        fields: At least one.

    Raises:
        DefinitionError: There are no fields, or two of the same name.

    Example:
        >>> Schema(fields=[Field(name="artist", required=True), Field(name="sold", kind="integer", min=1)]).names
        ('artist', 'sold')
    """

    fields: Sequence[Field]

    def __post_init__(self) -> None:
        twice = [name for name, count in Counter(field.name for field in self.fields).items() if count > 1]
        problems = [f"two fields are called {name!r}" for name in twice]
        _refuse("schema", problems if self.fields else ["there are no fields"])

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(field.name for field in self.fields)


def bound_of(kind: Kind, bound: Bound) -> Decimal | date | None:
    """The value of a bound.

    Raises:
        ValueError: It is none of this kind.
    """
    if bound is None:
        return None
    if kind == "date":
        return date.fromisoformat(str(bound))
    return Decimal(bound) if isinstance(bound, int) else parse_canonical(bound)


def _refuse(place: str, problems: Iterable[str | None]) -> None:
    found = [f"{place}: {problem}" for problem in problems if problem is not None]
    if found:
        raise DefinitionError(*found)


def _currency_problem(code: str) -> str | None:
    return None if code in CURRENCIES else f"there is no currency {code!r}"


def _pattern_problem(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        return f"pattern {pattern!r} is no regular expression: {error}"
    return None


def _locale_problem(locale: str | None) -> str | None:
    try:
        _ = None if locale is None else find_locale(locale)
    except MoneyError as error:
        return str(error)
    return None
