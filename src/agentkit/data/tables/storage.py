"""What an engine does for a table: keep its columns, and compute with whole columns.

Rules: nothing is changed in place; both engines give the same values, in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from .kinds import Cell, Column

__all__ = ["EngineName", "Storage"]

EngineName: TypeAlias = Literal["python", "polars"]
"""Who computes: plain Python, which is always there, or polars, of the extra `data`."""


class Storage(Protocol):
    """Columns of equal length, kept by one engine."""

    @property
    def engine(self) -> EngineName:
        """Which engine keeps them."""
        ...

    @property
    def height(self) -> int:
        """How many rows there are."""
        ...

    def values(self, column: Column) -> Sequence[Cell]:
        """The cells of one column, in order."""
        ...

    def take(self, indices: Sequence[int]) -> Storage:
        """The rows at these places, in this order."""
        ...

    def replaced(self, column: Column, values: Sequence[Cell]) -> Storage:
        """The same with one column more, or another content of one that is there."""
        ...

    def joined(self, other: Storage) -> Storage:
        """These rows, and below them those of a storage of the same engine and columns."""
        ...
