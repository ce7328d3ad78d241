"""Time and deaths: what counts against a limit, and what does not."""

import pytest

from agentkit.kernel import (
    AgentUnavailable,
    AttemptFailed,
    CancelRequested,
    DeadlinePassed,
    Event,
    Failed,
    OperationAdopted,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
    RetryPolicy,
    Stage,
    State,
    Workflow,
    command_for,
    decide,
    evolve,
    plan,
    start,
)
from tests.kernel.scenes import NO, REFUSED, begun, flow, names, ran, start_next, started

TRIES = RetryPolicy(attempts=10, delay=4.0, factor=1.0, jitter=0.0)


def judged(state: State, at: float, outcome: Failed = REFUSED) -> AttemptFailed:
    (event,) = decide(state, command_for(state, 0, {}), outcome, at)
    assert isinstance(event, AttemptFailed)
    return event


def adopted(at: float, *, after_death: bool = True) -> OperationAdopted:
    return OperationAdopted(at=at, owner="b", after_death=after_death)


@pytest.mark.parametrize(
    ("stage", "workflow", "attempt", "expected"),
    [
        (None, None, None, None),
        (9.0, None, None, 9.0),
        (9.0, 8.0, None, 8.0),
        (9.0, 8.0, 7.0, 7.0),
        (None, None, 7.0, 7.0),
    ],
)
def test_an_attempt_may_take_what_the_tightest_limit_leaves(
    stage: float | None, workflow: float | None, attempt: float | None, expected: float | None
) -> None:
    only = Stage("one", agent="ada", timeout=stage, retry=RetryPolicy(attempt_timeout=attempt))

    assert start(begun(flow(only, timeout=workflow)), 0, 0.0).timeout == expected


def test_a_stage_has_one_time_for_all_its_attempts_and_waits() -> None:
    state = begun(flow(Stage("one", agent="ada", timeout=10.0, retry=TRIES)))
    start_next(state, "one", 0.0)
    evolve(state, judged(state, 1.0))
    again, _ = start_next(state, "one", 5.0)

    assert again.timeout == 5.0
    assert judged(state, 5.9).retry_at == pytest.approx(9.9)
    assert judged(state, 6.0).then == "fail"


def test_a_fallback_gets_only_what_is_left_of_the_time() -> None:
    state = begun(flow(Stage("one", agent="ada", timeout=10.0, fallback=["bob"])))
    start_next(state, "one", 0.0)

    assert judged(state, 9.9).then == "fall_back"
    assert judged(state, 10.0).then == "fail"


def test_an_operation_stops_when_its_time_is_up() -> None:
    state = begun(flow(timeout=10.0), at=100.0)
    start_next(state, "one", 101.0)

    assert plan(state, 109.9).wake_at == 110.0
    wanted = plan(state, 110.0)
    assert (wanted.expired, list(wanted.running), wanted.concluded) == (True, [], False)
    evolve(state, DeadlinePassed(at=110.0))
    assert (state.status, plan(state, 110.0).expired) == ("stopping", False)


def test_an_operation_that_is_done_in_time_is_not_late_because_nobody_looked() -> None:
    assert plan(begun(flow(timeout=10.0), *ran("one", at=9.0)), 99.0).concluded


@pytest.mark.parametrize("after_death", [True, False])
def test_a_night_without_a_process_counts_against_no_limit(after_death: bool) -> None:
    state = begun(flow(Stage("one", agent="ada", timeout=10.0, retry=TRIES), timeout=20.0))
    start_next(state, "one", 2.0)
    evolve(state, adopted(30_000.0, after_death=after_death))

    assert state.downtime == 29_998.0
    assert plan(state, 30_017.9).wake_at == 30_018.0
    assert judged(state, 30_005.9).then == "retry"
    assert judged(state, 30_006.0).then == "fail"


def test_what_was_running_is_wanted_again_after_an_adoption() -> None:
    state = begun(flow(), started("one"), adopted(5.0))

    assert names(state, plan(state, 5.0).running) == ["one"]
    assert command_for(state, 0, {}).attempt == 1


def test_time_in_quarantine_counts_against_no_limit() -> None:
    state = begun(flow(timeout=20.0), OperationQuarantined(at=5.0, deaths=5), OperationReleased(at=1_005.0))

    assert not plan(state, 1_019.9).expired
    assert plan(state, 1_020.0).expired


