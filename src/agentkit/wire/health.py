"""How a service is: what was looked at, who waits, and what of the machine it takes."""

from __future__ import annotations

from pydantic import Field

from .shown import Shown

__all__ = ["HealthCheck", "HealthPage", "LimitedLine", "QueuePage", "ResourcesPage"]


class HealthCheck(Shown):
    """One thing that was looked at."""

    name: str = Field(description="What.")
    ok: bool = Field(description="Whether it is as it should be.")
    detail: str = Field(default="", description="What was seen.")


class QueuePage(Shown):
    """What the process that answers has to do, for all tenants together."""

    waiting: int = Field(description="Operations that were accepted and wait for room.")
    by_priority: dict[str, int] = Field(description="How many of them are of each priority: high, normal, low.")
    oldest_seconds: float | None = Field(
        description="How long ago the one was accepted that has waited longest; null if none waits."
    )
    most_waiting: int = Field(description="How many may wait; beyond that, new ones are refused.")
    driven: int = Field(description="Operations that are driven.")
    running: int = Field(description="Attempts that run.")
    most_running: int = Field(description="How many attempts may run at once; where there is room, operations begin.")


class LimitedLine(Shown):
    """A limited resource that stages name."""

    name: str = Field(description="What it is called.")
    taken: int = Field(description="How many attempts have it now.")
    total: int = Field(description="How many may have it at once.")


class ResourcesPage(Shown):
    """What the process that answers takes of its machine; null is what cannot be known there."""

    processor_share: float | None = Field(
        description="How many cores its work kept busy, on average over `processor_seconds`: 0.5 is half of one."
    )
    processor_seconds: float | None = Field(description="Over how many seconds that was measured.")
    cores: int | None = Field(description="How many cores it may run on.")
    memory_bytes: int | None = Field(description="The memory that it has now.")
    threads: int = Field(description="The threads of Python that it has now.")
    disk_free_bytes: int | None = Field(description="What is free for it on the disk of its store.")
    disk_total_bytes: int | None = Field(description="How large that disk is.")
    limited: list[LimitedLine] = Field(default=[], description="The limited resources that stages name.")


class HealthPage(Shown):
    """How the service is."""

    ok: bool = Field(description="Whether all is as it should be.")
    version: str = Field(description="The version of agentkit.")
    uptime_seconds: float = Field(description="How long it has been open.")
    active: int = Field(description="Operations that are driven here or wait in line.")
    agents: int = Field(description="Agents that can work here.")
    workflows: int = Field(description="Workflows that are offered here.")
    checks: list[HealthCheck] = Field(default=[], description="What was looked at.")
    queue: QueuePage | None = Field(
        default=None, description="Who waits, and what runs; it is told to those who see all tenants."
    )
    resources: ResourcesPage | None = Field(
        default=None, description="What of its machine it takes; it is told to those who see all tenants."
    )
