"""Claims about simulations: each holds where it should, and is refuted where it should."""

import asyncio

import pytest

from agentkit.agents import Task, agent
from agentkit.kernel import Stage, Workflow
from agentkit.testing import (
    Approve,
    Cancel,
    Fault,
    Settle,
    Signal,
    Simulated,
    Sleep,
    assert_exactly_once,
    assert_never_after_cancel,
    assert_same_end,
    crash_everywhere,
    happened,
    simulate,
)
from tests.testing.flows import RICH, clerk, one, rich_agents

pytestmark = pytest.mark.blocking
PEOPLE = (
    Signal("go"),
    Approve("ask", by="bob"),
    Approve("pay", by="ann", roles={"finance"}),
    Settle("once", "done", value="once"),
)
KILL = Fault(kind="kill_before", number=2, call="append")


def careless() -> Simulated[object]:
    """A run that pays twice, since its process died before it was written."""

    @agent
    async def pay(task: Task[object]) -> None:
        happened("transfer", "INV-1")

    return simulate(Workflow("flow", [Stage("pay", agent="pay")]), [pay], seed=5, faults=[KILL])


def test_a_careful_workflow_ends_the_same_wherever_it_is_killed() -> None:
    runs = crash_everywhere(RICH, rich_agents, people=PEOPLE)

    assert len(runs) > 30
    assert all(run.deaths == 1 for run in runs[1:])
    assert_exactly_once(runs, "transfer")
    assert_exactly_once(runs, "transfer", key="INV-1")
    assert_exactly_once(runs, "once")
    assert_exactly_once(runs, "each")


def test_a_careless_payment_is_found_and_the_message_repeats_it() -> None:
    with pytest.raises(AssertionError, match=r"'transfer' of 'INV-1' .*it did 2 times") as caught:
        assert_exactly_once(careless(), "transfer")
    assert "simulate(..., seed=5, faults=[Fault(kind='kill_before', number=2, call='append')])" in str(caught.value)
    # On the journal it is done once: what counts is what happened.
    assert_exactly_once(careless(), "pay")


def test_what_never_was_did_not_happen_once() -> None:
    with pytest.raises(AssertionError, match="nothing of that name"):
        assert_exactly_once(careless(), "trnsfer")
    with pytest.raises(AssertionError, match="0 times"):
        assert_exactly_once(careless(), "transfer", key="INV-2")


def test_an_end_that_depends_on_a_death_is_found() -> None:
    count = 0

    @agent
    async def counter(task: Task[object]) -> int:
        nonlocal count
        count += 1
        return count

    with pytest.raises(AssertionError, match="output is '2' and not '1'"):
        crash_everywhere(Workflow("flow", [Stage("count", agent="counter")]), [counter])


def test_a_doubt_that_nobody_settles_is_another_end() -> None:
    with pytest.raises(AssertionError, match="waiting is 'doubt'"):
        crash_everywhere(one(effect="at_most_once"), [clerk(Sleep(1, "done"))])


def test_faults_of_the_caller_are_those_of_every_run() -> None:
    fault = Fault(kind="fail_after", number=1, call="append")
    runs = crash_everywhere(one(), [clerk()], faults=[fault])

    assert len(runs) > 3
    assert all(run.faults[0] == fault for run in runs)


def test_nothing_begins_after_a_cancel() -> None:
    run = simulate(
        Workflow("flow", [Stage("w", wait=10), Stage("x", agent="clerk", after=["w"])]),
        [clerk()],
        people=[Cancel(after=5)],
    )

    assert_never_after_cancel(run)
    assert_never_after_cancel([run], "x")
    with pytest.raises(AssertionError, match="somebody cancels"):
        assert_never_after_cancel(simulate(one(), [clerk()]))


def test_what_happens_after_the_end_is_found() -> None:
    @agent
    async def stubborn(task: Task[object]) -> None:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            await asyncio.sleep(60)
            happened("late")

    flow: Workflow[object] = Workflow("flow", [Stage("x", agent="stubborn"), Stage("y", workflow=one("z"))])
    run = simulate(flow, [stubborn, clerk(Sleep(500, 1, swallow_cancel=True))], people=[Cancel(after=5)])

    assert run.status == "cancelled"
    assert_never_after_cancel(run)


def test_ends_are_compared() -> None:
    left, right = (simulate(one(), [clerk(value)]) for value in ("left", "right"))

    assert_same_end(left, left)
    with pytest.raises(AssertionError, match="""output is '"right"' and not '"left"'"""):
        assert_same_end([left, right])
    with pytest.raises(AssertionError, match="right"):
        assert_same_end(left, right)
