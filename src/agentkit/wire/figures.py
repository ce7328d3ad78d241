"""Figures of a service: how much, how well and how fast, in one period and in the one before."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from .requests import Text
from .shown import Asked, Shown

__all__ = ["AgentFiguresLine", "FiguresPage", "FiguresQuery", "PeriodLine"]


class FiguresQuery(Asked):
    """Which figures are asked for: of the time from `since` until now, and of as long a time from `before` on."""

    since: datetime | None = Field(
        default=None, description="When the period began, such as midnight; without, 24 hours ago."
    )
    before: datetime | None = Field(
        default=None, description="When the period began that it is compared with; without, just so long before."
    )
    workflow: Text | None = Field(default=None, description="Only runs of this workflow.")
    recent: int = Field(
        default=20, ge=0, le=200, description="How many of the newest operations say how the agents are."
    )


class PeriodLine(Shown):
    """What ended in one period.

    What took longer than the whole period, and was accepted before the one in front of it, is not in it.
    """

    since: datetime = Field(description="When it began, in UTC.")
    until: datetime = Field(description="When it ended, in UTC.")
    accepted: int = Field(description="Operations that were accepted in it.")
    completed: int = Field(description="Operations that were completed in it.")
    failed: int = Field(description="Operations that failed in it.")
    cancelled: int = Field(description="Operations that were cancelled in it.")
    success_rate: float | None = Field(
        description="The share of the completed among those that were completed or failed; null if there were none."
    )
    mean_seconds: float | None = Field(description="How long the completed took, from their acceptance, on average.")
    p95_seconds: float | None = Field(description="Of twenty that were completed, nineteen took no longer.")
    is_whole: bool = Field(
        default=True, description="Whether all operations were looked at; there may be too many of them."
    )


class AgentFiguresLine(Shown):
    """How an agent has done in the newest operations."""

    name: str = Field(description="What stages call it by.")
    running: int = Field(description="Stages that it works on now.")
    completed: int = Field(description="Stages that it completed.")
    failed: int = Field(description="Stages that failed with it.")
    success_rate: float | None = Field(description="The share of the completed among both; null if there were none.")
    mean_seconds: float | None = Field(description="How long the completed took on average, waits included.")


class FiguresPage(Shown):
    """How much, how well and how fast."""

    at: datetime = Field(description="What time it is at the service, in UTC.")
    active: int = Field(description="Operations that have not ended; 1,000 is 1,000 or more.")
    waiting: int = Field(description="Operations that wait for people to approve; 1,000 is 1,000 or more.")
    current: PeriodLine = Field(description="The period until now.")
    previous: PeriodLine = Field(description="The period before.")
    agents: list[AgentFiguresLine] = Field(default=[], description="The agents that can work here, by name.")
