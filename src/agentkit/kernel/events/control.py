"""What happened around the work of a stage: conditions, items, turns, waits, children, undoing.

Rules: as in `operation.py`. Items, turns and undoings of a stage are steps of their own, with names such as `pay[3]`
and `pay:undo`; attempts work on them as on any stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from agentkit.kernel.facts import Failure
from agentkit.kernel.making import quickly_made

from .effects import DoubtRaised, DoubtSettled, EffectCarried, EffectIntended, EffectSettled
from .people import ApprovalDecided, ApprovalEscalated, ApprovalReminded, ApprovalRequested, VoteCast

__all__ = [
    "ChildAwaited",
    "ChildHeard",
    "ConditionDecided",
    "ControlEvent",
    "ItemsMapped",
    "LoopEnded",
    "SignalAwaited",
    "SignalReceived",
    "StageFailed",
    "TimerFired",
    "TimerSet",
    "TurnBegan",
    "UndoBegan",
]


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionDecided:
    """A stage's condition was looked at: it is met and the stage goes on, or the stage is skipped."""

    at: float
    stage: str
    met: bool


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsMapped:
    """A stage works on a list, which has so many items; the digest tells it from other lists."""

    at: float
    stage: str
    count: int
    digest: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class TurnBegan:
    """A loop begins its next turn, counted from 1."""

    at: float
    stage: str
    turn: int


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class LoopEnded:
    """A loop has ended: its condition is met, or it has had all its turns and keeps the last one's value."""

    at: float
    stage: str
    met: bool


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet:
    """A stage waits until a time, in seconds since 1970."""

    at: float
    stage: str
    until: float


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A stage has waited long enough."""

    at: float
    stage: str


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class SignalAwaited:
    """A stage waits for its signal, if it did not come before.

    Attributes:
        at: When.
        stage: Which stage.
        until: How long at most; None is for ever.
    """

    at: float
    stage: str
    until: float | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceived:
    """Somebody sent a signal; the first stage that waits for it takes it, now or later.

    Attributes:
        at: When.
        name: Which signal.
        value: What came with it, as JSON.
        id: The sender's name for it; the same one is taken once.
    """

    at: float
    name: str
    value: str
    id: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ChildAwaited:
    """The operation that an attempt runs rests, so the attempt rests with it.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: Which attempt.
        until: When the attempt's time is up; None is never.
    """

    at: float
    stage: str
    attempt: int
    until: float | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ChildHeard:
    """The operation that an attempt runs is about to end, or the attempt's time is up: it rests no more."""

    at: float
    stage: str
    attempt: int


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailed:
    """A stage failed outside of any attempt, such as by a condition, a list or an approval."""

    at: float
    stage: str
    failure: Failure


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class UndoBegan:
    """The operation does not complete, so a stage's work is undone, the newest work first."""

    at: float
    stage: str


ControlEvent: TypeAlias = (
    ConditionDecided
    | ItemsMapped
    | TurnBegan
    | LoopEnded
    | TimerSet
    | TimerFired
    | SignalAwaited
    | SignalReceived
    | ApprovalRequested
    | VoteCast
    | ApprovalReminded
    | ApprovalEscalated
    | ApprovalDecided
    | EffectIntended
    | EffectSettled
    | EffectCarried
    | DoubtRaised
    | DoubtSettled
    | ChildAwaited
    | ChildHeard
    | StageFailed
    | UndoBegan
)
