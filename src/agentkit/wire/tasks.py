"""What the routes for single agents, tasks and reports take and show."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from .pages import AgentLine, FailureLine
from .requests import CallbackEvent, Timeout
from .shown import Asked, Shown

__all__ = [
    "AgentModule",
    "AgentModulePage",
    "ExecuteRequest",
    "ReportRequest",
    "SystemPage",
    "TaskPage",
    "TaskRequest",
    "WorkflowRequest",
]

_Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=255)]
_Priority: TypeAlias = Literal["low", "normal", "high"]
_Url: TypeAlias = Annotated[str, Field(max_length=2_000)]


class ExecuteRequest(Asked):
    """One piece of work for one agent."""

    agent: _Text = Field(description="The agent's name.", examples=["greet"])
    task: str = Field(default="", max_length=100_000, description="What it is told, in words.", examples=["Greet Ada"])
    input: JsonValue = Field(default=None, description="What it is given.", examples=[{"name": "Ada"}])
    priority: _Priority = Field(default="normal", description="How soon it is begun.")
    timeout: float | None = Field(default=None, gt=0, le=31_536_000, description="Seconds it may take.")
    metadata: dict[str, str] = Field(default={}, max_length=64, description="Texts by name, to find it with again.")
    callback_url: _Url | None = Field(default=None, description="Where its end is announced, as a signed webhook.")
    callback_events: list[CallbackEvent] = Field(
        default=["completion"],
        max_length=2,
        description="What is announced: its end, always; with `progress`, also that stages of it have ended.",
        examples=[["completion"]],
    )


class TaskRequest(Asked):
    """One piece of work for one agent, in the words of the older routes."""

    task: str = Field(default="", max_length=100_000, description="What it is told, in words.")
    agent_type: _Text = Field(description="The agent's name.", examples=["greet"])
    data: JsonValue = Field(default=None, description="What it is given.", examples=[{"name": "Ada"}])
    input_data: JsonValue = Field(default=None, description="The same, under its other name.")
    priority: _Priority = Field(default="normal", description="How soon it is begun.")
    timeout: float | None = Field(default=None, gt=0, le=31_536_000, description="Seconds it may take.")
    metadata: dict[str, str] = Field(default={}, max_length=64, description="Texts by name, to find it with again.")
    callback_url: _Url | None = Field(default=None, description="Where its end is announced, as a signed webhook.")


class WorkflowRequest(Asked):
    """A run of a workflow, in the words of the older routes."""

    workflow: _Text | None = Field(default=None, description="The name of one that is offered.", examples=["greet"])
    workflow_config: JsonValue = Field(default=None, description="Or a definition, as in a file; it takes an admin.")
    data: JsonValue = Field(default=None, description="What it is given.", examples=[{"name": "Ada"}])
    input_data: JsonValue = Field(default=None, description="The same, under its other name.")
    priority: _Priority = Field(default="normal", description="How soon it is begun.")
    timeout: Timeout = None
    metadata: dict[str, str] = Field(default={}, max_length=64, description="Texts by name, to find it with again.")
    callback_url: _Url | None = Field(default=None, description="Where its end is announced, as a signed webhook.")


class ReportRequest(Asked):
    """A report, made by a workflow that is offered for it; what is said becomes its input."""

    workflow: _Text = Field(default="report", description="The workflow that makes it.")
    period: _Text | None = Field(default=None, description="What time it is about.", examples=["2025-11"])
    formats: list[Literal["pdf", "excel", "csv"]] = Field(default=["pdf"], max_length=3, description="As what.")
    charts: bool = Field(default=True, description="Whether it has charts.")
    include_raw_data: bool = Field(default=False, description="Whether the rows behind it are in it.")
    quality_threshold: float | None = Field(default=None, ge=0, le=1, description="How good the rows have to be.")
    notification_email: Annotated[str, Field(max_length=320)] | None = Field(
        default=None, description="Who is told when it is done."
    )
    priority: _Priority = Field(default="normal", description="How soon it is begun.")
    timeout: Timeout = None
    metadata: dict[str, str] = Field(default={}, max_length=64, description="Texts by name, to find it with again.")
    callback_url: _Url | None = Field(default=None, description="Where its end is announced, as a signed webhook.")


class TaskPage(Shown):
    """Where a piece of work stands, in the words of the older routes."""

    operation_id: str = Field(description="The operation's id.")
    workflow: str = Field(description="The workflow's name; the agent's, for work of one agent.")
    status: str = Field(description="The word for where it stands.")
    result: JsonValue = Field(default=None, description="What it gives, once it is completed.")
    error: FailureLine | None = Field(default=None, description="Why it did not end well.")
    progress: float = Field(ge=0, le=100, description="How much of the work is done, in percent.")
    processing_time: float = Field(description="How long it has taken so far, in seconds.")
    queue_position: int | None = Field(
        default=None, description="Its place in line among those of its tenant, from 1, while it waits for room."
    )
    estimated_completion: str | None = Field(default=None, description="When it is likely to be done, in UTC.")
    agents: list[str] = Field(default=[], description="Who works on it.")
    metadata: dict[str, str] = Field(default={}, description="Texts that its caller gave it.")


class AgentModule(Asked):
    """A module with agents."""

    module: _Text = Field(description="A module or file, as the server was started with.", examples=["shop.agents"])


class AgentModulePage(Shown):
    """The agents that a module brought."""

    module: str = Field(description="The module or file.")
    agents: list[AgentLine] = Field(description="Its agents that work here.")


class SystemPage(Shown):
    """What this server offers a caller, and how much of theirs is at work."""

    status: Literal["ok", "degraded", "draining"] = Field(description="How it is.")
    version: str = Field(description="The version of agentkit.")
    uptime_seconds: float = Field(description="How long it has been open.")
    agents: list[str] = Field(description="Who can work here.")
    workflows: list[str] = Field(description="What is offered here.")
    open_operations: int = Field(description="Operations of the caller that have not ended; 1,000 is 1,000 or more.")
