"""The history: one readable line per event, whatever anybody said."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.kernel import (
    AgentUnavailable,
    Artifact,
    AttemptCancelled,
    AttemptFailed,
    AttemptSucceeded,
    CancelRequested,
    DeadlinePassed,
    Event,
    Failure,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
    artifacts_text,
)
from agentkit.views import HistoryFold, describe, history, one_line
from tests.kernel.scenes import NO, accepted, failed_for_good, flow, started, succeeded
from tests.views.journals import Journal, journals


def after_a_start(event: Event) -> str:
    fold = HistoryFold()
    fold.apply(started("one"))
    return fold.apply(event).text.removeprefix("one: ")


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (started("one", 2, agent="bob"), "attempt 2 by bob started"),
        (succeeded("one"), "attempt 1 by ada succeeded"),
        (failed_for_good("one"), "attempt 1 by ada failed (ConnectionError: no line), the stage has failed"),
        (AttemptCancelled(at=1.0, stage="one", attempt=1), "attempt 1 by ada was stopped"),
        (AttemptCancelled(at=1.0, stage="two", attempt=1), "two: attempt 1 was stopped"),
        (
            AgentUnavailable(at=1.0, stage="one", attempt=1, agent="ada", retry_at=6.0),
            "attempt 1 found no agent ada in this process, looks again in 5.0 s",
        ),
        (ResultCarried(at=1.0, stage="one", value="1"), "its value was taken over"),
        (accepted(flow()), "operation op of workflow flow accepted"),
        (replace(accepted(flow()), origin="old"), "operation op of workflow flow accepted, continues old"),
        (CancelRequested(at=1.0), "cancel requested"),
        (CancelRequested(at=1.0, reason="wrong\nmonth"), "cancel requested: wrong month"),
        (DeadlinePassed(at=1.0), "took longer than it may, is being stopped"),
        (OperationAdopted(at=1.0, owner="b", after_death=False), "driven by b from now on"),
        (OperationAdopted(at=1.0, owner="b", after_death=True), "driven by b from now on, the process before died"),
        (
            OperationQuarantined(at=1.0, deaths=5),
            "set aside: 5 processes died while they ran it; it waits for somebody to resume it",
        ),
        (OperationReleased(at=1.0), "resumed by somebody"),
        (OperationCompleted(at=1.0), "operation completed"),
        (OperationFailed(at=1.0, failure=NO, stage="one"), "operation failed (one: ConnectionError: no line)"),
        (OperationFailed(at=1.0, failure=NO), "operation failed (ConnectionError: no line)"),
        (OperationCancelled(at=1.0, reason="enough"), "operation cancelled: enough"),
    ],
)
def test_every_event_has_its_line(event: Event, text: str) -> None:
    assert after_a_start(event) == text


@pytest.mark.parametrize(
    ("then", "text"),
    [
        ("retry", "tries again in 2.0 s"),
        ("fall_back", "the next agent takes over"),
        ("fail", "the stage has failed"),
        ("stop", "and everything is being stopped"),
    ],
)
def test_a_failure_says_what_follows(then: str, text: str) -> None:
    event = AttemptFailed(at=1.0, stage="one", attempt=1, failure=NO, then=then, retry_at=3.0)  # type: ignore[arg-type] # a word

    assert after_a_start(event).endswith(f"), {text}")


def test_a_line_begins_with_its_time_in_the_zone_of_its_reader() -> None:
    line = HistoryFold(after=7).apply(succeeded("one", at=43_385.0))

    assert str(line) == "12:03:05 one: attempt 1 succeeded"
    assert line.shown(timezone(timedelta(hours=2))) == "14:03:05 one: attempt 1 succeeded"
    assert (line.number, line.at, line.text) == (8, 43_385.0, "one: attempt 1 succeeded")


def test_a_history_numbers_its_lines() -> None:
    assert list(history([started("one"), succeeded("one", at=1.0)])) == [
        "    1  00:00:00 one: attempt 1 by ada started",
        "    2  00:00:01 one: attempt 1 by ada succeeded",
    ]


def test_an_event_alone_is_described_as_far_as_it_knows() -> None:
    assert describe(succeeded("one")) == "one: attempt 1 succeeded"
    assert describe(succeeded("one"), "ada") == "one: attempt 1 by ada succeeded"


def test_a_time_beyond_every_calendar_is_still_shown() -> None:
    line = HistoryFold().apply(OperationCompleted(at=1e300))

    assert str(line) == "1e+300 operation completed"


@given(journal=journals())
def test_no_journal_breaks_a_line(journal: Journal) -> None:
    lines = list(history(journal.events))

    assert len(lines) == len(journal.events)
    assert [line for line in lines if not line.isprintable()] == []


@given(text=st.text(max_size=300))
def test_any_text_is_one_line(text: str) -> None:
    failure = Failure(code="error", type=text, message=text)
    line = HistoryFold().apply(AttemptFailed(at=1.0, stage="one", attempt=1, failure=failure, then="fail"))

    assert str(line).isprintable()
    str(line).encode()
    assert len(one_line(text)) <= 300


def test_a_giant_text_is_cut_and_says_so() -> None:
    assert one_line("x" * 10_000_000) == "x" * 299 + "…"
    assert one_line("\x00" * 10_000) == "…"
    assert one_line("x" * 300) == "x" * 300
    assert one_line("  naïve\u00a0日本\ttext ") == "naïve 日本 text"


def test_of_many_files_the_first_are_named_and_the_others_counted() -> None:
    files = [Artifact(name=f"{n}.csv", media_type="text/csv", size=1, sha256="0" * 64) for n in range(8)]
    few, many = (
        AttemptSucceeded(at=1.0, stage="a", attempt=1, value="null", artifacts=artifacts_text(files[:most]))
        for most in (6, 8)
    )

    assert describe(few).endswith("gave 0.csv, 1.csv, 2.csv, 3.csv, 4.csv, 5.csv")
    assert describe(many).endswith("4.csv, 5.csv and 2 files more")
