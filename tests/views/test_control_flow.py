"""What the views make of items, turns, waits, people, doubts, conditions and undoing."""

from functools import partial

import pytest
from hypothesis import given

from agentkit.kernel import (
    Approval,
    ApprovalDecided,
    ApprovalRequested,
    AttemptFailed,
    CancelRequested,
    ConditionDecided,
    DoubtRaised,
    DoubtSettled,
    Event,
    ItemsMapped,
    Loop,
    LoopEnded,
    Map,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    SignalAwaited,
    SignalReceived,
    Stage,
    TimerFired,
    TimerSet,
    TurnBegan,
    UndoBegan,
    VoteCast,
    When,
    Workflow,
    replay,
)
from agentkit.views import (
    PartsProgress,
    ProgressFold,
    Waiting,
    draw_timeline,
    progress_of,
    summary_of,
    timeline_of,
    waiting_of,
)
from tests.kernel.counting import steps
from tests.kernel.scenes import NO, accepted, failed_for_good, flow, ran, started, succeeded
from tests.views.journals import Journal, journals

MAPPED = flow(Stage("pay", agent="ada", map=Map(path="items", on_failure="keep"), weight=3), Stage("tell", agent="bob"))
LOOPED = flow(Stage("write", agent="ada", loop=Loop(until=When(path="turn", at_least=3), most=4, otherwise="keep")))
ASKED = flow(Stage("ask", approval=Approval(by=["finance", "board"], quorum=2, question="Pay?")))
KEPT = AttemptFailed(at=1.0, stage="pay[1]", attempt=1, failure=NO, then="keep")


def folded(workflow: Workflow[object], *events: Event) -> ProgressFold:
    fold = ProgressFold(accepted(workflow))
    for event in events:
        fold.apply(event)
    return fold


def mapped(count: int, *events: Event) -> ProgressFold:
    return folded(MAPPED, ItemsMapped(at=0.0, stage="pay", count=count), *events)


def test_a_map_is_as_far_as_its_items() -> None:
    fold = mapped(4, *ran("pay[0]"), started("pay[1]"), KEPT, started("pay[2]"))
    said = {"pay[2]": (0.5, "sending"), "pay[0]": (0.1, "late"), "pay[9]": (0.5, "nobody")}
    shown = fold.progress(said=said)

    assert shown.fraction == pytest.approx(0.75 * 2.5 / 4)
    assert shown.stages[0].parts == PartsProgress(kind="items", done=2, failed=1, total=4)
    assert (shown.stages[0].status, shown.stages[0].message) == ("expanded", "pay[2]: sending")
    assert (shown.done, shown.total) == (0, 2)


def test_what_an_item_said_is_not_counted_twice() -> None:
    fold = mapped(2, started("pay[0]"))
    fold.progress(said={"pay[0]": (0.9, "")})
    fold.apply(succeeded("pay[0]"))

    assert fold.progress().fraction == pytest.approx(0.375)


def test_an_empty_list_is_done_at_once() -> None:
    assert mapped(0).progress().fraction == 0.75


def test_a_loop_is_as_far_as_its_turns_against_the_most() -> None:
    begun: list[Event] = [TurnBegan(at=0.0, stage="write", turn=1), *ran("write[1]")]
    second: list[Event] = [*begun, TurnBegan(at=0.0, stage="write", turn=2), started("write[2]")]
    fold = folded(LOOPED, *second)

    assert folded(LOOPED, *begun).progress().fraction == 0.25
    assert fold.progress(said={"write[2]": (0.5, "")}).fraction == pytest.approx(0.375)
    assert fold.progress().stages[0].parts == PartsProgress(kind="turns", done=1, failed=0, total=4)
    fold.apply(succeeded("write[2]"))
    fold.apply(LoopEnded(at=0.0, stage="write", met=True))
    assert (fold.progress().fraction, fold.progress().done) == (0.999, 1)


def test_a_skipped_stage_counts_as_done_and_says_nothing_of_the_speed() -> None:
    workflow = flow(Stage("a", agent="ada", when=When(path="go")), Stage("b", agent="ada"), Stage("c", agent="ada"))
    fold = folded(workflow, ConditionDecided(at=0.0, stage="a", met=False), started("b"))
    assert fold.progress().fraction == pytest.approx(1 / 3)
    assert fold.progress().done == 1

    fold.apply(succeeded("b", at=10.0))
    assert fold.progress().remaining_seconds == pytest.approx(10.0)


def test_a_rest_of_days_says_nothing_of_the_speed() -> None:
    workflow = flow(Stage("a", agent="ada"), Stage("b", signal="go", after=["a"]), Stage("c", agent="ada", after=["b"]))
    fold = folded(workflow, started("a"), succeeded("a", at=10.0), SignalAwaited(at=10.0, stage="b"))
    assert fold.progress(now=100_000.0).remaining_seconds is None

    fold.apply(SignalReceived(at=100_010.0, name="go", value="1"))
    assert fold.progress().done == 2
    assert fold.progress().remaining_seconds == pytest.approx(10.0)


