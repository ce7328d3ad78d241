"""What was learned between runs, as the doors show it, and how it is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

from pydantic import Field

from .shown import Asked, Shown

__all__ = [
    "ArmLine",
    "LearnerLine",
    "LearnerPage",
    "LearnerRelease",
    "LearnerRollback",
    "LearnerSwitch",
    "LearningLine",
    "PointLine",
    "TaskKindLine",
]

_Kind: TypeAlias = Annotated[str, Field(max_length=200)]


class LearnerLine(Shown):
    """A learner."""

    name: str = Field(description="What it is called.", examples=["invoices"])
    tenant: str | None = Field(default=None, description="Whose it is.")


class ArmLine(Shown):
    """How one arm does for one kind of task. What nobody knows is empty."""

    name: str = Field(description="What it is called.")
    leads: bool = Field(description="Whether it leads.")
    resting: bool = Field(description="Whether it is set aside after it was rolled back.")
    gone: bool = Field(default=False, description="Whether nobody has it any more.")
    outcomes: int = Field(description="How many outcomes were told.")
    open: int = Field(description="How many choices nobody has told of yet.")
    success_rate: float | None = Field(default=None, description="The share that succeeded.")
    reward: float | None = Field(default=None, description="The mean reward of those that still count, 0 to 1.")
    quality: float | None = Field(default=None, description="The mean quality, 0 to 1.")
    seconds: float | None = Field(default=None, description="How long one took, on the mean.")
    costs: Mapping[str, str] = Field(default_factory=dict, description="What all cost, exactly, by currency.")


class TaskKindLine(Shown):
    """A kind of task."""

    name: str = Field(description="Which kind; empty is the unnamed one.")
    outcomes: int = Field(description="How many outcomes were told.")
    leader: str = Field(description="Which arm leads; empty if nobody has chosen yet.")
    held: str = Field(default="", description="What a person rolled back to: nothing else is used.")
    arms: Sequence[ArmLine] = Field(description="Its arms, the best first.")


class PointLine(Shown):
    """Something that was learned."""

    kind: str = Field(description="For which kind of task.")
    arm: str = Field(description="Of which arm.")
    pattern: str = Field(description="What was seen.")
    improvement: str = Field(description="What to do about it.")
    outcomes: int = Field(description="On how many outcomes it stands.")


class LearnerPage(Shown):
    """What a learner knows."""

    name: str = Field(description="What it is called.")
    tenant: str | None = Field(default=None, description="Whose it is.")
    on: bool = Field(description="Whether it is switched on.")
    kinds: Sequence[TaskKindLine] = Field(description="By kind of task, by name.")
    points: Sequence[PointLine] = Field(description="What follows from it.")


class LearningLine(Shown):
    """Something that was chosen, told or changed, in words."""

    at: datetime = Field(description="When, in UTC.")
    type: str = Field(description="What kind of entry it is.", examples=["LeaderChanged"])
    kind: str = Field(description="For which kind of task.")
    text: str = Field(description="What happened, and why.")


class LearnerRollback(Asked):
    """Take back that an arm leads for a kind of task."""

    kind: _Kind = Field(default="", description="Which kind; empty is the unnamed one.")
    to: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="To which arm; by default what led before."
    )
    why: Annotated[str, Field(max_length=2_000)] = Field(default="", description="Why, for whoever asks later.")


class LearnerRelease(Asked):
    """Let a kind of task go on learning that was rolled back."""

    kind: _Kind = Field(default="", description="Which kind; empty is the unnamed one.")


class LearnerSwitch(Asked):
    """Switch a learner on or off."""

    on: bool = Field(description="Whether it is to be on.")
