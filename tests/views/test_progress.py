"""Progress: within 0 and 100, never back, and a hundred only with `completed`."""

import math
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import IllegalEvent
from agentkit.kernel import (
    STAGE_ENDS,
    AttemptFailed,
    CancelRequested,
    EffectCarried,
    Event,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    ResultCarried,
    Stage,
    State,
    Workflow,
    replay,
)
from agentkit.views import Progress, ProgressFold, progress_of, summary_of, timeline_of
from tests.kernel.counting import FEW, JOURNEY, MANY, chains, steps
from tests.kernel.scenes import NO, accepted, failed_for_good, flow, ran, started, succeeded
from tests.views.journals import Journal, journals

TWO = flow(Stage("one", agent="ada", weight=3.0), Stage("two", agent="ada", required=False))

fractions = st.floats(-0.5, 1.5) | st.sampled_from([math.nan, math.inf, -math.inf, 1.0])


def folded(*events: Event, workflow: Workflow[object] = TWO) -> ProgressFold:
    fold = ProgressFold(accepted(workflow))
    for event in events:
        fold.apply(event)
    return fold


def first_of(journal: Journal) -> OperationAccepted:
    first = journal.events[0]
    assert isinstance(first, OperationAccepted)
    return first


def agrees(shown: Progress, state: State) -> bool:
    standing = [(stage.name, state.stage(stage.name).status) for stage in state.workflow.stages]
    ended = sum(status in STAGE_ENDS for _, status in standing)
    return (shown.status, shown.done, [(each.name, each.status) for each in shown.stages]) == (
        state.status,
        ended,
        standing,
    )


@given(data=st.data(), journal=journals())
def test_progress_stays_in_its_bounds_and_never_goes_back(data: st.DataObject, journal: Journal) -> None:
    fold = ProgressFold(first_of(journal))
    before = 0.0
    for event in journal.events[1:]:
        fold.apply(event)
        stage = data.draw(st.sampled_from(journal.workflow.stages)).name
        now = event.at + data.draw(st.sampled_from([0.0, 5.0]))
        shown = fold.progress(now, {stage: (data.draw(fractions), "")})

        assert before <= shown.fraction <= 1
        assert (shown.percent == 100) == (shown.fraction == 1) == (shown.status == "completed")
        assert 0 <= shown.percent == math.floor(shown.fraction * 100 + 1e-9)
        assert shown.remaining_seconds is None or 0 <= shown.remaining_seconds < math.inf
        assert all(0 <= each.fraction <= 1 for each in shown.stages)
        before = shown.fraction


@given(journal=journals())
def test_progress_and_state_tell_the_same_at_every_event(journal: Journal) -> None:
    fold = ProgressFold(first_of(journal))
    for seen, event in enumerate(journal.events[1:], start=2):
        fold.apply(event)

        assert agrees(fold.progress(), replay(journal.events[:seen]))
        assert fold.progress() == progress_of(journal.events[:seen])


@given(journal=journals())
def test_elapsed_time_is_operating_time(journal: Journal) -> None:
    state = replay(journal.events)

    assert progress_of(journal.events).elapsed_seconds == pytest.approx(state.at - state.accepted_at - state.downtime)


@given(journal=journals())
def test_without_live_words_progress_is_the_share_of_what_is_done(journal: Journal) -> None:
    shown = progress_of(journal.events)

    weights = {stage.name: stage.weight for stage in journal.workflow.stages}
    done = sum(weights[each.name] * each.fraction for each in shown.stages) / sum(weights.values())
    assert shown.fraction == (1.0 if shown.status == "completed" else pytest.approx(min(0.999, done)))


def test_a_hundred_percent_waits_for_the_last_event() -> None:
    fold = folded(*ran("one"), *ran("two"))
    assert (fold.progress().percent, fold.progress().fraction) == (99, 0.999)

    fold.apply(OperationCompleted(at=1.0))
    assert (fold.progress().percent, fold.progress().fraction) == (100, 1.0)


def test_weights_count() -> None:
    assert folded(*ran("one")).progress().percent == 75
    assert folded(*ran("two")).progress().percent == 25


def test_what_is_29_percent_is_not_told_as_28() -> None:
    workflow = flow(Stage("one", agent="ada", weight=29), Stage("two", agent="ada", weight=71))

    assert folded(*ran("one"), workflow=workflow).progress().percent == 29


def test_what_was_said_is_not_counted_twice() -> None:
    fold = folded(started("one"))
    fold.progress(1.0, {"one": (0.9, "")})
    fold.apply(succeeded("one"))

    assert fold.progress().fraction == 0.75


def test_a_retry_lowers_nothing() -> None:
    fold = folded(started("one"))
    fold.progress(1.0, {"one": (0.8, "reading")})
    fold.apply(AttemptFailed(at=2.0, stage="one", attempt=1, failure=NO, then="retry", retry_at=3.0))
    fold.apply(started("one", 2, at=3.0))
    shown = fold.progress(4.0, {"one": (0.1, "reading again")})

    assert shown.fraction == pytest.approx(0.6)
    assert [(each.fraction, each.message) for each in shown.stages] == [(0.8, "reading again"), (0.0, "")]


def test_a_failed_optional_stage_counts_as_done_and_a_failed_required_one_does_not() -> None:
    assert folded(started("two"), failed_for_good("two")).progress().fraction == 0.25

    failed = folded(*ran("two"), started("one"), failed_for_good("one"), OperationFailed(at=1.0, failure=NO)).progress()
    assert (failed.fraction, failed.status, failed.percent, failed.done) == (0.25, "failed", 25, 2)


