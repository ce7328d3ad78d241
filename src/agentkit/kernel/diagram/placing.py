"""The height of each box: arrows as straight as the order allows.

Every column in turn takes the heights nearest to the average of its neighbours' heights that leave the boxes apart.
That is a monotone regression, solved exactly in one pass by pooling those who would overlap (pool adjacent
violators).

Rules: order is not changed here; boxes of one column never overlap, whatever was wished.
"""

from __future__ import annotations

from collections.abc import Sequence

from .net import Net
from .straightening import straighten

__all__ = ["heights_apart", "settle"]

_ROUNDS = 6
_BEND_PULL = 8.0
_REST = 0.01


def settle(net: Net, sizes: Sequence[float], gap: float) -> list[float]:
    """The middle of every box and bend.

    Args:
        net: The net, in its final order.
        sizes: The height of each box.
        gap: What is free between two boxes; half of it between an arrow and its neighbour.
    """
    offsets = [_offsets(column, net.boxes, sizes, gap) for column in net.columns]
    middle = [0.0] * len(net.left)
    for column, offset in zip(net.columns, offsets, strict=True):
        for number, at in zip(column, offset, strict=True):
            middle[number] = at - offset[-1] / 2
    both = [before + behind for before, behind in zip(net.left, net.right, strict=True)]
    order = range(len(net.columns))
    for sides in [net.left, net.right] * _ROUNDS + [both] * _ROUNDS:
        for index in reversed(order) if sides is net.right else order:
            _move(net, net.columns[index], offsets[index], middle, sides)
    straighten(net, offsets, middle)
    return middle


def heights_apart(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising numbers nearest to the wishes, by weighted squares.

    Example:
        >>> heights_apart([1.0, 5.0, 3.0], [1.0, 1.0, 1.0])
        [1.0, 4.0, 4.0]
    """
    pools: list[tuple[float, float, int]] = []
    for wish, weight in zip(wishes, weights, strict=True):
        value, total, count = wish, weight, 1
        while pools and pools[-1][0] >= value:
            above, heft, several = pools.pop()
            value = (value * total + above * heft) / (total + heft)
            total += heft
            count += several
        pools.append((value, total, count))
    return [value for value, _, count in pools for _ in range(count)]


def _move(
    net: Net, column: Sequence[int], offset: Sequence[float], middle: list[float], sides: Sequence[Sequence[int]]
) -> None:
    wishes: list[float] = []
    weights: list[float] = []
    for number, at in zip(column, offset, strict=True):
        total, pull = middle[number] * _REST, _REST
        for near in sides[number]:
            # Bends hold together: a long arrow is to be straight.
            strength = _BEND_PULL if number >= net.boxes and near >= net.boxes else 1.0
            total += middle[near] * strength
            pull += strength
        wishes.append(total / pull - at)
        weights.append(pull)
    for number, height, at in zip(column, heights_apart(wishes, weights), offset, strict=True):
        middle[number] = height + at


def _offsets(column: Sequence[int], boxes: int, sizes: Sequence[float], gap: float) -> list[float]:
    """Where the middles would be if the column were packed from 0 down."""
    at = 0.0
    offsets: list[float] = []
    for position, number in enumerate(column):
        half = sizes[number] / 2 if number < boxes else 0.0
        if position:
            before = column[position - 1]
            half_before = sizes[before] / 2 if before < boxes else 0.0
            at += half_before + (gap if number < boxes and before < boxes else gap / 2) + half
        offsets.append(at)
    return offsets
