"""Large workflows as pictures that can still be read: several stages become one box.

Rules: first stages that look alike and stand beside each other, then whole steps, then the steps in the middle; what
needs attention stays visible, nothing is dropped without a notice, and the number of boxes and arrows is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from agentkit.kernel.definition.graph import connect, levels
from agentkit.kernel.state.status import StageStatus

from .lettering import listed
from .picture import ATTENTION, Box, Picture, counted

__all__ = ["Limits", "fold", "steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a picture may show.

    Attributes:
        boxes: How many boxes, before steps are folded.
        arrows: How many arrows, ever.
        alike: How many stages that look alike may stand beside each other.
        steps: How many steps are kept once steps are folded.
    """

    boxes: int = 600
    arrows: int = 2_000
    alike: int = 20
    steps: int = 60


_SHOWN = 4
_PER_STEP = (6, 2, 0)
_RANK = {status: rank for rank, status in enumerate(ATTENTION)}


def fold(picture: Picture, limits: Limits) -> Picture:
    """The picture within the limits; the same one if it is."""
    stages = len(picture.boxes)
    folded = _merge(picture, _alike(picture, limits.alike))
    for most in _PER_STEP:
        if len(folded.boxes) <= limits.boxes and len(folded.arrows) <= limits.arrows:
            break
        folded = _merge(folded, _crowds(folded, most, limits.steps))
    notices: list[str] = []
    if len(folded.boxes) < stages:
        notices.append("a stacked box stands for several stages")
    if len(folded.arrows) > limits.arrows:
        notices.append(f"{len(folded.arrows) - limits.arrows:,} dependencies over many steps are not drawn")
        folded = replace(folded, arrows=_shortest(folded, limits.arrows))
    return replace(folded, notices=tuple(notices))


class _Place(NamedTuple):
    """A box, as the graph wants to know it."""

    name: str
    after: Sequence[str]
    group: str | None = None


def steps(count: int, arrows: Iterable[tuple[int, int]]) -> list[int]:
    """For each box, how many boxes must come before it."""
    after: list[list[str]] = [[] for _ in range(count)]
    for source, target in arrows:
        after[target].append(str(source))
    graph, _ = connect([_Place(str(box), needed) for box, needed in enumerate(after)])
    return levels(graph)


def _alike(picture: Picture, most: int) -> list[list[int]]:
    """Stages with the same neighbours, agents and group, where there are more than that; all but a few of each."""
    before: list[list[int]] = [[] for _ in picture.boxes]
    behind: list[list[int]] = [[] for _ in picture.boxes]
    for source, target in picture.arrows:
        before[target].append(source)
        behind[source].append(target)
    families: dict[object, list[int]] = {}
    for number, box in enumerate(picture.boxes):
        key = (tuple(sorted(before[number])), tuple(sorted(behind[number])), box.agents, box.does, box.group)
        families.setdefault(key, []).append(number)
    return [
        _less_urgent(picture, family, _SHOWN) for family in families.values() if len(family) > max(most, _SHOWN + 1)
    ]


def _crowds(picture: Picture, most: int, most_steps: int) -> list[list[int]]:
    """The boxes of each step but a few, and all boxes of the steps in the middle where there are too many steps."""
    columns: dict[int, list[int]] = {}
    for number, step in enumerate(steps(len(picture.boxes), picture.arrows)):
        columns.setdefault(step, []).append(number)
    kept = most_steps // 2
    middle = range(kept, len(columns) - kept) if len(columns) > most_steps else range(0)
    crowds = [
        _less_urgent(picture, column, most)
        for step, column in columns.items()
        if step not in middle and len(column) > most + 1
    ]
    if middle:
        crowds.append([number for step in middle for number in columns[step]])
    return crowds


def _less_urgent(picture: Picture, numbers: list[int], shown: int) -> list[int]:
    """The numbers without the few that are shown: those that need attention most, then the first."""

    def urgency(number: int) -> int:
        status = picture.boxes[number].status
        return _RANK[status] if status else 0

    return sorted(sorted(numbers, key=urgency)[shown:])


def _merge(picture: Picture, crowds: Sequence[Sequence[int]]) -> Picture:
    """The picture with every crowd as one box, at the place of its last member."""
    if not crowds:
        return picture
    home = list(range(len(picture.boxes)))
    for crowd in crowds:
        for number in crowd:
            home[number] = crowd[-1]
    crowd_at = {crowd[-1]: crowd for crowd in crowds}
    left = [number for number, at in enumerate(home) if number == at]
    place = {number: position for position, number in enumerate(left)}
    arrows = {
        (place[home[source]], place[home[target]]): None
        for source, target in picture.arrows
        if home[source] != home[target]
    }
    boxes = [
        _stack([picture.boxes[member] for member in crowd_at[number]]) if number in crowd_at else picture.boxes[number]
        for number in left
    ]
    return replace(picture, boxes=tuple(boxes), arrows=tuple(arrows))


def _stack(boxes: Sequence[Box]) -> Box:
    """One box for several."""
    if len(boxes) == 1:
        return boxes[0]
    stages = sum(box.stages for box in boxes)
    counts: dict[StageStatus, int] = {}
    for box in boxes:
        for status, count in (box.counts or ({box.status: 1} if box.status else {})).items():
            counts[status] = counts.get(status, 0) + count
    agents = list(dict.fromkeys(agent for box in boxes for agent in box.agents or (box.does,)))
    groups = {box.group for box in boxes}
    name = f"and {stages:,} more"
    return Box(
        name=name,
        agents=(listed(agents, 40),),
        required=any(box.required for box in boxes),
        group=groups.pop() if len(groups) == 1 else None,
        status=min(counts, key=ATTENTION.index, default=None),
        story=f"{counted(counts) or name}: " + listed([box.name for box in boxes], 400),
        counts=counts,
        stages=stages,
    )


def _shortest(picture: Picture, most: int) -> tuple[tuple[int, int], ...]:
    step = steps(len(picture.boxes), picture.arrows)
    ordered = sorted(picture.arrows, key=lambda arrow: step[arrow[1]] - step[arrow[0]])
    kept = set(ordered[:most])
    return tuple(arrow for arrow in picture.arrows if arrow in kept)
