"""History: one readable line for each event.

Rules: an event is one line, whatever is in it; control characters of users' texts are never passed on. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import assert_never

from agentkit.kernel import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    DeadlinePassed,
    Event,
    Failure,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
)

__all__ = ["describe", "history", "one_line"]

_MOST = 300


def one_line(text: str, most: int = _MOST) -> str:
    r"""A user's text as part of a line: no control characters, white space folded, cut where it is too long.

    Example:
        >>> one_line("no\nbreak \\x1b[31m")
        'no break [31m'
    """
    clean = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * most]).split())
    return clean if len(clean) <= most else clean[: most - 3] + "..."


def history(events: Iterable[Event]) -> Iterator[str]:
    """The journal as lines, each with its number and time of day."""
    for number, event in enumerate(events, start=1):
        clock = datetime.fromtimestamp(event.at, UTC).strftime("%H:%M:%S")
        yield f"{number:>5}  {clock}  {describe(event)}"


def describe(event: Event) -> str:  # noqa: PLR0911 - one line for each event
    """What an event says, in one line."""
    match event:
        case AttemptStarted():
            return f"{event.stage}: attempt {event.attempt} by {event.agent} started"
        case AttemptSucceeded():
            return f"{event.stage}: completed by attempt {event.attempt}"
        case AttemptFailed():
            return f"{event.stage}: attempt {event.attempt} failed ({_why(event.failure)}), {_then(event)}"
        case AttemptCancelled():
            return f"{event.stage}: attempt {event.attempt} was stopped"
        case AgentUnavailable():
            return (
                f"{event.stage}: no agent {event.agent!r} here; looked for again in {event.retry_at - event.at:.1f} s"
            )
        case ResultCarried():
            return f"{event.stage}: its value was taken over"
        case OperationAccepted():
            origin = f", continues {event.origin}" if event.origin else ""
            return f"{event.workflow.name} was accepted, with {len(event.workflow.stages)} stages{origin}"
        case OperationAdopted():
            return "another process goes on" + (", since the one before died" if event.after_death else "")
        case CancelRequested():
            return "a cancel was asked for" + _reason(event.reason)
        case DeadlinePassed():
            return "its time is up"
        case OperationQuarantined():
            return f"in quarantine: {event.deaths} processes died while they ran it"
        case OperationReleased():
            return "released from quarantine"
        case OperationCompleted():
            return "completed"
        case OperationFailed():
            return f"failed ({_why(event.failure)})"
        case OperationCancelled():
            return "cancelled" + _reason(event.reason)
        case _:
            assert_never(event)


def _why(failure: Failure) -> str:
    return one_line(": ".join(part for part in (failure.type, failure.message) if part) or failure.code)


def _reason(reason: str) -> str:
    return f": {one_line(reason)}" if reason else ""


def _then(event: AttemptFailed) -> str:
    wait = max(0.0, (event.retry_at or event.at) - event.at)
    match event.then:
        case "retry":
            return f"tries again in {wait:.1f} s"
        case "fall_back":
            return "the next agent takes over"
        case "fail":
            return "and with it the stage"
        case "stop":
            return "while all was stopping"
        case _:
            assert_never(event.then)
