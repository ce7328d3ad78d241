"""Signals from outside, timers, and decisions about work in doubt."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import InputError, NotFound, OperationFailed, TooLate, UnstorableValue
from agentkit.kernel import DoubtSettled, SignalReceived, Stage, Workflow
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Hang
from tests.orchestrator.scenes import ended, journal_of, now, opened, scripted, words

CLEARED: Workflow[object] = Workflow(
    "cleared", [Stage("bank", signal="cleared"), Stage("book", agent="ada", after=["bank"])]
)


@dataclass(frozen=True)
class Booking:
    amount: Decimal


async def test_what_a_signal_brings_is_the_stages_value() -> None:
    ada = scripted("ada", "booked")
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(CLEARED)
        assert (await operation.at_rest()).stage("bank").status == "waiting"
        await operation.signal("cleared", Booking(Decimal("9.90")))
        await operation

    assert ada.tasks[0].input == {"amount": "9.90"}


async def test_a_signal_that_comes_early_is_kept_for_the_stage_that_will_wait() -> None:
    late: Workflow[object] = Workflow(
        "late", [Stage("first", wait=30), Stage("bank", signal="cleared", after=["first"])]
    )
    async with opened() as orchestrator:
        operation = await orchestrator.submit(late)
        await operation.signal("cleared", 1)
        result = await operation

    assert result.output == 1


async def test_a_signal_with_an_identity_is_taken_once() -> None:
    twice: Workflow[object] = Workflow("twice", [Stage("a", signal="go"), Stage("b", signal="go", after=["a"])])
    async with opened() as orchestrator:
        operation = await orchestrator.submit(twice)
        for _ in range(3):
            await operation.signal("go", "same", id="message-1")
        assert (await operation.at_rest()).stage("b").status == "waiting"
        await operation.signal("go", "other", id="message-2")
        await operation
        journal = await journal_of(operation)

    assert [event.id for event in journal if isinstance(event, SignalReceived)] == ["message-1", "message-2"]


async def test_a_signal_that_makes_no_sense_is_a_clear_error_and_changes_nothing() -> None:
    async with opened(scripted("ada"), max_result=100) as orchestrator:
        operation = await orchestrator.submit(CLEARED)
        await operation.at_rest()
        before = await orchestrator.history(operation.id)
        with pytest.raises(NotFound, match="no signal 'paid'; its signals are: cleared"):
            await operation.signal("paid")
        with pytest.raises(UnstorableValue):
            await operation.signal("cleared", float("nan"))
        with pytest.raises(InputError, match="at most 100"):
            await operation.signal("cleared", "x" * 200)
        assert await orchestrator.history(operation.id) == before

        await operation.cancel()
        await ended(operation)
        with pytest.raises(TooLate, match="is cancelled: it takes no signals"):
            await operation.signal("cleared")


async def test_a_signal_that_does_not_come_in_time_fails_its_stage() -> None:
    flow: Workflow[object] = Workflow("f", [Stage("bank", signal="cleared", timeout=7_200)])
    async with opened() as orchestrator:
        with pytest.raises(OperationFailed, match="no signal 'cleared' came in time"):
            await orchestrator.run(flow)


async def test_a_timer_is_kept_over_a_restart_and_not_begun_again() -> None:
    flow: Workflow[object] = Workflow("f", [Stage("wait", wait=3_600)])
    store, began = MemoryStore(), now()
    async with opened(store=store) as orchestrator:
        operation = await orchestrator.submit(flow)
        await operation.at_rest()
    await asyncio.sleep(1_800)
    async with opened(store=store.sibling()) as orchestrator:
        await (await orchestrator.get(operation.id))

    assert now() - began == pytest.approx(3_600, abs=1)


async def doubtful(store: MemoryStore, ada: Any) -> str:
    """An operation whose process died in the middle of work that must not be done twice."""
    flow: Workflow[object] = Workflow(
        "f", [Stage("pay", agent="ada", effect="at_most_once"), Stage("book", agent="bob", after=["pay"])]
    )
    first = opened(ada, scripted("bob"), store=store)
    await first.open()
    operation = await first.submit(flow)
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    return operation.id


async def test_work_in_doubt_waits_in_a_list_until_a_person_says_what_happened() -> None:
    store, bob = MemoryStore(), scripted("bob", "booked")
    name = await doubtful(store, scripted("ada", Hang()))
    ada = scripted("ada", "again")
    async with opened(ada, bob, store=store.sibling()) as orchestrator:
        operation = await orchestrator.get(name)
        await operation.at_rest()
        (doubt,) = await orchestrator.doubts()
        assert (doubt.operation_id, doubt.stage, doubt.effect) == (name, "pay", "")
        assert "process was lost" in doubt.reason
        assert await operation.doubts() == [doubt]
        await operation.settle("pay", "done", by="cyd", value="receipt 7", comment="asked the bank")
        await operation
        journal = await journal_of(operation)

        assert (await orchestrator.doubts(), ada.runs, bob.tasks[0].input) == ([], 0, "receipt 7")
    (settled,) = [event for event in journal if isinstance(event, DoubtSettled)]
    assert (settled.by, settled.comment, settled.value) == ("cyd", "asked the bank", '"receipt 7"')


@pytest.mark.parametrize("given", [Booking(Decimal("9.90")), {"amount": "9.90"}])
async def test_a_value_that_a_person_gives_is_of_the_type_that_the_agent_declares(given: object) -> None:
    @agent(name="ada")
    async def pay(task: Task[object]) -> Booking:
        await asyncio.sleep(1e5)
        return Booking(Decimal(0))

    store, bob = MemoryStore(), scripted("bob", "booked")
    name = await doubtful(store, pay)
    async with opened(pay, bob, store=store.sibling()) as orchestrator:
        operation = await orchestrator.get(name)
        await operation.at_rest()
        with pytest.raises(InputError, match="stage 'pay': the value is not a Booking"):
            await operation.settle("pay", "done", by="cyd", value={"sum": 1})
        await operation.settle("pay", "done", by="cyd", value=given)
        await operation

    assert bob.tasks[0].input == {"amount": "9.90"}


@pytest.mark.parametrize(("decision", "runs"), [("redo", 1), ("abort", 0)])
async def test_work_in_doubt_is_done_again_or_given_up(decision: Any, runs: int) -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    name = await doubtful(store, scripted("ada", Hang()))
    async with opened(ada, scripted("bob", "booked"), store=store.sibling()) as orchestrator:
        operation = await orchestrator.get(name)
        await operation.at_rest()
        await operation.settle("pay", decision, by="cyd", comment="the bank says no")
        result = await ended(operation)

    assert ada.runs == runs
    assert ("the bank says no" in str(result)) == (decision == "abort")


async def test_a_decision_that_makes_no_sense_is_a_clear_error_and_changes_nothing() -> None:
    store = MemoryStore()
    name = await doubtful(store, scripted("ada", Hang()))
    async with opened(scripted("ada", "paid"), scripted("bob"), store=store.sibling()) as orchestrator:
        operation = await orchestrator.get(name)
        await operation.at_rest()
        before = await orchestrator.history(name)
        wrong: Any = "perhaps"
        with pytest.raises(InputError, match="done, redo or abort, not 'perhaps'"):
            await operation.settle("pay", wrong)
        with pytest.raises(InputError, match="stage 'pay': a value is what work gave that was done"):
            await operation.settle("pay", "redo", value=1)
        with pytest.raises(NotFound, match="no stage 'nowhere'"):
            await operation.settle("nowhere", "redo")
        with pytest.raises(TooLate, match="'book' is pending, and not in doubt"):
            await operation.settle("book", "redo")
        assert await orchestrator.history(name) == before
        assert "DoubtSettled pay" not in words(before)
