"""How attempts move a stage or step: the part of `evolve` that nearly every event goes through."""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Mapping, Sequence
from typing import cast

from agentkit.errors import MergeConflict
from agentkit.kernel.definition.conditions import ABSENT
from agentkit.kernel.definition.merging import merged
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.events.control import ChildAwaited, ChildHeard
from agentkit.kernel.events.operation import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    OfAttempt,
    ResultCarried,
)

from .moves import add_step, end_stage, fail_stage, next_status, refuse, stop_waiting, unready, wait
from .standing import UNTOUCHED, ContextEntry, More, Parts, StageState, Step
from .state import State
from .status import STAGE_TABLE, StageStatus
from .usage_moves import keep_usage, usage_with

__all__ = [
    "add_items",
    "agent_unavailable",
    "attempt_cancelled",
    "attempt_failed",
    "attempt_started",
    "attempt_succeeded",
    "child_awaited",
    "child_heard",
    "complete",
    "current",
    "merged_context",
    "result_carried",
]

_CARRIED = STAGE_TABLE["ResultCarried"]
_STARTED = STAGE_TABLE["AttemptStarted"]
_SUCCEEDED = STAGE_TABLE["AttemptSucceeded"]
_PARTS_ENDED = STAGE_TABLE["PartsEnded"]


def attempt_started(state: State, event: AttemptStarted) -> None:
    """An attempt begins: the first one, or another one after a wait."""
    number = state.number(event.stage)
    stage = state.touched.get(number)
    if number < 0 or state.open[number]:
        refuse(state, event, f"stage {event.stage!r} is not ready")
    if stage is None:
        stage = StageState()
    if stage.status not in _STARTED or event.attempt != stage.attempt + 1:
        refuse(state, event, f"stage {event.stage!r} is {stage.status} at attempt {stage.attempt}")
    after = state.status if state.status == "running" else next_status(state, event)
    if stage.status == "pending":
        if not unready(state, number):
            refuse(state, event, f"stage {event.stage!r} is not ready")
        stage.started_at = event.at - state.downtime
        state.touched[number] = stage
    else:
        stop_waiting(state, number, stage)
        if stage.parked_at is not None and stage.started_at is not None:
            stage.started_at += event.at - state.downtime - stage.parked_at
            stage.parked_at = None
    state.status = after
    stage.status = "running"
    stage.attempt = event.attempt
    stage.tries += 1
    stage.timeout = event.timeout
    state.running[number] = None


def attempt_succeeded(state: State, event: AttemptSucceeded) -> None:
    """An attempt gave the value of its stage or step."""
    number, stage = current(state, event, _SUCCEEDED)
    if event.usage is not None or event.context:
        used = usage_with(state, event)
        if event.context:
            _write_context(state, event, state.spec(number), [event.context])
        keep_usage(state, number, used)
    stage.status = "completed"
    stage.value = event.value
    stage.failure = None
    if event.confidence is not None:
        stage.furnished().confidence = event.confidence
    if event.degraded:
        stage.furnished().degraded = True
    if event.tier is not None:
        stage.furnished().tier = event.tier
    del state.running[number]
    complete(state, number, stage)


def complete(state: State, number: int, stage: StageState) -> None:
    """A stage or step has done its work, and has its value."""
    if number >= state.base:
        _end_step(state, number, stage)
        return
    if state.workflow.stages[number].undo is not None and not stage.is_minimal:
        state.undoable.append(number)
    end_stage(state, number)


def attempt_failed(state: State, event: AttemptFailed) -> None:
    """An attempt failed, and the event says what follows."""
    number, stage = current(state, event, STAGE_TABLE[f"AttemptFailed: {event.then}"])
    spec, step = state.spec(number), state.step(number)
    level = stage.level + 1 if event.level is None else event.level
    if event.retry_at is None and event.then in ("retry", "fall_back"):
        refuse(state, event, "another attempt needs its time")
    if event.then == "fall_back" and not stage.level < level < len(spec.agents):
        refuse(state, event, f"stage {event.stage!r} has no further agent")
    if event.then == "stop" and state.stop is None and number not in state.unwanted:
        refuse(state, event, "nothing is being stopped")
    if event.then == "minimal" and spec.minimal is None:
        refuse(state, event, f"stage {event.stage!r} has no minimal answer")
    if event.then == "keep" and (step is None or step.kind == "turn"):
        refuse(state, event, f"nothing goes on without {event.stage!r}")
    keep_usage(state, number, usage_with(state, event))
    stage.failure = event.failure
    match event.then:
        case "retry" | "fall_back":
            stage.status = "retrying"
            if event.then == "fall_back":
                stage.level = level
                stage.tries = 0
                if event.failure.code == "budget_exhausted":
                    stage.furnished().is_spent = True
            wait(state, number, stage, event.retry_at or event.at)
        case "minimal":
            del state.running[number]
            stage.status = "completed"
            stage.value = json.dumps(spec.minimal, separators=(",", ":"))
            stage.furnished().degraded = True
            stage.furnished().confidence = 0.0
            complete(state, number, stage)
        case "keep":
            del state.running[number]
            stage.status = "failed"
            _end_step(state, number, stage)
        case "fail":
            del state.running[number]
            stage.status = "failed"
            if step is None:
                fail_stage(state, number, event.failure)
            elif step.parent not in state.touched or state.touched[step.parent].status == "expanded":
                fail_stage(state, step.parent, event.failure)
        case "stop":
            _stopped(state, number, stage)


