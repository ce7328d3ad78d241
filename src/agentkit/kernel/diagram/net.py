"""A graph in columns, with a bend wherever an arrow passes a column it does not end in.

Rules: an arrow between neighbouring columns is all that ordering and placing ever see; no recursion; the number of
bends is bounded, and an arrow that found no room for its bends is laid around everything (see `layout`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .folding import steps

__all__ = ["MAX_BENDS", "Net", "weave"]

MAX_BENDS = 2_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """Boxes and bends in columns.

    Attributes:
        boxes: How many boxes there are; their numbers come first, those of the bends after them.
        columns: The numbers in each column, from top to bottom.
        left: For each number, its neighbours in the column before.
        right: For each number, its neighbours in the column behind.
        bends: For each arrow the bends it takes; None for one that is laid around.
    """

    boxes: int
    columns: list[list[int]]
    left: list[list[int]]
    right: list[list[int]]
    bends: list[list[int] | None]


def weave(count: int, arrows: Sequence[tuple[int, int]], *, max_bends: int = MAX_BENDS) -> Net:
    """Put boxes into columns by the longest way to them, and bends between them."""
    level = steps(count, arrows)
    columns: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    for box, column in enumerate(level):
        columns[column].append(box)
    net = Net(
        boxes=count,
        columns=columns,
        left=[[] for _ in range(count)],
        right=[[] for _ in range(count)],
        bends=[None] * len(arrows),
    )
    free = max_bends
    for number in sorted(range(len(arrows)), key=lambda n: level[arrows[n][1]] - level[arrows[n][0]]):
        source, target = arrows[number]
        needed = level[target] - level[source] - 1
        if needed > free:
            break
        free -= needed
        net.bends[number] = _lay(net, source, target, range(level[source] + 1, level[target]))
    return net


def _lay(net: Net, source: int, target: int, passing: range) -> list[int]:
    """Lead one arrow through the columns between its ends."""
    bends: list[int] = []
    before = source
    for column in passing:
        bend = len(net.left)
        net.left.append([before])
        net.right.append([])
        net.right[before].append(bend)
        net.columns[column].append(bend)
        bends.append(bend)
        before = bend
    net.right[before].append(target)
    net.left[target].append(before)
    return bends
