"""The functions of expressions: what each takes, what it gives, and how it is computed.

Rules: this table is all there is; a function is pure; an argument of the wrong kind is refused before the first row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final, TypeAlias, cast, get_args

from agentkit.errors import MoneyError
from agentkit.money import ExactMoney, Money, Rounding, quantize

from .values import CellEmpty, Evaluate, Gives, Part, Row, Value, filled

__all__ = ["FUNCTIONS", "Function", "Problem"]

ROUNDINGS: Final[tuple[str, ...]] = get_args(Rounding)
MOST_PLACES: Final = 28


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a function cannot take these arguments.

    Attributes:
        text: What people read.
        argument: Which argument it is, from 0; None: the call as a whole.
    """

    text: str
    argument: int | None = None


Bind: TypeAlias = Callable[[Sequence[Part]], Part | Problem]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        form: How it is called, as the documentation shows it.
        does: What it gives.
        bind: Checks its arguments, and makes the call ready to be computed.
    """

    form: str
    does: str
    bind: Bind


def _simple(takes: Sequence[Gives], gives: Gives, compute: Callable[..., Value]) -> Bind:
    """A function of a fixed number of arguments, one kind each."""

    def bind(parts: Sequence[Part]) -> Part | Problem:
        if problem := _fits(parts, takes):
            return problem
        values = [filled(part) for part in parts]
        if len(values) == 1:
            only = values[0]
            return Part(gives=gives, evaluate=lambda row: compute(only(row)))
        return Part(gives=gives, evaluate=lambda row: compute(*(value(row) for value in values)))

    return bind


def _fits(parts: Sequence[Part], takes: Sequence[Gives]) -> Problem | None:
    if len(parts) != len(takes):
        return Problem(f"it takes {len(takes)} value{'s' * (len(takes) != 1)}, and was given {len(parts)}")
    for place, (part, kind) in enumerate(zip(parts, takes, strict=True)):
        if part.gives != kind:
            return Problem(f"it takes a {kind} here, not a {part.gives}", place)
    return None


def _abs(parts: Sequence[Part]) -> Part | Problem:
    if len(parts) != 1:
        return Problem(f"it takes 1 value, and was given {len(parts)}")
    only = parts[0]
    if only.gives not in {"number", "money"}:
        return Problem(f"it takes a number or an amount, not a {only.gives}", 0)
    value = filled(only)
    return Part(gives=only.gives, evaluate=lambda row: abs(value(row)), currency=only.currency, endless=only.endless)


def _extreme(choose: Callable[[list[Any]], Any]) -> Bind:
    def bind(parts: Sequence[Part]) -> Part | Problem:
        if len(parts) < 2:
            return Problem("it takes two values or more of one row; the least of a whole column is a total of a group")
        if problem := _alike(parts, {"number", "money", "date"}):
            return problem
        values = [filled(part) for part in parts]
        return _like(parts, lambda row: choose([value(row) for value in values]))

    return bind


def _coalesce(parts: Sequence[Part]) -> Part | Problem:
    if len(parts) < 2:
        return Problem("it takes two values or more, and gives the first that is not empty")
    if problem := _alike(parts):
        return problem
    values = [filled(part) for part in parts]

    def first_filled(row: Row) -> Value:
        for value in values[:-1]:
            try:
                return cast("Value", value(row))
            except CellEmpty:
                continue
        return cast("Value", values[-1](row))

    return _like(parts, first_filled)


def _if(parts: Sequence[Part]) -> Part | Problem:
    if len(parts) != 3:
        return Problem(f"it takes a condition and two values, and was given {len(parts)}")
    if parts[0].gives != "boolean":
        return Problem(f"it takes a condition here, not a {parts[0].gives}", 0)
    if problem := _alike(parts[1:]):
        return Problem(problem.text, 2)
    condition, then, other = filled(parts[0]), parts[1].evaluate, parts[2].evaluate
    return _like(parts[1:], lambda row: then(row) if condition(row) else other(row))


def _alike(parts: Sequence[Part], kinds: set[Gives] | None = None) -> Problem | None:
    """Whether all parts are of one kind and currency; `empty` goes with everything."""
    found: Part | None = None
    for place, part in enumerate(parts):
        if kinds is not None and part.gives not in kinds:
            return Problem(f"it takes numbers, amounts or dates, not a {part.gives}", place)
        if part.gives == "nothing":
            continue
        if found is not None and part.gives != found.gives:
            return Problem(f"its values are of several kinds: {found.gives} and {part.gives}", place)
        if found is not None and found.currency and part.currency and found.currency != part.currency:
            return Problem(f"its amounts are of several currencies: {found.currency} and {part.currency}", place)
        found = found or part
    return None


def _like(parts: Sequence[Part], evaluate: Evaluate) -> Part:
    """A part that gives what these parts give, of whatever one of them says about it."""
    real = [part for part in parts if part.gives != "nothing"]
    currencies = {part.currency for part in real}
    return Part(
        gives=real[0].gives if real else "nothing",
        evaluate=evaluate,
        currency=currencies.pop() if len(currencies) == 1 else None,
        endless=any(part.endless for part in real),
        optional=any(part.optional for part in parts),
    )


def _round(parts: Sequence[Part]) -> Part | Problem:
    if not 1 <= len(parts) <= 3:
        return Problem(f"it takes a value, places and a rounding, and was given {len(parts)}")
    kinds: tuple[Gives, ...] = (parts[0].gives, "number", "text")
    if parts[0].gives not in {"number", "money"}:
        return Problem(f"it takes a number or an amount, not a {parts[0].gives}", 0)
    if problem := _fits(parts, kinds[: len(parts)]):
        return problem
    places = 0 if len(parts) == 1 else _constant(parts[1])
    if parts[0].gives == "money" and len(parts) == 1:
        places = None
    elif not isinstance(places, int) or not -MOST_PLACES <= places <= MOST_PLACES:
        return Problem(f"places are a whole number from -{MOST_PLACES} to {MOST_PLACES}, and no column", 1)
    named = "ROUND_HALF_EVEN" if len(parts) < 3 else _constant(parts[2])
    if named not in ROUNDINGS:
        return Problem(f"the rounding is one of {', '.join(ROUNDINGS)}", 2)
    value, rounding, decimals = filled(parts[0]), cast("Rounding", named), places

    def rounded(row: Row) -> Value:
        found = value(row)
        if isinstance(found, Money | ExactMoney):
            return found.round(rounding=rounding) if decimals is None else found.round_to(decimals, rounding=rounding)
        return Fraction(quantize(found, decimals or 0, rounding))

    return Part(gives=parts[0].gives, evaluate=rounded, currency=parts[0].currency)


def _constant(part: Part) -> Value:
    """What a part gives without a row, or None if it needs one."""
    try:
        return cast("Value", part.evaluate(()))
    except (IndexError, ArithmeticError, MoneyError, CellEmpty):
        return None


def _per_mille(parts: Sequence[Part]) -> Part | Problem:
    if len(parts) != 2:
        return Problem(f"it takes 2 values, and was given {len(parts)}")
    kinds = (parts[0].gives, parts[1].gives)
    if kinds not in {("number", "number"), ("money", "number"), ("money", "money")}:
        return Problem(
            f"it takes numbers or amounts, and an amount only over either, not a {kinds[0]} and a {kinds[1]}"
        )
    if parts[0].currency and parts[1].currency and parts[0].currency != parts[1].currency:
        return Problem(f"its amounts are of two currencies: {parts[0].currency} and {parts[1].currency}", 1)
    gives: Gives = "money" if kinds == ("money", "number") else "number"
    whole, among = filled(parts[0]), filled(parts[1])

    def thousandfold(row: Row) -> Value:
        above, below = whole(row), among(row)
        found: Value = (Fraction(above) if isinstance(above, int) else above) * 1000 / below
        return found

    return Part(
        gives=gives, evaluate=thousandfold, currency=parts[0].currency if gives == "money" else None, endless=True
    )


def _money(parts: Sequence[Part]) -> Part | Problem:
    if problem := _fits(parts, ("number", "text")):
        return problem
    code, value = _constant(parts[1]), filled(parts[0])
    if not isinstance(code, str):
        return Problem("the currency is a text such as 'EUR', and no column", 1)
    try:
        currency = ExactMoney(0, code).currency
    except MoneyError as wrong:
        return Problem(str(wrong), 1)
    return Part(
        gives="money",
        evaluate=lambda row: ExactMoney(value(row), currency),
        currency=currency.code,
        endless=parts[0].endless,
    )


def _date(parts: Sequence[Part]) -> Part | Problem:
    if problem := _fits(parts, ("text",)):
        return problem
    text = _constant(parts[0])
    try:
        day = date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        return Problem("the day is a text such as '2024-07-31', a day of the calendar, and no column", 0)
    return Part(gives="date", evaluate=lambda _: day)


def _year_of(day: date) -> int:
    return day.year


def _month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def _month_start(day: date) -> date:
    return day.replace(day=1)


def _quarter_of(day: date) -> str:
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


def _listed(*functions: Function) -> dict[str, Function]:
    return {function.form.partition("(")[0]: function for function in functions}


FUNCTIONS: Final[dict[str, Function]] = _listed(
    Function("year(date)", "the year, a number", _simple(["date"], "number", _year_of)),
    Function(
        "month(date)",
        "the month with its year, a text such as '2024-07'",
        _simple(["date"], "text", _month_of),
    ),
    Function("month_start(date)", "the first day of its month", _simple(["date"], "date", _month_start)),
    Function(
        "quarter(date)",
        "the quarter with its year, a text such as '2024-Q3'",
        _simple(["date"], "text", _quarter_of),
    ),
    Function("date('2024-07-31')", "that day", _date),
    Function("money(number, 'EUR')", "an amount of that currency", _money),
    Function(
        "round(value, places, 'ROUND_HALF_EVEN')",
        "a number or an amount, rounded; without places to a whole number, or to the minor unit",
        _round,
    ),
    Function("abs(value)", "a number or an amount without its sign", _abs),
    Function("min(a, b, ...)", "the least of numbers, amounts or dates of the row", _extreme(min)),
    Function("max(a, b, ...)", "the greatest of them", _extreme(max)),
    Function("per_mille(a, b)", "a over b, times 1,000: what a thousand of b bring", _per_mille),
    Function("coalesce(a, b, ...)", "the first value that is not empty", _coalesce),
    Function("if(condition, a, b)", "a where the condition holds, else b", _if),
    Function("lower(text)", "the text in small letters", _simple(["text"], "text", str.lower)),
    Function("upper(text)", "the text in capital letters", _simple(["text"], "text", str.upper)),
    Function("trim(text)", "the text without blanks around it", _simple(["text"], "text", str.strip)),
    Function("length(text)", "how many characters it has", _simple(["text"], "number", len)),
    Function(
        "contains(text, part)",
        "whether the part is in the text, as it is written",
        _simple(["text", "text"], "boolean", str.__contains__),
    ),
    Function(
        "starts_with(text, part)",
        "whether the text begins with the part, as it is written",
        _simple(["text", "text"], "boolean", str.startswith),
    ),
)
"""All functions, by name."""
