"""Policy: what follows from an outcome, or from time: `decide(state, command, outcome, at) -> events`.

Rules: policy is asked once and its answer is in the event; the state does not change here. Chance is derived from the
operation's id, so the same journal always decides the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import assert_never

from agentkit.errors import DefinitionError, InputError, MergeConflict

from .attempt_moves import merged_context
from .checks import is_number
from .commands import Asked, Doubtful, Failed, Outcome, RunAttempt, Stopped, Succeeded, Unavailable
from .conditions import holds
from .control_events import ApprovalRequested, DoubtRaised, LoopEnded, StageFailed, TurnBegan, UndoBegan
from .data import approval_data
from .events import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    Then,
)
from .facts import Failure
from .retry import Fallback, RetryPolicy, Trigger
from .stage import Stage
from .state import StageState, State, Step

__all__ = ["backoff_seconds", "conclude", "decide", "start", "undo"]

_LOST = ("timeout", "process_lost")
_TRIGGERS: Mapping[str, Trigger] = {
    "timeout": "timeout",
    "output_invalid": "invalid_output",
    "output_too_large": "invalid_output",
    "value_unstorable": "invalid_output",
    "low_confidence": "low_confidence",
    "budget_exhausted": "budget",
}
"""What the codes of failures mean to a chain; any other is an error."""


def start(state: State, number: int, at: float) -> AttemptStarted:
    """The start of the next attempt of a stage or step: who works on it, and how long it may take."""
    stage = state.workflow.stages[number] if number < state.base else state.spec(number)
    now = state.touched.get(number)
    timeout = (stage.retry if not now or not now.level else stage.retry_at(now.level)).attempt_timeout
    if stage.timeout is not None or state.workflow.timeout is not None:
        for end in (_stage_end(state, stage, now, at), operation_end(state)):
            if end is not None:
                left = max(0.0, end - at)
                timeout = left if timeout is None else min(timeout, left)
    agent = stage.agents[now.level] if now and now.level else stage.agent
    return AttemptStarted(
        at=at,
        stage=stage.name if number < state.base else state.name(number),
        attempt=now.attempt + 1 if now else 1,
        agent=agent or (stage.workflow.name if stage.workflow is not None else ""),
        timeout=timeout,
    )


def decide(state: State, command: RunAttempt, outcome: Outcome, at: float) -> list[Event]:
    """What follows from the outcome of an attempt; nothing if another answer came first."""
    number = state.number(command.stage)
    stage = state.touched.get(number)
    if stage is None or stage.status != "running" or stage.attempt != command.attempt or state.status == "quarantined":
        return []
    name, attempt = command.stage, command.attempt
    is_unwanted = (state.stop is not None and state.status != "compensating") or number in state.unwanted
    match outcome:
        case Succeeded():
            return _after_success(state, number, stage, command, outcome, at)
        case Failed():
            return _after_failure(state, number, stage, outcome, at)
        case Stopped():
            # What is still wanted has not stopped for good: the plan has it run again, under the same attempt.
            return [AttemptCancelled(at=at, stage=name, attempt=attempt)] if is_unwanted else []
        case Unavailable() | Asked() | Doubtful() if is_unwanted:
            return [AttemptCancelled(at=at, stage=name, attempt=attempt)]
        case Unavailable():
            # Each time twice as long, since nobody knows when such a process comes.
            parked = min(max(0, stage.attempt - stage.tries), 10)
            retry_at = at + min(max(60.0, outcome.retry_after), outcome.retry_after * 2**parked)
            return [AgentUnavailable(at=at, stage=name, attempt=attempt, agent=command.agent, retry_at=retry_at)]
        case Asked():
            return [
                ApprovalRequested(
                    at=at,
                    stage=name,
                    question=outcome.question or outcome.approval.question,
                    name=outcome.name,
                    attempt=attempt,
                    approval=json.dumps(approval_data(outcome.approval), separators=(",", ":")),
                    expires_at=outcome.approval.expires_at(at),
                )
            ]
        case Doubtful():
            reason, effect = outcome.reason, outcome.name
            return [DoubtRaised(at=at, stage=name, attempt=attempt, reason=reason, name=effect, key=outcome.key)]
        case _:
            assert_never(outcome)


def undo(state: State, at: float) -> UndoBegan:
    """The newest work that can be undone is to be undone."""
    return UndoBegan(at=at, stage=state.name(state.undoable[-1]))


def conclude(state: State, at: float) -> OperationCompleted | OperationFailed | OperationCancelled:
    """The last event, once nothing runs and nothing more is wanted."""
    stop = state.stop
    if stop is None:
        return OperationCompleted(at=at)
    match stop.cause:
        case "cancelled":
            return OperationCancelled(at=at, reason=stop.reason)
        case "timed_out":
            return OperationFailed(at=at, failure=Failure(code="timeout", type="TimeoutError", message=stop.reason))
        case "failed":
            failure = stop.failure or Failure(code="error", type="", message=stop.reason)
            return OperationFailed(at=at, failure=failure, stage=stop.stage)
        case _:
            assert_never(stop.cause)


def backoff_seconds(policy: RetryPolicy, operation_id: str, stage: str, attempt: int, tries: int) -> float:
    """The wait after the given attempt, the agent's `tries`-th: exponential, with jitter out of the operation's id."""
    try:
        wait = min(policy.max_delay, policy.delay * float(policy.factor) ** (tries - 1))
    except OverflowError:
        wait = policy.max_delay if policy.delay else 0.0
    digest = blake2b(f"{operation_id}\0{stage}\0{attempt}".encode(errors="surrogatepass"), digest_size=8).digest()
    share = int.from_bytes(digest) / 2**64
    return wait * (1 - policy.jitter * share)


def operation_end(state: State) -> float | None:
    """When the operation's time is up, if it is limited."""
    limit = state.workflow.timeout
    return None if limit is None else state.accepted_at + limit + state.downtime


