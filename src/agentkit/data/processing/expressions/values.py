"""What the parts of an expression give for one row.

Rules: numbers are ratios of integers and amounts exact, so nothing is rounded on the way; an empty cell stops the
computation of its row, unless the expression asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from agentkit.data.processing.exact import exact_fraction
from agentkit.data.tables.kinds import Cell, Kind
from agentkit.errors import TableError
from agentkit.money import ExactMoney, Money

__all__ = ["GIVES", "CellEmpty", "Evaluate", "Gives", "Part", "Row", "Value", "exactly", "filled"]

Value: TypeAlias = int | Fraction | Money | ExactMoney | str | date | bool | None
"""What a part gives: a number is an int or a Fraction; None is the word `empty`."""

Row: TypeAlias = Sequence[Cell]
Evaluate: TypeAlias = Callable[[Row], Any]

Gives: TypeAlias = Literal["number", "money", "text", "date", "boolean", "nothing"]
"""What kind of value a part gives."""

GIVES: Final[dict[Kind, Gives]] = {
    "text": "text",
    "code": "text",
    "integer": "number",
    "decimal": "number",
    "money": "money",
    "date": "date",
    "boolean": "boolean",
}
"""What the cells of a column of each kind are in an expression."""


class CellEmpty(TableError):
    """A cell that a computation needs is empty."""

    code = "missing_input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of an expression that was checked, ready to be computed.

    Attributes:
        gives: The kind of its values.
        evaluate: Computes it for a row.
        currency: Of money, the currency, if it is known before.
        endless: Whether a number may have decimals without end, because something is divided.
        optional: Whether it may give `empty`, because the expression says so.
    """

    gives: Gives
    evaluate: Evaluate
    currency: str | None = None
    endless: bool = False
    optional: bool = False


def exactly(cell: Cell) -> Value:
    """A cell as it is computed with.

    Raises:
        NonFinite: It is NaN or infinite.
        PrecisionExceeded: It is too great or too small to compute with.

    Example:
        >>> exactly(Decimal("0.5"))
        Fraction(1, 2)
    """
    return exact_fraction(cell) if isinstance(cell, Decimal) else cell


def filled(part: Part) -> Evaluate:
    """Compute a part whose value is needed, so that `empty` will not do."""
    if not part.optional:
        return part.evaluate
    evaluate = part.evaluate

    def value(row: Row) -> Value:
        found: Value = evaluate(row)
        if found is None:
            raise CellEmpty("a value that is needed is empty")
        return found

    return value
