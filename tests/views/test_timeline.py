"""The timeline: every attempt once, with its beginning and its end."""

from itertools import pairwise

from hypothesis import given

from agentkit.kernel import (
    AgentUnavailable,
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    OperationAdopted,
    OperationCompleted,
    Stage,
    replay,
)
from agentkit.views import Bar, Timeline, Wait, draw_timeline, timeline_of
from tests.kernel.scenes import NO, accepted, flow, started, succeeded
from tests.views.journals import Journal, journals


def told() -> Timeline:
    """One stage that fails, waits, finds no agent, and succeeds after a night without a process."""
    workflow = flow(Stage("load", agent="ada", fallback=["bob"]))
    failed = AttemptFailed(at=2.0, stage="load", attempt=1, failure=NO, then="fall_back", retry_at=2.0)
    away = AgentUnavailable(at=4.0, stage="load", attempt=2, agent="bob", retry_at=9.0)
    second, third = started("load", 2, at=3.0, agent="bob"), started("load", 3, at=10.0, agent="bob")
    adopted = OperationAdopted(at=15.0, owner="b", after_death=True)
    done = succeeded("load", 3, at=20.0), OperationCompleted(at=20.0)
    return timeline_of([accepted(workflow), started("load"), failed, second, away, third, adopted, *done])


def test_every_attempt_has_its_bar_and_every_pause_its_wait() -> None:
    shown = told()

    assert shown.bars == (
        bar(1, "ada", 0.0, 2.0, "failed"),
        bar(2, "bob", 3.0, 4.0, "unavailable"),
        bar(3, "bob", 10.0, 20.0, "completed"),
    )
    assert shown.waits == (
        Wait(stage="load", began_at=2.0, until=3.0, why="fall_back"),
        Wait(stage="load", began_at=4.0, until=10.0, why="unavailable"),
    )
    assert (shown.began_at, shown.ended_at, shown.gaps) == (0.0, 20.0, ((10.0, 15.0),))


def bar(attempt: int, agent: str, started_at: float, ended_at: float, outcome: str) -> Bar:
    return Bar(
        stage="load",
        attempt=attempt,
        agent=agent,
        started_at=started_at,
        ended_at=ended_at,
        outcome=outcome,  # type: ignore[arg-type] # a word from above
        failure=NO if outcome == "failed" else None,
    )


def test_the_drawing_has_a_line_for_each_attempt() -> None:
    assert draw_timeline(told(), width=20).splitlines() == [
        "load 1 ada |xx                  | 2.0 s",
        "load 2 bob |   ?                | 1.0 s",
        "load 3 bob |          ==========| 10.0 s",
    ]


def test_an_attempt_that_failed_during_the_stop_was_cancelled_and_one_that_runs_has_no_end() -> None:
    workflow = flow(Stage("one", agent="ada"), Stage("two", agent="ada"))
    stopped = AttemptFailed(at=2.0, stage="one", attempt=1, failure=NO, then="stop")
    shown = timeline_of([accepted(workflow), started("one"), started("two"), CancelRequested(at=1.0), stopped])

    assert [(each.outcome, each.ended_at) for each in shown.bars] == [("cancelled", 2.0), ("running", None)]
    assert [line[-29:] for line in draw_timeline(shown, width=20).splitlines()] == [
        " |--------------------| 2.0 s",
        " |>>>>>>>>>>>>>>>>>>>>| 2.0 s",
    ]


def test_nothing_draws_as_nothing() -> None:
    assert draw_timeline(timeline_of([accepted(flow())])) == ""


@given(journal=journals())
def test_bars_and_state_agree(journal: Journal) -> None:
    shown, state = timeline_of(journal.events), replay(journal.events)

    assert len(shown.bars) == sum(isinstance(event, AttemptStarted) for event in journal.events)
    running = {each.stage for each in shown.bars if each.outcome == "running"}
    assert running == {state.name(number) for number in state.running}
    for name in dict.fromkeys(each.stage for each in shown.bars):
        mine = [each for each in shown.bars if each.stage == name]
        assert [each.attempt for each in mine] == list(range(1, len(mine) + 1))
        assert all(
            sooner.ended_at is not None and sooner.ended_at <= later.started_at for sooner, later in pairwise(mine)
        )
    assert (shown.ended_at is not None) == state.ended


@given(journal=journals())
def test_the_gaps_of_the_timeline_are_the_downtime(journal: Journal) -> None:
    gaps = timeline_of(journal.events).gaps

    assert sum(end - begin for begin, end in gaps) == replay(journal.events).downtime


@given(journal=journals())
def test_every_drawn_line_is_as_wide_as_the_others(journal: Journal) -> None:
    lines = draw_timeline(timeline_of(journal.events), width=30).splitlines()

    assert len({line.rindex("|") - line.index("|") for line in lines}) <= 1
    assert all(line.rindex("|") - line.index("|") == 31 for line in lines)