def _stage_end(state: State, stage: Stage, now: StageState | None, at: float) -> float | None:
    if stage.timeout is None:
        return None
    if now is None or now.started_at is None:
        return at + stage.timeout
    # While it is parked its time stands still.
    parked = 0.0 if now.parked_at is None else at - state.downtime - now.parked_at
    return now.started_at + parked + state.downtime + stage.timeout


def _after_success(
    state: State, number: int, now: StageState, command: RunAttempt, outcome: Succeeded, at: float
) -> list[Event]:
    spec = state.workflow.stages[number] if number < state.base else state.spec(number)
    if spec.min_confidence is not None or outcome.context or outcome.usage is not None:
        failed = _refused(state, spec, command, outcome)
        if failed is not None:
            return _after_failure(state, number, now, failed, at)
    succeeded = AttemptSucceeded(
        at=at,
        stage=command.stage,
        attempt=command.attempt,
        value=outcome.value,
        confidence=outcome.confidence,
        context=outcome.context,
        effects=outcome.effects,
        usage=outcome.usage,
    )
    step = state.step(number)
    if step is None or step.kind != "turn" or number in state.unwanted or state.stop is not None:
        return [succeeded]
    return [succeeded, _after_turn(state, step, outcome.value, at)]


def _refused(state: State, spec: Stage, command: RunAttempt, outcome: Succeeded) -> Failed | None:
    """Why a value is not taken: it is not sure enough, or what it writes cannot be merged."""
    confidence = 1.0 if outcome.confidence is None else outcome.confidence
    if spec.min_confidence is not None and confidence < spec.min_confidence:
        message = f"is sure by {confidence:g}, and at least {spec.min_confidence:g} is asked for"
        failure = Failure(code="low_confidence", type="LowConfidence", message=message)
        return Failed(failure=failure, retryable=False, value=outcome.value, usage=outcome.usage)
    try:
        if outcome.context:
            seen = command.situation.context_version if command.situation else 0
            merged_context(state, spec, json.loads(outcome.context), seen)
        if outcome.usage is not None:
            _ = state.usage + outcome.usage
    except (MergeConflict, DefinitionError) as error:
        failure = Failure(code=error.code, type=type(error).__name__, message=str(error))
        kinds = tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)
        return Failed(failure=failure, kinds=kinds, retryable=error.retryable, value=outcome.value)
    return None


