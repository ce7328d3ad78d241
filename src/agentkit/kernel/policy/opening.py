"""Policy for what comes before a stage's work, and for what is due while it waits.

Rules: as in `decisions.py`: what is decided here is written into the event. A stage that cannot open, since its
condition or its list makes no sense, has failed; nothing is guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from agentkit.errors import InputError
from agentkit.kernel.checks import whole_text
from agentkit.kernel.definition.approval import Approval
from agentkit.kernel.definition.conditions import holds, items_of
from agentkit.kernel.definition.controls import Map, When
from agentkit.kernel.definition.forms import form_text, proposed_for
from agentkit.kernel.definition.template import render
from agentkit.kernel.events.control import (
    ChildHeard,
    ConditionDecided,
    ItemsMapped,
    LoopEnded,
    SignalAwaited,
    StageFailed,
    TimerFired,
    TimerSet,
    TurnBegan,
)
from agentkit.kernel.events.operation import Event
from agentkit.kernel.events.people import ApprovalDecided, ApprovalEscalated, ApprovalReminded, ApprovalRequested
from agentkit.kernel.facts import Failure
from agentkit.kernel.state.standing import Parts, Question, StageState
from agentkit.kernel.state.state import State, next_gate

__all__ = ["expire", "items_for", "open_stage"]


def open_stage(state: State, number: int, at: float, values: Mapping[str, str]) -> Event:
    """What opens a stage whose dependencies have ended; several things may, one after the other.

    Args:
        state: Where the operation stands.
        number: The stage, one of `Plan.opening`.
        at: The time.
        values: The operation's input as texts, for placeholders.
    """
    known = state.touched.get(number)
    if known is not None and known.status != "pending":
        return _go_on(state, number, known, at)
    stage = state.workflow.stages[number]
    gate = next_gate(stage, known.more if known else None)
    name = stage.name
    try:
        match gate:
            case "when":
                assert stage.condition is not None
                met = holds(stage.condition, _source(state, stage.condition))
                return ConditionDecided(at=at, stage=name, met=met)
            case "approval":
                assert stage.approval is not None
                return _request(name, stage.approval, at, values)
            case "map":
                found = items_for(state, number)
                return ItemsMapped(at=at, stage=name, count=len(found), digest=_digest(found))
            case "loop":
                return TurnBegan(at=at, stage=name, turn=1)
            case "wait":
                return TimerSet(at=at, stage=name, until=at + (stage.wait_seconds or 0.0))
            case "signal":
                until = None if stage.timeout is None else at + stage.timeout
                return SignalAwaited(at=at, stage=name, until=until)
            case None:
                raise AssertionError(f"stage {name!r} is open")
    except InputError as error:
        code = "condition_invalid" if gate == "when" else "map_invalid" if gate == "map" else error.code
        return _failed(name, at, code, str(error), "InputError")


def _failed(stage: str, at: float, code: str, why: str, kind: str = "") -> StageFailed:
    return StageFailed(at=at, stage=stage, failure=Failure(code=code, type=kind, message=why))


def _go_on(state: State, number: int, known: StageState, at: float) -> Event:
    """What follows from votes, from a refusal, or from a turn of a loop."""
    more, name = known.furnished(), state.name(number)
    if more.parts is not None and known.status == "expanded":
        return _after_turn(state, number, more.parts, at)
    if more.open_question is not None:
        asked = more.open_question
        approved = more.questions[asked].verdict is True
        return ApprovalDecided(at=at, stage=name, approved=approved, name=asked)
    question = more.questions[""]
    if question.decided is not None and question.decided.expired:
        return _failed(name, at, "expired", "nobody decided in time", "Refused")
    votes = (
        f"{v.by} refused" + (f": {v.comment}" if v.comment else "") for v in question.votes.values() if not v.approve
    )
    return _failed(name, at, "refused", next(votes, "it was refused"), "Refused")


def _after_turn(state: State, number: int, parts: Parts, at: float) -> Event:
    """Whether a loop goes round again."""
    name, loop = state.name(number), state.spec(number).loop
    assert loop is not None
    if state.touched[parts.numbers[-1]].is_minimal:
        # A turn that gives the minimal answer is the last one: there is nothing to make better.
        return LoopEnded(at=at, stage=name, met=False)
    try:
        if holds(loop.until, parts.values[0]):
            return LoopEnded(at=at, stage=name, met=True)
    except InputError as error:
        return _failed(name, at, error.code, f"its loop cannot tell whether it is over: {error}", "InputError")
    if parts.ended < loop.most:
        return TurnBegan(at=at, stage=name, turn=parts.ended + 1)
    if loop.otherwise == "keep":
        return LoopEnded(at=at, stage=name, met=False)
    return _failed(name, at, "loop_exhausted", f"after {loop.most} turns its value is still not good enough")


def _request(name: str, approval: Approval, at: float, values: Mapping[str, str]) -> ApprovalRequested:
    return ApprovalRequested(
        at=at,
        stage=name,
        question=whole_text(render(approval.question, values)),
        expires_at=approval.expires_at(at),
        proposed=form_text(proposed_for(approval.form, approval.proposed, values)),
    )


def _source(state: State, wanted: When | Map) -> str | None:
    """The value that a condition or a list is looked for in, as JSON."""
    if wanted.stage is None:
        return state.input
    return state.stage(wanted.stage).value


def _digest(found: list[object]) -> str:
    """What tells a list from other lists."""
    text = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def items_for(state: State, number: int) -> list[object]:
    """The items that a stage works on.

    Raises:
        InputError: There is no list, or it is longer than the stage accepts.
    """
    items = state.workflow.stages[number].items
    assert items is not None
    found = items_of(_source(state, items), items.path)
    if len(found) > items.most:
        raise InputError(f"a map accepts at most {items.most} items here, and the list has {len(found)}")
    return found


def expire(state: State, number: int, at: float) -> list[Event]:
    """What follows when the time has come for a stage that waits; nothing if its next attempt is what is due."""
    stage = state.touched[number]
    name = state.name(number)
    if number in state.asleep:
        return [ChildHeard(at=at, stage=name, attempt=stage.attempt)]
    if stage.status != "waiting":
        return []
    more = stage.more
    if more is not None and more.open_question is not None:
        return _on_question(state, number, more.questions[more.open_question], more.open_question, at)
    if state.spec(number).signal is not None:
        message = f"no signal {state.spec(number).signal!r} came in time"
        return [_failed(name, at, "timeout", message, "TimeoutError")]
    return [TimerFired(at=at, stage=name)]


def _on_question(state: State, number: int, question: Question, asked: str, at: float) -> list[Event]:
    stage = state.name(number)
    if question.expires_at is not None and question.expires_at <= at:
        approved = question.approval.on_expiry == "approve"
        return [ApprovalDecided(at=at, stage=stage, approved=approved, name=asked, expired=True)]
    if question.escalate_at is not None and question.escalate_at <= at:
        return [ApprovalEscalated(at=at, stage=stage, name=asked)]
    return [ApprovalReminded(at=at, stage=stage, name=asked)]
