"""Events in words, as doors get them.

Rules: a line is one line, whatever agents and users said; a type that nobody here knows, of another version, is
said by its own words. The same happening reads as in the history that
`views/lines.py` tells where the journal itself is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from pydantic import JsonValue

from agentkit.screens.states import Look, look_of
from agentkit.screens.words import clock_text, count_text, duration_text, moment_text, plain_text
from agentkit.wire import EventLine

from .bars import end_word

__all__ = ["Happening", "happening_of"]

_Data = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What one event says.

    Attributes:
        number: The event's number.
        type: What kind of event it is.
        at: When it happened.
        stage: The stage it happened to; empty if it is about the whole.
        words: What happened.
        look: How its state looks; None if no state came about.
    """

    number: int
    type: str
    at: datetime
    stage: str
    words: str
    look: Look | None

    def line(self, zone: tzinfo = UTC) -> str:
        """All of it on one line, with its time of day."""
        where = f"{self.stage}: " if self.stage else ""
        return f"{clock_text(self.at, zone)} {where}{self.words}"


def happening_of(event: EventLine) -> Happening:
    """What an event says.

    Example:
        >>> event = EventLine(operation="op-1", number=3, at=datetime(2026, 11, 28, 12, 0, 3, tzinfo=UTC),
        ...     type="attempt.failed", stage="read", data={"attempt": 1, "then": "fail",
        ...     "failure": {"code": "error", "type": "OSError", "message": "no such file"}})
        >>> happening_of(event).line()
        '12:00:03 UTC read: attempt 1 failed (OSError: no such file), the operation stops'
    """
    say = _SAID.get(event.type)
    words = say(event.data, event) if say is not None else _in_its_words(event)
    state = _STATES.get(event.type)
    if event.type == "condition.decided" and event.data.get("met") is True:
        state = None
    elif event.type == "attempt.failed":
        state = end_word(event)
    return Happening(
        number=event.number,
        type=event.type,
        at=event.at,
        stage=plain_text(event.stage or "", 120),
        words=plain_text(words, 500),
        look=None if state is None else look_of(state),
    )


_STATES: Final[Mapping[str, str]] = {
    "operation.accepted": "pending",
    "result.carried": "completed",
    "attempt.started": "running",
    "attempt.succeeded": "completed",
    "attempt.cancelled": "cancelled",
    "agent.unavailable": "unavailable",
    "cancel.requested": "stopping",
    "deadline.passed": "stopping",
    "operation.quarantined": "quarantined",
    "operation.completed": "completed",
    "operation.failed": "failed",
    "operation.cancelled": "cancelled",
    "condition.decided": "skipped",
    "items.mapped": "expanded",
    "turn.began": "expanded",
    "timer.set": "waiting",
    "signal.awaited": "waiting",
    "approval.requested": "waiting",
    "doubt.raised": "in_doubt",
    "stage.failed": "failed",
    "undo.began": "compensating",
}
"""The states that come about; others change none, or one that stands beside them."""


def _text(data: _Data, name: str) -> str:
    value = data.get(name)
    return plain_text(value if isinstance(value, str) else "" if value is None else str(value))


def _after(data: _Data, name: str, before: str = ": ") -> str:
    told = _text(data, name)
    return f"{before}{told}" if told else ""


def _failure(data: _Data) -> str:
    found = data.get("failure")
    if not isinstance(found, dict):
        return "no reason told"
    said = (_text(found, "type"), _text(found, "message"))
    return ": ".join(part for part in said if part) or _text(found, "code")


def _moment(data: _Data, name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(data, name))
    except ValueError:
        return None


def _until(data: _Data, name: str) -> str:
    moment = _moment(data, name)
    return "" if moment is None else f", until {moment_text(moment)}"


def _then(data: _Data, event: EventLine) -> str:
    then = _text(data, "then")
    if then == "retry":
        again = _moment(data, "retry_at")
        wait = "" if again is None else f" in {duration_text((again - event.at).total_seconds())}"
        return f", tries again{wait}"
    words = {
        "fall_back": "the next agent takes over",
        "minimal": "its minimal answer stands in",
        "keep": "the operation goes on without it",
        "fail": "the operation stops",
        "stop": "it stops with the operation",
    }.get(then, "")
    return f", {words}" if words else ""


def _attempt(data: _Data) -> str:
    return f"attempt {_text(data, 'attempt')}"


