"""A board shows a run as its pictures and events say, whenever somebody begins to look."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import Client
from agentkit.errors import UsageError
from agentkit.kernel import RetryPolicy
from agentkit.screens import Board, happening_of
from agentkit.service import Service
from agentkit.wire import EventLine, LiveLine, OperationPage, StageLine, moment

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def event(number: int, type: str, stage: str | None = None, **data: JsonValue) -> EventLine:
    return EventLine(operation="op-1", number=number, at=moment(100 + number), type=type, stage=stage, data=data)


def page(*stages: StageLine, events: int = 1) -> OperationPage:
    return OperationPage(
        id="op-1",
        workflow="flow",
        status="running",
        created_at=moment(100),
        updated_at=moment(100),
        events=events,
        ended=False,
        fraction=0.1,
        seconds=1.0,
        stages=list(stages),
    )


async def test_a_run_is_shown_as_it_was() -> None:
    tries: list[int] = []

    @agent
    def read(task: Task[dict[str, str]]) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no route\nto host")
        return "rows"

    flow = Workflow("flow", [Stage("read", agent="read", retry=RetryPolicy(attempts=2, delay=0.01))])
    async with Orchestrator([read]) as orchestrator:
        client, board = Client(Service(orchestrator, [flow]).desk()), Board()
        begun = await client.execute("flow", {"a": "b"}, wait=False)
        board.hear([line async for line in client.events(begun.id)])
        ended = await client.operation(begun.id)
        board.take(ended, seen_at=datetime.now(UTC))

    (row,) = board.rows()
    assert (row.name, str(row.look), row.meter.percent, row.attempt) == ("read", "✓ completed", "100 %", 2)
    assert [(bar.attempt, bar.look.word) for bar in board.bars(datetime.now(UTC))] == [(1, "failed"), (2, "completed")]
    assert board.after == ended.events
    said = [line.words for line in board.lines()]
    assert "attempt 1 by read started" in said
    assert any(words.startswith("attempt 1 failed (OSError: no route to host), tries again in") for words in said)
    assert (said[0], said[-1]) == (f"operation {begun.id} of workflow flow accepted from local", "operation completed")
    assert all(0 <= bar.left <= bar.left + bar.width <= 1 for bar in board.bars(datetime.now(UTC)))


def test_who_comes_back_is_told_nothing_twice_and_a_gap_is_refused() -> None:
    board = Board()
    board.hear([event(1, "operation.accepted"), event(2, "attempt.started", "a", attempt=1, agent="x")])
    board.hear([event(2, "attempt.started", "a", attempt=1, agent="x"), event(3, "attempt.succeeded", "a", attempt=1)])

    assert (board.after, len(board.lines()), len(board.bars(NOW))) == (3, 3, 1)
    with pytest.raises(UsageError, match="ask for the events after 3"):
        board.hear([event(5, "operation.completed")])


def test_an_older_picture_changes_nothing() -> None:
    board = Board()
    newer = page(events=9)
    board.take(newer, seen_at=NOW)
    board.take(page(events=3), seen_at=NOW)

    assert board.page is newer


def test_of_a_thousand_stages_those_come_first_that_are_worth_looking_at() -> None:
    stages = [StageLine(name=f"s{number}", status="completed", fraction=1) for number in range(1_000)]
    stages[700] = StageLine(name="s700", status="failed", fraction=0)
    stages[900] = StageLine(name="s900", status="running", fraction=0.5)
    board = Board()
    board.take(page(*stages), seen_at=NOW)

    rows, others = board.front(60)

    assert board.is_large
    assert (len(rows), others) == (60, 940)
    assert {"s700", "s900"} <= {row.name for row in rows}
    assert [(look.word, number) for look, number in board.counts()][:1] == [("completed", 998)]


def test_costs_are_exact_and_apart_by_currency() -> None:
    board = Board()
    used: dict[str, JsonValue] = {"calls": 1, "seconds": 1.0, "tokens": 10, "money": "0.1", "currency": "USD"}
    board.hear(event(number, "attempt.succeeded", "a", attempt=1, usage=used) for number in range(1, 4))
    board.hear([event(4, "attempt.succeeded", "a", attempt=1, usage={**used, "currency": "EUR"})])
    assert (board.costs.amounts, board.costs.is_whole) == ((("EUR", "0.1"), ("USD", "0.3")), True)
    board.hear([event(5, "attempt.failed", "a", attempt=1, usage={**used, "money": None})])

    assert board.costs.words == "0.10 EUR · 0.30 USD · 50 tokens · 5 calls · and what was not told"


def test_waiting_for_people_is_a_bar_of_its_own() -> None:
    board = Board()
    board.hear(
        [
            event(1, "operation.accepted"),
            event(2, "approval.requested", "pay", question="Pay?"),
            event(3, "vote.cast", "pay", by="ada", approve=True),
            event(4, "approval.decided", "pay", approved=True),
            event(5, "attempt.started", "pay", attempt=1, agent="bank"),
        ]
    )

    assert [(bar.attempt, bar.agent, bar.look.word) for bar in board.bars(NOW)] == [
        (0, "approval", "completed"),
        (1, "bank", "running"),
    ]
    assert [line.words for line in board.lines(3)] == ["ada agreed", "approved", "attempt 1 by bank started"]


def test_hostile_names_and_messages_stay_text_on_one_line() -> None:
    evil = "\x1b[31m<script>\n\u202e"
    found = happening_of(event(1, "attempt.failed", evil, failure={"type": evil, "message": evil}, then=evil))

    assert all(letter.isprintable() for letter in found.line())


def test_an_event_of_tomorrow_is_told_in_its_own_words() -> None:
    assert happening_of(event(1, "moon.landed", by="ada")).words == "moon landed by ada"


def test_an_event_costs_the_same_however_many_were_heard() -> None:
    board = Board(keep=1_000)

    def seconds(first: int) -> float:
        lines = [
            event(number, "effect.intended", "a", name="pay", key=str(number)) for number in range(first, first + 2_000)
        ]
        began = time.perf_counter()
        board.hear(lines)
        return time.perf_counter() - began

    early = min(seconds(1), seconds(2_001))
    for number in range(2, 8):
        seconds(1 + 2_000 * number)

    assert min(seconds(16_001), seconds(18_001), seconds(20_001)) < 5 * early
    assert len(board.lines()) == 1_000
    assert board.bars(NOW + timedelta(days=1)) == []


def said(*numbers: int) -> OperationPage:
    lines = [LiveLine(number=number, stage="write", message=f"sentence {number}") for number in numbers]
    return page().model_copy(update={"said": lines})


def test_what_agents_say_is_kept_once_however_pictures_overlap() -> None:
    board = Board()
    news = [[line.number for line in board.take(said(*numbers), seen_at=NOW)] for numbers in ((1, 2), (2, 3), (2, 3))]

    assert news == [[1, 2], [3], []]
    assert [line.number for line in board.said] == [1, 2, 3]
    assert board.take(page(events=0), seen_at=NOW) == ()


def test_another_process_counts_what_it_hears_anew() -> None:
    board = Board()
    board.take(said(8, 9), seen_at=NOW)

    assert [line.number for line in board.take(said(1, 2), seen_at=NOW)] == [1, 2]


def test_a_board_keeps_the_newest_lines_only() -> None:
    board = Board()
    for number in range(1, 1_001):
        board.take(said(number), seen_at=NOW)

    assert [line.number for line in board.said] == list(range(801, 1_001))
