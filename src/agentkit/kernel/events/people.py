"""What happens between an operation and the people who are asked.

Rules: as in `operation.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentkit.kernel.facts import Usage
from agentkit.kernel.making import quickly_made

__all__ = [
    "ApprovalDecided",
    "ApprovalEscalated",
    "ApprovalReminded",
    "ApprovalRequested",
    "VoteCast",
]


@quickly_made
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
        proposed: What fields hold at first, as a JSON object; empty if nothing is proposed.
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
    proposed: str = ""


@quickly_made
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
        form: What they filled in, as JSON, with what was proposed and they agreed to; null where they emptied a field.
            Empty if nothing.
    """

    at: float
    stage: str
    by: str
    approve: bool
    name: str = ""
    comment: str = ""
    form: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReminded:
    """Those who may vote were reminded."""

    at: float
    stage: str
    name: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEscalated:
    """Nobody decided in time, so others may vote too."""

    at: float
    stage: str
    name: str = ""


@quickly_made
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
