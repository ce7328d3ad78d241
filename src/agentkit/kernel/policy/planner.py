"""What is wanted of the world now: `plan(state, now) -> Plan`.

Rules: a plan depends on the state and the time alone. It is a level, not an edge: whoever forgot what was asked, asks
again, so a driver that lost its memory needs no other road. Nothing is copied that did not change.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, cast

from agentkit.kernel.commands import RunAttempt, Situation
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.definition.template import render
from agentkit.kernel.definition.workflow import Workflow
from agentkit.kernel.facts import Failure
from agentkit.kernel.state.moves import effects_known
from agentkit.kernel.state.question_moves import answer_of
from agentkit.kernel.state.standing import Parts, Step
from agentkit.kernel.state.state import State

from .decisions import operation_end
from .opening import items_for

__all__ = ["Plan", "command_for", "item_texts", "plan"]

_NOTHING: Mapping[str | None, Collection[int]] = {}
_write = json.JSONEncoder(separators=(",", ":")).encode


class Plan(NamedTuple):
    """What is wanted now; stages and steps are given by their numbers.

    Attributes:
        running: Whose newest attempt is to be running, but for `unwanted` and `State.asleep`; everything else is to
            stop.
        unwanted: Those of `running` that are to stop.
        ready: Whose next attempt is to start, by the resource they need, in order.
        opening: Stages that something comes before: open them.
        due: For whom the time has come, in order: their next attempt is to start, or their wait is over.
        room: How many attempts may start before `max_parallel` of the workflow is reached; None is no limit.
        wake_at: When to ask again even if nothing happens.
        expired: The operation's time is up, and the journal does not say so yet.
        undo: Work is to be undone.
        concluded: Nothing runs and nothing is wanted any more: write the end.
    """

    running: Collection[int] = ()
    unwanted: Collection[int] = ()
    ready: Mapping[str | None, Collection[int]] = _NOTHING
    opening: Collection[int] = ()
    due: Sequence[int] = ()
    room: int | None = None
    wake_at: float | None = None
    expired: bool = False
    undo: bool = False
    concluded: bool = False


_REST = Plan()
_END = Plan(concluded=True)
_EXPIRED = Plan(expired=True)
_UNDO = Plan(undo=True)


def plan(state: State, now: float) -> Plan:
    """Say what is wanted now. Collections are views of the state: read them before it changes."""
    status = state.status
    if status == "compensating":
        return _undoing(state, now)
    if status not in ("pending", "running"):
        if status != "stopping" or state.running:
            return _REST
        return _UNDO if state.undoable else _END
    if not state.unfinished:
        return Plan(state.running, state.unwanted) if state.running else _END
    wake_at = state.wake_at
    if wake_at is not None and now >= wake_at:
        end = operation_end(state)
        if end is not None and now >= end:
            return _EXPIRED
    due, wake_at = _due(state, now) if state.waiting else ((), wake_at)
    most = state.workflow.max_parallel
    room = None if most is None else max(0, most - len(state.running))
    return Plan(state.running, state.unwanted, state.ready, state.opening, due, room, wake_at)


def _undoing(state: State, now: float) -> Plan:
    if not (state.running or state.ready or state.steps_open()):
        return _UNDO if state.undoable else _END
    due, wake_at = _due(state, now) if state.waiting else ((), None)
    return Plan(state.running, state.unwanted, state.ready, state.opening, due, wake_at=wake_at)


def _due(state: State, now: float) -> tuple[Sequence[int], float | None]:
    """For whom the time has come, and when it comes for the next one, or the operation's time is up."""
    limit = operation_end(state)
    due: list[int] = []
    for wake_at, number in state.waiting:
        if wake_at > now:
            return due, wake_at if limit is None else min(limit, wake_at)
        due.append(number)
    return due, limit


