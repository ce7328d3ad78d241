"""Where one stage, or step, of an operation stands, and what belongs to that.

Rules: as in `state.py`: only the evolution of events changes any of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, NamedTuple

from agentkit.kernel.commands import KnownEffect
from agentkit.kernel.definition.approval import Approval
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.events.people import ApprovalDecided, ApprovalRequested, VoteCast
from agentkit.kernel.facts import Failure, TierUsed

from .status import StageStatus

__all__ = [
    "UNTOUCHED",
    "ContextEntry",
    "More",
    "Parts",
    "Question",
    "StageState",
    "Step",
    "Stop",
]


class Stop(NamedTuple):
    """Why an operation is being stopped."""

    cause: Literal["failed", "timed_out", "cancelled"]
    reason: str = ""
    stage: str | None = None
    failure: Failure | None = None


class Step(NamedTuple):
    """Something to work on that came about at run time.

    Attributes:
        name: What it is called: `pay[3]` is the item at position 3, or the third turn, and `pay:undo` the undoing.
        kind: What it is.
        parent: The number of the stage, or step, that it belongs to.
        place: The position of an item, from 0, or the number of a turn, from 1.
        stage: What is to be done.
    """

    name: str
    kind: Literal["item", "turn", "undo"]
    parent: int
    place: int
    stage: Stage


class ContextEntry(NamedTuple):
    """A key of the operation's context: its value, and which event and stage wrote it last."""

    value: object
    version: int
    stage: str


class Question:
    """Something that people are asked.

    Attributes:
        approval: Who has to agree.
        question: What they are asked.
        asked_at: When.
        expires_at: When the deadline decides.
        remind_at: When those who may vote are reminded next.
        escalate_at: When others may vote too.
        is_escalated: Whether they may.
        votes: Who voted, and how.
        decided: What was decided.
        proposed: What the fields of its form hold at first.
    """

    __slots__ = (
        "approval",
        "asked_at",
        "decided",
        "escalate_at",
        "expires_at",
        "is_escalated",
        "proposed",
        "question",
        "remind_at",
        "votes",
    )

    def __init__(self, approval: Approval, event: ApprovalRequested) -> None:
        self.approval: Approval = approval
        self.question: str = event.question
        self.asked_at: float = event.at
        self.expires_at: float | None = event.expires_at
        self.proposed: Mapping[str, object] = json.loads(event.proposed) if event.proposed else {}
        remind, escalate = approval.remind_seconds, approval.escalate_seconds
        self.remind_at: float | None = None if remind is None else event.at + remind
        self.escalate_at: float | None = None if escalate is None else event.at + escalate
        self.is_escalated: bool = False
        self.votes: dict[str, VoteCast] = {}
        self.decided: ApprovalDecided | None = None

    @property
    def verdict(self) -> bool | None:
        """What the votes say: enough agree, or somebody refuses; None if they do not say yet."""
        if not all(vote.approve for vote in self.votes.values()):
            return False
        return True if len(self.votes) >= self.approval.quorum else None

    @property
    def offered(self) -> dict[str, object]:
        """What the form holds for whoever votes next: what was proposed, as those who agreed have changed it."""
        offered = dict(self.proposed)
        for vote in self.votes.values():
            if vote.approve and vote.form and offered:
                filled = json.loads(vote.form)
                offered.update((name, filled[name]) for name in self.proposed if name in filled)
        return {name: value for name, value in offered.items() if value is not None}

    @property
    def wake_at(self) -> float | None:
        """When something is due next."""
        times = [time for time in (self.expires_at, self.remind_at, self.escalate_at) if time is not None]
        return min(times, default=None)


class Parts:
    """The items or turns of a stage.

    Attributes:
        count: How many items there are; 0 for a loop, which knows its end when it comes.
        begun: How many were made steps.
        ended: How many have ended.
        failed: How many of these failed.
        numbers: The steps.
        values: Each item's value as JSON, or the newest turn's; null where one failed.
        texts: The items as JSON, once they are needed.
        digest: What tells the list from other lists.
    """

    __slots__ = ("begun", "count", "digest", "ended", "failed", "numbers", "texts", "values")

    def __init__(self, count: int, digest: str = "") -> None:
        self.count: int = count
        self.digest: str = digest
        self.begun: int = 0
        self.ended: int = 0
        self.failed: int = 0
        self.numbers: list[int] = []
        self.values: list[str] = ["null"] * count
        self.texts: list[str] | None = None


