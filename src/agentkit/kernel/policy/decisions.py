"""Policy: what follows from an outcome, or from time: `decide(state, command, outcome, at) -> events`.

Rules: policy is asked once and its answer is in the event; the state does not change here. Chance is derived from the
operation's id, so the same journal always decides the same.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import blake2b
from typing import assert_never

from agentkit.errors import DefinitionError, MergeConflict
from agentkit.kernel.checks import is_number, whole_text
from agentkit.kernel.commands import (
    Asked,
    ChildRests,
    Doubtful,
    Failed,
    Outcome,
    RunAttempt,
    Stopped,
    Succeeded,
    Unavailable,
)
from agentkit.kernel.definition.data import approval_data
from agentkit.kernel.definition.forms import form_text
from agentkit.kernel.definition.retry import Fallback, RetryPolicy, takes_over
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.events.control import ChildAwaited, UndoBegan
from agentkit.kernel.events.effects import DoubtRaised
from agentkit.kernel.events.operation import (
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
from agentkit.kernel.events.people import ApprovalRequested
from agentkit.kernel.facts import UNKNOWN_USAGE, Failure, Usage, unsure
from agentkit.kernel.state.attempt_moves import merged_context
from agentkit.kernel.state.moves import effects_known, open_effect
from agentkit.kernel.state.standing import StageState
from agentkit.kernel.state.state import State

__all__ = ["backoff_seconds", "conclude", "decide", "start", "undo"]

_LOST = ("timeout", "process_lost")


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
            return _after_failure(state, number, stage, command, outcome, at)
        case Stopped() | Unavailable() | Asked() | Doubtful() if is_unwanted:
            return [_cancelled(state, command, outcome, at)]
        case Stopped() | ChildRests():
            # What is still wanted has not stopped for good: the plan has it run again, under the same attempt. What is
            # to stop has a child to stop with it: the driver finds it without an attempt.
            may_rest = stage.heard is None and not is_unwanted
            return [_awaited(command, outcome, at)] if may_rest and isinstance(outcome, ChildRests) else []
        case Unavailable():
            # Each time twice as long, since nobody knows when such a process comes.
            parked = min(max(0, stage.attempt - stage.tries), 10)
            retry_at = at + min(max(60.0, outcome.retry_after), outcome.retry_after * 2**parked)
            return [AgentUnavailable(at=at, stage=name, attempt=attempt, agent=command.agent, retry_at=retry_at)]
        case Asked():
            return [_requested(state, command, outcome, at)]
        case Doubtful():
            return [_doubt(state, command, outcome, outcome.reason, (outcome.name, outcome.key), at)]
        case _:
            assert_never(outcome)


def _awaited(command: RunAttempt, outcome: ChildRests, at: float) -> ChildAwaited:
    until = None if outcome.left is None else at + outcome.left
    return ChildAwaited(at=at, stage=command.stage, attempt=command.attempt, until=until)


def _requested(state: State, command: RunAttempt, outcome: Asked, at: float) -> ApprovalRequested:
    (usage, counted), approval = _countable(state, outcome), outcome.approval
    return ApprovalRequested(
        at=at,
        stage=command.stage,
        question=whole_text(outcome.question or approval.question),
        name=outcome.name,
        attempt=command.attempt,
        # Not escaped: what would not come back equal is then found before it is written.
        approval=json.dumps(approval_data(replace(approval, proposed={})), ensure_ascii=False, separators=(",", ":")),
        expires_at=approval.expires_at(at),
        usage=usage,
        counted=counted,
        proposed=form_text(approval.proposed),
    )


def _doubt(
    state: State, command: RunAttempt, outcome: Failed | Doubtful, reason: str, effect: tuple[str, str], at: float
) -> DoubtRaised:
    (usage, counted), (name, key) = _countable(state, outcome), effect
    stage, attempt = command.stage, command.attempt
    return DoubtRaised(
        at=at, stage=stage, attempt=attempt, reason=reason, name=name, key=key, usage=usage, counted=counted
    )


def _cancelled(
    state: State, command: RunAttempt, outcome: Stopped | Unavailable | Asked | Doubtful, at: float
) -> AttemptCancelled:
    usage, counted = (None, None) if isinstance(outcome, Unavailable) else _countable(state, outcome)
    return AttemptCancelled(at=at, stage=command.stage, attempt=command.attempt, usage=usage, counted=counted)


def _countable(state: State, outcome: Failed | Stopped | Asked | Doubtful) -> tuple[Usage | None, Usage | None]:
    """What an attempt used and what counts of it; what cannot be added to the rest is unknown, and never refused.

    A success in another currency fails. What has failed anyway, or stopped, is a fact all the same.
    """
    usage, counted = outcome.usage, outcome.counted
    try:
        if usage is not None:
            _ = state.usage + usage, state.counted + (counted or usage)
    except DefinitionError:
        return UNKNOWN_USAGE, Usage(calls=1)
    return usage, counted


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
    digest = blake2b(f"{operation_id}\0{stage}\0{attempt}".encode(errors="surrogatepass"), digest_size=8).digest()
    return policy.seconds_after(tries, int.from_bytes(digest) / 2**64)


def operation_end(state: State) -> float | None:
    """When the operation's time is up, if it is limited; undoing takes the time that it takes."""
    limit = state.workflow.timeout
    if limit is None or state.status == "compensating":
        return None
    return state.accepted_at + limit + state.downtime


