"""What an engine does for a table: keep its columns, and compute with whole columns.

Rules: nothing is changed in place; both engines give the same values, in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, Protocol, TypeAlias

from agentkit.money import Rounding

from .grouping import Grouped, Total
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

    def without(self, rows: Sequence[int]) -> Storage:
        """All rows but these, which come in order."""
        ...

    def replaced(self, column: Column, values: Sequence[Cell]) -> Storage:
        """The same with one column more, or another content of one that is there."""
        ...

    def joined(self, columns: Sequence[Column], other: Storage) -> Storage:
        """These columns of these rows, and below them those of another storage."""
        ...

    def grouped(self, keys: Sequence[Column], totals: Sequence[tuple[Total, Column]]) -> Grouped:
        """One row for each different key, in order of its first row, with the totals of its rows."""
        ...

    def repeats(self, keys: Sequence[Column]) -> Sequence[tuple[int, int]]:
        """Each row whose key an earlier row has, with the first such row; rows without a whole key match none."""
        ...

    def shares(self, column: Column, into: Column, ratio: Fraction, rounding: Rounding) -> Storage:
        """The same with a column more: so much of each amount of a column, each rounded once."""
        ...
