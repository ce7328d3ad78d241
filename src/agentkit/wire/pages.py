"""What the doors show of one thing, whole, and pages of many."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import Field, JsonValue

from agentkit.markup import bundle, columns, escaped, framed, outcome, preformatted, table

from .events import OperationLine
from .shown import Shown

__all__ = [
    "AgentLine",
    "DrawingPage",
    "FailureLine",
    "FileLine",
    "LiveLine",
    "OperationPage",
    "Page",
    "ResultPage",
    "StageLine",
    "WorkflowLine",
    "WorkflowPage",
]

Item = TypeVar("Item")


class Page(Shown, Generic[Item]):
    """Some of many, newest first."""

    items: list[Item] = Field(description="The lines of this page.")
    next_cursor: str | None = Field(default=None, description="What to ask the next page with; none is the last page.")


class FailureLine(Shown):
    """Why something failed."""

    code: str = Field(description="For programs: stable.", examples=["timeout"])
    message: str = Field(description="For people, on one line.")


class StageLine(Shown):
    """How far one stage of an operation is."""

    name: str = Field(description="Which stage.")
    status: str = Field(description="Where it stands.")
    fraction: float = Field(ge=0, le=1, description="From 0 to 1.")
    message: str = Field(default="", description="What its running attempt said last.")
    agent: str = Field(default="", description="Who works on it, or did last, or will.")
    attempt: int = Field(default=0, description="The number of its newest attempt; 0 before the first.")
    seconds: float = Field(default=0, description="How long it has been worked on, waits included.")
    failure: str | None = Field(default=None, description="Why its newest attempt failed.")
    required: bool = Field(default=True, description="Whether the operation fails with it.")
    waits_for: str | None = Field(default=None, description="What it waits for, in words.")


class LiveLine(Shown):
    """Something that an agent said while it worked: a line of its own, or what its model said or called."""

    number: int = Field(description="Counted from 1 within the operation, as long as one process works on it.")
    stage: str = Field(description="Which stage said it.")
    message: str = Field(description="What, on one line.")


class OperationPage(OperationLine):
    """One operation, whole."""

    ended: bool = Field(description="Whether nothing more will happen.")
    fraction: float = Field(ge=0, le=1, description="How much of the work is done, from 0 to 1; 1 is completed only.")
    message: str = Field(default="", description="What was said last, on one line.")
    seconds: float = Field(description="How long it has taken so far.")
    seconds_left: float | None = Field(default=None, description="How long it is likely to take still, if known.")
    estimated_at: datetime | None = Field(
        default=None,
        description="When it is likely to be done, by its own speed, or by the newest runs of its workflow.",
    )
    position: int | None = Field(
        default=None, description="Its place in line among those of its tenant, from 1, while it waits for room."
    )
    priority: str = Field(default="normal", description="How soon it is begun, where others wait for the same room.")
    metadata: dict[str, str] = Field(default={}, description="Texts that its caller gave it.")
    requester: str | None = Field(default=None, description="Who asked for it.")
    origin: str | None = Field(default=None, description="The operation that it continues or was forked from.")
    stages: list[StageLine] = Field(default=[], description="Its stages, in order.")
    failure: FailureLine | None = Field(default=None, description="Why it did not end well.")
    said: list[LiveLine] = Field(
        default=[], description="What its agents said last, the oldest first; live only, and of none that ended."
    )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """How it stands, as text and HTML, for notebooks."""
        # Rounded down, and what floats lose not counted: all of it is said of all of it only.
        percent = 100 if self.fraction == 1 else min(99, int(100 * self.fraction + 1e-9))
        title = f"{self.workflow}: {self.status}, {percent} %, operation {self.id}"
        rows = [("stage", "status", "agent", "attempt", "what it says"), *map(_stage, self.stages)]
        notes = [f"waits for: {', '.join(self.waiting)}" if self.waiting and not self.ended else ""]
        if self.failure is not None:
            notes.append(f"{self.failure.code}: {self.failure.message}")
        return bundle("\n".join([title, *columns(rows), *filter(None, notes)]), table(rows, title=title, below=notes))


class ResultPage(Shown):
    """What came out of an operation that is completed."""

    operation: str = Field(description="The operation's id.")
    output: JsonValue = Field(description="What it gives.")
    values: dict[str, JsonValue] = Field(default={}, description="The value of each stage that has one.")
    missing: list[str] = Field(default=[], description="Optional stages that failed.")
    degraded: list[str] = Field(default=[], description="Stages whose value is less than was asked for.")
    fallbacks: dict[str, str] = Field(default={}, description="Stages whose value a fallback gave, and which agent.")
    confidence: float = Field(default=1, description="How sure the output is, from 0 to 1.")
    seconds: float = Field(description="How long it took.")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The output, and what there is to know about it, as text and HTML, for notebooks."""
        known = {
            "operation": self.operation,
            "time": f"{self.seconds:.1f} s",
            "confidence": f"{self.confidence:g}" if self.confidence < 1 else "",
            "missing": ", ".join(self.missing),
            "less than was asked for": ", ".join(self.degraded),
            "by a fallback": ", ".join(f"{stage}: {agent}" for stage, agent in self.fallbacks.items()),
        }
        notes = [f"{name}: {words}" for name, words in known.items() if words]
        return bundle("\n".join([repr(self.output), *notes]), outcome(self.output, json.dumps(self.output), notes))


