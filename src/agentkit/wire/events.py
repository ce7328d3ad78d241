"""Events and operations as the doors show them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, JsonValue

from .shown import Shown

__all__ = ["ApprovalLine", "EventLine", "OperationLine"]


class EventLine(Shown):
    """One event of an operation, as one line of JSON."""

    operation: str = Field(description="The operation's id.")
    number: int = Field(ge=1, description="The event's number in the journal, from 1 without a gap.")
    at: datetime = Field(description="When, in UTC.")
    type: str = Field(description="What happened, in words separated by dots, such as `attempt.failed`.")
    stage: str | None = Field(default=None, description="The stage it happened to.")
    data: dict[str, JsonValue] = Field(default={}, description="What belongs to this type of event.")


class OperationLine(Shown):
    """One operation, as one line of a list."""

    id: str = Field(description="Its id.")
    workflow: str = Field(description="The workflow's name.")
    status: str = Field(description="The word for where it stands.")
    created_at: datetime = Field(description="When it was accepted, in UTC.")
    updated_at: datetime = Field(description="When its status last changed, in UTC.")
    events: int = Field(description="How many events it has.")
    waiting: tuple[str, ...] = Field(
        default=(), description="What it waits for: `approval`, `doubt`, `signal`, `timer`; several may be."
    )
    tenant: str | None = Field(default=None, description="Whose it is.")
    wake_at: datetime | None = Field(
        default=None, description="When it goes on by itself, in UTC, while nothing but that time is waited for."
    )


class ApprovalLine(Shown):
    """A question that waits for people, as one line of an inbox."""

    operation: str = Field(description="The operation's id.")
    workflow: str = Field(description="The workflow's name.")
    stage: str = Field(description="The stage that asks.")
    name: str = Field(description="What the agent calls the question; empty for the stage's own approval.")
    question: str = Field(description="What people are asked.")
    roles: list[str] = Field(description="Who may vote: anybody with one of these; empty is anybody.")
    quorum: int = Field(description="How many have to agree.")
    agreed: list[str] = Field(description="Who has agreed so far.")
    asked_at: datetime = Field(description="Since when it waits, in UTC.")
    deadline: datetime | None = Field(description="When time decides, in UTC.")
    form: dict[str, str] = Field(description="The fields that may be filled in, and their kinds.")
    escalated: bool = Field(description="Whether nobody decided in time, so that more roles may vote.")
    proposed: dict[str, JsonValue] = Field(
        default={},
        description="What fields hold at first, by name. Whoever agrees agrees to it, but for what they fill in.",
    )
