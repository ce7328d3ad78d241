"""What an expression is once it is read: a tree of plain values, each knowing where it stood in the text.

Rules: two expressions that say the same are equal, wherever their words stood.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeAlias

from agentkit.errors import ExpressionInvalid

__all__ = ["Binary", "Call", "Emptiness", "Literal", "Membership", "Name", "Node", "Unary", "children", "invalid"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, true or false; None is the word `empty`."""

    value: Fraction | str | bool | None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A column."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-` or `not` before a value."""

    operator: str
    operand: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two values."""

    operator: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`value in [...]` or `value not in [...]`."""

    value: Node
    items: tuple[Node, ...]
    negated: bool
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Emptiness:
    """`value is empty` or `value is not empty`."""

    value: Node
    negated: bool
    at: int = field(default=0, compare=False)


Node: TypeAlias = Literal | Name | Call | Unary | Binary | Membership | Emptiness

WINDOW: Final = 60


def children(node: Node) -> tuple[Node, ...]:
    """The parts that a part is made of.

    Example:
        >>> children(Binary("+", Name("a"), Name("b")))
        (Name(name='a', at=0), Name(name='b', at=0))
    """
    match node:
        case Literal() | Name():
            return ()
        case Call():
            return node.arguments
        case Unary():
            return (node.operand,)
        case Binary():
            return node.left, node.right
        case Membership():
            return node.value, *node.items
        case Emptiness():
            return (node.value,)


def invalid(text: str, at: int, problem: str) -> ExpressionInvalid:
    """What is wrong with an expression, with a caret below the place.

    Example:
        >>> print(invalid("a + * b", 4, "a value is missing"))
        a value is missing, at character 5:
          a + * b
              ^
    """
    # Only the surroundings of the place are shown, and on one line, so that the caret stands where it should.
    start = max(0, at - WINDOW)
    shown = "".join(letter if letter.isprintable() else " " for letter in text[start : at + WINDOW])
    return ExpressionInvalid(f"{problem}, at character {at + 1}:\n  {shown}\n  {' ' * (at - start)}^")
