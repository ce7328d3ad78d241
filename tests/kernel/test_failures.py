"""What follows a failure: retries, fallbacks, optional stages, the end."""

import pytest

from agentkit.kernel import (
    AttemptFailed,
    CancelRequested,
    DeadlinePassed,
    Failed,
    Failure,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    RetryPolicy,
    Stage,
    State,
    Stopped,
    Succeeded,
    Unavailable,
    command_for,
    conclude,
    decide,
    evolve,
    plan,
)
from tests.kernel.scenes import NO, REFUSED, begun, failed_for_good, flow, names, ran, start_next, started, succeeded


def fail(state: State, outcome: Failed = REFUSED, at: float = 1.0) -> AttemptFailed:
    """Let the newest attempt of the stage `one` fail; how that was judged."""
    (event,) = decide(state, command_for(state, state.workflow.graph.index["one"], {}), outcome, at)
    assert isinstance(event, AttemptFailed)
    evolve(state, event)
    return event


def one(*, attempts: int = 1, fallback: tuple[str, ...] = (), timeout: float | None = None, **retry: object) -> State:
    policy = RetryPolicy(attempts=attempts, jitter=0.0, **retry)  # type: ignore[arg-type] # the numbers are right
    state = begun(flow(Stage("one", agent="ada", retry=policy, fallback=fallback, timeout=timeout)))
    start_next(state, "one")
    return state


def test_a_required_failure_stops_its_siblings_and_starts_no_dependents() -> None:
    workflow = flow(Stage("one", agent="ada"), Stage("two", agent="ada"), Stage("three", agent="ada", after=["one"]))
    state = begun(workflow, started("one"), started("two"), failed_for_good("one"))

    wanted = plan(state, 1.0)
    assert state.status == "stopping"
    assert not (wanted.running)
    assert not (wanted.ready)
    assert not (wanted.due)
    assert not (wanted.concluded)
    (stopped,) = decide(state, command_for(state, 1, {}), Stopped(), 2.0)
    assert plan(evolve(state, stopped), 2.0).concluded
    assert conclude(state, 2.0) == OperationFailed(at=2.0, failure=NO, stage="one")
    assert [state.stage(name).status for name in ("one", "two", "three")] == ["failed", "cancelled", "pending"]


def test_the_first_required_failure_is_the_one_that_is_told() -> None:
    workflow = flow(Stage("one", agent="ada"), Stage("two", agent="ada"))
    state = begun(workflow, started("one"), started("two"), failed_for_good("two"), failed_for_good("one"))

    assert conclude(state, 1.0) == OperationFailed(at=1.0, failure=NO, stage="two")


def test_a_failed_optional_stage_is_seen_as_missing() -> None:
    workflow = flow(
        Stage("one", agent="ada", required=False),
        Stage("two", agent="ada"),
        Stage("end", agent="ada", after=["two", "one"]),
    )
    state = begun(workflow, started("one"), failed_for_good("one"), *ran("two"))

    _, command = start_next(state, "end")
    assert (command.outputs, command.missing) == ({"two": "1"}, ("one",))
    assert command.failures == (f"{NO.type}: {NO.message}",)
    evolve(state, succeeded("end"))
    assert conclude(state, 1.0) == OperationCompleted(at=1.0)


def test_fallbacks_come_in_order_each_with_fresh_attempts() -> None:
    state = one(attempts=2, fallback=("bob", "cyd"))
    agents = ["ada"]
    while fail(state).then != "fail":
        agents.append(start_next(state, "one")[0].agent)

    assert agents == ["ada", "ada", "bob", "bob", "cyd", "cyd"]
    assert state.stage("one").attempt == 6


def test_a_fallback_takes_over_at_once() -> None:
    judged = fail(one(fallback=("bob",)), at=1.0)

    assert (judged.then, judged.retry_at) == ("fall_back", 1.0)


def test_a_failure_that_is_not_retryable_goes_to_the_next_agent() -> None:
    gave_up = Failed(failure=NO, retryable=False)
    state = one(attempts=5, fallback=("bob",))

    assert fail(state, gave_up).then == "fall_back"
    assert start_next(state, "one")[0].agent == "bob"
    assert fail(state, gave_up).then == "fail"


@pytest.mark.parametrize(
    ("retry_on", "outcome", "then"),
    [
        ((), REFUSED, "retry"),
        (("ConnectionError",), REFUSED, "retry"),
        ((OSError,), REFUSED, "retry"),
        ((ValueError, "Exception"), REFUSED, "retry"),
        ((ValueError,), REFUSED, "fail"),
        (("Connection",), REFUSED, "fail"),
        ((ValueError,), Failed(failure=NO, kinds=("TryAgain",), retryable=True), "retry"),
        ((OSError,), Failed(failure=NO, kinds=("OSError",), retryable=False), "fail"),
        ((OSError,), Failed(failure=NO), "fail"),
    ],
)
def test_errors_are_worth_a_retry_by_the_names_of_their_classes(
    retry_on: tuple[object, ...], outcome: Failed, then: str
) -> None:
    assert fail(one(attempts=2, retry_on=retry_on), outcome).then == then


