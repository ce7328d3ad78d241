"""What happens at one moment: several waits that end together, and what a stop makes of those that go on waiting."""

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import OperationCancelled, OperationFailed, OperationTimedOut, TooLate
from agentkit.kernel import Approval, AttemptStarted, Stage, UndoBegan, When, Workflow
from agentkit.testing import Approve, Cancel, Fault, ScriptedAgent, Settle, Sleep, assert_never_after_cancel, simulate

pytestmark = pytest.mark.blocking


def clerk(*script: object) -> ScriptedAgent:
    return ScriptedAgent("clerk", script or ("done",))


def test_two_deadlines_at_the_same_moment_fail_the_operation_once() -> None:
    flow: Workflow[object] = Workflow(
        "flow", [Stage(name, agent="clerk", approval=Approval(deadline=5)) for name in ("left", "right")]
    )
    run = simulate(flow, [clerk()])

    assert isinstance(run.error, OperationFailed)
    assert (run.error.stage, run.seconds) == ("left", 5)


def test_two_conditions_that_make_no_sense_fail_the_operation_once() -> None:
    stages = [Stage(name, agent="clerk", when=When(path="amount", above=3)) for name in ("left", "right")]
    run = simulate(Workflow("flow", stages), [clerk()], input={"amount": "much"})

    assert isinstance(run.error, OperationFailed)
    assert run.error.stage == "left"


PAID = Stage("paid", agent="clerk", undo="back")
BACK = ScriptedAgent("back", [Sleep(10, None)])


def test_undoing_takes_the_time_that_it_takes_though_the_operation_has_none_left() -> None:
    flow: Workflow[object] = Workflow("flow", [PAID, Stage("wait", wait=100, after=["paid"])], timeout=50)
    run = simulate(flow, [clerk(), BACK])

    assert isinstance(run.error, OperationTimedOut)
    assert run.seconds == 60
    assert BACK.runs == 1


def test_undoing_has_the_time_of_its_stage() -> None:
    flow: Workflow[object] = Workflow(
        "flow", [Stage("paid", agent="clerk", undo="back", timeout=4), Stage("wait", wait=9, after=["paid"])], timeout=5
    )
    run = simulate(flow, [clerk(), BACK])

    starts = [event for event in run.events if isinstance(event, AttemptStarted)]
    assert [(event.stage, event.timeout) for event in starts] == [("paid", 4), ("paid:undo", 4)]
    assert run.seconds == 9


def test_who_is_asked_about_a_stage_is_asked_no_more_once_undoing_has_begun() -> None:
    flow: Workflow[object] = Workflow(
        "flow", [PAID, Stage("ask", agent="clerk", approval=Approval()), Stage("next", agent="clerk", after=["ask"])]
    )
    run = simulate(flow, [clerk(), BACK], people=[Cancel(after=5), Approve("ask", by="ann", after=8)])

    assert isinstance(run.error, OperationCancelled)
    assert [type(refusal.error) for refusal in run.refused] == [TooLate]
    assert (run.calls, run.seconds) == ({"clerk": 1, "back": 1}, 15)
    assert_never_after_cancel(run)


def test_a_doubt_about_a_stage_is_settled_no_more_once_undoing_has_begun() -> None:
    @agent
    async def pay(task: Task[object]) -> None:
        await task.effect("transfer", key="INV-1").run(lose)

    async def lose(key: str) -> None:
        raise ConnectionError("no reply")

    flow: Workflow[object] = Workflow("flow", [PAID, Stage("pay", agent="pay"), Stage("z", agent="pay", after=["pay"])])
    run = simulate(flow, [clerk(), pay, BACK], people=[Cancel(after=5), Settle("pay", "redo", after=8)])

    assert isinstance(run.error, OperationCancelled)
    assert [type(refusal.error) for refusal in run.refused] == [TooLate]
    assert any(isinstance(event, UndoBegan) for event in run.events)
    assert_never_after_cancel(run)


def test_what_a_lost_process_was_running_ends_when_a_deadline_stops_the_operation() -> None:
    flow: Workflow[object] = Workflow(
        "flow", [Stage("work", agent="clerk"), Stage("ask", agent="clerk", approval=Approval(deadline=0.5))]
    )
    run = simulate(flow, [clerk(Sleep(100, "done"))], faults=[Fault(kind="kill_after", number=1, call="append")])

    assert isinstance(run.error, OperationFailed)
    assert (run.error.stage, run.seconds < 5) == ("ask", True)


def test_a_write_that_fails_as_items_start_is_decided_again() -> None:
    flow: Workflow[object] = Workflow(
        "flow", [Stage("list", agent="clerk"), Stage("each", agent="clerk", after=["list"], map="list")]
    )
    for number in range(1, 8):
        run = simulate(flow, [clerk([1, 2], "done")], faults=[Fault(kind="fail_before", number=number, call="append")])

        assert run.output == ["done", "done"]
