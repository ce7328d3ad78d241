"""What cannot happen: refused by `IllegalEvent`, and nothing has changed."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import IllegalEvent
from agentkit.kernel import (
    OPERATION_ENDS,
    OPERATION_TABLE,
    STAGE_TABLE,
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    DeadlinePassed,
    Event,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
    Stage,
    State,
    Workflow,
    evolve,
    plan,
    replay,
)
from tests.kernel.rules import broken_rules
from tests.kernel.scenes import (
    NO,
    accepted,
    begun,
    failed_for_good,
    flow,
    picture,
    plan_picture,
    ran,
    started,
    succeeded,
)
from tests.kernel.simulation import Simulation
from tests.strategies import scripts, workflows

CHAIN = flow(Stage("one", agent="ada", fallback=["bob"]), Stage("two", agent="ada", after=["one"]), timeout=60)
CANCEL = CancelRequested(at=1.0)
RETRY = AttemptFailed(at=1.0, stage="one", attempt=1, failure=NO, then="retry", retry_at=2.0)
AWAY = AgentUnavailable(at=1.0, stage="one", attempt=1, agent="ada", retry_at=2.0)
OfStage = ResultCarried | AttemptStarted | AttemptSucceeded | AttemptFailed | AttemptCancelled | AgentUnavailable
QUARANTINE = OperationQuarantined(at=1.0, deaths=5)
FAILED = OperationFailed(at=2.0, failure=NO)
CANCELLED = OperationCancelled(at=2.0)
COMPLETED = OperationCompleted(at=2.0)

# A journey to every status of an operation, with stages in every status.
PLACES: dict[str, Sequence[Event]] = {
    "pending": (),
    "carried": (ResultCarried(at=0.0, stage="one", value="1"),),
    "running": (started("one"),),
    "retrying": (started("one"), RETRY),
    "unavailable": (started("one"), AWAY),
    "between": ran("one"),
    "stopping": (started("one"), CANCEL),
    "stopped": (started("one"), failed_for_good("one")),
    "quarantined": (started("one"), QUARANTINE),
    "quarantined while stopping": (started("one"), CANCEL, QUARANTINE),
    "released": (started("one"), QUARANTINE, OperationReleased(at=1.0)),
    "completed": (*ran("one"), *ran("two"), COMPLETED),
    "failed": (started("one"), failed_for_good("one"), FAILED),
    "cancelled": (CANCEL, CANCELLED),
}


def of_attempts(stage: str, attempt: int) -> Iterator[Event]:
    yield started(stage, attempt)
    yield succeeded(stage, attempt)
    yield failed_for_good(stage, attempt)
    yield AttemptFailed(at=3.0, stage=stage, attempt=attempt, failure=NO, then="retry", retry_at=4.0)
    yield AttemptFailed(at=3.0, stage=stage, attempt=attempt, failure=NO, then="retry")
    yield AttemptFailed(at=3.0, stage=stage, attempt=attempt, failure=NO, then="fall_back", retry_at=4.0)
    yield AttemptFailed(at=3.0, stage=stage, attempt=attempt, failure=NO, then="stop")
    yield AttemptFailed(at=3.0, stage=stage, attempt=attempt, failure=NO, then="minimal")
    yield AttemptFailed(at=3.0, stage=stage, attempt=attempt, failure=NO, then="keep")
    yield AttemptCancelled(at=3.0, stage=stage, attempt=attempt)
    yield AgentUnavailable(at=3.0, stage=stage, attempt=attempt, agent="ada", retry_at=4.0)
    yield ResultCarried(at=3.0, stage=stage, value="1")


def any_events(workflow: Workflow[object]) -> list[Event]:
    places = [(stage.name, attempt) for stage in workflow.stages for attempt in (0, 1, 2, 3)]
    of_operation: list[Event] = [
        accepted(workflow),
        OperationAdopted(at=3.0, owner="b", after_death=True),
        CancelRequested(at=3.0),
        DeadlinePassed(at=3.0),
        OperationQuarantined(at=3.0, deaths=5),
        OperationReleased(at=3.0),
        OperationCompleted(at=3.0),
        OperationFailed(at=3.0, failure=NO),
        OperationCancelled(at=3.0),
    ]
    return [*of_operation, *of_attempts("nobody", 1), *(event for place in places for event in of_attempts(*place))]


def happens(state: State, event: Event) -> bool:
    """Whether it may; if not, nothing must have changed."""
    before = picture(state)
    try:
        evolve(state, event)
    except IllegalEvent:
        assert picture(state) == before
        return False
    return True


def may(state: State, event: Event) -> bool:
    """Whether the tables and the facts allow it: said in other words than `evolve` says it."""
    moves = OPERATION_TABLE.get(type(event).__name__)
    if moves is not None and state.status not in moves:
        return False
    match event:
        case ResultCarried() | AttemptStarted() | AttemptSucceeded() | AttemptCancelled() | AgentUnavailable():
            return event.stage in state.workflow.graph.index and may_stage(state, event)
        case AttemptFailed():
            return event.stage in state.workflow.graph.index and may_stage(state, event) and may_fail(state, event)
        case DeadlinePassed():
            return state.workflow.timeout is not None
        case OperationCompleted():
            return not state.unfinished
        case OperationFailed() | OperationCancelled():
            return not state.running
        case _:
            return moves is not None


def may_stage(state: State, event: OfStage) -> bool:
    stage = state.stage(event.stage)
    match event:
        case ResultCarried():
            return stage.status == "pending"
        case AttemptStarted():
            is_free = not state.open[state.workflow.graph.index[event.stage]]
            return is_free and event.attempt == stage.attempt + 1 and stage.status in STAGE_TABLE["AttemptStarted"]
        case AttemptCancelled() if state.stop is None:
            return False
        case _:
            is_running = stage.status == "running" and state.status != "quarantined"
            return is_running and event.attempt == stage.attempt


def may_fail(state: State, event: AttemptFailed) -> bool:
    match event.then:
        case "stop":
            return state.stop is not None
        case "retry":
            return event.retry_at is not None
        case "fall_back":
            agents = state.workflow[event.stage].agents
            return event.retry_at is not None and state.stage(event.stage).level + 1 < len(agents)
        case "fail":
            return True
        case "minimal":
            return state.workflow[event.stage].minimal is not None
        case "keep":
            # Only items of a map are kept; a whole stage never is.
            return False


@pytest.mark.parametrize("place", PLACES)
def test_an_event_happens_where_the_tables_allow_it_and_nowhere_else(place: str) -> None:
    for event in any_events(CHAIN):
        state = begun(CHAIN, *PLACES[place])

        assert happens(state, event) == may(begun(CHAIN, *PLACES[place]), event), event


@given(data=st.data(), workflow=workflows(most=4))
def test_no_moment_of_any_operation_lets_the_impossible_happen(data: st.DataObject, workflow: Workflow[object]) -> None:
    whole = Simulation([accepted(workflow)], data.draw(scripts(workflow))).drive()
    cut = data.draw(st.integers(1, len(whole.journal)))
    event = data.draw(st.sampled_from(any_events(workflow)))
    state = replay(whole.journal[:cut])

    expected = may(state, event)
    assert happens(state, event) == expected


@pytest.mark.parametrize("place", ["completed", "failed", "cancelled"])
def test_nothing_happens_after_the_end(place: str) -> None:
    state = begun(CHAIN, *PLACES[place])

    assert state.ended
    assert state.status in OPERATION_ENDS
    assert [event for event in any_events(CHAIN) if happens(state, event)] == []
    assert plan_picture(plan(state, 1e9)) == plan_picture(plan(begun(CHAIN, CANCEL, CANCELLED), 0.0))


def test_a_refusal_says_which_event_of_which_operation_and_why() -> None:
    with pytest.raises(IllegalEvent) as caught:
        evolve(begun(CHAIN, started("one")), succeeded("one", 2))

    assert str(caught.value) == (
        "operation op: event 3 cannot be AttemptSucceeded, since stage 'one' is running at attempt 1"
    )


def test_a_deadline_needs_a_timeout() -> None:
    assert not happens(begun(flow()), DeadlinePassed(at=3.0))


def test_a_journal_begins_with_its_acceptance() -> None:
    for journal in ([], [started("one")]):
        with pytest.raises(IllegalEvent, match="begins with OperationAccepted, not with"):
            replay(journal)


def test_the_rules_of_a_journal_notice_what_is_wrong_with_it() -> None:
    late = [
        accepted(CHAIN, at=5.0),
        started("two"),
        *ran("one"),
        CANCELLED,
        started("two", 4, agent="eve"),
        *ran("one"),
    ]

    assert len(broken_rules(late)) >= 7
