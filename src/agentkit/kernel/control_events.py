"""What happened around the work of a stage: conditions, items, turns, waits, people, effects, undoing.

Rules: as in `events.py`. Items, turns and undoings of a stage are steps of their own, with names such as `pay[3]` and
`pay:undo`; attempts work on them as on any stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .facts import Failure, Usage

__all__ = [
    "ApprovalDecided",
    "ApprovalEscalated",
    "ApprovalReminded",
    "ApprovalRequested",
    "ChildAwaited",
    "ChildHeard",
    "ConditionDecided",
    "ControlEvent",
    "Decision",
    "DoubtRaised",
    "DoubtSettled",
    "EffectCarried",
    "EffectIntended",
    "EffectSettled",
    "ItemsMapped",
    "LoopEnded",
    "SignalAwaited",
    "SignalReceived",
    "StageFailed",
    "TimerFired",
    "TimerSet",
    "TurnBegan",
    "UndoBegan",
    "VoteCast",
]

Decision: TypeAlias = Literal["done", "redo", "abort"]
"""What a person says of work in doubt: it was done, do it again, or give it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionDecided:
    """A stage's condition was looked at: it is met and the stage goes on, or the stage is skipped."""

    at: float
    stage: str
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsMapped:
    """A stage works on a list, which has so many items; the digest tells it from other lists."""

    at: float
    stage: str
    count: int
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnBegan:
    """A loop begins its next turn, counted from 1."""

    at: float
    stage: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopEnded:
    """A loop has ended: its condition is met, or it has had all its turns and keeps the last one's value."""

    at: float
    stage: str
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet:
    """A stage waits until a time, in seconds since 1970."""

    at: float
    stage: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A stage has waited long enough."""

    at: float
    stage: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildHeard:
    """The operation that an attempt runs is about to end, or the attempt's time is up: it rests no more."""

    at: float
    stage: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested:
    """People are asked: before a stage's work, or by an agent in the middle of it.

    Attributes:
        at: When.
        stage: Which stage.
        question: What they are asked.
        name: What the agent calls the question; empty before the work.
        attempt: The attempt that asks and has ended with it; 0 before the work.
        approval: What is asked for by an agent, as the JSON of an `Approval`; empty for the stage's own.
        expires_at: When the deadline decides; None is never.
        usage: What the attempt used that ends with it, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    at: float
    stage: str
    question: str = ""
    name: str = ""
    attempt: int = 0
    approval: str = ""
    expires_at: float | None = None
    usage: Usage | None = None
    counted: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast:
    """Somebody agreed or refused.

    Attributes:
        at: When.
        stage: Which stage.
        by: Who.
        approve: Whether they agree.
        name: Which question of the stage.
        comment: Why.
        form: What they filled in, as JSON; empty if nothing.
    """

    at: float
    stage: str
    by: str
    approve: bool
    name: str = ""
    comment: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReminded:
    """Those who may vote were reminded."""

    at: float
    stage: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEscalated:
    """Nobody decided in time, so others may vote too."""

    at: float
    stage: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided:
    """The votes, or the deadline, decided.

    Attributes:
        at: When.
        stage: Which stage.
        approved: What was decided.
        name: Which question of the stage.
        expired: Whether the deadline decided.
    """

    at: float
    stage: str
    approved: bool
    name: str = ""
    expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectIntended:
    """An agent is about to change the outside world: this is on the journal before it does.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: Which attempt.
        name: What it does, such as `pay`.
        key: What it does it to; name and key are one effect of the stage, over all its attempts.
        data: What it says about it, as JSON.
    """

    at: float
    stage: str
    attempt: int
    name: str
    key: str
    data: str = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSettled:
    """It is known what became of an effect.

    Attributes:
        at: When.
        stage: Which stage.
        name: What was done.
        key: What it was done to.
        outcome: `confirmed`, it happened, once; `failed`, it did not, and may be tried again.
        result: What came of it, as JSON.
    """

    at: float
    stage: str
    name: str
    key: str
    outcome: Literal["confirmed", "failed"]
    result: str = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectCarried:
    """What is known of an effect comes from the operation that this one continues: it is not done again.

    Attributes:
        at: When.
        stage: Which stage or step.
        name: What was done.
        key: What it was done to.
        outcome: `confirmed`, or `intended` if nobody knows.
        result: What came of it, as JSON.
        under: The name under which the world outside knows it.
        digest: The list that was worked on, if it was an item's effect.
    """

    at: float
    stage: str
    name: str
    key: str
    outcome: Literal["intended", "confirmed", "failed"]
    result: str = "null"
    under: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtRaised:
    """Nobody knows whether something happened outside; a person decides.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: The attempt that is in doubt.
        reason: Why.
        name: The effect that is in doubt, if it is one.
        key: What it was done to.
        usage: What the attempt used that ends with it, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    at: float
    stage: str
    attempt: int
    reason: str
    name: str = ""
    key: str = ""
    usage: Usage | None = None
    counted: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtSettled:
    """A person decided about work in doubt.

    Attributes:
        at: When.
        stage: Which stage.
        decision: What.
        by: Who.
        value: For `done`: the stage's value, or the effect's result, as JSON.
        comment: Why.
    """

    at: float
    stage: str
    decision: Decision
    by: str = ""
    value: str = "null"
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailed:
    """A stage failed outside of any attempt, such as by a condition, a list or an approval."""

    at: float
    stage: str
    failure: Failure


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
