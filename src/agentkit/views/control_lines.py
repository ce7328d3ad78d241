"""What the events around a stage's work say, in words: conditions, items, waits, people, effects, undoing."""

from __future__ import annotations

import json
from typing import TypeAlias, assert_never

from agentkit.kernel import (
    ApprovalDecided,
    ApprovalEscalated,
    ApprovalReminded,
    ApprovalRequested,
    ChildAwaited,
    ChildHeard,
    ConditionDecided,
    DoubtRaised,
    DoubtSettled,
    EffectCarried,
    EffectIntended,
    EffectSettled,
    ItemsMapped,
    LoopEnded,
    SignalAwaited,
    StageFailed,
    TimerFired,
    TimerSet,
    TurnBegan,
    UndoBegan,
    VoteCast,
)

from .plain import failure_line, form_words, moment_text, one_line

__all__ = ["OfControl", "control_words"]

_OfPeople: TypeAlias = (
    ApprovalRequested | VoteCast | ApprovalReminded | ApprovalEscalated | ApprovalDecided | DoubtRaised | DoubtSettled
)
_OfCourse: TypeAlias = (
    ConditionDecided
    | ItemsMapped
    | TurnBegan
    | LoopEnded
    | TimerSet
    | TimerFired
    | SignalAwaited
    | ChildAwaited
    | ChildHeard
    | EffectIntended
    | EffectSettled
    | EffectCarried
    | StageFailed
    | UndoBegan
)
OfControl: TypeAlias = _OfPeople | _OfCourse


def control_words(event: OfControl) -> str:
    """What the event says of its stage."""
    match event:
        case (
            ApprovalRequested()
            | VoteCast()
            | ApprovalReminded()
            | ApprovalEscalated()
            | ApprovalDecided()
            | DoubtRaised()
            | DoubtSettled()
        ):
            return _of_people(event)
        case _:
            return _of_course(event)


def _of_people(event: _OfPeople) -> str:
    match event:
        case ApprovalRequested():
            until = "" if event.expires_at is None else f", until {moment_text(event.expires_at)}"
            form = _form(", proposes ", event.proposed)
            return f"asks for approval{_named(event.name)}{_said(event.question)}{form}{until}"
        case VoteCast():
            vote = "agreed" if event.approve else "refused"
            form = _form(", with ", event.form)
            return f"{one_line(event.by)} {vote}{_named(event.name)}{form}{_said(event.comment)}"
        case ApprovalReminded():
            return f"those who may approve were reminded{_named(event.name)}"
        case ApprovalEscalated():
            return f"nobody decided, so others may too{_named(event.name)}"
        case ApprovalDecided():
            how = " since the time was up" if event.expired else ""
            return f"{'approved' if event.approved else 'refused'}{_named(event.name)}{how}"
        case DoubtRaised():
            what = f"effect {one_line(event.name)} of {one_line(event.key)}" if event.name else "it"
            return f"{what} is in doubt{_said(event.reason)}; a person decides"
        case DoubtSettled():
            said = {"done": "it was done", "redo": "do it again", "abort": "give it up"}[event.decision]
            return f"{one_line(event.by) or 'somebody'} decided: {said}{_said(event.comment)}"
        case _:
            assert_never(event)


def _of_course(event: _OfCourse) -> str:
    match event:
        case ConditionDecided():
            words = "its condition is met" if event.met else "skipped, since its condition is not met"
        case ItemsMapped():
            words = f"works on {event.count} item{'' if event.count == 1 else 's'}"
        case TurnBegan():
            words = f"turn {event.turn} begins"
        case LoopEnded():
            words = "its loop has ended" if event.met else "its loop has had all its turns, the last value is kept"
        case TimerSet():
            words = f"waits until {moment_text(event.until)}"
        case TimerFired():
            words = "has waited long enough"
        case SignalAwaited():
            words = "waits for its signal" + ("" if event.until is None else f", until {moment_text(event.until)}")
        case ChildAwaited():
            words = "rests with its operation" + ("" if event.until is None else f", until {moment_text(event.until)}")
        case ChildHeard():
            words = "rests no more"
        case EffectIntended():
            words = f"is about to {one_line(event.name)} {one_line(event.key)}"
        case EffectSettled():
            became = "confirmed" if event.outcome == "confirmed" else "did not happen"
            words = f"{one_line(event.name)} {one_line(event.key)} {became}"
        case EffectCarried():
            known = {"confirmed": "was done before", "intended": "may have been done before", "failed": "was not done"}
            words = f"{one_line(event.name)} {one_line(event.key)} {known[event.outcome]}"
        case StageFailed():
            words = f"failed ({failure_line(event.failure)})"
        case UndoBegan():
            words = "is to be undone"
        case _:
            assert_never(event)
    return words


def _named(name: str) -> str:
    return f" ({one_line(name)})" if name else ""


def _said(text: str) -> str:
    shown = one_line(text)
    return f": {shown}" if shown else ""


def _form(before: str, text: str) -> str:
    return before + form_words(json.loads(text)) if text else ""
