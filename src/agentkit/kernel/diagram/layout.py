"""Where things are: boxes in columns from left to right, arrows between them.

The layered way of Sugiyama: columns by the longest way (`net`), few crossings (`ordering`), straight arrows
(`placing`), and here columns become pixels.

Rules: boxes never overlap, arrows run from left to right and never behind a box; no recursion; bounded work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        routes: One for each arrow: an even number of points, joined by a straight line, a curve, a straight line and so
            on. A curve lies between two columns and is level at both ends.
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
    spread: bool = False,
) -> Layout:
    """Lay out boxes.

    Args:
        sizes: The width and height of each box.
        arrows: Pairs of box numbers, without a circle.
        gap: What is free between two boxes of a column.
        clusters: Boxes of one cluster are put side by side where they share a column.
        spread: Whether every arrow has a place of its own at the side of its box; otherwise they meet in the middle.
    """
    net = weave(len(sizes), arrows)
    untangle(net, clusters)
    middle = settle(net, [height for _, height in sizes], gap)
    columns = _columns(net, sizes, middle)
    top = min([*(middle[box] - sizes[box][1] / 2 for box in range(net.boxes)), *middle[net.boxes :]], default=0.0)
    middle = [round(height - top, 1) for height in middle]
    at = {number: column for column, numbers in zip(columns, net.columns, strict=True) for number in numbers}
    spots = tuple(
        Spot((at[box].left + at[box].right - width) / 2, middle[box] - height / 2, width, height)
        for box, (width, height) in enumerate(sizes)
    )
    bottom = max([*(spot.y + spot.height for spot in spots), *middle[net.boxes :]], default=0.0)
    ends = _spread_ends(net, arrows, spots, middle) if spread else [(middle[a], middle[b]) for a, b in arrows]
    routes = tuple(
        _Road(arrow=arrow, ends=end, bends=bends).route(spots, at, middle, bottom + gap)
        for arrow, end, bends in zip(arrows, ends, net.bends, strict=True)
    )
    return Layout(
        spots=spots,
        routes=routes,
        width=columns[-1].right if columns else 0.0,
        height=bottom + gap if None in net.bends else bottom,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Road:
    """One arrow: its boxes, the heights at which it leaves and arrives, and its bends."""

    arrow: tuple[int, int]
    ends: tuple[float, float]
    bends: Sequence[int] | None

    def route(
        self, spots: Sequence[Spot], at: Mapping[int, _Column], middle: Sequence[float], around: float
    ) -> tuple[Point, ...]:
        source, target = self.arrow
        leave, arrive = self.ends
        points: list[Point] = [(spots[source].x + spots[source].width, leave), (at[source].right + _STUB, leave)]
        if self.bends is None:
            # Down beside the source, along below everything, and up beside the target.
            points.append((at[source].right + _LEAST_GAP - _STUB, around))
            points.append((at[target].left - _LEAST_GAP + _STUB, around))
        else:
            for bend in self.bends:
                points.append((at[bend].left - _STUB, middle[bend]))
                points.append((at[bend].right + _STUB, middle[bend]))
        return (*points, (at[target].left - _STUB, arrive), (spots[target].x, arrive))


def _spread_ends(
    net: Net, arrows: Sequence[tuple[int, int]], spots: Sequence[Spot], middle: Sequence[float]
) -> list[tuple[float, float]]:
    """For each arrow its heights at both ends: in the order in which the arrows come and go, evenly apart."""
    leaving: list[list[tuple[float, int]]] = [[] for _ in spots]
    coming: list[list[tuple[float, int]]] = [[] for _ in spots]
    for number, ((source, target), bends) in enumerate(zip(arrows, net.bends, strict=True)):
        leaving[source].append((middle[bends[0] if bends else target], number))
        coming[target].append((middle[bends[-1] if bends else source], number))
    heights: list[dict[int, float]] = []
    for side in (leaving, coming):
        found: dict[int, float] = {}
        for spot, ends in zip(spots, side, strict=True):
            for place, (_, number) in enumerate(sorted(ends), start=1):
                found[number] = spot.y + spot.height * place / (len(ends) + 1)
        heights.append(found)
    return [(heights[0][number], heights[1][number]) for number in range(len(arrows))]
