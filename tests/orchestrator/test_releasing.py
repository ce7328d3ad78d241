"""Before a release: which operations in flight can be finished here; and bodies that are missing and come."""

import asyncio
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.kernel import AgentUnavailable, Approval, Stage, Workflow
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Hang
from tests.orchestrator.scenes import journal_of, opened, scripted

FLOW: Workflow[object] = Workflow(
    "flow",
    [
        Stage("read", agent="read"),
        Stage("ask", approval=Approval(), after=["read"]),
        Stage("pay", agent="pay", after=["read", "ask"], undo="repay", fallback=["pay_slowly"], resource="bank"),
    ],
)
CREW = ("read", "pay", "repay", "pay_slowly")


async def in_flight(store: MemoryStore, flow: Workflow[object], given: object = None) -> str:
    """An operation that waits for people."""
    async with opened(*(scripted(name) for name in CREW), store=store, resources={"bank": 1}) as orchestrator:
        operation = await orchestrator.submit(flow, given)
        await operation.at_rest()
        return operation.id


async def problems(store: MemoryStore, *agents: Any, resources: dict[str, int] | None = None) -> list[str]:
    """What is missing to finish the only operation in flight."""
    bank = {"bank": 1} if resources is None else resources
    async with opened(*agents, store=store.sibling(), adopt=False, resources=bank) as orchestrator:
        (check,) = await orchestrator.check_runs()
        assert check.can_finish is not bool(check.problems)
        return list(check.problems)


def crew(*without: str) -> list[Any]:
    return [scripted(name) for name in CREW if name not in without]


async def test_what_has_all_it_needs_can_be_finished() -> None:
    store = MemoryStore()
    async with store:
        await in_flight(store, FLOW)

        assert await problems(store, *crew()) == []
        assert await problems(store, *crew("read")) == []


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("pay", ["stage 'pay': there is no agent 'pay' here"]),
        ("pay_slowly", ["stage 'pay': there is no agent 'pay_slowly' here"]),
        ("repay", ["stage 'pay': there is no agent 'repay' here to undo its work"]),
    ],
)
async def test_every_agent_that_it_may_come_to_is_needed(missing: str, words: list[str]) -> None:
    store = MemoryStore()
    async with store:
        await in_flight(store, FLOW)

        assert await problems(store, *crew(missing)) == words


async def test_resources_and_the_agents_of_workflows_inside_are_needed() -> None:
    inner: Workflow[object] = Workflow("inner", [Stage("deep", agent="deep")])
    flow: Workflow[object] = Workflow(
        "outer", [Stage("ask", approval=Approval()), Stage("child", workflow=inner, after=["ask"])]
    )
    store = MemoryStore()
    async with store:
        async with opened(scripted("deep"), store=store) as orchestrator:
            await (await orchestrator.submit(flow)).at_rest()

        assert await problems(store) == ["stage 'child': its workflow: stage 'deep': there is no agent 'deep' here"]
    store = MemoryStore()
    async with store:
        await in_flight(store, FLOW)
        assert await problems(store, *crew(), resources={}) == ["stage 'pay': there is no resource 'bank' here"]


async def test_types_still_have_to_read_what_is_kept() -> None:
    @agent
    async def read(task: Task[object]) -> int:
        return 1

    store = MemoryStore()
    async with store:
        await in_flight(store, FLOW)
        found = await problems(store, read, *crew("read"))

    assert len(found) == 1
    assert found[0].startswith("stage 'read': its value is not what agent 'read' gives any more: ")


async def test_the_input_of_a_stage_that_has_not_begun_is_read_too() -> None:
    @agent
    async def later(task: Task[list[int]]) -> None: ...

    flow: Workflow[object] = Workflow("later", [Stage("pay", agent="later", approval=Approval())])
    store = MemoryStore()
    async with store:
        async with opened(scripted("later"), store=store) as orchestrator:
            await (await orchestrator.submit(flow, {"not": "a list"})).at_rest()
        (found,) = await problems(store, later)

    assert found.startswith("stage 'pay': agent 'later' does not take what is kept for it: ")


