"""Reads an expression into its tree, by recursive descent: one method for each level of binding.

    or  <  and  <  not  <  == != < <= > >= in is  <  + -  <  * /  <  - before a value  <  values and calls

Rules: a bounded depth, so that no expression is too deep for Python; every error has its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from .tokens import Token, tokens_of
from .tree import Binary, Call, Emptiness, Literal, Membership, Name, Node, Unary, children, invalid

__all__ = ["DEEPEST", "WORDS", "Parameters", "parse"]

DEEPEST: Final = 30
"""How deep parentheses, calls and signs may be nested."""

HIGHEST: Final = 200
"""How high the tree may be: as many additions may follow each other."""

COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "empty": None}
WORDS: Final = frozenset({"and", "or", "not", "in", "is", *CONSTANTS})
"""What is never the name of a column, unless it stands in backticks."""


Parameters: TypeAlias = Mapping[str, str | int | Decimal | bool | None]
"""Values that an expression names with a `$` before: they are values, whatever is in them, and never read."""


def parse(text: str, parameters: Parameters | None = None) -> Node:
    """Read an expression.

    Args:
        text: The expression.
        parameters: The values of `$name`, by name.

    Raises:
        ExpressionInvalid: It is no expression; the message shows the place.

    Example:
        >>> parse("price * 2")
        Binary(operator='*', left=Name(name='price', at=0), right=Literal(value=Fraction(2, 1), at=8), at=6)
    """
    reader = _Reader(text, parameters or {})
    tree = reader.either()
    reader.finish()
    if _height(tree) > HIGHEST:
        raise invalid(text, 0, f"more than {HIGHEST} operations hang on each other: split it into several fields")
    return tree


class _Reader:
    """Goes over the tokens of one expression."""

    def __init__(self, text: str, parameters: Parameters) -> None:
        self._text = text
        self._parameters = parameters
        self._tokens = list(tokens_of(text))
        self._next = 0
        self._depth = 0

    def finish(self) -> None:
        left = self._peek()
        if left.kind != "end":
            hint = "compare two values at a time, and join with and" if left.text in COMPARISONS else "an operator"
            raise invalid(self._text, left.at, f"{left.text!r} does not belong here: {hint} is expected")

    def either(self) -> Node:
        """Read `a or b`."""
        tree = self._both()
        while token := self._taken("or"):
            tree = Binary("or", tree, self._both(), token.at)
        return tree

    def _both(self) -> Node:
        tree = self._negation()
        while token := self._taken("and"):
            tree = Binary("and", tree, self._negation(), token.at)
        return tree

    def _negation(self) -> Node:
        if token := self._taken("not"):
            self._deeper(token)
            tree = Unary("not", self._negation(), token.at)
            self._depth -= 1
            return tree
        return self._comparison()

    def _comparison(self) -> Node:
        tree = self._sum()
        if token := self._taken(*COMPARISONS):
            return Binary(token.text, tree, self._sum(), token.at)
        if token := self._taken("is"):
            negated = self._taken("not") is not None
            self._expect("empty")
            return Emptiness(tree, negated, token.at)
        if token := self._taken("in"):
            return Membership(tree, self._items(), False, token.at)
        if token := self._taken("not"):
            self._expect("in")
            return Membership(tree, self._items(), True, token.at)
        return tree

    def _items(self) -> tuple[Node, ...]:
        self._expect("[")
        return self._listed("]")

    def _sum(self) -> Node:
        tree = self._product()
        while token := self._taken("+", "-"):
            tree = Binary(token.text, tree, self._product(), token.at)
        return tree

    def _product(self) -> Node:
        tree = self._signed()
        while token := self._taken("*", "/"):
            tree = Binary(token.text, tree, self._signed(), token.at)
        return tree

    def _signed(self) -> Node:
        if token := self._taken("-"):
            self._deeper(token)
            tree = Unary("-", self._signed(), token.at)
            self._depth -= 1
            return tree
        return self._value()

    def _parameter(self, token: Token) -> Node:
        if token.text not in self._parameters:
            known = ", ".join(f"${name}" for name in sorted(self._parameters)) or "none"
            raise invalid(self._text, token.at, f"there is no parameter ${token.text}; there are: {known}")
        value = self._parameters[token.text]
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Literal(Fraction(value), token.at)
        return Literal(value, token.at)

    def _value(self) -> Node:
        token = self._peek()
        self._next += 1
        if token.kind == "number":
            return Literal(Fraction(token.text), token.at)
        if token.kind == "text":
            return Literal(token.text, token.at)
        if token.kind == "parameter":
            return self._parameter(token)
        if token.kind == "column":
            return Name(token.text, token.at)
        if token.kind == "word" and token.text in CONSTANTS:
            return Literal(CONSTANTS[token.text], token.at)
        if token.kind == "word" and token.text not in WORDS:
            return self._call(token) if self._taken("(") else Name(token.text, token.at)
        if token.kind == "sign" and token.text == "(":
            self._deeper(token)
            tree = self.either()
            self._expect(")")
            self._depth -= 1
            return tree
        found = "the expression ends" if token.kind == "end" else f"{token.text!r} stands"
        raise invalid(self._text, token.at, f"{found} where a value is expected")

    def _call(self, name: Token) -> Node:
        return Call(name.text, self._listed(")"), name.at)

    def _listed(self, closing: str) -> tuple[Node, ...]:
        """Read values with commas between them, up to the closing sign."""
        self._deeper(self._peek())
        found: list[Node] = []
        while not self._taken(closing):
            if found:
                self._expect(",")
            found.append(self.either())
        self._depth -= 1
        return tuple(found)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _taken(self, *texts: str) -> Token | None:
        token = self._peek()
        if token.kind in {"word", "sign"} and token.text in texts:
            self._next += 1
            return token
        return None

    def _expect(self, text: str) -> None:
        if self._taken(text) is None:
            token = self._peek()
            raise invalid(self._text, token.at, f"{text!r} is expected here")

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise invalid(self._text, token.at, f"nested more than {DEEPEST} deep: split it into several fields")


def _height(tree: Node) -> int:
    """How high a tree is, without recursion: it may be higher than Python can go."""
    height, level = 0, [tree]
    while level:
        height += 1
        level = [child for node in level for child in children(node)]
    return height
