"""The summary: an operation in short."""

from collections import Counter

from hypothesis import given

from agentkit.kernel import (
    AgentUnavailable,
    AttemptFailed,
    CancelRequested,
    Event,
    Failure,
    OperationAccepted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    Stage,
    replay,
)
from agentkit.views import OperationSummary, SummaryFold, summary_of
from tests.kernel.scenes import NO, accepted, failed_for_good, flow, ran, started, succeeded
from tests.views.journals import Journal, journals

FLOW = flow(Stage("one", agent="ada", fallback=["bob"]), Stage("two", agent="cyd", required=False))


def told(*events: Event) -> OperationSummary:
    return summary_of([accepted(FLOW), *events])


def failed(attempt: int, then: str) -> AttemptFailed:
    return AttemptFailed(at=1.0, stage="one", attempt=attempt, failure=NO, then=then, retry_at=1.0)  # type: ignore[arg-type] # a word


def test_agents_retries_and_fallbacks_are_told() -> None:
    shown = told(
        started("one"), failed(1, "retry"), started("one", 2), failed(2, "fall_back"), started("one", 3, agent="bob"),
        succeeded("one", 3, at=7.0), *ran("two", at=7.0), OperationCompleted(at=8.0),
    )  # fmt: skip

    assert (shown.status, shown.agents, shown.retries) == ("completed", ("ada", "bob"), 1)
    assert (shown.fallbacks, shown.degraded, shown.failure) == ({"one": "bob"}, True, None)
    assert (shown.created_at, shown.ended_at, shown.duration_seconds) == (0.0, 8.0, 8.0)
    assert (shown.operation_id, shown.workflow, shown.counts["completed"]) == ("op", "flow", 2)


def test_a_failed_optional_stage_degrades() -> None:
    assert told(*ran("one")).degraded is False
    assert told(*ran("one"), started("two"), failed_for_good("two")).degraded is True


def test_an_agent_that_was_not_there_did_not_work() -> None:
    away = AgentUnavailable(at=1.0, stage="one", attempt=1, agent="ada", retry_at=2.0)

    assert told(started("one"), away).agents == ()
    assert told(started("one"), away, started("one", 2)).agents == ("ada",)


def test_a_failure_is_told_on_one_line() -> None:
    broken = Failure(code="error", type="OSError", message="disk\nfull")
    stopped = told(started("one"), failed_for_good("one"), OperationFailed(at=2.0, failure=broken, stage="one"))
    late = Failure(code="timeout", type="", message="")

    assert stopped.failure == "one: OSError: disk full"
    assert told(started("one"), failed_for_good("one"), OperationFailed(at=2.0, failure=late)).failure == "timeout"


def test_a_cancel_is_told_with_its_reason() -> None:
    assert (
        told(CancelRequested(at=1.0), OperationCancelled(at=2.0, reason="wrong\nmonth")).failure
        == "cancelled: wrong month"
    )
    assert told(CancelRequested(at=1.0), OperationCancelled(at=2.0)).failure == "cancelled"


def test_a_running_operation_lasts_until_now() -> None:
    fold = SummaryFold(accepted(FLOW))

    assert fold.summary(now=5.0).duration_seconds == 5.0
    assert fold.summary(now=5.0).ended_at is None


@given(journal=journals())
def test_summary_and_state_count_the_same(journal: Journal) -> None:
    shown, state = summary_of(journal.events), replay(journal.events)

    counted = Counter(state.stage(stage.name).status for stage in journal.workflow.stages)
    assert shown.counts == counted
    assert shown.status == state.status
    assert (shown.failure is not None) == (state.status in ("failed", "cancelled"))
    assert shown.failure is None or shown.failure.isprintable()


@given(journal=journals())
def test_a_fold_that_is_read_at_every_event_ends_with_the_same_summary_of(journal: Journal) -> None:
    first = journal.events[0]
    assert isinstance(first, OperationAccepted)
    fold = SummaryFold(first)
    for seen, event in enumerate(journal.events[1:], start=2):
        fold.apply(event)
        assert fold.summary() == summary_of(journal.events[:seen])