def attempt_cancelled(state: State, event: AttemptCancelled) -> None:
    """An attempt has stopped, since nobody wants it any more."""
    number, stage = current(state, event, STAGE_TABLE["AttemptCancelled"])
    if state.stop is None and number not in state.unwanted:
        refuse(state, event, "nothing is being stopped")
    keep_usage(state, number, usage_with(state, event))
    _stopped(state, number, stage)


def child_awaited(state: State, event: ChildAwaited) -> None:
    """The child of an attempt rests, and the attempt with it."""
    number, stage = current(state, event, STAGE_TABLE["ChildAwaited"])
    if state.spec(number).workflow is None or stage.heard is not None:
        refuse(state, event, f"stage {event.stage!r} has no child that may rest")
    state.asleep[number] = None
    stage.wake_at = event.until
    if event.until is not None:
        insort(state.waiting, (event.until, number))


def child_heard(state: State, event: ChildHeard) -> None:
    """The child of an attempt is about to end, or the attempt's time is up; it rests no more, in quarantine neither."""
    number = state.number(event.stage)
    stage = state.touched.get(number, UNTOUCHED)
    if stage.status not in STAGE_TABLE["ChildHeard"] or event.attempt != stage.attempt or stage.heard is not None:
        refuse(state, event, f"stage {event.stage!r} is {stage.status} at attempt {stage.attempt}")
    stage.furnished().heard = stage.attempt, stage.wake_at
    stop_waiting(state, number, stage)


def _stopped(state: State, number: int, stage: StageState) -> None:
    stop_waiting(state, number, stage)
    stage.status = "cancelled"
    del state.running[number]
    state.unwanted.pop(number, None)
    if number < state.base:
        state.unfinished -= 1


def agent_unavailable(state: State, event: AgentUnavailable) -> None:
    """Nobody here can work on it; that was no try."""
    number, stage = current(state, event, STAGE_TABLE["AgentUnavailable"])
    stage.status = "unavailable"
    stage.tries -= 1
    stage.parked_at = event.at - state.downtime
    wait(state, number, stage, event.retry_at)


def result_carried(state: State, event: ResultCarried) -> None:
    """A stage's value comes from another operation."""
    number = state.workflow.graph.index.get(event.stage, -1)
    if number < 0 or number in state.touched:
        refuse(state, event, f"stage {event.stage!r} cannot take over a value now")
    if not 0 <= event.level < max(1, len(state.workflow.stages[number].agents)):
        refuse(state, event, f"stage {event.stage!r} has no agent number {event.level}")
    state.status = next_status(state, event)
    stage = state.touched[number] = StageState()
    stage.status = _CARRIED["pending"]
    stage.value = event.value
    stage.level = event.level
    if event.degraded:
        stage.furnished().degraded = True
    if event.confidence is not None:
        stage.furnished().confidence = event.confidence
    if event.tier is not None:
        stage.furnished().tier = event.tier
    if event.context:
        _write_context(state, event, state.workflow.stages[number], json.loads(event.context))
    if state.forked_at is None and state.workflow.stages[number].undo is not None:
        # Whoever continues an operation answers for its work; whoever was forked from one does not.
        state.undoable.append(number)
    if not state.open[number] and not unready(state, number):
        state.opening.pop(number, None)
    end_stage(state, number)


