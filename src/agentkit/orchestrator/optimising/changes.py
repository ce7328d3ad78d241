"""What was proposed, what was changed, and what came of it: `Step`, `TuningPlan`, `Change`, `Report`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TypedDict, cast

from agentkit.views import Bottleneck, Outlook

__all__ = ["Change", "Report", "Step", "TuningPlan", "change_of", "data_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One lever that is moved.

    Attributes:
        lever: Which one, by its name.
        before: How it stood.
        after: How it stands then.
    """

    lever: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningPlan:
    """What would be changed, and what would come of it.

    Attributes:
        steps: The levers that would be moved; none if nothing is to be gained.
        bottlenecks: What it is for.
        advice: What no lever can do, for people.
        now: How the newest work went, played back under the limits as they stand.
        expected: How it would have gone with the steps.
    """

    steps: tuple[Step, ...]
    bottlenecks: tuple[Bottleneck, ...]
    advice: tuple[str, ...]
    now: Outlook
    expected: Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that was changed, and is kept in the store.

    Attributes:
        number: Counted from 1.
        at: When, in seconds since 1970.
        by: Who changed it; `automatic` is the optimiser by itself.
        steps: The levers that were moved.
        before: How work went before.
        expected: What was expected of it; None if nobody said.
        undone_at: When it was undone; None if it stands.
        undone_by: Who undid it.
    """

    number: int
    at: float
    by: str
    steps: tuple[Step, ...]
    before: Outlook
    expected: Outlook | None = None
    undone_at: float | None = None
    undone_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a change.

    Attributes:
        change: Which one, with how it was before and what was expected.
        after: How the operations went that were accepted since, as long as it stood; None if none has ended work yet.
        operations: How many these are.
    """

    change: Change
    after: Outlook | None
    operations: int


class _Kept(TypedDict):
    number: int
    at: float
    by: str
    steps: list[Mapping[str, object]]
    before: Mapping[str, float]
    expected: Mapping[str, float] | None
    undone_at: float | None
    undone_by: str


def data_of(change: Change) -> Mapping[str, object]:
    """A change as plain JSON data."""
    return {**asdict(change), "steps": [asdict(step) for step in change.steps]}


def change_of(kept: object) -> Change:
    """A change out of the plain JSON data that was kept."""
    data = cast("_Kept", kept)
    steps = tuple(
        Step(lever=str(step["lever"]), before=cast("int", step["before"]), after=cast("int", step["after"]))
        for step in data["steps"]
    )
    return Change(
        number=data["number"],
        at=data["at"],
        by=data["by"],
        steps=steps,
        before=Outlook(**data["before"]),
        expected=None if data["expected"] is None else Outlook(**data["expected"]),
        undone_at=data["undone_at"],
        undone_by=data["undone_by"],
    )