async def test_an_operation_that_is_being_undone_needs_who_undoes_and_nobody_else() -> None:
    stages = [
        Stage("book", agent="read", undo="repay"),
        Stage("fail", agent="pay", after=["book"]),
        Stage("never", agent="pay_slowly", after=["fail"]),
    ]
    store = MemoryStore()
    async with store:
        failing = scripted("pay", ValueError("no"))
        others = scripted("read"), scripted("repay", Hang()), scripted("pay_slowly")
        async with opened(failing, *others, store=store) as old:
            await old.submit(Workflow("undo", stages))
            await asyncio.sleep(1)
            await old.close(drain_seconds=0)

        assert await problems(store, scripted("repay")) == []
        assert await problems(store) == ["stage 'book': there is no agent 'repay' here to undo its work"]


async def test_those_that_have_ended_are_left_out_and_changed_definitions_are_told() -> None:
    store = MemoryStore()
    async with store, opened(*crew(), store=store, resources={"bank": 1}) as orchestrator:
        await orchestrator.run(Workflow("done", [Stage("read", agent="read")]))
        await (await orchestrator.submit(FLOW)).at_rest()

        assert [(check.workflow, check.changed) for check in await orchestrator.check_runs()] == [("flow", False)]
        assert not (await orchestrator.check_runs([FLOW]))[0].changed
        newer: Workflow[object] = Workflow("flow", [Stage("read", agent="read")])
        (check,) = await orchestrator.check_runs([newer])
        assert (check.changed, check.can_finish, check.status) == (True, True, "running")


async def test_a_journal_that_cannot_be_read_is_one_that_cannot_be_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    async with store:
        name = await in_flight(store, FLOW)
        sibling = store.sibling()
        read = sibling.read

        async def read_badly(stream: str, **settings: Any) -> Any:
            return (await read(stream, **settings))[1:] if stream == name else await read(stream, **settings)

        monkeypatch.setattr(sibling, "read", read_badly)
        async with opened(*crew(), store=sibling, adopt=False) as orchestrator:
            (check,) = await orchestrator.check_runs()

    assert check.problems[0].startswith("its journal cannot be read: ")


async def test_every_page_of_operations_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.orchestrator.releasing._PAGE", 2)
    async with opened(*crew(), resources={"bank": 1}) as orchestrator:
        names = {(await orchestrator.submit(FLOW)).id for _ in range(5)}

        assert {check.operation_id for check in await orchestrator.check_runs()} == names


async def test_a_body_that_is_missing_parks_its_stage_until_a_process_has_it() -> None:
    flow: Workflow[object] = Workflow("two", [Stage("read", agent="read"), Stage("pay", agent="pay", after=["read"])])
    store = MemoryStore()
    read, hanging = scripted("read", "read"), scripted("pay", Hang())
    async with store:
        async with opened(read, hanging, store=store.sibling()) as old:
            operation = await old.submit(flow)
            await asyncio.sleep(1)
            await old.close(drain_seconds=0)
        async with opened(read, store=store.sibling()) as without:
            parked = await without.get(operation.id)
            await asyncio.sleep(30)
            assert (await parked.state()).stage("pay").status == "unavailable"
        async with opened(read, scripted("pay", "paid"), store=store.sibling()) as new:
            found = await new.get(operation.id)
            assert (await found).output == "paid"
            journal = await journal_of(found)

    assert any(isinstance(event, AgentUnavailable) and event.agent == "pay" for event in journal)
    assert read.runs == 1


async def test_a_deploy_changes_only_new_operations() -> None:
    old: Workflow[object] = Workflow(
        "flow", [Stage("ask", approval=Approval()), Stage("pay", agent="pay", after=["ask"], instruction="old")]
    )
    new: Workflow[object] = Workflow("flow", [Stage("pay", agent="pay", instruction="new")])
    pay = scripted("pay", lambda task: task.instruction)
    store = MemoryStore()
    async with store:
        async with opened(pay, store=store.sibling()) as before:
            operation = await before.submit(old)
            await operation.at_rest()
        async with opened(pay, store=store.sibling()) as after:
            assert (await after.run(new)).output == "new"
            found = await after.get(operation.id)
            await found.approve("ask", by="bob")
            assert (await found).output == "old"
            moved = await after.fork(found, workflow=new)
            assert (await moved).output == "new"
