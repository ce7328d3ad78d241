"""`simulate`: a month in a moment, people, faults, deaths, and the same run for the same seed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import DefinitionError, NotAllowed, OperationCancelled, OperationFailed, TooLate, UsageError
from agentkit.kernel import Approval, AttemptStarted, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Limits
from agentkit.testing import (
    Approve,
    Cancel,
    Fault,
    Hang,
    Refuse,
    Settle,
    Signal,
    Sleep,
    assert_exactly_once,
    happened,
    simulate,
)
from tests.testing.flows import CHILD, DAY, ORDER, RICH, clerk, one, rich_agents

pytestmark = pytest.mark.blocking
ANN = Approve("pay", by="ann", roles={"finance"}, after=timedelta(days=3))
EVERYBODY = (
    Signal("go", after=DAY),
    Approve("ask", by="bob", after=2 * DAY),
    Approve("pay", by="ann", roles={"finance"}, after=3 * DAY),
)


def test_a_month_with_an_approval_takes_a_moment() -> None:
    run = simulate(ORDER, [clerk("paid")], people=[ANN])

    assert (run.status, run.output, run.seconds) == ("completed", "paid", 33 * DAY)
    assert run.calls == {"clerk": 1}
    assert run.deaths == 0


def test_who_is_not_allowed_is_refused_and_the_operation_waits() -> None:
    run = simulate(ORDER, [clerk()], people=[replace(ANN, roles={"sales"})], longest=timedelta(days=60))

    assert (run.status, run.waiting, run.error) == ("running", "approval", None)
    assert [type(one.error) for one in run.refused] == [NotAllowed]
    with pytest.raises(UsageError, match=r"waits for: approval.*refused was: .*'ann' may not vote"):
        _ = run.output


def test_who_says_nothing_leaves_it_waiting_without_end() -> None:
    run = simulate(one(approval=Approval()), [clerk()])

    assert (run.status, run.waiting, run.calls) == ("running", "approval", {})


def test_a_refusal_fails_the_stage() -> None:
    run = simulate(ORDER, [clerk()], people=[Refuse("pay", by="ann", roles={"finance"}, comment="too much")])

    with pytest.raises(OperationFailed, match="too much"):
        _ = run.result
    assert isinstance(run.error, OperationFailed)


def test_an_item_can_be_answered_alone() -> None:
    @agent
    async def ask(task: Task[object]) -> bool:
        return task.approval("sure").approved

    flow = Workflow("flow", [Stage("list", agent="clerk"), Stage("each", agent="ask", after=["list"], map="list")])
    people: list[Approve | Refuse] = [
        Approve("each[0]", by="ann", name="sure"),
        Refuse("each[1]", by="ann", name="sure"),
    ]

    assert simulate(flow, [ask, clerk([1, 2])], people=people).output == [True, False]


def test_a_signal_is_sent_when_its_time_has_come() -> None:
    flow: Workflow[object] = Workflow("flow", [Stage("paid", signal="paid")])
    run = simulate(flow, [], people=[Signal("paid", 42, after=timedelta(days=2))])

    assert (run.output, run.seconds) == (42, 2 * DAY)


def test_a_cancel_stops_it() -> None:
    run = simulate(ORDER, [clerk()], people=[Cancel("no more", after=DAY)])

    assert isinstance(run.error, OperationCancelled)
    assert (run.seconds, run.calls) == (DAY, {})


def test_who_asks_for_it_may_not_approve_it() -> None:
    run = simulate(one(approval=Approval()), [clerk()], by="ann", people=[Approve("only", by="ann")])

    assert [type(refusal.error) for refusal in run.refused] == [NotAllowed]


def test_people_answer_in_child_operations() -> None:
    flow: Workflow[object] = Workflow("flow", [Stage("child", workflow=CHILD)])
    run = simulate(flow, [clerk("done")], people=[Approve("ask", by="ann", after=DAY)])

    assert (run.output, len(run.journals), run.seconds) == ("done", 2, DAY)


def test_a_killed_process_does_nothing_more_and_another_one_goes_on() -> None:
    @agent
    async def work(task: Task[object]) -> str:
        happened("begun")
        await asyncio.sleep(10)
        happened("done")
        return "done"

    flow = Workflow("flow", [Stage("only", agent="work")])
    run = simulate(flow, [work], faults=[Fault(kind="kill_before", number=2, call="append")])

    assert (run.output, run.deaths, run.calls) == ("done", 1, {"work": 2})
    assert [one.name for one in run.happened] == ["begun", "done", "begun", "done"]


def test_what_a_dead_process_still_does_did_not_happen() -> None:
    @agent
    async def work(task: Task[object]) -> None:
        try:
            await asyncio.sleep(10)
        finally:
            happened("finally")

    flow: Workflow[object] = Workflow("flow", [Stage("slow", agent="work"), Stage("quick", agent="clerk")])
    run = simulate(flow, [work, clerk("x")], faults=[Fault(kind="kill_after", number=2, call="append")])

    assert run.calls["work"] == 2
    assert_exactly_once(run, "finally")


def test_work_that_is_done_at_most_once_is_settled_by_a_person() -> None:
    flow = one(effect="at_most_once")
    fault = Fault(kind="kill_before", number=2, call="append")
    waits = simulate(flow, [clerk()], faults=[fault])
    settled = simulate(flow, [clerk()], faults=[fault], people=[Settle("only", "done", by="ann", value="by hand")])

    assert (waits.status, waits.waiting) == ("running", "doubt")
    assert (settled.output, settled.calls) == ("by hand", {"clerk": 1})


def test_a_store_that_fails_changes_nothing_about_the_end() -> None:
    fails = [Fault(kind="fail_after", number=number) for number in range(1, 12)]
    run = simulate(ORDER, [clerk("paid")], people=[ANN], faults=fails)

    assert run.output == "paid"
    assert_exactly_once(run, "pay")


def test_an_attempt_that_is_run_again_takes_the_line_that_it_had() -> None:
    script = clerk(ConnectionError("no"), Sleep(10, "second"), "third")
    kill = Fault(kind="kill_before", number=2, call="append")
    run = simulate(one(retry=RetryPolicy(attempts=3)), [script], faults=[kill])

    assert (run.output, script.runs) == ("second", 3)
    assert simulate(one(retry=RetryPolicy(attempts=3)), [script]).output == "second"
    assert script.runs == 2


def test_a_seed_decides_the_order_and_is_the_same_run_again() -> None:
    @agent
    async def note(task: Task[object]) -> None:
        happened("ran", task.stage)

    flow: Workflow[object] = Workflow("flow", [Stage(f"s{number}", agent="note") for number in range(6)])
    orders = {seed: [one.key for one in simulate(flow, [note], seed=seed).happened] for seed in (1, 2, 3, 1)}

    assert len({tuple(order) for order in orders.values()}) > 1
    assert orders[1] == [one.key for one in simulate(flow, [note], seed=1).happened]


@pytest.mark.parametrize("seed", range(3))
def test_the_journals_of_a_seed_are_the_same_every_time(seed: int) -> None:
    first, again = (simulate(RICH, rich_agents, seed=seed, people=EVERYBODY) for _ in range(2))

    assert first.output == "paid with ['read']"
    assert (first.events, first.journals, first.happened) == (again.events, again.journals, again.happened)


def test_plain_functions_take_no_time_and_give_the_same_run() -> None:
    @agent
    def double(task: Task[int]) -> int:
        happened("doubled", str(task.index))
        return 2 * task.input

    flow = Workflow("flow", [Stage("list", agent="clerk"), Stage("each", agent="double", after=["list"], map="list")])
    runs = [simulate(flow, [double, clerk([*range(9)])], seed=4) for _ in range(5)]

    assert {run.seconds for run in runs} == {0.0}
    assert all(run.events == runs[0].events and run.happened == runs[0].happened for run in runs)


def test_what_hangs_is_ended_when_it_has_taken_longest() -> None:
    run = simulate(one(), [clerk(Hang())], longest=timedelta(days=2))

    assert (run.status, run.calls) == ("running", {"clerk": 1})


def test_limits_and_resources_are_those_of_the_orchestrator() -> None:
    busy = clerk(Sleep(10, 1))
    flow: Workflow[object] = Workflow(
        "flow", [Stage(f"s{number}", agent="clerk", resource="desk") for number in range(3)]
    )

    assert simulate(flow, [busy], resources={"desk": 1}).seconds == 30
    assert simulate(flow, [busy], resources={"desk": 3}).seconds == 10
    assert simulate(flow, [busy], resources={"desk": 3}, limits=Limits(max_parallel=1)).seconds == 30


def test_an_input_reaches_the_agents_and_a_wrong_one_is_refused() -> None:
    assert simulate(
        one(instruction="Pay {who}"), [clerk(lambda task: task.instruction)], input={"who": "Ada"}
    ).output == ("Pay Ada")
    with pytest.raises(DefinitionError, match=r"asks for \{who\}"):
        simulate(one(instruction="Pay {who}"), [clerk()], input={})


def test_a_store_of_ones_own_needs_somebody_who_kills_it() -> None:
    with pytest.raises(UsageError, match="needs both"):
        simulate(one(), [clerk()], die=lambda _: None)


async def test_it_works_inside_a_running_loop() -> None:
    assert simulate(ORDER, [clerk("paid")], people=[ANN]).output == "paid"


def test_a_deadline_decides_when_people_take_longer() -> None:
    slow = Approve("ask", by="ann", after=2 * DAY)
    flow: Workflow[object] = Workflow(
        "flow", [Stage("ask", approval=Approval(deadline=DAY, on_expiry="approve")), Stage("wait", wait=3 * DAY)]
    )
    run = simulate(flow, [], people=[slow])

    assert run.events[-2].at - run.events[0].at == 3 * DAY
    assert [type(refusal.error) for refusal in run.refused] == [TooLate]


def test_only_what_began_is_counted() -> None:
    run = simulate(RICH, rich_agents, people=EVERYBODY)

    assert run.calls == {"read": 1, "each": 5, "again": 3, "clerk": 1, "once": 1, "pay": 1}
    assert sum(isinstance(event, AttemptStarted) for journal in run.journals.values() for event in journal) == 13


def test_a_refusal_says_who_was_too_late() -> None:
    run = simulate(
        one(approval=Approval()), [clerk(Sleep(DAY))], people=[Approve("only", by=by) for by in ("ann", "bob")]
    )

    assert [(type(refusal.error), refusal.stage) for refusal in run.refused] == [(TooLate, "only")]