class More:
    """What is known of a stage with controls, effects or questions.

    Attributes:
        met: Whether its condition is met.
        approved: Whether its own approval was given.
        questions: What people are asked, by name; the stage's own is `""`.
        open_question: The name of the one that is not decided.
        parts: Its items or turns.
        effects: What is known of its effects, by name and key.
        doubt: The effect that is in doubt, by name and key; of two empty texts, the attempt itself.
        confidence: How sure its value is, 0 to 1.
        degraded: Whether its value is less than was asked for.
        tier: The capability tier that its value was worked on with, if one was chosen.
        heard: The attempt whose child operation rests no more, and when that attempt's time is up; None is never.
        is_spent: Whether its budget is exhausted, so that the agent that took over begins without asking it.
    """

    __slots__ = (
        "approved",
        "confidence",
        "degraded",
        "doubt",
        "effects",
        "heard",
        "is_spent",
        "met",
        "open_question",
        "parts",
        "questions",
        "tier",
    )

    def __init__(self) -> None:
        self.is_spent: bool = False
        self.heard: tuple[int, float | None] | None = None
        self.met: bool = False
        self.approved: bool = False
        self.questions: dict[str, Question] = {}
        self.open_question: str | None = None
        self.parts: Parts | None = None
        self.effects: dict[tuple[str, str], KnownEffect] = {}
        self.doubt: tuple[str, str] | None = None
        self.confidence: float | None = None
        self.degraded: bool = False
        self.tier: TierUsed | None = None


class StageState:
    """Where one stage, or step, stands.

    Attributes:
        status: The word for it.
        attempt: The number of the newest attempt; 0 before the first.
        level: Which agent of the chain works, from 0.
        tries: How many attempts of that agent were begun.
        started_at: When the first attempt began, or what came before it, in operating time (see `State.downtime`).
        value: The value as JSON, once there is one.
        failure: Why the newest attempt failed.
        wake_at: When something is due, while it waits: the next attempt, or the end of a wait.
        timeout: Seconds that the newest attempt may take; None is no limit.
        parked_at: When it began to wait for its agent or for people, in operating time; that wait is none of its own.
        more: What only some stages have.
    """

    __slots__ = (
        "attempt",
        "failure",
        "level",
        "more",
        "parked_at",
        "started_at",
        "status",
        "timeout",
        "tries",
        "value",
        "wake_at",
    )

    def __init__(self) -> None:
        self.status: StageStatus = "pending"
        self.attempt: int = 0
        self.level: int = 0
        self.tries: int = 0
        self.started_at: float | None = None
        self.value: str | None = None
        self.failure: Failure | None = None
        self.wake_at: float | None = None
        self.timeout: float | None = None
        self.parked_at: float | None = None
        self.more: More | None = None

    def furnished(self) -> More:
        """What only some stages have, made when it is first needed."""
        if self.more is None:
            self.more = More()
        return self.more

    @property
    def is_plain(self) -> bool:
        """Whether its value came from its first agent, and there is nothing more to say of it."""
        return self.status == "completed" and not self.level and self.more is None

    @property
    def heard(self) -> tuple[int, float | None] | None:
        """The newest attempt, if its child rests no more, and when its time is up."""
        heard = None if self.more is None else self.more.heard
        return heard if heard is not None and heard[0] == self.attempt else None

    @property
    def is_minimal(self) -> bool:
        """Whether its value is the minimal answer, which no agent gave."""
        return self.failure is not None and self.status == "completed"

    @property
    def is_degraded(self) -> bool:
        """Whether its value is less than was asked for."""
        return self.level > 0 or (self.more is not None and self.more.degraded)


UNTOUCHED = StageState()