def test_an_error_that_asks_for_a_time_gets_it() -> None:
    asked = Failed(failure=NO, retryable=True, retry_after=90.0)
    state = one(attempts=2, delay=1.0)

    assert fail(state, asked, at=10.0).retry_at == 100.0
    assert plan(state, 99.9).due == []
    assert plan(state, 99.9).wake_at == 100.0
    assert plan(state, 100.0).due == [0]


def test_an_error_that_asks_for_a_time_gets_no_more_attempts_than_others() -> None:
    state = one(attempts=2)
    asked = Failed(failure=NO, retryable=True, retry_after=0.0)

    assert fail(state, asked).then == "retry"
    start_next(state, "one", 1.0)
    assert fail(state, asked).then == "fail"


@pytest.mark.parametrize("asked", [float("nan"), float("inf"), -5.0, "5", True, 10**400])
def test_an_error_that_asks_for_nonsense_waits_as_the_policy_says(asked: object) -> None:
    outcome = Failed(failure=NO, retryable=True, retry_after=asked)  # type: ignore[arg-type] # users may raise anything

    assert fail(one(attempts=2, delay=4.0), outcome, at=1.0).retry_at == 5.0


def test_waits_grow_up_to_the_longest() -> None:
    state = one(attempts=5, delay=1.0, factor=3.0, max_delay=10.0)
    waits = []
    while (judged := fail(state, at=0.0)).then == "retry":
        waits.append(judged.retry_at)
        start_next(state, "one")

    assert waits == [1.0, 3.0, 9.0, 10.0]


def test_each_agent_begins_with_the_shortest_wait() -> None:
    state = one(attempts=2, delay=1.0, factor=5.0, fallback=("bob",))
    judged = [fail(state, at=0.0)]
    for _ in range(2):
        start_next(state, "one")
        judged.append(fail(state, at=0.0))

    assert [event.retry_at for event in judged] == [1.0, 0.0, 1.0]


def test_an_agent_that_is_not_here_parks_its_stage_uncounted() -> None:
    state, at = one(attempts=1), 0.0
    for turn in range(50):
        (event,) = decide(state, command_for(state, 0, {}), Unavailable(retry_after=5.0), at)
        evolve(state, event)
        # Looked for less and less often, but at least once a minute.
        wait = min(60.0, 5.0 * 2**turn)
        assert (state.stage("one").status, plan(state, at).wake_at) == ("unavailable", at + wait)
        at += wait
        start_next(state, "one", at)

    assert (state.stage("one").attempt, state.stage("one").tries) == (51, 1)
    assert fail(state).then == "fail"


def test_an_agent_that_is_not_here_does_not_hold_up_a_stop() -> None:
    state = begun(
        flow(Stage("one", agent="ada"), Stage("two", agent="ada")),
        started("one"),
        started("two"),
        failed_for_good("two"),
    )

    (event,) = decide(state, command_for(state, 0, {}), Unavailable(), 1.0)
    assert plan(evolve(state, event), 1.0).concluded


def test_an_attempt_that_stops_although_it_is_wanted_is_simply_run_again() -> None:
    state = one()

    assert decide(state, command_for(state, 0, {}), Stopped(), 1.0) == []
    assert names(state, plan(state, 1.0).running) == ["one"]


def test_an_answer_counts_once_and_only_for_the_newest_attempt() -> None:
    state = one(attempts=2)
    first = command_for(state, 0, {})
    fail(state)

    assert decide(state, first, Succeeded(value="1"), 1.0) == []
    start_next(state, "one", 2.0)
    assert decide(state, first, Succeeded(value="1"), 2.0) == []
    assert decide(begun(flow()), first, Succeeded(value="1"), 2.0) == []


def test_a_failure_during_the_stop_is_neither_tried_again_nor_told_as_the_cause() -> None:
    state = one(attempts=5, fallback=("bob",))
    evolve(state, CancelRequested(at=0.5))

    judged = fail(state)
    assert (judged.then, judged.retry_at, state.stage("one").status) == ("stop", None, "cancelled")
    assert isinstance(conclude(state, 2.0), OperationCancelled)


def test_a_success_that_comes_during_the_stop_still_counts() -> None:
    state = begun(
        flow(Stage("one", agent="ada"), Stage("two", agent="ada")),
        started("one"),
        started("two"),
        failed_for_good("two"),
    )

    (event,) = decide(state, command_for(state, 0, {}), Succeeded(value="7"), 1.0)
    assert evolve(state, event).stage("one").value == "7"
    assert isinstance(conclude(state, 1.0), OperationFailed)


def test_an_operation_that_took_too_long_fails_with_a_timeout() -> None:
    state = begun(flow(timeout=1.5), DeadlinePassed(at=1.5))

    late = Failure(code="timeout", type="TimeoutError", message="took longer than 1.5 s")
    assert conclude(state, 2.0) == OperationFailed(at=2.0, failure=late)


def test_a_cancel_keeps_its_reason_and_the_first_one_wins() -> None:
    state = begun(flow(), CancelRequested(at=1.0, reason="wrong month"), CancelRequested(at=2.0, reason="again"))

    assert plan(state, 2.0).concluded
    assert conclude(state, 3.0) == OperationCancelled(at=3.0, reason="wrong month")