def test_progress_stands_still_while_work_is_undone() -> None:
    workflow = flow(Stage("a", agent="ada", undo="un"), Stage("b", agent="ada", after=["a"]))
    failed: list[Event] = [*ran("a"), started("b"), failed_for_good("b"), UndoBegan(at=0.0, stage="a")]
    fold = folded(workflow, *failed, started("a:undo", agent="un"))
    shown = fold.progress(said={"a:undo": (0.9, "undoing")})
    assert (shown.status, shown.fraction, shown.stages[0].undoing) == ("compensating", 0.5, True)

    fold.apply(succeeded("a:undo"))
    assert (fold.progress().fraction, fold.progress().stages[0].status) == (0.5, "undone")
    assert not fold.progress().stages[0].undoing


@pytest.mark.parametrize(
    ("end", "undone", "lost"), [(succeeded("a:undo"), ("a",), ()), (failed_for_good("a:undo"), (), ("a",))]
)
def test_the_summary_says_what_was_undone_and_what_was_not(
    end: Event, undone: tuple[str, ...], lost: tuple[str, ...]
) -> None:
    workflow = flow(Stage("a", agent="ada", undo="un"), Stage("b", agent="ada", after=["a"]))
    if isinstance(end, AttemptFailed):
        end = AttemptFailed(at=0.0, stage="a:undo", attempt=1, failure=NO, then="keep")
    journal = [accepted(workflow), *ran("a"), started("b"), failed_for_good("b"), UndoBegan(at=0.0, stage="a")]
    shown = summary_of([*journal, started("a:undo", agent="un"), end, OperationFailed(at=0.0, failure=NO, stage="b")])

    assert (shown.undone, shown.not_undone) == (undone, lost)


def test_people_are_waited_for_with_their_roles_votes_and_deadline() -> None:
    asked = ApprovalRequested(at=5.0, stage="ask", question="Pay?", expires_at=86_400.0)
    vote = VoteCast(at=6.0, stage="ask", by="eve", approve=True)
    shown = folded(ASKED, asked, vote).progress()

    waiting = Waiting(
        stage="ask",
        kind="approval",
        about="Pay?",
        of=("finance", "board"),
        votes=1,
        quorum=2,
        since=5.0,
        until=86_400.0,
    )
    assert shown.waiting == (waiting,) == (shown.stages[0].waits_for,)
    assert waiting.words == "approval of finance or board, 1 of 2, until 1970-01-02 00:00 UTC"
    assert summary_of([accepted(ASKED), asked, vote]).waiting == (waiting,)


def test_signals_times_and_doubts_are_waited_for() -> None:
    workflow = flow(Stage("a", signal="paid"), Stage("b", wait=60.0), Stage("c", agent="ada", effect="at_most_once"))
    events: list[Event] = [SignalAwaited(at=0.0, stage="a"), TimerSet(at=0.0, stage="b", until=60.0), started("c")]
    doubt = DoubtRaised(at=1.0, stage="c", attempt=1, reason="no answer", name="pay", key="17")
    shown = folded(workflow, *events, doubt).progress()

    assert [waiting.words for waiting in shown.waiting] == [
        "signal paid",
        "its time, until 1970-01-01 00:01 UTC",
        "somebody to say what happened to pay 17",
    ]
    assert [stage.agent for stage in shown.stages] == ["", "", "ada"]


def test_what_was_left_waiting_by_a_stop_is_not_waited_for() -> None:
    events: list[Event] = [ApprovalRequested(at=5.0, stage="ask"), CancelRequested(at=9.0)]
    fold = folded(ASKED, *events)
    assert fold.progress().waiting == ()

    fold.apply(OperationCancelled(at=9.0))
    assert fold.progress(now=99.0).stages[0].seconds == 4.0


def test_an_item_that_asks_is_what_its_stage_waits_for() -> None:
    asked = ApprovalRequested(at=0.0, stage="pay[0]", name="sure", attempt=1, approval='{"quorum":1}')
    shown = mapped(2, started("pay[0]"), asked).progress()

    assert shown.stages[0].waits_for == shown.waiting[0]
    assert (shown.waiting[0].stage, shown.waiting[0].name) == ("pay[0]", "sure")


