"""Policy for what comes before a stage's work, and for what is due while it waits.

Rules: as in `decisions.py`: what is decided here is written into the event. A stage that cannot open, since its
condition or its list makes no sense, has failed; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.errors import InputError

from .conditions import holds, items_of
from .control_events import (
    ApprovalDecided,
    ApprovalEscalated,
    ApprovalReminded,
    ApprovalRequested,
    ConditionDecided,
    ItemsMapped,
    SignalAwaited,
    StageFailed,
    TimerFired,
    TimerSet,
    TurnBegan,
)
from .controls import Approval, Map, When
from .events import Event
from .facts import Failure
from .state import Question, State, next_gate
from .template import render

__all__ = ["expire", "items_for", "open_stage", "verdict"]


def open_stage(state: State, number: int, at: float, values: Mapping[str, str]) -> Event:
    """What opens a stage whose dependencies have ended; several things may, one after the other.

    Args:
        state: Where the operation stands.
        number: The stage, one of `Plan.opening`.
        at: The time.
        values: The operation's input as texts, for placeholders.
    """
    stage = state.workflow.stages[number]
    known = state.touched.get(number)
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
                return ItemsMapped(at=at, stage=name, count=len(items_for(state, number)))
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
        return StageFailed(at=at, stage=name, failure=Failure(code=code, type="InputError", message=str(error)))


def _request(name: str, approval: Approval, at: float, values: Mapping[str, str]) -> ApprovalRequested:
    question = render(approval.question, values)
    return ApprovalRequested(at=at, stage=name, question=question, expires_at=approval.expires_at(at))


def _source(state: State, wanted: When | Map) -> str | None:
    """The value that a condition or a list is looked for in, as JSON."""
    if wanted.stage is None:
        return state.input
    return state.stage(wanted.stage).value


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
    if stage.status != "waiting":
        return []
    more = stage.more
    if more is not None and more.open_question is not None:
        return _on_question(state, number, more.questions[more.open_question], more.open_question, at)
    if state.spec(number).signal is not None:
        message = f"no signal {state.spec(number).signal!r} came in time"
        return [StageFailed(at=at, stage=name, failure=Failure(code="timeout", type="TimeoutError", message=message))]
    return [TimerFired(at=at, stage=name)]


def _on_question(state: State, number: int, question: Question, asked: str, at: float) -> list[Event]:
    stage = state.name(number)
    if question.expires_at is not None and question.expires_at <= at:
        approved = question.approval.on_expiry == "approve"
        return verdict(state, number, asked, approved=approved, expired=True, why="nobody decided in time", at=at)
    if question.escalate_at is not None and question.escalate_at <= at:
        return [ApprovalEscalated(at=at, stage=stage, name=asked)]
    return [ApprovalReminded(at=at, stage=stage, name=asked)]


def verdict(
    state: State, number: int, asked: str, *, approved: bool, why: str, at: float, expired: bool = False
) -> list[Event]:
    """What is decided about a question, and what follows: a refusal fails the stage, unless it only asks."""
    stage, spec = state.name(number), state.spec(number)
    decided = ApprovalDecided(at=at, stage=stage, approved=approved, name=asked, expired=expired)
    only_asks = not (spec.agent or spec.workflow or spec.signal) and spec.wait is None
    if approved or asked or only_asks:
        return [decided]
    code = "expired" if expired else "refused"
    return [decided, StageFailed(at=at, stage=stage, failure=Failure(code=code, type="Refused", message=why))]
