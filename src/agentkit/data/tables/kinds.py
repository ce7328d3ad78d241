"""What a column may hold, and what a cell of it is in Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

from agentkit.errors import DefinitionError
from agentkit.money import Money

__all__ = ["KINDS", "WHITE_SPACE", "Cell", "Column", "Kind"]

Kind: TypeAlias = Literal["text", "code", "integer", "decimal", "money", "date", "boolean"]
"""What all cells of a column are. A code is a text that names something, never a number."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

# What `str.strip` takes away: other libraries do not agree on it.
WHITE_SPACE: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

Cell: TypeAlias = str | int | Decimal | Money | date | bool | None
"""What one cell is: of its column's kind, or None where nothing is known. There are no floats and no timestamps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The name of a column, and what is in it.

    Attributes:
        name: How people and expressions call it.
        kind: What all its cells are, those aside that are None.
        currency: For money, the currency of all cells; None if each cell has its own.

    Raises:
        DefinitionError: The name is empty, there is no such kind, or a column that holds no money has a currency.

    Example:
        >>> Column(name="price", kind="money", currency="EUR").kind
        'money'
    """

    name: str
    kind: Kind = "text"
    currency: str | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise DefinitionError("a column needs a name")
        if self.kind not in KINDS:
            raise DefinitionError(f"column {self.name!r}: kind {self.kind!r} is none of {', '.join(KINDS)}")
        if self.currency is not None and self.kind != "money":
            raise DefinitionError(f"column {self.name!r}: a column of kind {self.kind!r} has no currency")