def test_shortfalls_are_told_in_words() -> None:
    workflow = flow(
        Stage("pay", agent="ada", map=Map(path="items", on_failure="keep")),
        Stage("guess", agent="ada", minimal=0),
        Stage("share", agent="ada", fallback=["bob"]),
        Stage("charts", agent="ada", required=False),
    )
    least = AttemptFailed(at=1.0, stage="guess", attempt=1, failure=NO, then="minimal")
    other = AttemptFailed(at=1.0, stage="share", attempt=1, failure=NO, then="fall_back", retry_at=1.0)
    events: list[Event] = [
        ItemsMapped(at=0.0, stage="pay", count=2), *ran("pay[0]"), started("pay[1]"), KEPT, started("guess"), least,
        started("share"), other, started("share", 2, at=1.0, agent="bob"), succeeded("share", 2, at=1.0),
        started("charts"), failed_for_good("charts", at=1.0), OperationCompleted(at=1.0),
    ]  # fmt: skip
    shown = summary_of([accepted(workflow), *events])

    assert shown.degraded
    assert shown.shortfalls == {
        "pay": "1 of 2 items failed",
        "guess": "its minimal answer stands in",
        "share": "by bob",
        "charts": "failed",
    }
    assert shown.counts == {"completed": 3, "failed": 1}


def test_a_loop_that_never_was_good_enough_falls_short() -> None:
    events: list[Event] = [TurnBegan(at=0.0, stage="write", turn=1), *ran("write[1]")]
    shown = summary_of([accepted(LOOPED), *events, LoopEnded(at=0.0, stage="write", met=False)])

    assert shown.shortfalls == {"write": "its last turn was not good enough"}


def test_the_timeline_has_bars_for_items_and_waits_for_people_times_and_signals() -> None:
    workflow = flow(Stage("a", signal="go"), Stage("b", wait=60.0), ASKED.stages[0])
    events: list[Event] = [
        SignalAwaited(at=0.0, stage="a", until=50.0), TimerSet(at=0.0, stage="b", until=60.0),
        ApprovalRequested(at=10.0, stage="ask"), SignalReceived(at=20.0, name="go", value="1"),
        TimerFired(at=60.0, stage="b"), ApprovalDecided(at=80.0, stage="ask", approved=True),
    ]  # fmt: skip
    shown = timeline_of([accepted(workflow), *events])

    assert [(wait.stage, wait.why, wait.began_at, wait.until) for wait in shown.waits] == [
        ("a", "signal", 0.0, 20.0),
        ("b", "timer", 0.0, 60.0),
        ("ask", "approval", 10.0, 80.0),
    ]
    assert draw_timeline(shown, width=8).splitlines() == [
        "a signal     |..      | 20.0 s",
        "b timer      |......  | 60.0 s",
        "ask approval | .......| 70.0 s",
    ]


def test_an_attempt_that_asks_or_is_in_doubt_ends_its_bar() -> None:
    workflow = flow(Stage("a", agent="ada"), Stage("b", agent="ada", effect="at_most_once"))
    asked = ApprovalRequested(at=1.0, stage="a", name="sure", attempt=1, approval='{"quorum":1}')
    adopted = OperationAdopted(at=2.0, owner="x", after_death=True)
    settled = DoubtSettled(at=5.0, stage="b", decision="done")
    shown = timeline_of([accepted(workflow), started("a"), started("b"), asked, adopted, settled])

    assert [(bar.stage, bar.outcome, bar.ended_at) for bar in shown.bars] == [
        ("a", "asked", 1.0),
        ("b", "in_doubt", 2.0),
    ]
    assert [(wait.why, wait.until) for wait in shown.waits] == [("approval", None), ("doubt", 5.0)]


def test_the_end_ends_every_wait_for_people() -> None:
    asked, stop = ApprovalRequested(at=1.0, stage="ask", expires_at=99.0), CancelRequested(at=3.0)

    assert timeline_of([accepted(ASKED), asked, stop]).waits[0].until == 99.0
    assert timeline_of([accepted(ASKED), asked, stop, OperationCancelled(at=4.0)]).waits[0].until == 4.0


@given(journal=journals())
def test_what_is_waited_for_is_what_is_held_and_may_go_on(journal: Journal) -> None:
    state, shown = replay(journal.events), progress_of(journal.events)

    assert {waiting.stage for waiting in waiting_of(state)} <= {state.name(number) for number in state.held}
    assert not shown.waiting or state.status in ("pending", "running", "compensating")
    assert all(waiting.words.isprintable() and waiting.words for waiting in shown.waiting)
    assert summary_of(journal.events).waiting == shown.waiting


def test_an_event_of_an_item_costs_the_same_however_many_items_there_are() -> None:
    folds = [mapped(count) for count in (10, 5_000)]
    for event in (started("pay[3]"), succeeded("pay[3]"), started("pay[1]"), KEPT):
        few, many = [steps(partial(fold.apply, event)) for fold in folds]
        assert few == many < 160, event
        few, many = [steps(partial(fold.progress, 9.0, {"pay[3]": (0.5, "")}, stages=False)) for fold in folds]
        assert few == many