def _after_turn(state: State, step: Step, value: str, at: float) -> Event:
    """Whether a loop goes round again."""
    name, loop = step.stage.name, step.stage.loop
    assert loop is not None
    try:
        if holds(loop.until, value):
            return LoopEnded(at=at, stage=name, met=True)
    except InputError as error:
        message = f"its loop cannot tell whether it is over: {error}"
        return StageFailed(at=at, stage=name, failure=Failure(code=error.code, type="InputError", message=message))
    if step.place < loop.most:
        return TurnBegan(at=at, stage=name, turn=step.place + 1)
    if loop.otherwise == "keep":
        return LoopEnded(at=at, stage=name, met=False)
    message = f"after {loop.most} turns its value is still not good enough"
    return StageFailed(at=at, stage=name, failure=Failure(code="loop_exhausted", type="", message=message))


def _after_failure(state: State, number: int, now: StageState, outcome: Failed, at: float) -> list[Event]:
    spec, name = state.spec(number), state.name(number)
    if spec.effect == "at_most_once" and state.stop is None and outcome.failure.code in _LOST:
        reason = f"it may have happened: {outcome.failure.message}"
        return [DoubtRaised(at=at, stage=name, attempt=now.attempt, reason=reason)]
    then, retry_at, level = _follows(state, number, now, outcome, at)
    return [
        AttemptFailed(
            at=at,
            stage=name,
            attempt=now.attempt,
            failure=outcome.failure,
            then=then,
            retry_at=retry_at,
            level=level,
            value=outcome.value,
            usage=outcome.usage,
        )
    ]


def _follows(
    state: State, number: int, now: StageState, outcome: Failed, at: float
) -> tuple[Then, float | None, int | None]:
    """Whether the same agent tries again, another one takes over, or the stage has failed; when, and which agent."""
    spec = state.spec(number)
    if (state.stop and state.status != "compensating") or number in state.unwanted:
        return "stop", None, None
    end = _stage_end(state, spec, now, at)
    if _worth_a_retry(spec.retry_at(now.level) if now.level else spec.retry, now.tries, outcome):
        wait = outcome.retry_after
        # The error asks in a user's words, which may be any value.
        if not is_number(wait) or wait < 0:
            policy = spec.retry_at(now.level)
            wait = backoff_seconds(policy, state.operation_id, state.name(number), now.attempt, now.tries)
        # Where the stage's time would be over before the next attempt begins, there is none.
        if end is None or at + wait < end:
            return "retry", at + wait, None
    elif (level := _next_level(spec, now.level, outcome)) is not None and (end is None or at < end):
        return "fall_back", at, None if level == now.level + 1 else level
    return _gives_up(state, number, spec), None, None


def _gives_up(state: State, number: int, spec: Stage) -> Then:
    """What follows when every agent has failed."""
    step = state.step(number)
    if step is not None and step.kind == "undo":
        return "keep"
    if spec.minimal is not None:
        return "minimal"
    if step is None or step.kind == "turn" or spec.items is None or spec.items.on_failure == "fail":
        return "fail"
    parent = state.touched[step.parent].more
    parts = parent.parts if parent else None
    assert parts is not None
    quorum = spec.items.quorum or 0
    return "keep" if parts.count - parts.failed - 1 >= min(quorum, parts.count) else "fail"


def _next_level(spec: Stage, level: int, outcome: Failed) -> int | None:
    """The next agent of the chain that takes over from such a failure."""
    trigger = _TRIGGERS.get(outcome.failure.code, "error")
    for place, item in enumerate(spec.fallback[level:], start=level + 1):
        if not isinstance(item, Fallback) or trigger in item.on:
            return place
    return None


def _worth_a_retry(policy: RetryPolicy, tries: int, outcome: Failed) -> bool:
    if tries >= policy.attempts or outcome.retryable is False:
        return False
    return bool(outcome.retryable or not policy.retry_on or not set(policy.retry_on).isdisjoint(outcome.kinds))
