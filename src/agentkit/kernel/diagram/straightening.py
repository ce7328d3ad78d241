"""Chains and long arrows, made exactly straight.

Boxes that only lead to each other, and the bends of one arrow, become a block with a single height. Blocks do not
cross, so which lies above which is a graph without circles; pushing all blocks down until none overlap and pushing
all up, and taking the middle of both, keeps every distance.

Rules: order is not changed here; boxes of one column never overlap.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf

from .net import Net

__all__ = ["straighten"]

_ROUNDS = 12


def straighten(net: Net, offsets: Sequence[Sequence[float]], middle: list[float]) -> None:
    """Move the middles of boxes and bends, in place.

    Args:
        net: The net, in its final order.
        offsets: For each column, where its middles would be if it were packed; only the differences count.
        middle: Where they are.
    """
    block = _blocks(net)
    count = max(block, default=-1) + 1
    below: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for column, offset in zip(net.columns, offsets, strict=True):
        for (upper, at), (lower, next_at) in pairwise(zip(column, offset, strict=True)):
            below[block[upper]].append((block[lower], next_at - at))
    order = _from_the_top(below)
    members: list[list[int]] = [[] for _ in range(count)]
    pulls: list[list[int]] = [[] for _ in range(count)]
    for number, own in enumerate(block):
        members[own].append(number)
        pulls[own].extend(near for near in (*net.left[number], *net.right[number]) if block[near] != own)
    height = [sum(middle[number] for number in own) / len(own) for own in members]
    for _ in range(_ROUNDS):
        wish = [
            (height[own] + sum(height[block[near]] for near in pull) / len(pull)) / 2 if pull else height[own]
            for own, pull in enumerate(pulls)
        ]
        height = _apart(order, below, wish)
    _settle_loose(order, below, pulls, height)
    for number, own in enumerate(block):
        middle[number] = height[own]


def _apart(order: Sequence[int], below: Sequence[Sequence[tuple[int, float]]], wish: Sequence[float]) -> list[float]:
    pushed_down = list(wish)
    for own in order:
        for other, distance in below[own]:
            pushed_down[other] = max(pushed_down[other], pushed_down[own] + distance)
    pushed_up = list(wish)
    for own in reversed(order):
        for other, distance in below[own]:
            pushed_up[own] = min(pushed_up[own], pushed_up[other] - distance)
    return [(down + up) / 2 for down, up in zip(pushed_down, pushed_up, strict=True)]


def _settle_loose(
    order: Sequence[int],
    below: Sequence[Sequence[tuple[int, float]]],
    pulls: Sequence[Sequence[int]],
    height: list[float],
) -> None:
    """Put what nothing pulls right beside its upper neighbours, or else its lower ones: it drifted."""
    packed: dict[int, float] = {}
    for own in order:
        height[own] = packed.get(own, height[own])
        for other, distance in below[own]:
            if not pulls[other]:
                packed[other] = max(packed.get(other, -inf), height[own] + distance)
    for own in reversed(order):
        if not pulls[own] and own not in packed and below[own]:
            height[own] = min(height[other] - distance for other, distance in below[own])


def _from_the_top(below: Sequence[Sequence[tuple[int, float]]]) -> list[int]:
    above = [0] * len(below)
    for others in below:
        for other, _ in others:
            above[other] += 1
    order = [own for own, count in enumerate(above) if not count]
    for own in order:
        for other, _ in below[own]:
            above[other] -= 1
            if not above[other]:
                order.append(other)
    assert len(order) == len(below), "blocks that do not cross have an order"
    return order


def _blocks(net: Net) -> list[int]:
    """The block of each box and bend."""
    block = [-1] * len(net.left)
    rank = {number: position for column in net.columns for position, number in enumerate(column)}
    fresh = 0
    for index, column in enumerate(net.columns):
        if index:
            for source, target in _held(net, net.columns[index - 1], rank):
                block[target] = block[source]
        for number in column:
            if block[number] < 0:
                block[number] = fresh
                fresh += 1
    return block


def _held(net: Net, column: Sequence[int], rank: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The pieces between a column and the next that are to be level: bends first, and none that crosses another."""
    pieces = [(source, target) for source in column for target in net.right[source] if _alone(net, source, target)]
    held: list[tuple[int, int]] = []
    for source, target in sorted(pieces, key=lambda piece: piece[0] < net.boxes or piece[1] < net.boxes):
        ends = (rank[source], rank[target])
        place = bisect_left(held, ends)
        if place and held[place - 1][1] >= ends[1]:
            continue
        if place < len(held) and held[place][1] <= ends[1]:
            continue
        insort(held, ends)
        yield source, target


def _alone(net: Net, source: int, target: int) -> bool:
    """Whether both ends of a piece have nothing else on that side."""
    return len(net.right[source]) == 1 and len(net.left[target]) == 1
