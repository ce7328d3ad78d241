"""Schedules as the doors take and show them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from .shown import Asked, Shown

__all__ = ["ScheduleLine", "ScheduleRequest"]

_Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=255)]
_Missed: TypeAlias = Literal["skip", "once", "all"]


class ScheduleRequest(Asked):
    """Have a workflow started by cron or at an interval."""

    name: _Text = Field(description="What it is called, among the schedules of its tenant.", examples=["workdays"])
    workflow: _Text = Field(description="The workflow's name.", examples=["royalties"])
    input: JsonValue = Field(default=None, description="What it is given.", examples=[{"period": "2024"}])
    cron: _Text | None = Field(
        default=None, description="When: minute, hour, day, month, day of the week.", examples=["0 6 * * 1-5"]
    )
    every: int | None = Field(default=None, ge=1, le=31_622_400, description="Or every so many seconds.")
    zone: _Text = Field(default="UTC", description="The time zone whose clock cron looks at.", examples=["UTC"])
    missed: _Missed = Field(
        default="once", description="Of times at which no server ran: none, one run for all of them, or a run for each."
    )
    most_missed: int = Field(default=100, ge=1, le=1_000, description="With `all`, the newest so many at most.")
    tenant: _Text | None = Field(
        default=None, description="Whose it is; only who belongs to no tenant may say so.", examples=[None]
    )


class ScheduleLine(Shown):
    """What is started when."""

    name: str = Field(description="What it is called, among the schedules of its tenant.")
    tenant: str | None = Field(default=None, description="Whose operations it starts.")
    workflow: str = Field(description="The workflow's name.")
    input: JsonValue = Field(default=None, description="What it is given.")
    cron: str | None = Field(default=None, description="When, as five fields of cron.")
    every: int | None = Field(default=None, description="Or every so many seconds, from `created_at` on.")
    zone: str = Field(default="UTC", description="The time zone whose clock cron looks at.")
    missed: str = Field(default="once", description="What becomes of times at which no server ran.")
    most_missed: int = Field(default=100, description="With `all`, the newest so many at most.")
    paused: bool = Field(default=False, description="Whether it starts nothing for now.")
    requester: str = Field(description="In whose name operations are started.")
    created_at: datetime = Field(description="When it was made, in UTC.")
    due_at: datetime | None = Field(default=None, description="When it is due next, in UTC; empty while it is paused.")
    problem: str = Field(default="", description="Why it started nothing the last time.")
