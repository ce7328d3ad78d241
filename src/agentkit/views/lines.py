"""One readable line per event, for plain terminals and for reading afterwards: `describe`, `history`.

Rules: a line is one line, whatever agents and users said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final, TypeAlias, assert_never

from agentkit.kernel import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    ContextCompacted,
    ContextUpdated,
    DeadlinePassed,
    Event,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
    SignalReceived,
    artifacts_from_text,
)

from .control_lines import OfControl, control_words
from .plain import failure_line, one_line, origin_words
from .table import seconds_text

__all__ = ["HistoryFold", "HistoryLine", "describe", "history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """What one event says.

    Attributes:
        number: The event's number, from 1.
        at: When it happened.
        text: What happened, on one line.
    """

    number: int
    at: float
    text: str

    def shown(self, zone: tzinfo = UTC) -> str:
        """The line with its time of day before it."""
        try:
            time = datetime.fromtimestamp(self.at, zone).strftime("%H:%M:%S")
        except (ValueError, OverflowError, OSError):
            # No calendar has this time; the line is still worth showing.
            time = f"{self.at:g}"
        return f"{time} {self.text}"

    def __str__(self) -> str:
        return self.shown()


class HistoryFold:
    """Tells one operation, event by event, from any event on.

    Example:
        >>> from agentkit.kernel import AttemptFailed, AttemptStarted, Failure
        >>> fold = HistoryFold()
        >>> print(fold.apply(AttemptStarted(at=43384.0, stage="extract", attempt=1, agent="extractor")))
        12:03:04 extract: attempt 1 by extractor started
        >>> refused = Failure(code="error", type="ConnectionError", message="no route to host")
        >>> print(fold.apply(AttemptFailed(
        ...     at=43385.0, stage="extract", attempt=1, failure=refused, then="retry", retry_at=43387.0
        ... )))
        12:03:05 extract: attempt 1 by extractor failed (ConnectionError: no route to host), tries again in 2.0 s
    """

    __slots__ = ("_agents", "_number")

    def __init__(self, *, after: int = 0) -> None:
        self._number = after
        self._agents: dict[str, str] = {}

    def apply(self, event: Event) -> HistoryLine:
        """The line of the next event."""
        self._number += 1
        if isinstance(event, AttemptStarted):
            self._agents[event.stage] = event.agent
        agent = None if isinstance(event, _OfOperation) else self._agents.get(event.stage)
        return HistoryLine(number=self._number, at=event.at, text=describe(event, agent))


def history(events: Iterable[Event]) -> Iterator[str]:
    """The journal as lines, each with its number and its time of day (UTC)."""
    fold = HistoryFold()
    for line in map(fold.apply, events):
        yield f"{line.number:>5}  {line}"


def describe(event: Event, agent: str | None = None) -> str:
    """What an event says, on one line.

    Args:
        event: The event.
        agent: Who works on the event's stage; most events of an attempt do not say so themselves.
    """
    return (
        _of_operation(event)
        if isinstance(event, _OfOperation)
        else f"{one_line(event.stage)}: {_of_stage(event, agent)}"
    )


def _of_stage(event: _OfStage, agent: str | None) -> str:
    match event:
        case ResultCarried():
            return "its value was taken over"
        case AttemptStarted() | AttemptSucceeded() | AttemptFailed() | AttemptCancelled() | AgentUnavailable():
            return _of_attempt(event, agent)
        case _:
            return control_words(event)


def _of_attempt(event: _OfAttempt, agent: str | None) -> str:
    attempt = f"attempt {event.attempt}" if agent is None else f"attempt {event.attempt} by {one_line(agent)}"
    match event:
        case AttemptStarted():
            return f"attempt {event.attempt} by {one_line(event.agent)} started"
        case AttemptSucceeded():
            return f"{attempt} succeeded{_quality(event)}"
        case AttemptCancelled():
            return f"{attempt} was stopped"
        case AgentUnavailable():
            wait = seconds_text(max(0.0, event.retry_at - event.at))
            return (
                f"attempt {event.attempt} found no agent {one_line(event.agent)} in this process, looks again in {wait}"
            )
        case AttemptFailed():
            return f"{attempt} failed ({failure_line(event.failure)}), {_after(event)}"
        case _:
            assert_never(event)


_OfAttempt: TypeAlias = AttemptStarted | AttemptSucceeded | AttemptFailed | AttemptCancelled | AgentUnavailable
_OfStage: TypeAlias = ResultCarried | _OfAttempt | OfControl
_OfOperation: TypeAlias = (
    OperationAccepted
    | CancelRequested
    | DeadlinePassed
    | OperationAdopted
    | OperationQuarantined
    | OperationReleased
    | OperationCompleted
    | OperationFailed
    | OperationCancelled
    | SignalReceived
    | ContextUpdated
    | ContextCompacted
)
"""What names no stage; updates of shared contexts too, which belong to no operation."""


_MOST_FILES: Final = 6


def _quality(event: AttemptSucceeded) -> str:
    """How good a value is, as far as there is something to say."""
    parts = [
        "" if event.confidence is None else f"sure by {event.confidence:g}",
        "degraded" if event.degraded else "",
        f"gave {_files(event.artifacts)}" if event.artifacts else "",
        "" if event.tier is None else f"tier {one_line(event.tier.name)} since {one_line(event.tier.why)}",
    ]
    return "".join(f", {part}" for part in parts if part)


def _files(artifacts: str) -> str:
    """The names of files: the first of them, where there are many."""
    names = [one_line(file.name) for file in artifacts_from_text(artifacts)]
    shown = ", ".join(names[:_MOST_FILES])
    return shown if len(names) <= _MOST_FILES else f"{shown} and {len(names) - _MOST_FILES} files more"


def _after(event: AttemptFailed) -> str:
    match event.then:
        case "retry":
            return f"tries again in {seconds_text(max(0.0, (event.retry_at or event.at) - event.at))}"
        case "fall_back":
            return "the next agent takes over"
        case "minimal":
            return "its minimal answer stands in"
        case "keep":
            return "the others go on without it"
        case "fail":
            return "the stage has failed"
        case "stop":
            return "and everything is being stopped"
        case _:
            assert_never(event.then)


def _of_operation(event: _OfOperation) -> str:
    match event:
        case OperationAccepted():
            begun = f"operation {one_line(event.operation_id)} of workflow {event.workflow.name} accepted"
            return f"{begun}{origin_words(event.origin, event.forked_at)}"
        case CancelRequested():
            return "cancel requested" + _because(event.reason)
        case DeadlinePassed():
            return "took longer than it may, is being stopped"
        case OperationAdopted():
            died = ", the process before died" if event.after_death else ""
            return f"driven by {one_line(event.owner)} from now on{died}"
        case OperationQuarantined():
            return f"set aside: {event.deaths} processes died while they ran it; it waits for somebody to resume it"
        case OperationReleased():
            return "resumed by somebody"
        case SignalReceived() | ContextUpdated() | ContextCompacted():
            return _of_others(event)
        case OperationCompleted() | OperationFailed() | OperationCancelled():
            return _of_end(event)
        case _:
            assert_never(event)


def _of_end(event: OperationCompleted | OperationFailed | OperationCancelled) -> str:
    match event:
        case OperationCompleted():
            return "operation completed"
        case OperationFailed():
            where = "" if event.stage is None else f"{one_line(event.stage)}: "
            return f"operation failed ({where}{failure_line(event.failure)})"
        case OperationCancelled():
            return "operation cancelled" + _because(event.reason)
        case _:
            assert_never(event)


def _of_others(event: SignalReceived | ContextUpdated | ContextCompacted) -> str:
    match event:
        case SignalReceived():
            return f"signal {one_line(event.name)} received"
        case ContextUpdated():
            return f"{one_line(event.by) or 'somebody'} wrote {one_line(', '.join(json.loads(event.context)))}"
        case ContextCompacted():
            return f"all of version {event.version} kept together, versions before {event.oldest} let go"
        case _:
            assert_never(event)


def _because(reason: str) -> str:
    shown = one_line(reason)
    return f": {shown}" if shown else ""
