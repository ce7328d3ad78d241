"""A stage that runs a workflow rests with it: what the journal may say of that, and what follows."""

import pytest

from agentkit.errors import IllegalEvent
from agentkit.kernel import (
    AttemptCancelled,
    CancelRequested,
    ChildAwaited,
    ChildHeard,
    ChildRests,
    Event,
    OperationQuarantined,
    OperationReleased,
    Stage,
    State,
    Stopped,
    Workflow,
    command_for,
    decide,
    evolve,
    expire,
    hear_child,
    plan,
)
from tests.kernel.scenes import begun, flow, started, succeeded

INNER = Workflow[object]("inner", [Stage("one", agent="ada")])
FLOW = flow(Stage("kid", workflow=INNER), Stage("wait", wait=60), Stage("then", agent="ada", after=["kid"]))
AWAITED = ChildAwaited(at=1.0, stage="kid", attempt=1, until=9.0)
HEARD = ChildHeard(at=2.0, stage="kid", attempt=1)
CHILD = "op~kid~1"


def state_of(*events: Event) -> State:
    return begun(flow(Stage("kid", workflow=INNER)), started("kid", agent="inner"), *events)


def answered(state: State, outcome: ChildRests | Stopped, at: float = 1.0) -> list[Event]:
    return decide(state, command_for(state, 0, {}), outcome, at)


def test_an_operation_whose_attempts_rest_rests_until_their_time_is_up() -> None:
    state = state_of()
    assert not state.is_resting
    (event,) = answered(state, ChildRests(left=8.0))
    assert event == AWAITED
    evolve(state, event)

    assert (state.is_resting, state.wake_at, list(plan(state, 8.0).due)) == (True, 9.0, [])
    assert plan(state, 9.0).due == [0]
    assert expire(state, 0, 9.0) == [ChildHeard(at=9.0, stage="kid", attempt=1)]


def test_who_was_heard_of_is_waited_for_with_the_time_that_was_left() -> None:
    state = state_of(AWAITED, HEARD)

    assert (state.is_resting, state.asleep, state.waiting) == (False, {}, [])
    assert state.touched[0].heard == (1, 9.0)
    situation = command_for(state, 0, {}).situation
    assert situation is not None
    assert situation.is_heard
    assert answered(state, ChildRests()) == []


def test_a_child_is_heard_of_once_and_also_by_who_does_not_rest() -> None:
    state = state_of()
    assert hear_child(state, "op~kid~2", at=2.0) == []
    assert hear_child(state, CHILD, at=2.0) == [HEARD]
    evolve(state, HEARD)

    assert hear_child(state, CHILD, at=3.0) == []
    assert answered(state, ChildRests()) == []


def test_another_attempt_has_another_child_that_may_rest() -> None:
    state = state_of(HEARD)
    state.touched[0].attempt = 2

    assert state.touched[0].heard is None
    assert len(answered(state, ChildRests())) == 1


def test_what_rests_is_stopped_with_the_operation() -> None:
    state = state_of(AWAITED, CancelRequested(at=2.0))
    assert not state.is_resting
    assert answered(state, ChildRests()) == []
    (event,) = answered(state, Stopped(), 2.0)
    evolve(state, event)

    assert isinstance(event, AttemptCancelled)
    assert (state.asleep, state.waiting, state.running) == ({}, [], {})


def test_quarantine_keeps_nobody_from_being_told() -> None:
    state = state_of(AWAITED, OperationQuarantined(at=2.0, deaths=5))
    (event,) = hear_child(state, CHILD, at=2.0)
    evolve(state, event)
    evolve(state, OperationReleased(at=3.0))

    assert (state.is_resting, list(state.running)) == (False, [0])


@pytest.mark.parametrize(
    "events",
    [
        (AWAITED, AWAITED),
        (AWAITED, succeeded("kid", at=2.0)),
        (HEARD, HEARD),
        (HEARD, AWAITED),
        (ChildHeard(at=2.0, stage="kid", attempt=2),),
        (ChildHeard(at=2.0, stage="then", attempt=0),),
        (ChildAwaited(at=2.0, stage="nobody", attempt=1),),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(events: tuple[Event, ...]) -> None:
    *before, last = events
    state = begun(FLOW, started("kid", agent="inner"), *before)
    version, asleep = state.version, dict(state.asleep)
    with pytest.raises(IllegalEvent):
        evolve(state, last)

    assert (state.version, state.asleep) == (version, asleep)


def test_an_agent_has_no_child_that_may_rest() -> None:
    with pytest.raises(IllegalEvent, match="has no child that may rest"):
        begun(flow(), started("one"), ChildAwaited(at=1.0, stage="one", attempt=1))
