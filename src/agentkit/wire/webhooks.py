"""Webhooks: what is sent to a `callback_url`, and how the doors show what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from .pages import FailureLine
from .shown import Asked, Shown

__all__ = [
    "DeliveryLine",
    "DeliveryQuery",
    "EndType",
    "EndedOperation",
    "OperationEnded",
    "OperationProgress",
    "RunningOperation",
    "SecretPage",
]

EndType: TypeAlias = Literal["operation.completed", "operation.failed", "operation.cancelled"]


class EndedOperation(Shown):
    """An operation that has ended, as it is announced."""

    id: str = Field(description="The operation's id.")
    workflow: str = Field(description="The workflow's name.")
    status: str = Field(description="How it ended.", examples=["completed"])
    created_at: datetime = Field(description="When it was accepted, in UTC.")
    seconds: float = Field(description="How long it took.")
    metadata: dict[str, str] = Field(default={}, description="Texts that its caller gave it.")
    failure: FailureLine | None = Field(default=None, description="Why it did not end well.")


class OperationEnded(Shown):
    """The message that an operation has ended. Its output is fetched with a key."""

    type: EndType = Field(description="What happened.")
    timestamp: datetime = Field(description="When, in UTC.")
    data: EndedOperation = Field(description="To which operation.")


class RunningOperation(Shown):
    """An operation on its way, as it is told."""

    id: str = Field(description="The operation's id.")
    workflow: str = Field(description="The workflow's name.")
    status: str = Field(description="Where it stands.", examples=["running"])
    created_at: datetime = Field(description="When it was accepted, in UTC.")
    seconds: float = Field(description="How long it has taken so far.")
    fraction: float = Field(ge=0, le=1, description="How much of the work is done, from 0 to 1.")
    ended: dict[str, str] = Field(
        description="Stages that have ended since the message before, and how; a hundred at most.",
        examples=[{"write": "completed"}],
    )
    metadata: dict[str, str] = Field(default={}, description="Texts that its caller gave it.")


class OperationProgress(Shown):
    """The message that stages of an operation have ended. It is sent once, taken or not."""

    type: Literal["operation.progress"] = Field(default="operation.progress", description="What happened.")
    timestamp: datetime = Field(description="When, in UTC.")
    data: RunningOperation = Field(description="To which operation.")


class DeliveryLine(Shown):
    """One announcement, as it stands."""

    id: str = Field(description="What it is called.")
    operation: str = Field(description="The operation whose end it announces.")
    url: str = Field(description="Where to.")
    status: str = Field(
        description="`waiting` for that end, `delivering`, `delivered`, `dead`: it was never taken, or `cancelled`.",
        examples=["dead"],
    )
    created_at: datetime = Field(description="When it was asked for, in UTC.")
    updated_at: datetime = Field(description="When it last changed, in UTC.")


class DeliveryQuery(Asked):
    """Which announcements are asked for."""

    dead: bool = Field(default=False, description="Only those that were never taken.")
    cursor: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="Where the page before ended: its `next_cursor`."
    )
    limit: int = Field(default=50, ge=1, le=200, description="How many at most.")


class SecretPage(Shown):
    """What the messages to one tenant are verified with."""

    tenant: str | None = Field(default=None, description="Whose messages; empty is those of nobody's operations.")
    secret: str = Field(description="The secret that signs: `whsec_` and base64, as Standard Webhooks says.")
    old_secret: str | None = Field(
        default=None, description="The one that it replaces, while messages have the signatures of both."
    )
