"""The order within columns: few crossings.

Each box moves to the average place of its neighbours in the column before, then in the column behind, in a few sweeps
(Sugiyama, Tagawa and Toda, 1981); the sweep with the fewest crossings is kept. Before a sweep is judged, neighbours
swap places wherever that alone saves crossings. Boxes of one cluster stay together.

Rules: the same net always gives the same order; the work is a bounded number of sweeps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

from .net import Net

__all__ = ["crossings", "untangle"]

_SWEEPS = 16
_PATIENCE = 4


def untangle(net: Net, clusters: Sequence[str | None] = ()) -> None:
    """Reorder the columns of the net in place."""
    best = [list(column) for column in net.columns]
    # The given order counts as found, unless clusters have to be gathered first.
    fewest = None if clusters else crossings(net)
    patience = _PATIENCE
    for sweep in range(_SWEEPS if fewest != 0 else 0):
        _sweep(net, clusters, rightward=sweep % 2 == 0)
        _swap_neighbours(net, clusters)
        found = crossings(net)
        if fewest is None or found < fewest:
            fewest = found
            best = [list(column) for column in net.columns]
            patience = _PATIENCE
        else:
            patience -= 1
        if not fewest or not patience:
            break
    for column, order in zip(net.columns, best, strict=True):
        column[:] = order


def crossings(net: Net) -> int:
    """How many pairs of arrows cross."""
    total = 0
    rank = _ranks(net)
    for column in net.columns:
        seen: list[int] = []
        for number in column:
            ends = sorted(rank[neighbour] for neighbour in net.right[number])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _sweep(net: Net, clusters: Sequence[str | None], *, rightward: bool) -> None:
    share = [0.0] * len(net.left)
    neighbours = net.left if rightward else net.right
    columns = net.columns if rightward else net.columns[::-1]
    for column in columns:
        for position, number in enumerate(column):
            share[number] = (position + 0.5) / len(column)
        # A box without neighbours on that side keeps its place.
        wish = {
            number: sum(share[near] for near in neighbours[number]) / len(neighbours[number])
            if neighbours[number]
            else share[number]
            for number in column
        }
        column.sort(key=wish.__getitem__)
        if clusters:
            _gather(column, clusters, wish)
        for position, number in enumerate(column):
            share[number] = (position + 0.5) / len(column)


def _gather(column: list[int], clusters: Sequence[str | None], wish: dict[int, float]) -> None:
    """Put the members of a cluster side by side, around their average wish."""
    members: dict[str, list[int]] = {}
    for number in column:
        cluster = _cluster(clusters, number)
        if cluster is not None:
            members.setdefault(cluster, []).append(number)
    place: dict[int, tuple[float, str]] = {number: (wish[number], "") for number in column}
    for cluster, numbers in members.items():
        middle = sum(wish[number] for number in numbers) / len(numbers)
        place.update(dict.fromkeys(numbers, (middle, cluster)))
    column.sort(key=place.__getitem__)


def _swap_neighbours(net: Net, clusters: Sequence[str | None]) -> None:
    rank = _ranks(net)
    for column in net.columns:
        for place in range(len(column) - 1):
            upper, lower = column[place], column[place + 1]
            if _cluster(clusters, upper) != _cluster(clusters, lower):
                continue
            if _saved(net, rank, upper, lower) > 0:
                column[place], column[place + 1] = lower, upper
                rank[upper], rank[lower] = rank[lower], rank[upper]


def _saved(net: Net, rank: Sequence[int], upper: int, lower: int) -> int:
    """How many crossings less there are if two neighbours swap places."""
    saved = 0
    for sides in (net.left, net.right):
        ups = sorted(rank[near] for near in sides[upper])
        lows = sorted(rank[near] for near in sides[lower])
        for up in ups:
            saved += bisect_left(lows, up) - (len(lows) - bisect_right(lows, up))
    return saved


def _cluster(clusters: Sequence[str | None], number: int) -> str | None:
    return clusters[number] if number < len(clusters) else None


def _ranks(net: Net) -> list[int]:
    rank = [0] * len(net.left)
    for column in net.columns:
        for position, number in enumerate(column):
            rank[number] = position
    return rank
