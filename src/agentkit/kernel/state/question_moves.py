"""How questions to people move a stage: a part of `evolve`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias, assert_never

from agentkit.kernel.definition.data import approval_from_data
from agentkit.kernel.events.people import (
    ApprovalDecided,
    ApprovalEscalated,
    ApprovalReminded,
    ApprovalRequested,
    VoteCast,
)

from .control_moves import open_by
from .moves import end_stage, refuse, stop_waiting, wait
from .standing import UNTOUCHED, Question, StageState
from .state import State, make_ready
from .status import STAGE_TABLE
from .usage_moves import keep_usage, usage_with

__all__ = ["answer_of", "move_question"]

Of: TypeAlias = ApprovalRequested | VoteCast | ApprovalReminded | ApprovalEscalated | ApprovalDecided


def move_question(state: State, event: Of) -> None:
    """Change the state by an event about a question."""
    match event:
        case ApprovalRequested():
            _requested(state, event)
        case VoteCast():
            number, _, question = _open(state, event)
            question.votes[event.by] = event
            if question.verdict is not None:
                state.opening[number] = None
        case ApprovalReminded():
            number, stage, question = _open(state, event)
            remind = question.approval.remind_seconds
            question.remind_at = None if remind is None else event.at + remind
            _wait_on(state, number, stage, question)
        case ApprovalEscalated():
            number, stage, question = _open(state, event)
            question.is_escalated = True
            question.escalate_at = None
            _wait_on(state, number, stage, question)
        case ApprovalDecided():
            _decided(state, event)
        case _:
            assert_never(event)


def _requested(state: State, event: ApprovalRequested) -> None:
    if event.attempt:
        number = state.number(event.stage)
        stage = state.touched.get(number, UNTOUCHED)
        if stage.status not in STAGE_TABLE["ApprovalRequested: in an attempt"] or event.attempt != stage.attempt:
            refuse(state, event, f"stage {event.stage!r} is {stage.status} at attempt {stage.attempt}")
        if not event.name or event.name in stage.furnished().questions:
            refuse(state, event, f"stage {event.stage!r} asked {event.name!r} before")
        approval = approval_from_data(json.loads(event.approval))
        keep_usage(state, number, usage_with(state, event))
        stage.status = "waiting"
        stage.tries -= 1
        # While people think, the stage's own time stands still.
        stage.parked_at = event.at - state.downtime
    else:
        number, stage, _ = open_by(state, event, "approval", to=STAGE_TABLE["ApprovalRequested"]["pending"])
        own = state.spec(number).approval
        assert own is not None
        approval = own
    more = stage.furnished()
    question = more.questions[event.name] = Question(approval, event)
    more.open_question = event.name
    wait(state, number, stage, question.wake_at)


def _decided(state: State, event: ApprovalDecided) -> None:
    number, stage, question = _open(state, event)
    more = stage.furnished()
    stop_waiting(state, number, stage)
    state.opening.pop(number, None)
    question.decided = event
    more.open_question = None
    spec = state.spec(number)
    if event.name:
        stage.status = STAGE_TABLE["ApprovalDecided: in an attempt"]["waiting"]
        wait(state, number, stage, event.at)
    elif not (spec.agent or spec.workflow or spec.signal) and spec.wait is None:
        stage.status = STAGE_TABLE["ApprovalDecided: alone"]["waiting"]
        stage.value = answer_of(question)
        end_stage(state, number)
    elif event.approved:
        stage.status = STAGE_TABLE["ApprovalDecided"]["waiting"]
        more.approved = True
        make_ready(state, number)
    else:
        state.opening[number] = None


def _open(
    state: State, event: VoteCast | ApprovalReminded | ApprovalEscalated | ApprovalDecided
) -> tuple[int, StageState, Question]:
    number = state.number(event.stage)
    stage = state.touched.get(number, UNTOUCHED)
    if stage.status != "waiting" or stage.more is None or stage.more.open_question != event.name:
        refuse(state, event, f"stage {event.stage!r} is {stage.status} and asks nothing called {event.name!r}")
    if state.status not in ("running", "compensating"):
        refuse(state, event, f"the operation is {state.status}")
    return number, stage, stage.more.questions[event.name]


def _wait_on(state: State, number: int, stage: StageState, question: Question) -> None:
    stop_waiting(state, number, stage)
    wait(state, number, stage, question.wake_at)


def answer_of(question: Question) -> str:
    """What people decided, as JSON."""
    decided = question.decided
    votes = question.votes.values()
    approved = decided is not None and decided.approved
    form = dict(question.proposed) if approved else {}
    # A deadline that approves has everything as it was proposed: those who voted were not enough to change it.
    fixed: Mapping[str, object] = question.proposed if approved and decided is not None and decided.expired else {}
    for vote in votes:
        if vote.form:
            form.update((name, value) for name, value in json.loads(vote.form).items() if name not in fixed)
    answer = {
        "approved": approved,
        "by": [vote.by for vote in votes if decided is not None and vote.approve == decided.approved],
        "expired": decided is not None and decided.expired,
        "form": {name: value for name, value in form.items() if value is not None},
        "comments": {vote.by: vote.comment for vote in votes if vote.comment},
    }
    return json.dumps(answer, separators=(",", ":"))