def current(
    state: State, event: OfAttempt | ChildAwaited, row: Mapping[StageStatus, StageStatus]
) -> tuple[int, StageState]:
    """The stage or step of an event that ends an attempt; that attempt must be the running one."""
    number = state.number(event.stage)
    stage = state.touched.get(number, UNTOUCHED)
    if stage.status not in row or event.attempt != stage.attempt:
        refuse(state, event, f"stage {event.stage!r} is {stage.status} at attempt {stage.attempt}")
    if state.status == "quarantined":
        refuse(state, event, "the operation is quarantined")
    if number in state.asleep and not isinstance(event, AttemptCancelled):
        refuse(state, event, f"stage {event.stage!r} rests with its child")
    return number, stage


def add_items(state: State, number: int, parts: Parts) -> None:
    """Make steps of as many items as may be worked on at once."""
    spec = state.workflow.stages[number]
    items = spec.items
    most = parts.count if items is None or items.parallel is None else items.parallel
    while parts.begun < parts.count and parts.begun - parts.ended < most:
        index = parts.begun
        parts.begun += 1
        step = Step(name=f"{spec.name}[{index}]", kind="item", parent=number, place=index, stage=spec)
        parts.numbers.append(add_step(state, step))


def _end_step(state: State, number: int, stage: StageState) -> None:
    """A step has ended, well or not."""
    state.unwanted.pop(number, None)
    step = state.steps[number - state.base]
    if step.kind == "undo":
        if stage.status == "completed":
            undone = state.touched[step.parent]
            undone.status = STAGE_TABLE["UndoEnded"][undone.status]
        return
    if stage.status == "completed" and step.stage.undo is not None and not stage.is_minimal:
        state.undoable.append(number)
    parent = state.touched[step.parent]
    if parent.status != "expanded" or parent.more is None or parent.more.parts is None:
        return
    parts = parent.more.parts
    if step.kind == "turn":
        # Whether it was the last one is decided, and an event of its own.
        parts.values = ["null" if stage.value is None else stage.value]
        parts.ended += 1
        state.opening[step.parent] = None
        return
    parts.ended += 1
    if stage.status == "completed" and stage.value is not None:
        parts.values[step.place] = stage.value
        if stage.level:
            parent.more.degraded = True
        if stage.more is not None:
            _join(parent.more, stage.more)
    else:
        parts.failed += 1
        parent.more.degraded = True
    if parts.ended == parts.count:
        parent.status = _PARTS_ENDED[parent.status]
        parent.value = "[" + ",".join(parts.values) + "]"
        parts.values = []
        parts.texts = None
        end_stage(state, step.parent)
    else:
        add_items(state, step.parent, parts)


def _join(whole: More, part: More) -> None:
    """The items of a list are as sure as the least sure one, and degraded if one of them is."""
    whole.degraded = whole.degraded or part.degraded
    if part.confidence is not None:
        whole.confidence = part.confidence if whole.confidence is None else min(whole.confidence, part.confidence)


def merged_context(
    state: State, spec: Stage, written: object, seen: int | None, over: Mapping[str, ContextEntry] | None = None
) -> dict[str, object]:
    """What the keys that a stage writes are afterwards.

    Args:
        state: Where the operation stands.
        spec: The stage.
        written: What it writes, by key.
        seen: The version of the context that the stage saw; None if that was checked before.
        over: What stands over the operation's context, by key.

    Raises:
        MergeConflict: A key is not the stage's to write, cannot be merged, or has changed since the stage saw it.
    """
    after: dict[str, object] = {}
    for key, value in cast("dict[str, object]", written).items():
        strategy = spec.writes.get(key)
        if strategy is None:
            known = ", ".join(spec.writes) or "none"
            raise MergeConflict(f"stage {spec.name!r} writes {key!r}, which it does not declare; it declares {known}")
        there = (over.get(key) if over else None) or state.context.get(key)
        if there is not None and strategy == "conflict" and seen is not None and there.version > seen:
            raise MergeConflict(
                f"stage {spec.name!r}: {key!r} was written by {there.stage!r} since this attempt read it; read it again"
            )
        after[key] = merged(strategy, key, ABSENT if there is None else there.value, value)
    return after


def _write_context(state: State, event: AttemptSucceeded | ResultCarried, spec: Stage, writes: Sequence[str]) -> None:
    version = state.version + 1
    # Nothing is copied that did not change, and nothing changes before all of it is known to be right.
    after: dict[str, ContextEntry] = {}
    try:
        for written in writes:
            for key, value in merged_context(state, spec, json.loads(written), None, after).items():
                after[key] = ContextEntry(value, version, event.stage)
    except (MergeConflict, ValueError) as error:
        refuse(state, event, str(error))
    state.context.update(after)
    state.context_version = version
