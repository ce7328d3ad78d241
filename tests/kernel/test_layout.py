"""Layout: boxes apart, arrows to the right, few crossings, straight chains, bounded work."""

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.kernel.diagram.layout import Layout, arrange
from agentkit.kernel.diagram.net import weave
from agentkit.kernel.diagram.ordering import crossings, untangle

Arrows = list[tuple[int, int]]
Graph = tuple[list[tuple[float, float]], Arrows]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    sizes = draw(st.lists(st.tuples(st.integers(20, 200), st.integers(10, 90)), min_size=1, max_size=14))
    pairs = list(combinations(range(len(sizes)), 2))
    arrows = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []
    return [(float(width), float(height)) for width, height in sizes], arrows


def level_lines(layout: Layout) -> list[tuple[float, float, float]]:
    """The straight lines of all arrows: from x, to x, at y."""
    return [
        (start[0], end[0], start[1])
        for route in layout.routes
        for index, (start, end) in enumerate(pairwise(route))
        if index % 2 == 0
    ]


def curves(layout: Layout) -> list[tuple[float, float]]:
    return [
        (start[0], end[0])
        for route in layout.routes
        for index, (start, end) in enumerate(pairwise(route))
        if index % 2 and start[1] != end[1]
    ]


@given(graphs(), st.booleans())
def test_boxes_never_overlap(graph: Graph, clustered: bool) -> None:
    clusters = [f"c{number % 3}" if number % 2 else None for number in range(len(graph[0]))] if clustered else []

    spots = arrange(*graph, gap=20, clusters=clusters).spots

    for one, other in combinations(spots, 2):
        apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
        apart_y = one.y + one.height <= other.y - 9.9 or other.y + other.height <= one.y - 9.9
        assert apart_x or apart_y


@given(graphs(), st.booleans())
def test_everything_lies_within_the_size(graph: Graph, spread: bool) -> None:
    layout = arrange(*graph, spread=spread)

    corners = [
        (spot.x + dx * spot.width, spot.y + dy * spot.height) for spot in layout.spots for dx, dy in [(0, 0), (1, 1)]
    ]
    for x, y in [*corners, *(point for route in layout.routes for point in route)]:
        assert -0.1 <= x <= layout.width + 0.1
        assert -0.1 <= y <= layout.height + 0.1


@given(graphs(), st.booleans())
def test_every_arrow_runs_right_from_its_source_to_its_target(graph: Graph, spread: bool) -> None:
    layout = arrange(*graph, spread=spread)

    for (source, target), route in zip(graph[1], layout.routes, strict=True):
        start, end = layout.spots[source], layout.spots[target]
        assert route[0][0] == start.x + start.width
        assert start.y < route[0][1] < start.y + start.height
        assert route[-1][0] == end.x
        assert end.y < route[-1][1] < end.y + end.height
        assert all(here[0] <= there[0] for here, there in pairwise(route))


@given(graphs(), st.sampled_from([0, 3, 1_000]))
def test_no_arrow_passes_behind_a_box(graph: Graph, max_bends: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agentkit.kernel.diagram.layout.weave", lambda n, a: weave(n, a, max_bends=max_bends))
        layout = arrange(*graph)

    for spot in layout.spots:
        for start, end, y in level_lines(layout):
            assert end <= spot.x or start >= spot.x + spot.width or not spot.y < y < spot.y + spot.height
        for start, end in curves(layout):
            assert end <= spot.x or start >= spot.x + spot.width


@given(graphs())
def test_the_same_graph_always_looks_the_same(graph: Graph) -> None:
    assert arrange(*graph) == arrange(*graph)


def test_a_chain_is_straight() -> None:
    sizes = [(100.0, 40.0), (80.0, 60.0), (120.0, 40.0), (90.0, 80.0)]

    layout = arrange(sizes, [(0, 1), (1, 2), (2, 3)])

    assert len({spot.y + spot.height / 2 for spot in layout.spots}) == 1


def test_chains_beside_a_long_arrow_are_straight_and_so_is_the_arrow() -> None:
    arrows = [(0, 2), (1, 2), (2, 3), (3, 4), (4, 5), (4, 6), (5, 7), (1, 7)]

    layout = arrange([(100.0, 40.0)] * 8, arrows)

    assert len({layout.spots[box].y for box in (2, 3, 4)}) == 1
    assert len({y for _, y in layout.routes[-1][2:-2]}) == 1


def test_a_fan_is_symmetrical_about_its_source() -> None:
    layout = arrange([(100.0, 40.0)] * 6, [(0, box) for box in range(1, 6)])

    assert layout.spots[0].y == pytest.approx(layout.spots[3].y, abs=0.2)


def test_crossed_pairs_are_untangled() -> None:
    net = weave(6, [(0, 5), (1, 4), (2, 3)])
    assert crossings(net) == 3

    untangle(net)

    assert crossings(net) == 0


@given(graphs())
def test_untangling_adds_no_crossing_and_loses_nobody(graph: Graph) -> None:
    net = weave(len(graph[0]), graph[1])
    before, members = crossings(net), [sorted(column) for column in net.columns]

    untangle(net)

    assert crossings(net) <= max(before, 0)
    assert [sorted(column) for column in net.columns] == members


def test_members_of_a_cluster_stand_side_by_side() -> None:
    clusters = ["a", "b", "a", "b", "a", None]
    net = weave(6, [(box, 5) for box in range(5)])

    untangle(net, clusters)

    assert [clusters[box] for box in net.columns[0]] in (["a", "a", "a", "b", "b"], ["b", "b", "a", "a", "a"])


@pytest.mark.parametrize("seed", range(5))
def test_untangling_keeps_the_best_it_found(seed: int) -> None:
    dice = random.Random(seed)
    net = weave(60, [(other, box) for box in range(1, 60) for other in dice.sample(range(box), min(box, 2))])
    untangle(net)
    found = crossings(net)

    untangle(net)

    assert crossings(net) <= found


@pytest.mark.parametrize("seed", range(5))
def test_a_box_that_nothing_pulls_stays_close(seed: int) -> None:
    dice = random.Random(seed)
    arrows = [(dice.randrange(9), box) for box in range(10, 20) for _ in range(2)]

    spots = arrange([(100.0, 40.0)] * 20, list(dict.fromkeys(arrows)), gap=20).spots

    others = [spot.y for box, spot in enumerate(spots) if box != 9 and spot.x == spots[9].x]
    assert min(abs(spots[9].y - y) for y in others) == pytest.approx(60, abs=0.2)


def test_too_many_long_arrows_are_laid_around_everything() -> None:
    count = 200
    chain = [(box, box + 1) for box in range(count - 1)]
    long = [(0, box) for box in range(2, count)]

    layout = arrange([(100.0, 40.0)] * count, chain + long)

    bottom = max(spot.y + spot.height for spot in layout.spots)
    lane = [route for route in layout.routes if max(y for _, y in route) > bottom]
    assert 0 < len(lane) < len(long)
    assert sum(len(bends or ()) for bends in weave(count, chain + long).bends) <= 2_500


def test_a_chain_of_five_thousand_needs_no_recursion() -> None:
    count = 5_000

    layout = arrange([(10.0, 10.0)] * count, [(box, box + 1) for box in range(count - 1)])

    assert layout.height == 10.0