class FileLine(Shown):
    """A file that a stage has given."""

    name: str = Field(description="What it is called.")
    stage: str = Field(description="Which stage gave it.")
    at: datetime = Field(description="When, in UTC.")
    media_type: str = Field(description="What it is, such as `application/pdf`.")
    size: int = Field(description="How many bytes it has.")
    sha256: str = Field(description="The hash of its bytes.")


def _stage(line: StageLine) -> tuple[str, str, str, str, str]:
    said = line.failure or line.waits_for or line.message
    return line.name, line.status, line.agent, str(line.attempt or ""), said


class AgentLine(Shown):
    """An agent that can work here."""

    name: str = Field(description="What stages call it by.")
    role: str = Field(default="", description="Who it is, in a few words.")
    expertise: list[str] = Field(default=[], description="What it knows.")
    input: JsonValue = Field(default=None, description="The JSON Schema of what it takes; empty is anything.")
    output: JsonValue = Field(default=None, description="The JSON Schema of what it gives; empty is anything.")
    direct: bool = Field(
        default=False, description="Whether you may ask it for anything, and so choose it for a stage of a workflow."
    )


class WorkflowLine(Shown):
    """A workflow that is offered here."""

    name: str = Field(description="What it is called.")
    description: str = Field(default="", description="What it does.")
    stages: int = Field(description="How many stages it has.")
    reports: bool = Field(
        default=False,
        description="Whether a stage of it writes a report: the stage or its agent names `reports` as its expertise.",
    )


class WorkflowPage(WorkflowLine):
    """A workflow, whole."""

    definition: JsonValue = Field(description="Its definition, as in a file.")
    input: JsonValue = Field(default=None, description="The JSON Schema of what it takes; empty is anything.")
    diagram: str = Field(description="Its graph in Mermaid.")


class DrawingPage(Shown):
    """An operation as it stands, drawn."""

    operation: str = Field(description="The operation's id.")
    format: str = Field(description="What it is drawn as: `text`, `mermaid` or `svg`.")
    drawing: str = Field(description="The drawing.")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The drawing, for notebooks; one as SVG is drawn, any other is told as text."""
        title = f"operation {self.operation}"
        if self.format == "svg":
            # A picture of its own document: whatever a server sends, nothing of it reaches the page around.
            source = b64encode(self.drawing.encode()).decode()
            picture = f'<img alt="{escaped(title)}" src="data:image/svg+xml;base64,{source}">'
            return bundle(title, framed(picture))
        return bundle(self.drawing, preformatted(self.drawing, wraps=False))
