"""The bars, the lines and the costs of a run say what its journal says."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from agentkit import Map, Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import Client
from agentkit.kernel import OperationAdopted, Usage
from agentkit.screens import Board, happening_of
from agentkit.service import Service
from agentkit.views import describe, timeline_of
from agentkit.wire import EventLine, OperationPage, StageLine, moment

NOW = moment(100)


def event(number: int, type: str, stage: str | None = None, **data: JsonValue) -> EventLine:
    return EventLine(operation="op-1", number=number, at=moment(number), type=type, stage=stage, data=data)


def accepted(*stages: Mapping[str, JsonValue]) -> EventLine:
    return event(1, "operation.accepted", workflow={"name": "flow", "stages": [dict(stage) for stage in stages]})


def heard(*events: EventLine) -> Board:
    board = Board()
    board.hear(events)
    return board


def bars(board: Board) -> list[tuple[str, int, str, float, float | None]]:
    """The bars as stage, attempt, state, beginning and end."""
    return [
        (
            bar.stage,
            bar.attempt,
            bar.look.word,
            bar.began_at.timestamp(),
            None if bar.ended_at is None else bar.ended_at.timestamp(),
        )
        for bar in board.bars(NOW)
    ]


def span(board: Board, name: str, status: str) -> tuple[datetime | None, datetime | None]:
    """When the row of a stage says that it began and ended."""
    board.take(
        OperationPage(
            id="op-1",
            workflow="flow",
            status="running",
            created_at=moment(1),
            updated_at=moment(1),
            events=board.after,
            ended=False,
            fraction=0.5,
            seconds=1.0,
            stages=[StageLine(name=name, status=status, fraction=0.5)],
        ),
        seen_at=NOW,
    )
    (row,) = board.rows()
    return row.began_at, row.ended_at


def test_a_stage_of_items_begins_with_them_and_ends_with_the_last() -> None:
    events = [
        accepted({"name": "pay", "agent": "a", "map": {"stage": "list"}}),
        event(2, "items.mapped", "pay", count=2),
        event(3, "attempt.started", "pay[0]", attempt=1, agent="a"),
        event(4, "attempt.started", "pay[1]", attempt=1, agent="a"),
        event(5, "attempt.succeeded", "pay[0]", attempt=1),
        event(6, "attempt.succeeded", "pay[1]", attempt=1),
    ]

    assert span(heard(*events[:2]), "pay", "expanded") == (moment(2), None)
    assert span(heard(*events[:5]), "pay", "expanded") == (moment(2), None)
    assert span(heard(*events), "pay", "completed") == (moment(2), moment(6))


def test_between_two_turns_a_loop_has_not_ended() -> None:
    events = [
        accepted({"name": "try", "agent": "a", "loop": {"most": 3}}),
        event(2, "turn.began", "try", turn=1),
        event(3, "attempt.started", "try[1]", attempt=1, agent="a"),
        event(4, "attempt.succeeded", "try[1]", attempt=1),
    ]

    assert span(heard(*events), "try", "expanded") == (moment(2), None)
    assert span(heard(*events, event(5, "loop.ended", "try", met=True)), "try", "completed") == (moment(2), moment(4))


def test_undoing_is_work_on_the_stage_that_it_undoes() -> None:
    events = [
        accepted({"name": "pay", "agent": "a", "undo": "b"}),
        event(2, "attempt.started", "pay", attempt=1, agent="a"),
        event(3, "attempt.succeeded", "pay", attempt=1),
        event(4, "undo.began", "pay"),
        event(5, "attempt.started", "pay:undo", attempt=1, agent="b"),
    ]

    assert span(heard(*events), "pay", "completed") == (moment(2), None)
    ended = heard(*events, event(6, "attempt.succeeded", "pay:undo", attempt=1))
    assert span(ended, "pay", "undone") == (moment(2), moment(6))


def test_a_signal_goes_to_the_stage_that_waits_for_it_the_longest() -> None:
    board = heard(
        accepted({"name": "a", "signal": "go"}, {"name": "b", "signal": "go"}, {"name": "c", "signal": "other"}),
        event(2, "signal.awaited", "c"),
        event(3, "signal.awaited", "b"),
        event(4, "signal.awaited", "a"),
        event(5, "signal.received", name="go"),
    )

    assert bars(board) == [("c", 0, "waiting", 2, None), ("b", 0, "completed", 3, 5), ("a", 0, "waiting", 4, None)]


def test_a_signal_that_came_before_its_stage_is_not_waited_for() -> None:
    board = heard(
        accepted({"name": "a", "signal": "go"}, {"name": "b", "signal": "go"}),
        event(2, "signal.received", name="go"),
        event(3, "signal.awaited", "a"),
        event(4, "signal.awaited", "b"),
    )

    assert bars(board) == [("b", 0, "waiting", 4, None)]
    assert span(board, "a", "completed") == (moment(3), moment(3))


def test_a_signal_is_kept_if_only_stages_wait_whose_time_is_up() -> None:
    board = heard(
        accepted({"name": "a", "signal": "go"}, {"name": "b", "signal": "go"}),
        event(2, "signal.awaited", "a"),
        event(3, "stage.failed", "a"),
        event(4, "signal.received", name="go"),
        event(5, "signal.awaited", "b"),
    )

    assert bars(board) == [("a", 0, "failed", 2, 3)]


def test_what_must_not_be_done_twice_is_in_doubt_once_its_process_is_gone() -> None:
    board = heard(
        accepted({"name": "pay", "agent": "a", "effect": "at_most_once"}, {"name": "read", "agent": "a"}),
        event(2, "attempt.started", "pay", attempt=1, agent="a"),
        event(3, "attempt.started", "read", attempt=1, agent="a"),
        event(4, "operation.adopted", owner="other", after_death=True),
        event(5, "doubt.settled", "pay", decision="done"),
    )

    assert bars(board) == [("pay", 1, "in_doubt", 2, 4), ("read", 1, "running", 3, None), ("pay", 0, "completed", 4, 5)]


def test_who_fails_while_the_operation_stops_was_stopped() -> None:
    failed = event(3, "attempt.failed", "pay", attempt=1, then="stop", failure={"code": "x"})
    board = heard(accepted(), event(2, "attempt.started", "pay", attempt=1, agent="a"), failed)
    look = happening_of(failed).look

    assert bars(board) == [("pay", 1, "cancelled", 2, 3)]
    assert look is not None
    assert look.word == "cancelled"


def test_no_bars_are_none() -> None:
    board = heard(accepted(), event(2, "attempt.started", "a", attempt=1, agent="x"))

    assert board.bars(NOW, 0) == []
    assert len(board.bars(NOW, 1)) == len(board.bars(NOW, 5)) == 1


def test_an_attempt_that_says_nothing_is_one_call() -> None:
    began = event(2, "attempt.started", "a", attempt=1, agent="x")
    board = heard(accepted(), began, event(3, "attempt.succeeded", "a", attempt=1))
    asked = heard(accepted(), began, event(3, "approval.requested", "a", attempt=1, question="Pay?"))
    before = heard(accepted(), event(2, "approval.requested", "a", question="Pay?"))

    assert (board.costs.calls, board.costs.is_whole) == (1, True)
    assert (asked.costs.calls, before.costs.calls) == (1, 0)


def test_a_question_and_a_vote_say_what_is_in_their_form() -> None:
    form: JsonValue = {"amount": "12.50", "sure": True, "note": None}
    asked = event(2, "approval.requested", "a", question="Pay?", proposed=form)
    vote = event(3, "vote.cast", "a", by="bob", approve=True, form=form, comment="fine")

    told = "amount: 12.50, sure: yes, note: empty"
    assert happening_of(asked).words == f"asks for approval: Pay?, proposes {told}"
    assert happening_of(vote).words == f"bob agreed, with {told}: fine"


@pytest.mark.parametrize(("died", "more"), [(False, ""), (True, ", the process before died")])
def test_who_goes_on_after_a_wait_is_told_as_the_local_history_does_and_as_no_other_process(
    died: bool, more: str
) -> None:
    adopted = event(4, "operation.adopted", owner="host:7:a", after_death=died)

    told = describe(OperationAdopted(at=4.0, owner="host:7:a", after_death=died))
    assert happening_of(adopted).words == told == f"driven by host:7:a from now on{more}"


def test_whoever_settles_a_doubt_is_told_what_was_to_be_done_with_what_and_why_nobody_knows() -> None:
    given: JsonValue = {"given": {"amount": "12.50", "to": ["Ada\nLtd"]}, "note": None}
    board = heard(
        accepted({"name": "pay", "agent": "a"}),
        event(2, "attempt.started", "pay", attempt=1, agent="a"),
        event(3, "effect.intended", "pay", attempt=1, name="look", key="1"),
        event(4, "effect.settled", "pay", name="look", key="1", outcome="confirmed"),
        event(5, "effect.intended", "pay", attempt=1, name="wire", key="INV-7", data=given),
        event(6, "doubt.raised", "pay", attempt=1, name="wire", key="INV-7", reason="no answer\ncame"),
    )

    assert board.doubts == ["pay"]
    told = 'wire of INV-7, given amount: 12.50, to: ["Ada\\nLtd"], note: null'
    assert board.doubt_words("pay") == f"{told}; no answer came"


def test_a_doubt_that_came_with_the_death_of_a_process_names_what_that_had_begun() -> None:
    board = heard(
        accepted({"name": "pay", "agent": "a", "effect": "at_most_once"}),
        event(2, "attempt.started", "pay", attempt=1, agent="a"),
        event(3, "effect.intended", "pay", attempt=1, name="wire", key="INV-7"),
        event(4, "operation.adopted", owner="b", after_death=True),
    )

    assert board.doubt_words("pay") == "wire of INV-7; its process was lost in the middle of the work"


def test_a_doubt_about_a_whole_attempt_names_what_that_had_begun_and_why_nobody_knows() -> None:
    board = heard(
        accepted({"name": "pay", "agent": "a", "effect": "at_most_once"}),
        event(2, "attempt.started", "pay", attempt=1, agent="a"),
        event(3, "effect.intended", "pay", attempt=1, name="wire", key="INV-7", data={"amount": "12.50"}),
        event(4, "doubt.raised", "pay", attempt=1, reason="took longer than 10 s"),
    )

    assert board.doubt_words("pay") == "wire of INV-7, given amount: 12.50; took longer than 10 s"


@pytest.mark.parametrize("name", ["wire", ""])
@pytest.mark.parametrize(("decision", "left"), [("done", ""), ("redo", "wire of INV-6; ")])
def test_what_a_person_has_settled_is_not_asked_for_again(name: str, decision: str, left: str) -> None:
    board = heard(
        accepted({"name": "pay", "agent": "a", "effect": "at_most_once"}),
        event(2, "attempt.started", "pay", attempt=1, agent="a"),
        event(3, "effect.intended", "pay", attempt=1, name="wire", key="INV-6"),
        event(4, "doubt.raised", "pay", attempt=1, name=name, key="INV-6" if name else "", reason="gone"),
        event(5, "doubt.settled", "pay", decision=decision),
        event(6, "attempt.started", "pay", attempt=2, agent="a"),
        event(7, "effect.intended", "pay", attempt=2, name="wire", key="INV-7"),
        event(8, "doubt.raised", "pay", attempt=2, reason="gone"),
    )

    assert board.doubt_words("pay") == f"{left}wire of INV-7; gone"


def test_why_nobody_knows_is_told_however_much_an_effect_was_given() -> None:
    board = heard(
        accepted({"name": "pay", "agent": "a"}),
        event(2, "attempt.started", "pay", attempt=1, agent="a"),
        event(3, "effect.intended", "pay", attempt=1, name="mail", key="7", data={"body": "x" * 9_000, "amount": "5"}),
        event(4, "doubt.raised", "pay", attempt=1, name="mail", key="7", reason="the line dropped"),
    )

    assert board.doubt_words("pay").endswith("…, amount: 5; the line dropped")


@pytest.mark.parametrize(("stage", "is_whole"), [({"agent": "x"}, False), ({"workflow": {"name": "child"}}, True)])
def test_what_was_begun_again_used_more_than_is_known(stage: dict[str, JsonValue], is_whole: bool) -> None:
    board = heard(
        accepted({"name": "a", **stage}),
        event(2, "attempt.started", "a", attempt=1, agent="x"),
        event(3, "operation.adopted", owner="other", after_death=True),
        event(4, "attempt.succeeded", "a", attempt=1),
    )

    assert (board.costs.calls, board.costs.is_whole) == (1, is_whole)


async def test_bars_and_costs_of_a_run_are_those_of_its_journal() -> None:
    @agent
    def numbers(task: Task[object]) -> list[int]:
        return [1, 2, 3]

    @agent
    def pay(task: Task[object]) -> int:
        task.use(Usage(tokens=3, money="0.10", currency="EUR"))
        return 1

    flow = Workflow(
        "flow",
        [
            Stage("early", signal="go"),
            Stage("list", agent="numbers"),
            Stage("pay", agent="pay", after=["list"], map=Map("list")),
        ],
    )
    async with Orchestrator([numbers, pay]) as orchestrator:
        operation = await orchestrator.submit(flow)
        await operation.signal("go", 1)
        await operation
        client, board = Client(Service(orchestrator, [flow]).desk()), Board()
        board.hear(await client.history(operation.id))
        board.take(await client.operation(operation.id), seen_at=datetime.now(UTC))
        timeline = timeline_of([recorded.event async for recorded in operation.events()])
        costs = await operation.costs()

    shown = [(bar.stage, bar.attempt, bar.look.word) for bar in board.bars(datetime.now(UTC)) if bar.attempt]
    assert shown == [(bar.stage, bar.attempt, bar.outcome) for bar in timeline.bars]
    total = costs.total.usage
    assert (board.costs.calls, board.costs.tokens) == (total.calls, total.tokens)
    assert board.costs.amounts == (("EUR", "0.30"),)
    assert all(row.began_at and row.ended_at for row in board.rows())


def test_what_is_in_doubt_is_named_down_to_the_item_until_somebody_says_what_happened() -> None:
    events = [
        accepted({"name": "pay", "agent": "a", "map": {"stage": "list"}, "effect": "at_most_once"}),
        event(2, "items.mapped", "pay", count=2),
        event(3, "attempt.started", "pay[0]", attempt=1, agent="a"),
        event(4, "attempt.started", "pay[1]", attempt=1, agent="a"),
        event(5, "doubt.raised", "pay[1]", attempt=1),
        event(6, "operation.adopted"),
        event(7, "doubt.settled", "pay[1]", decision="done"),
        event(8, "operation.cancelled"),
    ]

    named = [list(heard(*events[:number]).doubts) for number in (4, 5, 6, 7, 8)]
    assert named == [[], ["pay[1]"], ["pay[1]", "pay[0]"], ["pay[0]"], []]


def test_signals_are_named_once_as_long_as_a_stage_waits_for_them() -> None:
    events = [
        accepted(*({"name": name, "signal": signal} for name, signal in (("a", "go"), ("b", "go"), ("c", "stop")))),
        *(event(number, "signal.awaited", name) for number, name in ((2, "a"), (3, "b"), (4, "c"))),
        event(5, "signal.received", name="go"),
        event(6, "attempt.succeeded", "a", attempt=0),
        event(7, "signal.received", name="go"),
        event(8, "stage.failed", "c"),
    ]

    named = [list(heard(*events[:number]).signals) for number in (1, 4, 6, 7, 8)]
    assert named == [[], ["go", "stop"], ["go", "stop"], ["stop"], []]
