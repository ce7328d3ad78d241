"""What is kept of learning: the entries of its stream, and how they are written.

Rules: entries are facts, and what was decided is in them, with its reason: whoever reads them again decides nothing. An
entry is written with the fields that differ from their default; one of an unknown type is refused, never left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, TypeAlias, cast

from agentkit.errors import FormatTooNew, JournalCorrupt

__all__ = [
    "ArmChosen",
    "ChoiceDropped",
    "DriftFound",
    "Entry",
    "LeaderChanged",
    "LearningChange",
    "OutcomeJudged",
    "OutcomeTold",
    "Released",
    "RolledBack",
    "Switched",
    "entry_data",
    "entry_of",
    "is_of_work",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmChosen:
    """An arm was chosen for a piece of work.

    Attributes:
        at: When.
        key: The name of the work; whoever asks for it again gets the same arm.
        kind: The kind of task.
        arm: What is used.
        first: The arm that is used without learning.
        would: What would have been used, if something else is (shadow mode).
        why: Why, for people.
        arms: All arms of whoever chose, if they are not those of whoever chose before.
    """

    at: float
    key: str
    kind: str
    arm: str
    first: str
    would: str = ""
    why: str = ""
    arms: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "arms", tuple(self.arms))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceDropped:
    """A choice has no outcome, and will have none: what became of it says nothing of its arm.

    Attributes:
        at: When.
        key: The name of the work.
        kind: The kind of task.
        arm: What was used.
        why: Why, for people.
    """

    at: float
    key: str
    kind: str
    arm: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTold:
    """What became of a piece of work.

    Attributes:
        at: When it was told.
        key: The name of the work.
        kind: The kind of task.
        arm: What was used.
        reward: What it is worth, 0 to 1.
        success: Whether it succeeded.
        quality: How good it was, 0 to 1, if somebody judged it.
        seconds: How long it took, if somebody measured it.
        cost: What it cost, written as a decimal, if somebody knows.
        currency: The currency of the cost.
        unjudged: Why nobody judged it, if that is a mistake.
    """

    at: float
    key: str
    kind: str
    arm: str
    reward: float
    success: bool = True
    quality: float | None = None
    seconds: float | None = None
    cost: str | None = None
    currency: str = ""
    unjudged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeJudged:
    """Somebody said later how good a piece of work was.

    Attributes:
        at: When.
        key: The name of the work.
        kind: The kind of task.
        quality: How good it was, 0 to 1.
        reward: What it is worth by that, 0 to 1.
        by: Who says so.
    """

    at: float
    key: str
    kind: str
    quality: float
    reward: float
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderChanged:
    """Another arm leads: it is better by what is known.

    Attributes:
        at: When.
        kind: For which kind of task.
        arm: What leads now.
        before: What led.
        why: Why, for people.
    """

    at: float
    kind: str
    arm: str
    before: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFound:
    """An arm is not what it was any more: what was known of it before counts no longer.

    Attributes:
        at: When.
        kind: For which kind of task.
        arm: Which arm.
        outcomes: How many outcomes still count: those since it changed.
        reward: The sum of their rewards.
        why: What was seen, for people.
        is_late: Whether it was seen in what was judged later.
    """

    at: float
    kind: str
    arm: str
    outcomes: int
    reward: float
    why: str
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """A change was taken back.

    Attributes:
        at: When.
        kind: For which kind of task.
        arm: What led, and is set aside.
        to: What leads again.
        until: Until how many outcomes of this kind it is set aside; 0 if a person says when.
        by: Who did it; empty if it happened by itself.
        why: Why, for people.
    """

    at: float
    kind: str
    arm: str
    to: str
    until: int = 0
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A person lets a kind of task go on learning that was rolled back.

    Attributes:
        at: When.
        kind: Which kind.
        by: Who.
        why: Why, for people.
    """

    at: float
    kind: str
    by: str
    why: str = "it was released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """A person switched learning on or off.

    Attributes:
        at: When.
        is_on: Whether it is on now.
        by: Who.
        kind: Always empty: it is for all kinds.
        why: Why, for people.
    """

    at: float
    is_on: bool
    by: str
    kind: str = ""
    why: str = ""


LearningChange: TypeAlias = LeaderChanged | DriftFound | RolledBack | Released | Switched
"""Something that changed what is used from then on, each with its reason."""
Entry: TypeAlias = ArmChosen | ChoiceDropped | OutcomeTold | OutcomeJudged | LearningChange
"""An entry of the stream."""

_KINDS: Final[Mapping[str, type[Entry]]] = {
    kind.__name__: kind
    for kind in (
        ArmChosen,
        ChoiceDropped,
        OutcomeTold,
        OutcomeJudged,
        LeaderChanged,
        DriftFound,
        RolledBack,
        Released,
        Switched,
    )
}


def is_of_work(key: str, name: str) -> bool:
    """Whether a key is this name, or begins with it: that of a stage, of an operation, or of what works for them.

    Example:
        >>> [is_of_work(key, "run7") for key in ("run7", "run7:write:1", "run7~each~0~1:write:1", "run77:write:1")]
        [True, True, True, False]
    """
    return key == name or key.startswith((f"{name}:", f"{name}~"))


def entry_data(entry: Entry) -> dict[str, object]:
    """An entry as plain JSON data."""
    pairs = ((item, getattr(entry, item.name)) for item in fields(entry))
    told = {item.name: value for item, value in pairs if item.default is MISSING or value != item.default}
    return {"type": type(entry).__name__, **told}


def entry_of(data: object) -> Entry:
    """The entry that was written.

    Raises:
        FormatTooNew: A newer agentkit wrote it.
        JournalCorrupt: It is none.
    """
    if not isinstance(data, dict):
        raise JournalCorrupt("this is no entry of a learner")
    told: dict[str, Any] = dict(cast("dict[str, Any]", data))
    name = told.pop("type", None)
    kind = _KINDS.get(name)
    if kind is None:
        raise FormatTooNew(
            f"a learner's entry of the unknown type {name!r}: a newer agentkit wrote it; upgrade this one"
        )
    try:
        return kind(**told)
    except TypeError as error:
        raise JournalCorrupt(f"this is no {name} that agentkit wrote: {error}") from error
