"""Events and operations as the doors show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

__all__ = ["EventLine", "OperationLine", "moment"]

Seconds: TypeAlias = float


class _Shown(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class EventLine(_Shown):
    """One event of an operation, as one line of JSON."""

    operation: str = Field(description="The operation's id.")
    number: int = Field(ge=1, description="The event's number in the journal, from 1 without a gap.")
    at: datetime = Field(description="When, in UTC.")
    type: str = Field(description="What happened, in words separated by dots, such as `attempt.failed`.")
    stage: str | None = Field(default=None, description="The stage it happened to.")
    data: dict[str, JsonValue] = Field(default={}, description="What belongs to this type of event.")


class OperationLine(_Shown):
    """One operation, as one line of a list."""

    id: str = Field(description="Its id.")
    workflow: str = Field(description="The workflow's name.")
    status: str = Field(description="The word for where it stands.")
    created_at: datetime = Field(description="When it was accepted, in UTC.")
    updated_at: datetime = Field(description="When its status last changed, in UTC.")
    events: int = Field(description="How many events it has.")


def moment(seconds: float) -> datetime:
    """A time in seconds since 1970 as a time of day in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
