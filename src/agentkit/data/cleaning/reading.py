"""Reading one cell as its field says.

Rules: a cell becomes a value, nothing, or a problem that says what is wrong; the same cell always becomes the same.
Both engines read here whatever they do not know to be plain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, cast

from agentkit.data.tables.kinds import Cell
from agentkit.errors import CurrencyRequired, MoneyError
from agentkit.money import (
    CURRENCIES,
    Currency,
    DateColumn,
    DateOrder,
    Money,
    NumberColumn,
    parse_date,
    parse_decimal,
    parse_money,
    parse_percent,
)

from .schema import Field, bound_of
from .texts import hidden, text_of, tidy

__all__ = ["Form", "Problem", "Reader"]


class Problem(NamedTuple):
    """What is wrong with a cell: a stable code, and words for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a column writes its numbers or dates.

    Attributes:
        column: Its reader; None: each cell is read by itself.
        contrary: Says of a text whether it contradicts what most of the column says.
        said: The form in words, such as `decimal ','`; empty if nothing was decided.
    """

    column: NumberColumn | DateColumn | None = None
    contrary: Callable[[str], bool] | None = None
    said: str = ""


_NONE = Form()


class Reader:
    """Reads the cells of one field."""

    def __init__(self, field: Field, form: Form = _NONE) -> None:
        self.field = field
        self._form = form
        self._empty = frozenset(tidy(text) for text in field.empty)
        self._allowed = None if field.allowed is None else frozenset(field.allowed)
        self._pattern = None if field.pattern is None else re.compile(field.pattern)
        self._least, self._most = bound_of(field.kind, field.min), bound_of(field.kind, field.max)
        self._truth = dict.fromkeys(map(str.casefold, field.true), True) | dict.fromkeys(
            map(str.casefold, field.false), False
        )

    def read(self, cell: Cell, context: str | None = None) -> Cell | Problem:
        """A cell's value; None if there is none and need not be.

        Args:
            cell: What was found.
            context: The cell that says the currency.
        """
        value = self.parse(cell, context)
        if value is None and self.field.required:
            return Problem("missing", "it is required, and there is nothing")
        return value if value is None or isinstance(value, Problem) else self._checked(value)

    def parse(self, cell: Cell, context: str | None = None) -> Cell | Problem:
        """The same before it is held to the rules of the field."""
        try:
            if not isinstance(cell, str):
                return None if cell is None else self._typed(cell, context)
            text = tidy(cell)
            return None if not text or text in self._empty else self._text(text, context)
        except MoneyError as error:
            return Problem(error.code, str(error))

    def is_mended(self, cell: Cell, value: Cell) -> bool:
        """Whether a text was not written as programs write its value."""
        if not isinstance(cell, str) or value is None:
            return False
        if isinstance(value, Money):
            amount, code = f"{value.amount:f}", value.currency.code
            return cell not in {amount, f"{amount} {code}", f"{code} {amount}"}
        return cell != text_of(value)

    def bounds(self, places: int) -> tuple[int | None, int | None]:
        """The least and the greatest number that is allowed, in whole steps of so many decimals."""
        least, most = self._least, self._most
        down = None if least is None else -_floor(-cast("Decimal", least), places)
        return down, None if most is None else _floor(cast("Decimal", most), places)

    def _text(self, text: str, context: str | None) -> Cell | Problem:
        kind = self.field.kind
        if self._form.contrary is not None and self._form.contrary(text):
            return Problem("inconsistent_format", f"it contradicts most of its column, {self._form.said}: correct it")
        if kind in {"text", "code"}:
            return self._cased(text)
        if kind == "boolean":
            found = self._truth.get(text.casefold())
            return Problem("invalid_boolean", f"it is none of {', '.join(self._truth)}") if found is None else found
        if kind == "date":
            return self._date(text)
        if kind == "money":
            return self._money(text, context)
        return self._number(text)

    def _cased(self, text: str) -> str | Problem:
        found = hidden(text)
        if found is not None:
            return Problem("control_character", f"it has the character U+{ord(found):04X}, which is no text: remove it")
        case = self.field.case
        return text if case is None else text.upper() if case == "upper" else text.lower()

    def _date(self, text: str) -> date:
        column, field = self._form.column, self.field
        if isinstance(column, DateColumn):
            return column.parse(text)
        order: DateOrder | None = field.order
        if field.orders is not None:
            order = next((given for mark, given in field.orders.items() if mark in text), None)
        return parse_date(text, order=order, locale=field.locale, two_digit_years_from=field.two_digit_years_from)

    def _number(self, text: str) -> Decimal | int | Problem:
        column, field = self._form.column, self.field
        if field.percent:
            number = (
                column.parse_percent(text)
                if isinstance(column, NumberColumn)
                else parse_percent(text, locale=field.locale)
            )
        elif isinstance(column, NumberColumn):
            number = column.parse(text)
        else:
            number = parse_decimal(text, locale=field.locale, allow=field.allow, negative=field.negative)
        return number if field.kind == "decimal" else _whole(number)

    def _money(self, text: str, context: str | None) -> Money:
        source = self.field.currency_from
        if source is None:
            return self._amount(text, self.field.currency)
        if source.binding:
            return self._amount(text, self._currency(context))
        try:
            return self._amount(text, None)
        except CurrencyRequired:
            return self._amount(text, self._currency(context))

    def _amount(self, text: str, currency: str | Currency | None) -> Money:
        column, field = self._form.column, self.field
        if isinstance(column, NumberColumn):
            return column.parse_money(text, currency=currency, rounding=field.rounding)
        return parse_money(
            text,
            currency=currency,
            locale=field.locale,
            allow=field.allow,
            negative=field.negative,
            rounding=field.rounding,
        )

    def _currency(self, context: str | None) -> Currency:
        """The currency that another column says.

        Raises:
            CurrencyRequired: It says none.
            CurrencyUnknown: There is no such currency.
        """
        source = self.field.currency_from
        if source is None:
            if self.field.currency is None:
                raise CurrencyRequired("it names no currency, and its field has none: give the field one")
            return CURRENCIES.get(self.field.currency)
        found = tidy(context or "")
        code = found if source.codes is None else source.codes.get(found, "")
        if not code:
            what = f"{found!r} has no currency that is known" if found else "is empty"
            raise CurrencyRequired(f"it names no currency, and its {source.column} {what}")
        return CURRENCIES.get(code)

    def _typed(self, cell: Cell, context: str | None) -> Cell | Problem:
        """The value of a cell that is no text."""
        match self.field.kind, cell:
            case (("text" | "code"), _):
                return self._cased(tidy(text_of(cell)))
            case "boolean", bool():
                return cell
            case _, bool():
                pass
            case "boolean", int() if cell in {0, 1}:
                return cell == 1
            case (("integer" | "decimal"), (int() | Decimal())):
                return _positive_zero(Decimal(cell)) if self.field.kind == "decimal" else _whole(Decimal(cell))
            case "money", (int() | Decimal()):
                return Money(cell, self._currency(context), rounding=self.field.rounding)
            case "money", Money():
                return self._same_currency(cell, context)
            case "date", date():
                return cell
            case _:
                pass
        return Problem("wrong_kind", f"{text_of(cell)} is no {self.field.kind}")

    def _same_currency(self, cell: Money, context: str | None) -> Money | Problem:
        source = self.field.currency_from
        wanted = self.field.currency
        if source is not None and source.binding:
            wanted = self._currency(context).code
        if wanted is not None and cell.currency.code != wanted:
            return Problem("currency_mismatch", f"{cell} is no amount of {wanted}")
        return cell

    def _checked(self, value: Cell) -> Cell | Problem:
        """The value, if it keeps the rules of its field."""
        # Bounds are of the kind of the value, as the schema has made sure.
        measure = cast("Decimal", value.amount if isinstance(value, Money) else value)
        least, most = cast("Decimal | None", self._least), cast("Decimal | None", self._most)
        if least is not None and measure < least:
            return Problem("out_of_range", f"{text_of(value)} is less than {text_of(least)}")
        if most is not None and measure > most:
            return Problem("out_of_range", f"{text_of(value)} is more than {text_of(most)}")
        if self._allowed is not None and text_of(value) not in self._allowed:
            return Problem("not_allowed", f"{text_of(value)!r} is none of {', '.join(sorted(self._allowed))}")
        if self._pattern is not None and self._pattern.fullmatch(text_of(value)) is None:
            return Problem("pattern_mismatch", f"{text_of(value)!r} does not match {self._pattern.pattern}")
        return value


def _whole(number: Decimal) -> int | Problem:
    if number != number.to_integral_value():
        return Problem("not_whole", f"{number:f} is no whole number")
    return int(number)


def _positive_zero(number: Decimal) -> Decimal:
    return number if number else number.copy_abs()


def _floor(number: Decimal, places: int) -> int:
    numerator, denominator = number.as_integer_ratio()
    up, down = int(10 ** max(places, 0)), int(10 ** max(-places, 0))
    return numerator * up // (denominator * down)