def test_a_cancelled_operation_keeps_what_it_had() -> None:
    fold = folded(*ran("one"), CancelRequested(at=1.0), OperationCancelled(at=2.0))

    assert (fold.progress().percent, fold.progress().status, fold.progress().remaining_seconds) == (
        75,
        "cancelled",
        0.0,
    )


def test_a_stage_is_told_with_its_agent_its_attempts_its_time_and_its_last_failure() -> None:
    workflow = flow(Stage("one", agent="ada", fallback=["bob"]), Stage("two", agent="ada", required=False))
    retry = AttemptFailed(at=2.0, stage="one", attempt=1, failure=NO, then="fall_back", retry_at=2.0)
    begun: list[Event] = [started("one"), retry, started("one", 2, at=3.0, agent="bob")]
    running, waiting = folded(*begun, workflow=workflow).progress(9.0).stages
    ended = folded(*begun, succeeded("one", 2, at=5.0), workflow=workflow).progress(9.0).stages[0]

    assert (running.agent, running.attempt, running.seconds) == ("bob", 2, 9.0)
    assert (running.failure, running.required) == ("ConnectionError: no line", True)
    assert (waiting.agent, waiting.attempt, waiting.seconds, waiting.failure) == ("ada", 0, 0.0, None)
    assert waiting.required is False
    assert (ended.seconds, ended.failure) == (5.0, None)


def test_a_stage_that_failed_or_was_left_waiting_is_not_worked_on_any_more() -> None:
    retry = AttemptFailed(at=2.0, stage="two", attempt=1, failure=NO, then="retry", retry_at=20.0)
    begun: list[Event] = [started("one"), started("two"), retry, failed_for_good("one", at=4.0)]
    shown = folded(*begun, OperationFailed(at=4.0, failure=NO)).progress(99.0)

    assert [each.seconds for each in shown.stages] == [4.0, 2.0]


def test_words_that_make_no_sense_are_ignored() -> None:
    fold = folded(started("one"), *ran("two"))
    for stage, fraction in (("two", 0.5), ("nobody", 0.5), ("one", math.nan), ("one", math.inf), ("one", -1.0)):
        assert fold.progress(1.0, {stage: (fraction, "")}).fraction == 0.25

    shown = fold.progress(1.0, {"one": (7.0, "a\nb"), "two": (0.1, "late")})
    assert (shown.fraction, shown.percent) == (0.999, 99)
    assert [each.message for each in shown.stages] == ["a b", ""]


def test_remaining_time_follows_the_speed_of_what_is_done() -> None:
    fold = folded(started("two", at=10.0), started("one", at=10.0))
    assert fold.progress(now=15.0).remaining_seconds is None

    fold.apply(succeeded("two", at=20.0))
    # A quarter of the work took 10 s, so the other three take 30 s from then on.
    assert [fold.progress(now=now).remaining_seconds for now in (20.0, 25.0, 60.0)] == [30.0, 25.0, 0.0]
    assert fold.progress(25.0, {"one": (1 / 3, "")}).remaining_seconds == pytest.approx(15.0)


def test_what_was_taken_over_says_nothing_about_the_speed() -> None:
    workflow = flow(*(Stage(name, agent="ada", weight=weight) for name, weight in (("a", 5), ("b", 1), ("c", 4))))
    fold = folded(ResultCarried(at=0.0, stage="a", value="1"), started("b"), workflow=workflow)
    assert (fold.progress().fraction, fold.progress(now=9.0).remaining_seconds) == (0.5, None)

    fold.apply(succeeded("b", at=10.0))
    assert fold.progress().remaining_seconds == pytest.approx(40.0)


def test_time_stands_still_in_quarantine() -> None:
    fold = folded(started("one"), OperationQuarantined(at=5.0, deaths=5))

    shown = fold.progress(now=1_000.0)
    assert (shown.elapsed_seconds, shown.remaining_seconds) == (5.0, None)


def test_a_night_without_a_process_is_no_time() -> None:
    fold = folded(started("two"), succeeded("two", at=10.0), started("one", at=10.0))
    fold.apply(OperationAdopted(at=30_010.0, owner="b", after_death=True))

    shown = fold.progress(now=30_015.0)
    assert (shown.elapsed_seconds, shown.remaining_seconds) == (15.0, 25.0)


def test_stages_are_listed_only_when_asked_for() -> None:
    fold = folded(*ran("one"))

    assert fold.progress(stages=False).stages == ()
    assert len(fold.progress().stages) == 2


@pytest.mark.parametrize("of", [progress_of, summary_of, timeline_of])
def test_a_view_wants_the_journal_from_its_first_event_on(of: Callable[[list[Event]], object]) -> None:
    journals_cut: list[list[Event]] = [[], [started("one")]]
    for journal in journals_cut:
        with pytest.raises(IllegalEvent, match="begins with OperationAccepted, not with"):
            of(journal)


def test_an_event_costs_the_same_however_many_stages_there_are() -> None:
    folds = [folded(workflow=chains(count)) for count in (FEW, MANY)]
    for event in JOURNEY:
        few, many = [steps(partial(fold.apply, event)) for fold in folds]
        assert few == many < 120, event

        few, many = [steps(partial(fold.progress, 9.0, stages=False)) for fold in folds]
        assert few == many, event


def test_an_effect_that_is_carried_over_says_nothing_of_its_stage() -> None:
    flow: Workflow[object] = Workflow("flow", [Stage("pay", agent="ada")])
    first = OperationAccepted(at=0.0, operation_id="op", workflow=flow, input="null")
    carried = EffectCarried(at=0.0, stage="pay", name="transfer", key="INV-1", outcome="confirmed")

    assert progress_of([first, carried], 0.0).fraction == 0
