"""Policy: what follows from an outcome, or from time: `decide(state, command, outcome, at) -> events`.

Rules: policy is asked once and its answer is in the event; the state does not change here. Chance is derived from the
operation's id, so the same journal always decides the same.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import assert_never

from .checks import is_number
from .commands import Failed, Outcome, RunAttempt, Stopped, Succeeded, Unavailable
from .definition import RetryPolicy, Stage
from .events import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    Failure,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    Then,
)
from .state import StageState, State

__all__ = ["backoff_seconds", "conclude", "decide", "start"]


def start(state: State, number: int, at: float) -> AttemptStarted:
    """The start of a stage's next attempt: who works on it, and how long it may take."""
    stage = state.workflow.stages[number]
    now = state.touched.get(number)
    timeout = stage.retry.attempt_timeout
    if stage.timeout is not None or state.workflow.timeout is not None:
        for end in (_stage_end(state, stage, now, at), operation_end(state)):
            if end is not None:
                left = max(0.0, end - at)
                timeout = left if timeout is None else min(timeout, left)
    return AttemptStarted(
        at=at,
        stage=stage.name,
        attempt=now.attempt + 1 if now else 1,
        agent=stage.agents[now.level] if now else stage.agent,
        timeout=timeout,
    )


def decide(state: State, command: RunAttempt, outcome: Outcome, at: float) -> list[Event]:
    """What follows from the outcome of an attempt; nothing if another answer came first."""
    number = state.workflow.graph.index[command.stage]
    stage = state.touched.get(number)
    if stage is None or stage.status != "running" or stage.attempt != command.attempt or state.status == "quarantined":
        return []
    name, attempt = command.stage, command.attempt
    match outcome:
        case Succeeded():
            return [AttemptSucceeded(at=at, stage=name, attempt=attempt, value=outcome.value)]
        case Failed():
            then, retry_at = _after_failure(state, number, stage, outcome, at)
            return [
                AttemptFailed(at=at, stage=name, attempt=attempt, failure=outcome.failure, then=then, retry_at=retry_at)
            ]
        case Stopped():
            # What is still wanted has not stopped for good: the plan has it run again, under the same attempt.
            if state.stop is None:
                return []
            return [AttemptCancelled(at=at, stage=name, attempt=attempt)]
        case Unavailable():
            if state.stop:
                return [AttemptCancelled(at=at, stage=name, attempt=attempt)]
            # Each time twice as long, since nobody knows when such a process comes.
            parked = min(max(0, stage.attempt - stage.tries), 10)
            retry_at = at + min(max(60.0, outcome.retry_after), outcome.retry_after * 2**parked)
            return [AgentUnavailable(at=at, stage=name, attempt=attempt, agent=command.agent, retry_at=retry_at)]
        case _:
            assert_never(outcome)


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


def _after_failure(state: State, number: int, now: StageState, outcome: Failed, at: float) -> tuple[Then, float | None]:
    """Whether the same agent tries again, the next one takes over, or the stage has failed."""
    stage = state.workflow.stages[number]
    if state.stop:
        return "stop", None
    then: Then = "retry"
    retry_at = at
    if _worth_a_retry(stage.retry, now.tries, outcome):
        wait = outcome.retry_after
        # The error asks in a user's words, which may be any value.
        if not is_number(wait) or wait < 0:
            wait = backoff_seconds(stage.retry, state.operation_id, stage.name, now.attempt, now.tries)
        retry_at = at + wait
    elif now.level + 1 < len(stage.agents):
        then = "fall_back"
    else:
        return "fail", None
    end = _stage_end(state, stage, now, at)
    if end is not None and retry_at >= end:
        # The stage's time would be over before the next attempt begins.
        return "fail", None
    return then, retry_at


def _worth_a_retry(policy: RetryPolicy, tries: int, outcome: Failed) -> bool:
    if tries >= policy.attempts or outcome.retryable is False:
        return False
    return bool(outcome.retryable or not policy.retry_on or not set(policy.retry_on).isdisjoint(outcome.kinds))
