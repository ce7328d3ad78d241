"""Spans: an operation and its attempts as pieces of time, for whoever watches how long things take.

Rules: a span is what the journal says, with the times that stand in it; it is told when it has ended. It names things
and codes, and never a value, an input or the message of an error. Unlike other folds this one keeps no state of the
operation: an event costs what it touches, whoever else looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, assert_never

from agentkit.errors import IllegalEvent
from agentkit.kernel import (
    AgentUnavailable,
    ApprovalRequested,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    ChildAwaited,
    DeadlinePassed,
    DoubtRaised,
    Event,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    OperationReleased,
    Usage,
)

from .traces import TraceParent, read_traceparent, trace_of

__all__ = ["Span", "SpanFold", "SpanNote", "SpanOutcome"]

SpanOutcome: TypeAlias = Literal["completed", "failed", "cancelled", "unavailable", "paused"]
"""How it ended; an attempt is paused when it has asked people."""

_NOTES: Final[Mapping[type[Event], str]] = {
    OperationAdopted: "operation.adopted",
    CancelRequested: "cancel.requested",
    DeadlinePassed: "deadline.passed",
    OperationQuarantined: "operation.quarantined",
    OperationReleased: "operation.released",
    ApprovalRequested: "approval.requested",
    ChildAwaited: "child.awaited",
}

_ENDS: Final[Mapping[type[Event], SpanOutcome]] = {
    OperationCompleted: "completed",
    OperationFailed: "failed",
    OperationCancelled: "cancelled",
}

_OfAttempt: TypeAlias = (
    AttemptSucceeded | AttemptFailed | AttemptCancelled | AgentUnavailable | ApprovalRequested | DoubtRaised
)
"""Events with which an attempt ends; a question before the work is of attempt 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanNote:
    """Something that happened within a span.

    Attributes:
        at: When, in seconds since 1970.
        name: What.
    """

    at: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An operation, or an attempt at a stage of one, that has ended.

    Attributes:
        operation_id: Which operation.
        workflow: The workflow's name.
        tenant: Whose it is.
        began: When, in seconds since 1970.
        ended: When.
        outcome: How.
        error: The code of what went wrong; empty if nothing did.
        stage: Which stage; empty for the operation.
        agent: Who worked on it.
        attempt: Which attempt, from 1.
        waited: Seconds between the acceptance and the first attempt; None for an attempt, or if none began.
        usage: What the attempt used, if it said so.
        told: The trace that the operation was told to belong to, as a `traceparent`; empty if it begins one.
        notes: What happened meanwhile.
    """

    operation_id: str
    workflow: str
    tenant: str | None
    began: float
    ended: float
    outcome: SpanOutcome
    error: str = ""
    stage: str = ""
    agent: str = ""
    attempt: int = 0
    waited: float | None = None
    usage: Usage | None = None
    told: str = ""
    notes: Sequence[SpanNote] = ()

    @property
    def place(self) -> TraceParent:
        """Which span it is; found when it is asked for, since figures need no traces."""
        return trace_of(self.operation_id, self.told, stage=self.stage, attempt=self.attempt)

    @property
    def parent(self) -> TraceParent | None:
        """The span that it is a part of; None is none."""
        return trace_of(self.operation_id, self.told) if self.stage else read_traceparent(self.told)

    @property
    def owns_trace(self) -> bool:
        """Whether the trace begins with the operation."""
        return read_traceparent(self.told) is None


@dataclass(slots=True)
class _Open:
    """An attempt that has not ended."""

    began: float
    agent: str
    attempt: int
    notes: list[SpanNote] = field(default_factory=list[SpanNote])


class SpanFold:
    """Takes the events of one operation, and gives the spans that end with each.

    Args:
        accepted: The first event.

    Attributes:
        accepted_at: When the operation was accepted.
        workflow: The workflow's name.
        priority: How soon it was to begin.
        starts: How many attempts have started.
        version: How many events it has seen.
        waited: Seconds between the acceptance and the first attempt; None before it.
    """

    def __init__(self, accepted: OperationAccepted) -> None:
        self.accepted_at: float = accepted.at
        self.workflow: str = accepted.workflow.name
        self.priority: str = accepted.priority
        self.starts: int = 0
        self.version: int = 1
        self.waited: float | None = None
        self._operation_id = accepted.operation_id
        self._tenant = accepted.tenant
        self._told = accepted.trace
        self._notes: list[SpanNote] = []
        self._open: dict[str, _Open] = {}

    def apply(self, event: Event) -> Sequence[Span]:
        """Take the next event.

        Raises:
            IllegalEvent: It is a second acceptance: these are two journals.
        """
        self.version += 1
        name = _NOTES.get(type(event))
        if name is not None:
            self._notes.append(SpanNote(at=event.at, name=name))
            for attempt in self._open.values() if isinstance(event, OperationAdopted) else ():
                attempt.notes.append(SpanNote(at=event.at, name=name))
        if isinstance(event, OperationAccepted):
            raise IllegalEvent("an operation is accepted once")
        if isinstance(event, AttemptStarted):
            self._start(event)
        elif (over := _ENDS.get(type(event))) is not None:
            return self._end(event.at, over, event.failure.code if isinstance(event, OperationFailed) else "")
        elif isinstance(event, _OfAttempt):
            outcome, error = _attempt_end(event)
            usage = None if isinstance(event, AgentUnavailable) else event.usage
            return self._close(event.stage, event.at, outcome, error, usage) if event.attempt else ()
        return ()

    def _start(self, event: AttemptStarted) -> None:
        self.starts += 1
        if self.waited is None:
            self.waited = max(0.0, event.at - self.accepted_at)
        known = self._open.get(event.stage)
        if known is None or known.attempt != event.attempt:
            self._open[event.stage] = _Open(event.at, event.agent, event.attempt)

    def _close(
        self, stage: str, at: float, outcome: SpanOutcome, error: str = "", usage: Usage | None = None
    ) -> Sequence[Span]:
        known = self._open.pop(stage, None)
        if known is None:
            return ()
        return [
            Span(
                operation_id=self._operation_id,
                workflow=self.workflow,
                tenant=self._tenant,
                began=known.began,
                ended=max(known.began, at),
                outcome=outcome,
                error=error,
                stage=stage,
                agent=known.agent,
                attempt=known.attempt,
                usage=usage,
                told=self._told,
                notes=tuple(known.notes),
            )
        ]

    def _end(self, at: float, outcome: SpanOutcome, error: str = "") -> Sequence[Span]:
        # What had not ended by then was stopped with the operation.
        rest = [span for stage in tuple(self._open) for span in self._close(stage, at, "cancelled")]
        whole = Span(
            operation_id=self._operation_id,
            workflow=self.workflow,
            tenant=self._tenant,
            began=self.accepted_at,
            ended=max(self.accepted_at, at),
            outcome=outcome,
            error=error,
            waited=self.waited,
            told=self._told,
            notes=tuple(self._notes),
        )
        return [*rest, whole]


def _attempt_end(event: _OfAttempt) -> tuple[SpanOutcome, str]:
    """How an attempt ended, and the code of what went wrong."""
    match event:
        case AttemptSucceeded():
            return "completed", ""
        case AttemptFailed():
            return "failed", event.failure.code
        case AttemptCancelled():
            return "cancelled", ""
        case AgentUnavailable():
            return "unavailable", ""
        case ApprovalRequested():
            return "paused", ""
        case DoubtRaised():
            return "failed", "in_doubt"
        case _:
            assert_never(event)