def test_a_missing_agent_costs_the_stage_no_time() -> None:
    state = begun(flow(Stage("one", agent="ada", timeout=10.0)))
    start_next(state, "one", 0.0)
    evolve(state, AgentUnavailable(at=1.0, stage="one", attempt=1, agent="ada", retry_at=6.0))
    again, _ = start_next(state, "one", 1_000.0)

    assert again.timeout == 9.0
    assert judged(state, 1_008.9).then == "fail"
    assert state.stage("one").started_at == 999.0


def test_a_night_while_an_agent_is_missing_counts_once() -> None:
    state = begun(flow(Stage("one", agent="ada", timeout=10.0)))
    start_next(state, "one", 0.0)
    evolve(state, AgentUnavailable(at=1.0, stage="one", attempt=1, agent="ada", retry_at=6.0))
    evolve(state, adopted(500.0))

    assert start_next(state, "one", 1_000.0)[0].timeout == 9.0


def test_deaths_are_counted_until_a_person_releases_the_operation() -> None:
    deaths: list[Event] = [adopted(float(n)) for n in range(5)]
    state = begun(flow(), *deaths, adopted(5.0, after_death=False))
    assert state.deaths == 5

    evolve(state, OperationQuarantined(at=6.0, deaths=5))
    wanted = plan(state, 7.0)
    assert not (wanted.running)
    assert not (wanted.ready)
    assert not (wanted.due)
    assert not (wanted.concluded)
    assert not (wanted.wake_at)

    evolve(state, OperationReleased(at=8.0))
    assert (state.deaths, state.status) == (0, "running")
    assert names(state, plan(state, 8.0).ready[None]) == ["one"]


def test_a_quarantined_operation_can_be_cancelled() -> None:
    state = begun(flow(), OperationQuarantined(at=6.0, deaths=5), CancelRequested(at=7.0))

    assert plan(state, 7.0).concluded


def test_an_operation_that_was_stopping_goes_on_stopping_when_it_is_released() -> None:
    state = begun(flow(), CancelRequested(at=5.0), OperationQuarantined(at=6.0, deaths=5), OperationReleased(at=7.0))

    assert (state.status, plan(state, 7.0).concluded) == ("stopping", True)


def test_no_more_run_at_once_than_the_workflow_allows() -> None:
    workflow = flow(*(Stage(f"s{n}", agent="ada") for n in range(4)), max_parallel=2)

    assert plan(begun(workflow), 0.0).room == 2
    assert plan(begun(workflow, started("s0")), 0.0).room == 1
    assert plan(begun(workflow, started("s0"), started("s1"), started("s2")), 0.0).room == 0
    assert plan(begun(flow()), 0.0).room is None


def test_what_is_ready_is_told_by_the_resource_it_needs_in_order() -> None:
    workflow = flow(
        Stage("a", agent="ada", resource="printer"),
        Stage("b", agent="ada"),
        Stage("c", agent="ada", resource="printer"),
    )

    assert plan(begun(workflow), 0.0).ready == {"printer": {0: None, 2: None}, None: {1: None}}


def test_what_waits_is_due_in_the_order_of_its_time() -> None:
    state = begun(flow(*(Stage(f"s{n}", agent="ada") for n in range(3))))
    for number, retry_at in ((0, 9.0), (1, 3.0), (2, 3.0)):
        evolve(state, started(f"s{number}"))
        evolve(state, AttemptFailed(at=0.0, stage=f"s{number}", attempt=1, failure=NO, then="retry", retry_at=retry_at))

    assert (plan(state, 2.9).due, plan(state, 2.9).wake_at) == ([], 3.0)
    assert (plan(state, 3.0).due, plan(state, 3.0).wake_at) == ([1, 2], 9.0)
    assert (plan(state, 9.0).due, plan(state, 9.0).wake_at) == ([1, 2, 0], None)


def test_what_was_taken_over_is_not_run_again() -> None:
    workflow: Workflow[object] = flow(Stage("one", agent="ada"), Stage("two", agent="ada", after=["one"]))
    state = begun(workflow, ResultCarried(at=0.0, stage="one", value='"old"'))

    _, command = start_next(state, "two")
    assert (command.outputs, state.ready) == ({"one": '"old"'}, {})
    assert plan(begun(flow(), ResultCarried(at=0.0, stage="one", value="1")), 0.0).concluded
