"""A store that goes wrong at every single call, one fault per run: the run ends right, or its caller is told."""

import asyncio
import logging

import pytest

from agentkit.errors import StoreUnavailable
from agentkit.kernel import AttemptSucceeded, RetryPolicy, Stage, Workflow, replay
from agentkit.orchestrator import Orchestrator
from agentkit.stores import MemoryStore
from agentkit.testing import Fault, FaultKind, FaultyStore
from agentkit.testing.agents import ScriptedAgent, Sleep
from tests.engines.scenes import until
from tests.orchestrator.scenes import ended, journal_of, now, opened, scripted, words

FLOW: Workflow[object] = Workflow(
    "flow",
    [
        Stage("a", agent="ada"),
        Stage("b", agent="bob", after=["a"], retry=RetryPolicy(attempts=2, delay=1)),
        Stage("c", agent="ada", after=["a"], required=False, fallback=["cyd"]),
        Stage("d", agent="dan", after=["b", "c"]),
    ],
)
MOST_CALLS = 40


def agents() -> list[ScriptedAgent]:
    return [
        scripted("ada", lambda task: Sleep(1, f"ada {task.stage}")),
        scripted("bob", lambda task: ConnectionError("no") if task.attempt == 1 else ["bob"]),
        scripted("cyd", "cyd"),
        scripted("dan", Sleep(1, lambda task: [task.input, list(task.missing)])),
    ]


async def insist(orchestrator: Orchestrator) -> object:
    """A caller who asks again, with the same key, for as long as the store is the reason."""
    for _ in range(5):
        try:
            return (await orchestrator.run(FLOW, {"n": 1}, key="once")).output
        except StoreUnavailable:
            continue
    raise AssertionError("one fault, and never an answer")


async def opening(store: FaultyStore) -> Orchestrator:
    orchestrator = opened(*agents(), store=store)
    try:
        await orchestrator.open()
    except StoreUnavailable:
        await orchestrator.open()
    return orchestrator


async def closing(orchestrator: Orchestrator) -> None:
    try:
        await orchestrator.close(drain_seconds=0)
    except StoreUnavailable:
        await orchestrator.close(drain_seconds=0)


async def lived_through(*faults: Fault) -> tuple[object, list[str], FaultyStore]:
    store = FaultyStore(MemoryStore(), *faults)
    before = asyncio.all_tasks()
    orchestrator = await opening(store)
    output = await insist(orchestrator)
    (line,) = await store.inner.find()
    journal = list(await store.inner.read(line.stream))
    successes = [(event.stage, event.attempt) for event in journal if isinstance(event, AttemptSucceeded)]
    assert len(successes) == len({stage for stage, _ in successes})
    assert replay(journal).ended
    await closing(orchestrator)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    return output, words(journal), store


@pytest.mark.parametrize("kind", ["fail_before", "fail_after", "delay"])
async def test_one_fault_at_any_call_changes_no_result(kind: FaultKind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="agentkit")
    output, names, _ = await lived_through()
    struck = 0
    for number in range(1, MOST_CALLS):
        got, journal, store = await lived_through(Fault(kind=kind, number=number))
        struck += len(store.struck)
        assert got == output, f"call {number}"
        kept = [name for name in journal if not name.startswith("OperationAdopted")]
        assert sorted(set(kept)) == sorted(set(names)), f"call {number}"

    assert struck > 12


@pytest.mark.parametrize("number", range(1, 10))
async def test_a_store_that_hangs_is_waited_for(number: int) -> None:
    output, *_ = await lived_through()
    fault = Fault(kind="hang", number=number, call="append")
    store = FaultyStore(MemoryStore(), fault)
    async with opened(*agents(), store=store) as orchestrator:
        asyncio.get_running_loop().call_later(500, store.thaw)

        assert (await orchestrator.run(FLOW, {"n": 1})).output == output


async def test_who_submits_without_a_key_is_told_and_the_operation_still_runs() -> None:
    store = FaultyStore(MemoryStore(), Fault(kind="fail_after", number=1, call="append"))
    async with opened(*agents(), store=store) as orchestrator:
        with pytest.raises(StoreUnavailable):
            _ = await orchestrator.submit(FLOW)
        (line,) = await orchestrator.list()

        assert (await (await orchestrator.get(line.stream))).output is not None


async def test_a_store_that_stays_away_is_told_to_who_waits(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="agentkit")
    faults = [Fault(kind="fail_before", number=number) for number in range(4, 200)]
    store = FaultyStore(MemoryStore(), *faults)
    async with opened(*agents(), store=store, patience_seconds=10) as orchestrator:
        operation = await orchestrator.submit(FLOW)
        began = now()
        error = await ended(operation)

        assert isinstance(error, StoreUnavailable)
        assert now() - began < 20
        await until(lambda: len(store.calls) >= 200)
        assert (await operation).output is not None


async def test_what_was_not_committed_is_no_result(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="agentkit")
    one: Workflow[object] = Workflow("one", [Stage("only", agent="cyd")])
    faults = [Fault(kind="fail_before", number=number, call="append") for number in range(2, 60)]
    store = FaultyStore(MemoryStore(), *faults)
    async with opened(*agents(), store=store, patience_seconds=0) as orchestrator:
        operation = await orchestrator.submit(one)

        assert isinstance(await ended(operation), StoreUnavailable)
        assert not (await operation.state()).ended


async def test_two_orchestrators_that_steal_from_each_other_make_one_history() -> None:
    store = MemoryStore()
    chain = [Stage(f"s{n}", agent="ada", after=[f"s{n - 1}"] if n else []) for n in range(10)]
    one, two = (opened(scripted("ada", Sleep(1, "x")), store=kept) for kept in (store, store.sibling()))
    async with one, two:
        operation = await one.submit(Workflow("chain", chain))
        for number in range(12):
            await asyncio.sleep(0.73 + 0.05 * number)
            _ = await (two, one)[number % 2].resume(operation.id, take=True)
        result = await operation
        journal = await journal_of(operation)

    assert len(dict(result.values)) == 10
    assert [sum(isinstance(e, AttemptSucceeded) and e.stage == f"s{n}" for e in journal) for n in range(10)] == [1] * 10
