"""What a diagram shows, whatever it is written in: a box per stage, an arrow per dependency.

Rules: a picture is taken once, from a workflow or from a state, and the writers read nothing else; what a box says of
a stage is decided here, so SVG, Mermaid and text cannot disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.definition.workflow import Workflow
from agentkit.kernel.state.state import State
from agentkit.kernel.state.status import OperationStatus, StageStatus

from .facts import badges_of, note_of, work_of
from .lettering import clean

__all__ = ["ATTENTION", "Box", "Picture", "counted", "take"]

ATTENTION: Final[tuple[StageStatus, ...]] = (
    "failed",
    "in_doubt",
    "waiting",
    "retrying",
    "unavailable",
    "running",
    "expanded",
    "undone",
    "cancelled",
    "pending",
    "skipped",
    "completed",
)
"""What a reader wants to see first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One stage, or several drawn as one.

    Attributes:
        name: The stage's name, or how many stages the box stands for.
        agents: The chain of agents; empty if none works on it.
        does: What the stage does if no agent works on it, such as `signal paid`.
        active: Which agent of the chain works, from 0.
        required: Whether the operation fails with the stage.
        badges: Short facts, such as `optional` and `30 s`.
        group: The group it belongs to.
        status: Where it stands, if the picture is of a state.
        note: Which try it is, how many items are done, what it waits for, or why it failed.
        story: All of it as a sentence for a tooltip, with nothing cut.
        counts: How many stages of each status it stands for, if it is more than one stage.
        stages: How many stages it stands for.
    """

    name: str
    agents: tuple[str, ...] = ()
    does: str = ""
    active: int = 0
    required: bool = True
    badges: tuple[str, ...] = ()
    group: str | None = None
    status: StageStatus | None = None
    note: str = ""
    story: str = ""
    counts: Mapping[StageStatus, int] | None = None
    stages: int = 1

    @property
    def work(self) -> str:
        """Who works on it, or what it does."""
        return " → ".join(self.agents) or self.does

    @property
    def words(self) -> str:
        """Where it stands, in words."""
        if self.counts:
            return counted(self.counts)
        deputy = f"by {self.agents[self.active]}" if self.active else ""
        return " ".join(filter(None, (self.status, self.note, deputy)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A whole diagram.

    Attributes:
        title: The workflow's name.
        description: What the workflow says of itself.
        summary: How many stages there are, and where they stand.
        status: Where the operation stands, if the picture is of a state.
        note: Why it is being stopped.
        boxes: In the order of the workflow's stages.
        arrows: From box to box, by position.
        notices: What the picture leaves out.
    """

    title: str
    description: str
    summary: str
    status: OperationStatus | None
    note: str
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...] = field(repr=False)
    notices: tuple[str, ...] = ()


def take(subject: Workflow[object] | State) -> Picture:
    """The picture with one box for every stage."""
    state = subject if isinstance(subject, State) else None
    workflow = subject.workflow if isinstance(subject, State) else subject
    boxes = tuple(_box(stage, number, state) for number, stage in enumerate(workflow.stages))
    arrows = tuple(
        (needed, number) for number, dependencies in enumerate(workflow.graph.dependencies) for needed in dependencies
    )
    summary = f"{len(boxes):,} stage{'s' if len(boxes) > 1 else ''}"
    if state:
        summary += ": " + counted(Counter(box.status for box in boxes if box.status))
    stop = state.stop if state else None
    return Picture(
        title=workflow.name,
        description=clean(workflow.description).strip(),
        summary=summary,
        status=state.status if state else None,
        note=clean(stop.reason) if stop else "",
        boxes=boxes,
        arrows=arrows,
    )


def counted(counts: Mapping[StageStatus, int]) -> str:
    """How many stages stand where, what needs attention first."""
    return ", ".join(f"{counts[status]:,} {status}" for status in ATTENTION if counts.get(status))


def _box(stage: Stage, number: int, state: State | None) -> Box:
    now = state.touched.get(number) if state else None
    status: StageStatus | None = None
    if state:
        status = now.status if now else "pending"
    badges = badges_of(stage)
    does = "" if stage.agents else work_of(stage)
    lines = [stage.name, "agent " + ", then ".join(stage.agents) if stage.agents else does, *badges]
    if stage.resource is not None:
        lines.append(f"needs {stage.resource}")
    failure = now.failure if now else None
    box = Box(
        name=stage.name,
        agents=stage.agents,
        does=does,
        active=now.level if now else 0,
        required=stage.required,
        badges=badges,
        group=stage.group,
        status=status,
        note=note_of(state, number) if state else "",
    )
    told = [*lines, box.words, f"{failure.type}: {failure.message}" if failure else ""]
    return replace(box, story=clean(" · ".join(filter(None, told))))
