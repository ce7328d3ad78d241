"""What the doors are asked to do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from .shown import Asked

__all__ = [
    "CallbackEvent",
    "Decision",
    "DrawingFormat",
    "OperationQuery",
    "OperationSort",
    "PlanRequest",
    "RerunRequest",
    "Settlement",
    "SignalRequest",
    "SubmitRequest",
]

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=255)]
"""A name or another short text."""

CallbackEvent: TypeAlias = Literal["completion", "progress"]
"""What is announced to a `callback_url`."""

Timeout: TypeAlias = Annotated[
    float | None,
    Field(gt=0, le=31_536_000, description="Seconds it may take; the workflow's own limit holds too.", examples=[600]),
]
"""How long an operation may take."""

OperationSort: TypeAlias = Literal["newest", "oldest", "changed"]
"""Which operations are first in a list: those accepted last, those accepted first, or those that changed last."""

ChosenAgents: TypeAlias = Annotated[
    dict[str, str],
    Field(
        max_length=1_000,
        description="Who does a stage instead of its own agent, by the stage's name; its fallbacks stay.",
        examples=[{"summarise": "writer"}],
    ),
]
"""Which agents do which stages."""

DrawingFormat: TypeAlias = Literal["text", "mermaid", "svg"]
"""What an operation can be drawn as."""


class SubmitRequest(Asked):
    """Start an operation of a workflow that the server offers."""

    workflow: Text = Field(description="The workflow's name.", examples=["royalties"])
    input: JsonValue = Field(default=None, description="What it is given.", examples=[{"period": "2024"}])
    priority: Literal["low", "normal", "high"] = Field(
        default="normal", description="How soon it is begun, where others wait for the same room."
    )
    timeout: Timeout = None
    metadata: dict[str, str] = Field(
        default={}, max_length=64, description="Texts by name, to find it with again.", examples=[{"month": "2025-11"}]
    )
    callback_url: str | None = Field(
        default=None, max_length=2_000, description="Where its end is announced, as a signed webhook."
    )
    callback_events: list[CallbackEvent] = Field(
        default=["completion"],
        max_length=2,
        description="What is announced: its end, always; with `progress`, also that stages of it have ended.",
        examples=[["completion"]],
    )
    agents: ChosenAgents = Field(default={})


class RerunRequest(Asked):
    """Run an operation again from a stage on, with what it has done kept, or with another input."""

    at: Text | None = Field(default=None, description="The stage from which on everything runs again.")
    input: JsonValue = Field(default=None, description="Another input; taken only if `changes_input` is true.")
    changes_input: bool = Field(default=False, description="Whether `input` replaces the input.")


class PlanRequest(Asked):
    """Say what a workflow would do, without running it."""

    input: JsonValue = Field(default=None, description="What it would be given.", examples=[{"period": "2024"}])
    runs: int = Field(default=20, ge=0, le=1_000, description="How many earlier runs to learn from.")
    agents: ChosenAgents = Field(default={})


class Decision(Asked):
    """What somebody says to a question that waits for people."""

    stage: Text = Field(description="The stage that asks, or its item or turn, such as `pay[3]`.")
    name: Annotated[str, Field(max_length=255)] = Field(
        default="", description="What the agent calls the question; empty for the stage's own approval."
    )
    approve: bool = Field(description="Whether they agree.")
    comment: Annotated[str, Field(max_length=10_000)] = Field(default="", description="Why.")
    form: dict[str, JsonValue] = Field(
        default={},
        max_length=200,
        description="What they fill in, by field. Who agrees agrees to what is proposed for the fields that they leave "
        "out; null empties a field that may be left out.",
    )


class Settlement(Asked):
    """What a person says of work of which nobody knows whether it happened."""

    stage: Text = Field(description="The stage, or its item or turn.")
    decision: Literal["done", "redo", "abort"] = Field(description="It happened; it did not; or give it up.")
    value: JsonValue = Field(default=None, description="What came of it, if it happened.")
    comment: Annotated[str, Field(max_length=10_000)] = Field(default="", description="How they know.")


class SignalRequest(Asked):
    """A message for a stage that waits for it."""

    name: Text = Field(description="The signal's name.")
    value: JsonValue = Field(default=None, description="What is told.")
    id: Text | None = Field(default=None, description="The sender's name for it: told twice, it counts once.")


class OperationQuery(Asked):
    """Which operations are asked for; all that is said has to hold."""

    workflow: Text | None = Field(default=None, description="Only runs of this workflow.")
    status: tuple[Text, ...] = Field(default=(), description="Only those that stand so; several are alternatives.")
    waiting: Literal["approval", "doubt", "signal", "timer"] | None = Field(
        default=None, description="Only those that wait for this."
    )
    text: Text | None = Field(
        default=None, description="Only those that have this in their id or in their workflow's name; case is ignored."
    )
    created_after: datetime | None = Field(default=None, description="Only those accepted at this time or later.")
    created_before: datetime | None = Field(default=None, description="Only those accepted before this time.")
    sort: OperationSort = Field(
        default="newest", description="Which are first: accepted last, accepted first, or changed last."
    )
    cursor: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="What the page before, in the same order, gave as `next_cursor`."
    )
    limit: int = Field(default=50, ge=1, le=200, description="How many at most.")