def _stage_end(state: State, stage: Stage, now: StageState | None, at: float) -> float | None:
    if stage.timeout is None:
        return None
    if now is None or now.started_at is None or not now.attempt:
        # What came before the first attempt, such as an approval, is none of its time.
        return at + stage.timeout
    # While it is parked its time stands still.
    parked = 0.0 if now.parked_at is None else at - state.downtime - now.parked_at
    return now.started_at + parked + state.downtime + stage.timeout


def _after_success(
    state: State, number: int, now: StageState, command: RunAttempt, outcome: Succeeded, at: float
) -> list[Event]:
    spec = state.workflow.stages[number] if number < state.base else state.spec(number)
    least = spec.confidence_at(now.level) if now.level else spec.min_confidence
    if least is not None or outcome.context or outcome.usage is not None:
        failed = _refused(state, spec, least, command, outcome)
        if failed is not None:
            return _after_failure(state, number, now, command, failed, at)
    return [
        AttemptSucceeded(
            at=at,
            stage=command.stage,
            attempt=command.attempt,
            value=outcome.value,
            confidence=outcome.confidence,
            context=outcome.context,
            effects=outcome.effects,
            usage=outcome.usage,
            counted=outcome.counted,
            degraded=outcome.degraded,
            tier=outcome.tier,
            artifacts=outcome.artifacts,
        )
    ]


def _refused(state: State, spec: Stage, least: float | None, command: RunAttempt, outcome: Succeeded) -> Failed | None:
    """Why a value is not taken: it is not sure enough, or what it writes cannot be merged."""
    if least is not None and (failure := unsure(outcome.confidence, least)) is not None:
        return Failed(
            failure=failure, retryable=False, value=outcome.value, usage=outcome.usage, counted=outcome.counted
        )
    try:
        if outcome.context:
            seen = command.situation.context_version if command.situation else 0
            merged_context(state, spec, json.loads(outcome.context), seen)
        if outcome.usage is not None:
            _ = state.usage + outcome.usage, state.counted + (outcome.counted or outcome.usage)
    except (MergeConflict, DefinitionError) as error:
        failure = Failure(code=error.code, type=type(error).__name__, message=str(error))
        kinds = tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)
        usage, counted = outcome.usage, outcome.counted
        return Failed(
            failure=failure, kinds=kinds, retryable=error.retryable, value=outcome.value, usage=usage, counted=counted
        )
    return None


def _after_failure(
    state: State, number: int, now: StageState, command: RunAttempt, outcome: Failed, at: float
) -> list[Event]:
    spec, name = state.spec(number), state.name(number)
    if spec.effect == "at_most_once" and state.stop is None and outcome.failure.code in _LOST:
        reason = f"it may have happened: {outcome.failure.message}"
        return [_doubt(state, command, outcome, reason, ("", ""), at)]
    then, retry_at, level = _follows(state, number, now, outcome, at)
    if then not in ("retry", "stop") and now.more is not None:
        effect = open_effect(effects_known(state, number))
        if effect is not None:
            # Whoever came next would know nothing of it, and might do by another way what was done.
            why = outcome.failure
            told = f"{why.type}: {why.message}" if why.type else why.message
            reason = f"it may have happened, and its agent failed: {told}"
            return [_doubt(state, command, outcome, reason, effect, at)]
    usage, counted = _countable(state, outcome)
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
            usage=usage,
            counted=counted,
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
    policy = spec.retry_at(now.level) if now.level else spec.retry
    if policy.allows(now.tries, outcome.retryable, outcome.kinds):
        wait = outcome.retry_after
        # The error asks in a user's words, which may be any value.
        if not is_number(wait) or wait < 0:
            wait = backoff_seconds(policy, state.operation_id, state.name(number), now.attempt, now.tries)
        # Where the stage's time would be over before the next attempt begins, there is none.
        if end is None or at + wait < end:
            return "retry", at + wait, None
    # Rather another agent now than none at all.
    if (level := _next_level(spec, now.level, outcome)) is not None and (end is None or at < end):
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
    for place, item in enumerate(spec.fallback[level:], start=level + 1):
        if not isinstance(item, Fallback) or takes_over(item.on, outcome.failure.code, outcome.kinds):
            return place
    return None