def command_for(state: State, number: int, values: Mapping[str, str]) -> RunAttempt:
    """The command for a stage's newest attempt.

    Args:
        state: Where the operation stands; the attempt has started.
        number: The stage.
        values: The operation's input as texts, for the instruction's placeholders.

    Raises:
        InputError: The instruction asks for a value that is not there.
    """
    workflow = state.workflow
    now = state.touched[number]
    origin, step = number, None
    if number >= state.base:
        origin, step, stage = _of_step(state, number)
    else:
        stage = workflow.stages[number]
    outputs: dict[str, str] = {}
    missing: list[str] = []
    failures: list[str] = []
    if step is not None and step.kind == "undo":
        undone = state.touched[step.parent].value
        outputs[stage.name] = "null" if undone is None else undone
    else:
        for dependency in workflow.graph.dependencies[origin]:
            before = state.touched[dependency]
            value = before.value
            if value is None:
                missing.append(workflow.stages[dependency].name)
                failures.append("" if before.failure is None else _words(before.failure))
            else:
                outputs[workflow.stages[dependency].name] = value
    plain = step is None and now.more is None and number not in workflow.marks.told and not state.carried
    return RunAttempt(
        operation_id=state.operation_id,
        stage=stage.name if step is None else step.name,
        attempt=now.attempt,
        agent=stage.agents[now.level] if now.level else stage.agent,
        instruction=render(stage.instruction, values) if stage.instruction else "",
        input=state.input,
        outputs=outputs,
        missing=tuple(missing),
        timeout=now.timeout,
        expertise=stage.expertise,
        situation=None if plain else _situation(state, number, stage, step),
        template=stage.instruction if "{" in stage.instruction else "",
        failures=tuple(failures),
    )


def _words(failure: Failure) -> str:
    kind = failure.type or failure.code
    return f"{kind}: {failure.message}" if failure.message else kind


def _of_step(state: State, number: int) -> tuple[int, Step, Stage]:
    """The stage that a step belongs to in the end, the step, and what it is to do."""
    step = state.steps[number - state.base]
    origin = step.parent
    while origin >= state.base:
        origin = state.steps[origin - state.base].parent
    return origin, step, step.stage


def _situation(state: State, number: int, stage: Stage, step: Step | None) -> Situation:
    more = state.touched[number].more
    own = more if step is None else state.touched[step.parent].more
    undo = step is not None and step.kind == "undo"
    item = index = previous = None
    if step is not None and not undo:
        parts = state.touched[step.parent].furnished().parts
        assert parts is not None
        index = step.place
        if step.kind == "item":
            item = item_texts(state, step.parent, parts)[step.place]
        elif parts.ended:
            previous = parts.values[0]
    is_told = state.carried or more is not None or (own is not None and own.questions)
    if not is_told and state.stage_of(number) not in state.workflow.marks.told:
        return Situation(item=item, index=index, previous=previous, undo=undo)
    return Situation(
        item=item,
        index=index,
        previous=previous,
        context={key: json.dumps(state.context[key].value) for key in stage.reads if key in state.context},
        context_version=state.context_version,
        reads=stage.reads,
        writes=stage.writes,
        effects=dict(effects_known(state, number)),
        approvals={
            name: answer_of(question)
            for known in (own, more)
            if known is not None
            for name, question in known.questions.items()
            if question.decided is not None
        },
        workflow=cast("Workflow[object] | None", stage.workflow),
        is_heard=state.touched[number].heard is not None,
        undo=undo,
        requester=state.requester if stage.workflow is not None else None,
        tenant=state.tenant if stage.workflow is not None else None,
        trace=state.trace if stage.workflow is not None else "",
        continues=state.origin if stage.workflow is not None else None,
        complexity=stage.complexity,
    )


def item_texts(state: State, number: int, parts: Parts) -> list[str]:
    """The items that a stage works on, as JSON; computed once."""
    if parts.texts is None:
        parts.texts = [_write(item) for item in items_for(state, number)]
    return parts.texts
