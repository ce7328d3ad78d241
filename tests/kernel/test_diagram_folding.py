"""Large workflows: bounded pictures that still say what matters."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.kernel import Stage, StageStatus, Workflow
from agentkit.kernel.diagram import draw
from agentkit.kernel.diagram.folding import Limits, fold, steps
from agentkit.kernel.diagram.picture import Picture, take


def chain(length: int) -> Workflow[object]:
    return Workflow("chain", [Stage(f"s{n}", agent="a", after=[f"s{n - 1}"] if n else []) for n in range(length)])


def fan(width: int) -> Workflow[object]:
    parts = [f"part{number}" for number in range(width)]
    middle = [Stage(part, agent="worker", after=["first"]) for part in parts]
    return Workflow("fan", [Stage("first", agent="a"), *middle, Stage("last", agent="a", after=parts)])


def tangle(count: int, *, needs: int, seed: int = 1) -> Workflow[object]:
    dice = random.Random(seed)
    after = [[f"s{other}" for other in dice.sample(range(n), min(n, needs))] for n in range(count)]
    return Workflow("tangle", [Stage(f"s{n}", agent=f"a{n % 7}", after=needed) for n, needed in enumerate(after)])


def with_status(picture: Picture, status: dict[int, StageStatus]) -> Picture:
    boxes = tuple(replace(box, status=status.get(number, "pending")) for number, box in enumerate(picture.boxes))
    return replace(picture, boxes=boxes)


def test_a_small_picture_is_not_touched() -> None:
    picture = take(tangle(100, needs=2))

    assert fold(picture, Limits()) == picture


def test_a_wide_fan_becomes_a_few_boxes() -> None:
    folded = fold(take(fan(1_000)), Limits())

    assert [box.name for box in folded.boxes] == ["first", "part0", "part1", "part2", "part3", "and 996 more", "last"]
    assert folded.arrows == ((0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (1, 6), (2, 6), (3, 6), (4, 6), (5, 6))
    assert folded.notices == ("a stacked box stands for several stages",)


def test_what_needs_attention_is_not_folded() -> None:
    picture = with_status(take(fan(1_000)), {500: "failed", 600: "retrying", 700: "running"})

    folded = fold(picture, Limits())

    assert {"part499", "part599", "part699"} <= {box.name for box in folded.boxes}


def test_a_stack_says_how_many_stand_where_and_takes_the_worst() -> None:
    picture = with_status(
        take(fan(100)), {number: "failed" if number < 10 else "completed" for number in range(1, 101)}
    )

    stack = next(box for box in fold(picture, Limits()).boxes if box.stages > 1)

    assert stack.words == "5 failed, 91 completed"
    assert stack.status == "failed"
    assert stack.story.startswith("5 failed, 91 completed: part")


@pytest.mark.parametrize(
    "workflow",
    [fan(3_000), chain(5_000), tangle(3_000, needs=2), tangle(601, needs=30), tangle(400, needs=400)],
    ids=["fan", "chain", "tangle", "dense", "complete"],
)
@pytest.mark.parametrize("limits", [Limits(), Limits(boxes=250, arrows=480)], ids=["svg", "mermaid"])
def test_a_picture_is_bounded(workflow: Workflow[object], limits: Limits) -> None:
    folded = fold(take(workflow), limits)

    assert len(folded.boxes) <= limits.boxes
    assert len(folded.arrows) <= limits.arrows
    assert sum(box.stages for box in folded.boxes) == len(workflow.stages)
    assert folded.notices


@pytest.mark.parametrize("workflow", [fan(3_000), chain(5_000), tangle(3_000, needs=2)], ids=["fan", "chain", "tangle"])
def test_mermaid_stays_below_what_mermaid_draws(workflow: Workflow[object]) -> None:
    drawing = draw(workflow, format="mermaid")

    assert drawing.count("-->") <= 500
    assert len(drawing) <= 50_000


def test_text_has_a_line_for_every_stage_of_a_long_chain() -> None:
    lines = draw(chain(5_000)).splitlines()

    assert len(lines) == 5_002
    assert re.fullmatch(r"5000 ─ s4999 +a +after s4998", lines[-1])


def test_five_hundred_stages_are_drawn_one_by_one() -> None:
    drawing = draw(tangle(500, needs=2), format="svg")

    assert drawing.count('class="box"') == 500
    assert drawing.count('class="arrow"') == 997


@given(st.integers(2, 60), st.integers(0, 4), st.integers(0, 9))
def test_folding_keeps_the_way_of_every_arrow(count: int, needs: int, seed: int) -> None:
    picture = take(tangle(count, needs=needs, seed=seed))

    folded = fold(picture, Limits(boxes=12, arrows=15, alike=3, steps=6))

    order = steps(len(folded.boxes), folded.arrows)
    assert all(order[source] < order[target] for source, target in folded.arrows)
    assert sum(box.stages for box in folded.boxes) == count
    assert len(folded.arrows) <= 15
