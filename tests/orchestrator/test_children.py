"""Children after trouble: what they did outside is done once, over retries, forks, resumes and deaths."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from agentkit.agents import Agent, Task, agent
from agentkit.errors import OperationCancelled, OperationFailed
from agentkit.kernel import Approval, Map, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Hang
from tests.orchestrator.scenes import ended, opened, scripted

PAID: Workflow[object] = Workflow("paid", [Stage("pay", agent="payer"), Stage("then", agent="ada", after=["pay"])])


def payer(paid: list[str]) -> Agent[Any, Any]:
    @agent(name="payer")
    async def work(task: Task[Any]) -> object:
        async def pay(key: str) -> str:
            paid.append(key)
            return "receipt"

        return await task.effect("pay", key="INV-1").run(pay)

    return work


def outer(**settings: Any) -> Workflow[object]:
    return Workflow("outer", [Stage("kid", workflow=PAID, **settings)])


async def test_a_child_waits_for_the_end_of_the_one_before_it_and_repeats_nothing() -> None:
    paid: list[str] = []
    ends: list[str] = []

    @agent(name="ada")
    async def stubborn(task: Task[Any]) -> str:
        ends.append(f"begin {task.operation_id[-1]}")
        if task.operation_id.endswith("~1"):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(1_000)
            await asyncio.sleep(2)
        ends.append(f"end {task.operation_id[-1]}")
        return "done"

    async with opened(payer(paid), stubborn) as orchestrator:
        flow = outer(retry=RetryPolicy(attempts=2, delay=0.1, jitter=0, attempt_timeout=20))
        result = await (await orchestrator.submit(flow))

    assert result.output == "done"
    assert len(paid) == 1
    assert ends == ["begin 1", "end 1", "begin 2", "end 2"]


async def test_a_fork_does_the_work_of_a_child_again_but_not_its_effects() -> None:
    paid: list[str] = []
    ada = scripted("ada", ValueError("not today"), "done")
    async with opened(payer(paid), ada) as orchestrator:
        operation = await orchestrator.submit(outer())
        assert isinstance(await ended(operation), OperationFailed)
        fork = await orchestrator.fork(operation, at="kid")
        assert (await fork).output == "done"
        again = await orchestrator.fork(fork, at="kid")
        assert (await again).output == "done"

        child = await orchestrator.get(f"{again.id}~kid~1")
        assert (await child.state()).stage("pay").attempt == 1
    assert len(paid) == 1


async def test_a_fork_leaves_the_child_of_what_it_was_forked_from_alone() -> None:
    paid: list[str] = []
    async with opened(payer(paid), scripted("ada", Hang(), "done")) as orchestrator:
        operation = await orchestrator.submit(outer())
        await asyncio.sleep(1)
        fork = await orchestrator.fork(operation, at="kid")

        assert (await fork).output == "done"
        assert len(paid) == 1
        assert (await (await orchestrator.get(f"{operation.id}~kid~1")).state()).status == "running"
        await operation.cancel()


async def test_a_child_is_found_over_an_operation_that_made_none() -> None:
    paid: list[str] = []

    async def approved(operation: Operation[Any]) -> object:
        await operation.at_rest()
        await operation.approve("kid", by="ann")
        return await ended(operation)

    async with opened(payer(paid), scripted("ada", ValueError("not today"), "done")) as orchestrator:
        first = await orchestrator.submit(outer(approval=Approval()))
        assert isinstance(await approved(first), OperationFailed)
        second = await orchestrator.resume(first.id)
        await second.at_rest()
        await second.cancel()
        assert isinstance(await ended(second), OperationCancelled)
        third = await orchestrator.resume(second.id)
        await approved(third)

        assert (await third).output == "done"
        child = await orchestrator.get(f"{third.id}~kid~1")
        assert (await child.state()).stage("pay").attempt == 0
    assert len(paid) == 1


async def test_a_child_for_another_item_is_in_doubt_about_what_was_done() -> None:
    paid: list[str] = []
    flow = Workflow[object]("outer", [Stage("kid", workflow=PAID, map=Map())])
    async with opened(payer(paid), scripted("ada", "done", "done")) as orchestrator:
        operation = await orchestrator.submit(flow, ["a"])
        await operation
        fork = await orchestrator.fork(operation, input=["b"])
        await asyncio.sleep(1)
        child = await orchestrator.get(f"{fork.id}~kid~0~1")
        assert (await child.at_rest()).stage("pay").status == "in_doubt"
        await child.settle("pay", "redo")

        assert (await fork).output == ["done"]
    assert len(paid) == 2


async def test_what_was_undone_is_done_again_by_a_child() -> None:
    paid: list[str] = []
    flow = Workflow[object](
        "outer", [Stage("kid", workflow=PAID, undo="refund"), Stage("ship", agent="shipper", after=["kid"])]
    )
    agents = [scripted("ada"), scripted("refund"), scripted("shipper", ValueError("sold out"), "shipped")]
    async with opened(payer(paid), *agents) as orchestrator:
        operation = await orchestrator.submit(flow)
        await ended(operation)
        assert (await operation.state()).stage("kid").status == "undone"

        assert (await (await orchestrator.resume(operation.id))).output == "shipped"
    assert len(paid) == 2


async def die(orchestrator: Orchestrator, store: MemoryStore) -> MemoryStore:
    """The process is killed; what another one sees of the store."""
    store.abandon()
    await orchestrator.close(drain_seconds=0)
    return store.sibling()


@pytest.mark.parametrize("beside", [[], [Stage("beside", agent="bob")]])
async def test_a_suspect_and_its_child_do_not_wait_for_each_other(beside: list[Stage]) -> None:
    store = MemoryStore()
    flow = Workflow[object]("outer", [Stage("kid", workflow=Workflow("inner", [Stage("one", agent="ada")])), *beside])
    operation_id = ""
    for _ in range(2):
        orchestrator = opened(scripted("ada", Hang()), scripted("bob", Hang()), store=store)
        await orchestrator.open()
        operation_id = operation_id or (await orchestrator.submit(flow)).id
        await asyncio.sleep(1)
        store = await die(orchestrator, store)
    async with opened(scripted("ada"), scripted("bob"), store=store) as last:
        operation = await last.get(operation_id)
        await asyncio.wait_for(ended(operation), 60)
        state = await operation.state()

        assert state.status == "completed"
        assert state.deaths == (2 if beside else 0)
        assert (await (await last.get(f"{operation_id}~kid~1")).state()).deaths == 2
