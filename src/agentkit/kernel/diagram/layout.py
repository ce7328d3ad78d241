"""Where things are: boxes in columns from left to right, arrows between them.

The layered way of Sugiyama: columns by the longest way (`net`), few crossings (`ordering`), straight arrows (`placing`), and here
columns become pixels.

Rules: boxes never overlap, arrows run from left to right and never behind a box; no recursion; bounded work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from .net import Net, weave
from .ordering import untangle
from .placing import settle

__all__ = ["Layout", "Point", "Spot", "arrange"]

Point: TypeAlias = tuple[float, float]

_LEAST_GAP = 48.0
_MOST_GAP = 150.0
_STUB = 8.0
"""An arrow leaves and enters a column by this much straight line."""


class Spot(NamedTuple):
    """A rectangle; y grows downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where everything is; it begins at 0, 0.

    Attributes:
        spots: One for each box.
        routes: One for each arrow: an even number of points, joined by a straight line, a curve, a straight line and so on. A
            curve lies between two columns and is level at both ends.
        width: How far it reaches to the right.
        height: How far it reaches down.
    """

    spots: tuple[Spot, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


class _Column(NamedTuple):
    left: float
    right: float


def arrange(
    sizes: Sequence[tuple[float, float]],
    arrows: Sequence[tuple[int, int]],
    *,
    gap: float = 24.0,
    clusters: Sequence[str | None] = (),
) -> Layout:
    """Lay out boxes.

    Args:
        sizes: The width and height of each box.
        arrows: Pairs of box numbers, without a circle.
        gap: What is free between two boxes of a column.
        clusters: Boxes of one cluster are put side by side where they share a column.
    """
    net = weave(len(sizes), arrows)
    untangle(net, clusters)
    middle = settle(net, [height for _, height in sizes], gap)
    columns = _columns(net, sizes, middle)
    at = {number: column for column, numbers in zip(columns, net.columns, strict=True) for number in numbers}
    top = min((middle[box] - sizes[box][1] / 2 for box in range(net.boxes)), default=0.0)
    top = min([top, *middle[net.boxes :]])
    middle = [round(height - top, 1) for height in middle]
    spots = tuple(
        Spot((at[box].left + at[box].right - width) / 2, middle[box] - height / 2, width, height)
        for box, (width, height) in enumerate(sizes)
    )
    bottom = max([*(spot.y + spot.height for spot in spots), *middle[net.boxes :]], default=0.0)
    around = bottom + gap
    routes = tuple(
        _around(spots, at, arrow, around)
        if bends is None
        else _route(spots, at, arrow, [(bend, middle[bend]) for bend in bends])
        for arrow, bends in zip(arrows, net.bends, strict=True)
    )
    return Layout(
        spots=spots,
        routes=routes,
        width=columns[-1].right if columns else 0.0,
        height=around if None in net.bends else bottom,
    )


def _columns(net: Net, sizes: Sequence[tuple[float, float]], middle: Sequence[float]) -> list[_Column]:
    """Left and right of each column; steep arrows get a wider gap."""
    columns: list[_Column] = []
    x = 0.0
    for numbers in net.columns:
        width = max(sizes[number][0] for number in numbers if number < net.boxes)
        columns.append(_Column(x, x + width))
        steepest = max(
            (abs(middle[number] - middle[near]) for number in numbers for near in net.right[number]), default=0.0
        )
        x += width + min(_MOST_GAP, _LEAST_GAP + steepest / 6)
    return columns


def _route(
    spots: Sequence[Spot], at: dict[int, _Column], arrow: tuple[int, int], bends: Sequence[tuple[int, float]]
) -> tuple[Point, ...]:
    points = [*_departure(spots, at, arrow[0])]
    for bend, height in bends:
        points.append((at[bend].left - _STUB, height))
        points.append((at[bend].right + _STUB, height))
    return (*points, *_arrival(spots, at, arrow[1]))


def _around(
    spots: Sequence[Spot], at: dict[int, _Column], arrow: tuple[int, int], height: float
) -> tuple[Point, ...]:
    """Down beside the source, along below everything, and up beside the target."""
    source, target = arrow
    leave = (at[source].right + _LEAST_GAP - _STUB, height)
    return (*_departure(spots, at, source), leave, (at[target].left - _LEAST_GAP + _STUB, height), *_arrival(spots, at, target))


def _departure(spots: Sequence[Spot], at: dict[int, _Column], box: int) -> tuple[Point, Point]:
    height = spots[box].y + spots[box].height / 2
    return (spots[box].x + spots[box].width, height), (at[box].right + _STUB, height)


def _arrival(spots: Sequence[Spot], at: dict[int, _Column], box: int) -> tuple[Point, Point]:
    height = spots[box].y + spots[box].height / 2
    return (at[box].left - _STUB, height), (spots[box].x, height)
