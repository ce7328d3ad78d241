"""Checks the tree of an expression against the columns of a table, and makes it ready to be computed.

Rules: whatever can be known before the first row is refused before the first row: unknown columns and functions, and
values that do not go together; amounts follow the rules of money, so two of them are never multiplied.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, Final

from agentkit.data.tables.kinds import Column
from agentkit.errors import ExpressionInvalid

from .functions import FUNCTIONS, Problem
from .tree import Binary, Call, Emptiness, Literal, Membership, Name, Node, Unary, invalid
from .values import GIVES, CellEmpty, Evaluate, Gives, Part, Row, Value, exactly, filled

__all__ = ["bind"]

COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# What two kinds give, and how; what is not here is refused. Dates apart are days.
ARITHMETIC: Final[dict[tuple[str, Gives, Gives], Gives]] = {
    ("+", "number", "number"): "number",
    ("-", "number", "number"): "number",
    ("*", "number", "number"): "number",
    ("/", "number", "number"): "number",
    ("+", "money", "money"): "money",
    ("-", "money", "money"): "money",
    ("*", "money", "number"): "money",
    ("*", "number", "money"): "money",
    ("/", "money", "number"): "money",
    ("/", "money", "money"): "number",
    ("-", "date", "date"): "number",
}
COMPUTE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
REFUSED: Final[dict[tuple[Gives, Gives], str]] = {
    ("money", "number"): "a number has no currency: write an amount such as money(10, 'EUR')",
    ("number", "money"): "a number has no currency: write an amount such as money(10, 'EUR')",
    ("date", "text"): "write a date such as date('2024-07-31')",
    ("text", "date"): "write a date such as date('2024-07-31')",
}


def bind(text: str, tree: Node, columns: Sequence[Column]) -> Part:
    """Check an expression against columns, and make it ready to be computed for rows of just these columns.

    Args:
        text: The expression, for messages.
        tree: What was read.
        columns: What the rows are made of, in order.

    Raises:
        ExpressionInvalid: There is no such column or function, or values do not go together.
    """
    places = {column.name: (place, column) for place, column in enumerate(columns)}
    return _Binder(text, places).part(tree)


class _Binder:
    """Checks one expression."""

    def __init__(self, text: str, places: Mapping[str, tuple[int, Column]]) -> None:
        self._text = text
        self._places = places

    def part(self, node: Node) -> Part:
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                return self._column(node)
            case Call():
                return self._call(node)
            case Unary():
                return self._unary(node)
            case Binary(operator="and" | "or"):
                return self._joined(node)
            case Binary():
                return self._compared(node) if node.operator in COMPARE else self._computed(node)
            case Membership():
                return self._member(node)
            case Emptiness():
                return self._emptiness(node)

    def _literal(self, node: Literal) -> Part:
        value: Value = node.value
        gives: Gives = "text"
        if value is None:
            gives = "nothing"
        elif isinstance(value, bool):
            gives = "boolean"
        elif isinstance(value, Fraction):
            gives = "number"
            # Whole numbers stay ints: an amount times an int stays whole, and is faster.
            value = value.numerator if value.denominator == 1 else value
        return Part(gives=gives, evaluate=lambda _: value, optional=value is None)

    def _column(self, node: Name) -> Part:
        if node.name not in self._places:
            raise self._wrong(node, f"there is no column {node.name!r}{_meant(node.name, self._places)}")
        place, column = self._places[node.name]

        def cell(row: Row) -> Value:
            found = row[place]
            if found is None:
                raise CellEmpty(f"{column.name} is empty")
            return exactly(found)

        return Part(gives=GIVES[column.kind], evaluate=cell, currency=column.currency)

    def _call(self, node: Call) -> Part:
        if node.function not in FUNCTIONS:
            raise self._wrong(node, f"there is no function {node.function!r}{_meant(node.function, FUNCTIONS)}")
        parts = [self.part(argument) for argument in node.arguments]
        found = FUNCTIONS[node.function].bind(parts)
        if isinstance(found, Problem):
            at = node if found.argument is None else node.arguments[found.argument]
            raise self._wrong(at, f"{FUNCTIONS[node.function].form}: {found.text}")
        return found

    def _unary(self, node: Unary) -> Part:
        if node.operator == "not":
            condition = self._condition(node.operand, "not")
            return Part(gives="boolean", evaluate=lambda row: not condition(row))
        part = self.part(node.operand)
        if part.gives not in {"number", "money"}:
            raise self._wrong(node, f"- takes a number or an amount, not {_article(part.gives)}")
        value = filled(part)
        return Part(gives=part.gives, evaluate=lambda row: -value(row), currency=part.currency, endless=part.endless)

    def _joined(self, node: Binary) -> Part:
        left, right = self._condition(node.left, node.operator), self._condition(node.right, node.operator)
        if node.operator == "and":
            return Part(gives="boolean", evaluate=lambda row: left(row) and right(row))
        return Part(gives="boolean", evaluate=lambda row: left(row) or right(row))

    def _condition(self, node: Node, what: str) -> Evaluate:
        part = self.part(node)
        if part.gives != "boolean":
            raise self._wrong(node, f"{what} takes conditions, and this is {_article(part.gives)}")
        return filled(part)

    def _compared(self, node: Binary) -> Part:
        left, right = self.part(node.left), self.part(node.right)
        self._same(node, left, right)
        if left.gives == "boolean" and node.operator not in {"==", "!="}:
            raise self._wrong(node, f"{node.operator} has no meaning between conditions")
        first, second, compare = filled(left), filled(right), COMPARE[node.operator]
        if left.gives == "money" and node.operator in {"==", "!="}:
            # Amounts of two currencies are unequal for `==`; here their meeting is a mistake, as it is for `<`.
            return Part(gives="boolean", evaluate=lambda row: compare((first(row) - second(row)).fraction, 0))
        return Part(gives="boolean", evaluate=lambda row: compare(first(row), second(row)))

    def _computed(self, node: Binary) -> Part:
        left, right, sign = self.part(node.left), self.part(node.right), node.operator
        gives = ARITHMETIC.get((sign, left.gives, right.gives))
        if gives is None:
            why = "" if sign in {"*", "/"} else REFUSED.get((left.gives, right.gives), "")
            kinds = f"{_article(left.gives)} {sign} {_article(right.gives)} has no meaning"
            raise self._wrong(node, f"{kinds}: {why}" if why else kinds)
        if left.gives == right.gives == "money":
            self._one_currency(node, left, right)
        currency = (left.currency or right.currency) if gives == "money" else None
        first, second = filled(left), filled(right)
        if sign == "/":
            return Part(gives=gives, evaluate=_division(first, second), currency=currency, endless=True)
        endless = left.endless or right.endless
        if left.gives == "date":
            return Part(gives=gives, evaluate=lambda row: (first(row) - second(row)).days)
        compute = COMPUTE[sign]
        return Part(
            gives=gives, evaluate=lambda row: compute(first(row), second(row)), currency=currency, endless=endless
        )

    def _member(self, node: Membership) -> Part:
        value = self.part(node.value)
        items = [self.part(item) for item in node.items]
        if not items:
            raise self._wrong(node, "in takes at least one value, such as in ['CD', 'LP']")
        for item, part in zip(node.items, items, strict=True):
            self._same(item, value, part)
        found, among, negated = filled(value), [filled(item) for item in items], node.negated
        return Part(
            gives="boolean",
            evaluate=lambda row: (_among(found(row), [item(row) for item in among])) is not negated,
        )

    def _emptiness(self, node: Emptiness) -> Part:
        evaluate, negated = self.part(node.value).evaluate, node.negated

        def is_empty(row: Row) -> bool:
            try:
                return (evaluate(row) is None) is not negated
            except CellEmpty:
                return not negated

        return Part(gives="boolean", evaluate=is_empty)

    def _same(self, node: Node, left: Part, right: Part) -> None:
        if "nothing" in {left.gives, right.gives}:
            raise self._wrong(node, "nothing is equal to empty: write is empty, or is not empty")
        if left.gives != right.gives:
            why = REFUSED.get((left.gives, right.gives), "")
            kinds = f"{_article(left.gives)} cannot be compared with {_article(right.gives)}"
            raise self._wrong(node, f"{kinds}: {why}" if why else kinds)
        self._one_currency(node, left, right)

    def _one_currency(self, node: Node, left: Part, right: Part) -> None:
        if left.currency and right.currency and left.currency != right.currency:
            raise self._wrong(node, f"{left.currency} and {right.currency} do not meet: convert one of them first")

    def _wrong(self, node: Node, problem: str) -> ExpressionInvalid:
        return invalid(self._text, node.at, problem)


def _division(first: Evaluate, second: Evaluate) -> Evaluate:
    def divide(row: Row) -> Value:
        above, below = first(row), second(row)
        # Two ints would give a float.
        found: Value = Fraction(above, below) if isinstance(above, int) and isinstance(below, int) else above / below
        return found

    return divide


def _among(value: object, items: Sequence[object]) -> bool:
    return any(value == item for item in items)


def _meant(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, n=3)
    return f"; did you mean {' or '.join(close)}?" if close else f"; there are {', '.join(known) or 'none'}"


def _article(gives: Gives) -> str:
    return {
        "number": "a number",
        "money": "an amount",
        "text": "a text",
        "date": "a date",
        "boolean": "a condition",
        "nothing": "empty",
    }[gives]
