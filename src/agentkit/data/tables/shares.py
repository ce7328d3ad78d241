"""A percentage of each amount of a column, exact and rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from agentkit.errors import ColumnMismatch
from agentkit.money import Money, Rounding, shares_of_column

from .kinds import Cell

__all__ = ["shared_cells"]


def shared_cells(cells: Sequence[Cell], ratio: Fraction, rounding: Rounding) -> list[Cell]:
    """So much of each amount; of nothing, nothing.

    Raises:
        ColumnMismatch: A cell is no money.
    """
    places = [place for place, cell in enumerate(cells) if cell is not None]
    amounts = [amount for amount in cells if isinstance(amount, Money)]
    if len(amounts) != len(places):
        raise ColumnMismatch("a share is taken of a column of money")
    minor = shares_of_column([amount.minor for amount in amounts], ratio * 100, rounding=rounding)
    shared: list[Cell] = [None] * len(cells)
    for place, amount, part in zip(places, amounts, minor, strict=True):
        shared[place] = Money.from_minor(part, amount.currency)
    return shared