def _quality(data: _Data) -> str:
    files = data.get("artifacts")
    names = [_text(one, "name") for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    parts = [
        f"sure by {_text(data, 'confidence')}" if "confidence" in data else "",
        "degraded" if data.get("degraded") is True else "",
        f"gave {', '.join(names[:6])}{f' and {len(names) - 6} files more' if len(names) > 6 else ''}" if names else "",
    ]
    return "".join(f", {part}" for part in parts if part)


def _vote(data: _Data) -> str:
    said = "agreed" if data.get("approve") is True else "refused"
    form = _form(data, "form", ", with ")
    return f"{_text(data, 'by') or 'somebody'} {said}{_named(data)}{form}{_after(data, 'comment')}"


def _form(data: _Data, name: str, before: str) -> str:
    found = data.get(name)
    if not isinstance(found, dict) or not found:
        return ""
    return before + ", ".join(f"{plain_text(field)}: {_held(found, field)}" for field in found)


def _held(form: _Data, field: str) -> str:
    value = form[field]
    return ("yes" if value else "no") if isinstance(value, bool) else _text(form, field) or "empty"


def _named(data: _Data) -> str:
    name = _text(data, "name")
    return f" ({name})" if name else ""


def _settled(data: _Data) -> str:
    words = {"done": "it was done", "redo": "do it again", "abort": "give it up"}
    decision = _text(data, "decision")
    return f"{_text(data, 'by') or 'somebody'} decided: {words.get(decision, decision)}{_after(data, 'comment')}"


def _accepted(data: _Data, event: EventLine) -> str:
    workflow = data.get("workflow")
    name = _text(workflow, "name") if isinstance(workflow, dict) else ""
    of_workflow = f" of workflow {name}" if name else ""
    return f"operation {event.operation}{of_workflow} accepted{_after(data, 'requester', ' from ')}"


def _adopted(data: _Data) -> str:
    # Who drives it may be the one who did before, and had let go of it while it waited.
    died = ", the process before died" if data.get("after_death") is True else ""
    return f"driven{_after(data, 'owner', ' by ')} from now on{died}"


def _effect(data: _Data) -> str:
    return f"{_text(data, 'name')} {_text(data, 'key')}".strip()


def _in_its_words(event: EventLine) -> str:
    by = _after(event.data, "agent", " by ") or _after(event.data, "by", " by ")
    why = f": {_failure(event.data)}" if "failure" in event.data else ""
    return event.type.replace(".", " ") + by + _after(event.data, "reason") + _after(event.data, "comment") + why


_CARRIED: Final = {"confirmed": "was done before", "intended": "may have been done before", "failed": "was not done"}

_SAID: Final[Mapping[str, Callable[[_Data, EventLine], str]]] = {
    "operation.accepted": _accepted,
    "result.carried": lambda data, _: "its value was taken over",
    "attempt.started": lambda data, _: f"{_attempt(data)} by {_text(data, 'agent')} started",
    "attempt.succeeded": lambda data, _: f"{_attempt(data)} succeeded{_quality(data)}",
    "attempt.failed": lambda data, event: f"{_attempt(data)} failed ({_failure(data)}){_then(data, event)}",
    "attempt.cancelled": lambda data, _: f"{_attempt(data)} was stopped",
    "agent.unavailable": lambda data, _: f"{_attempt(data)} found no agent {_text(data, 'agent')}, looks again later",
    "cancel.requested": lambda data, _: f"cancel requested{_after(data, 'reason')}",
    "deadline.passed": lambda data, _: "took longer than it may, is being stopped",
    "operation.adopted": lambda data, _: _adopted(data),
    "operation.quarantined": lambda data, _: (
        f"set aside: {count_text(_deaths(data), 'process', 'processes')} died with it"
    ),
    "operation.released": lambda data, _: "goes on after quarantine",
    "operation.completed": lambda data, _: "operation completed",
    "operation.failed": lambda data, _: f"operation failed ({_failure(data)})",
    "operation.cancelled": lambda data, _: f"operation cancelled{_after(data, 'reason')}",
    "condition.decided": lambda data, _: (
        "its condition is met" if data.get("met") is True else "skipped, since its condition is not met"
    ),
    "items.mapped": lambda data, _: f"works on {_text(data, 'count')} items",
    "turn.began": lambda data, _: f"turn {_text(data, 'turn')} begins",
    "loop.ended": lambda data, _: "its loop has ended",
    "timer.set": lambda data, _: f"waits{_until(data, 'until').removeprefix(',')}",
    "timer.fired": lambda data, _: "has waited long enough",
    "signal.awaited": lambda data, _: f"waits for its signal{_until(data, 'until')}",
    "signal.received": lambda data, _: f"signal {_text(data, 'name')} came",
    "child.awaited": lambda data, _: f"rests with its operation{_until(data, 'until')}",
    "child.heard": lambda data, _: "rests no more",
    "stage.failed": lambda data, _: f"failed ({_failure(data)})",
    "undo.began": lambda data, _: "is to be undone",
    "approval.requested": lambda data, _: (
        f"asks for approval{_named(data)}{_after(data, 'question')}{_form(data, 'proposed', ', proposes ')}"
        f"{_until(data, 'expires_at')}"
    ),
    "vote.cast": lambda data, _: _vote(data),
    "approval.reminded": lambda data, _: f"those who may approve were reminded{_named(data)}",
    "approval.escalated": lambda data, _: f"nobody decided, so others may too{_named(data)}",
    "approval.decided": lambda data, _: (
        f"{'approved' if data.get('approved') is True else 'refused'}{_named(data)}"
        f"{' since the time was up' if data.get('expired') is True else ''}"
    ),
    "doubt.raised": lambda data, _: (
        f"{f'effect {_effect(data)}' if _effect(data) else 'it'} is in doubt{_after(data, 'reason')}; a person decides"
    ),
    "doubt.settled": lambda data, _: _settled(data),
    "effect.intended": lambda data, _: f"is about to {_effect(data)}",
    "effect.settled": lambda data, _: (
        f"{_effect(data)} {'confirmed' if data.get('outcome') == 'confirmed' else 'did not happen'}"
    ),
    "effect.carried": lambda data, _: f"{_effect(data)} {_CARRIED.get(_text(data, 'outcome'), 'was taken over')}",
}


def _deaths(data: _Data) -> int:
    deaths = data.get("deaths")
    return deaths if isinstance(deaths, int) else 0
