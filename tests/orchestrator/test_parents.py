"""The parent of a child that rests, rests too: a row and nothing else, until the child is about to end."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from agentkit.errors import OperationCancelled, OperationFailed, StoreUnavailable, TooLate
from agentkit.kernel import (
    Allowance,
    Approval,
    ApprovalRequested,
    AttemptStarted,
    ChildHeard,
    Event,
    Map,
    OperationAccepted,
    OperationAdopted,
    RetryPolicy,
    Stage,
    Workflow,
)
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.stores import MemoryStore, Store
from agentkit.testing import Approve, Call, Fault, FaultKind, FaultyStore, VirtualClock, crash_everywhere
from agentkit.testing.agents import Hang, Sleep
from tests.orchestrator.scenes import ended, now, opened, scripted

MANY = 1_000
TWO = Allowance(calls=2)


def asks(**settings: Any) -> Workflow[object]:
    return Workflow("asks", [Stage("pay", agent="ada", approval=Approval(**settings))])


def outer(inner: Workflow[object] | None = None, **settings: Any) -> Workflow[object]:
    return Workflow("outer", [Stage("kid", workflow=inner or asks(), **settings)])


async def at_rest(orchestrator: Orchestrator, flow: Workflow[object], given: object = None) -> Operation[Any]:
    """An operation that rests, with all that it began."""
    operation = await orchestrator.submit(flow, given)
    await operation.at_rest()
    await asyncio.sleep(0.01)
    assert orchestrator.active == 0
    return operation


async def child_of(orchestrator: Orchestrator, operation: Operation[Any], stage: str = "kid") -> Operation[Any]:
    return await orchestrator.get(f"{operation.id}~{stage}~1")


async def told(operation: Operation[Any]) -> list[str]:
    """What the journal of an operation says of its child, and its changes of hands."""
    kinds = [type(entry.event).__name__ async for entry in operation.events()]
    return [kind for kind in kinds if kind in ("ChildAwaited", "ChildHeard", "OperationAdopted")]


async def leases(store: Store, names: Sequence[str]) -> int:
    """How many of these nobody else holds: whoever asks for one gets it."""
    found = [await store.claim(name) for name in names]
    for lease in filter(None, found):
        await store.release(lease)
    return len([*filter(None, found)])


async def test_a_thousand_parents_that_wait_for_children_are_two_thousand_rows_and_nothing_else() -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    async with opened(ada, store=store) as orchestrator, store.sibling() as other:
        tasks = len(asyncio.all_tasks())
        parents = [await orchestrator.submit(outer()) for _ in range(MANY)]
        for parent in parents:
            await parent.at_rest()
        await asyncio.sleep(0.01)

        assert (orchestrator.active, await orchestrator.stalled(), len(asyncio.all_tasks())) == (0, [], tasks)
        children = [request.operation_id for request in await orchestrator.approvals(limit=2 * MANY)]
        assert await leases(other, [*children, *(parent.id for parent in parents)]) == 2 * MANY
        for child in children:
            await (await orchestrator.get(child)).approve("pay", by="bob")
        results = [await parent for parent in parents]

    assert ([result.output for result in results], ada.runs) == (["paid"] * MANY, MANY)


async def test_a_parent_sleeps_once_and_wakes_once_however_often_its_child_does() -> None:
    async with opened(scripted("ada", "paid")) as orchestrator:
        parent = await at_rest(orchestrator, outer(asks(remind=400)))
        child = await child_of(orchestrator, parent)
        await asyncio.sleep(10_000)
        assert sum(isinstance(event, OperationAdopted) for event in await orchestrator.history(child.id)) > 20
        await child.approve("pay", by="bob")

        assert (await parent).output == "paid"
        assert await told(parent) == ["ChildAwaited", "ChildHeard", "OperationAdopted"]


async def test_a_child_that_does_not_rest_costs_its_parent_no_event() -> None:
    async with opened(scripted("ada", "paid")) as orchestrator:
        parent = await orchestrator.submit(outer(Workflow("works", [Stage("pay", agent="ada")])))

        assert (await parent).output == "paid"
        assert await told(parent) == []


async def test_a_whole_family_rests_and_wakes() -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    family = Workflow[object]("grand", [Stage("son", workflow=outer())])
    async with opened(ada, store=store) as orchestrator, store.sibling() as other:
        grand = await at_rest(orchestrator, family)
        names = [grand.id, f"{grand.id}~son~1", f"{grand.id}~son~1~kid~1"]
        assert await leases(other, names) == 3
        await (await orchestrator.get(names[-1])).approve("pay", by="bob")

        assert (await grand).output == "paid"


async def test_what_a_parent_does_besides_goes_on_while_its_child_rests() -> None:
    stages = [Stage("kid", workflow=asks()), Stage("wait", wait=600), Stage("then", agent="ada", after=["wait"])]
    ada = scripted("ada", "done")
    async with opened(ada) as orchestrator:
        parent = await at_rest(orchestrator, Workflow("outer", stages))
        await asyncio.sleep(700)
        assert (ada.runs, orchestrator.active) == (1, 0)
        await (await child_of(orchestrator, parent)).approve("pay", by="bob")

        assert (await parent).output == {"kid": "done", "then": "done"}


async def test_items_that_are_children_wake_their_parent_one_by_one() -> None:
    async with opened(scripted("ada", lambda task: task.input)) as orchestrator:
        parent = await at_rest(orchestrator, outer(map=Map()), [1, 2, 3])
        for place in (1, 0, 2):
            await (await child_of(orchestrator, parent, f"kid~{place}")).approve("pay", by="bob")
            await asyncio.sleep(1)
            assert orchestrator.active == 0

        assert (await parent).output == [1, 2, 3]


@pytest.mark.parametrize("adopt", [True, False])
async def test_cancelling_a_resting_parent_cancels_its_child(adopt: bool) -> None:
    family = Workflow[object]("grand", [Stage("son", workflow=outer())])
    async with opened(scripted("ada"), adopt=adopt) as orchestrator:
        grand = await at_rest(orchestrator, family)
        await grand.cancel("enough")

        assert isinstance(await ended(grand), OperationCancelled)
        for name in ("son~1", "son~1~kid~1"):
            assert isinstance(await ended(await orchestrator.get(f"{grand.id}~{name}")), OperationCancelled)


async def test_who_has_no_agents_can_cancel_a_whole_family_that_rests() -> None:
    store = MemoryStore()
    async with opened(scripted("ada"), store=store) as orchestrator:
        parent = await at_rest(orchestrator, outer())
    async with opened(store=store.sibling(), adopt=False) as teller:
        await (await teller.get(parent.id)).cancel()
        assert isinstance(await ended(await child_of(teller, parent)), OperationCancelled)
        assert [line.status for line in await teller.list()] == ["cancelled", "cancelled"]


@pytest.mark.parametrize("adopt", [True, False])
@pytest.mark.parametrize("of_stage", [True, False])
async def test_the_time_of_a_stage_or_an_operation_runs_while_both_rest(of_stage: bool, adopt: bool) -> None:
    kid = Stage("kid", workflow=asks(), timeout=7_200 if of_stage else None)
    flow = Workflow[object]("outer", [kid], timeout=None if of_stage else 7_200)
    began = now()
    async with opened(scripted("ada"), adopt=adopt) as orchestrator:
        parent = await at_rest(orchestrator, flow)
        error = await ended(parent)
        child = await child_of(orchestrator, parent)

        assert "took longer than 7200 s" in str(error)
        assert now() - began == pytest.approx(7_200, abs=1)
        assert isinstance(await ended(child), OperationCancelled)


async def test_a_stage_whose_time_is_up_begins_another_child() -> None:
    retry = RetryPolicy(attempts=2, delay=1, jitter=0, attempt_timeout=3_600)
    async with opened(scripted("ada", "paid")) as orchestrator:
        parent = await at_rest(orchestrator, outer(retry=retry))
        await asyncio.sleep(3_700)
        assert orchestrator.active == 0
        assert isinstance(await ended(await child_of(orchestrator, parent)), OperationCancelled)
        await (await orchestrator.get(f"{parent.id}~kid~2")).approve("pay", by="bob")

        assert (await parent).output == "paid"


async def test_a_time_that_is_up_while_no_process_is_there_is_told_by_the_next_one() -> None:
    store = MemoryStore()
    async with opened(scripted("ada"), store=store) as orchestrator:
        parent = await at_rest(orchestrator, outer(timeout=7_200))
    await asyncio.sleep(10_000)
    async with opened(scripted("ada"), store=store.sibling()) as orchestrator:
        error = await ended(await orchestrator.get(parent.id))

    assert isinstance(error, OperationFailed)


@pytest.mark.parametrize("adopt", [True, False])
async def test_a_child_that_is_approved_in_another_process_wakes_its_parent(adopt: bool) -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    async with (
        opened(ada, store=store, adopt=False) as first,
        opened(ada, store=store.sibling(), adopt=adopt) as second,
    ):
        parent = await at_rest(first, outer())
        await (await child_of(second, parent)).approve("pay", by="bob")
        async with asyncio.timeout(60):
            assert (await parent).output == "paid"

    assert ada.runs == 1


async def test_who_lacks_the_agents_of_the_parent_leaves_it_to_those_who_have_them() -> None:
    store, bob = MemoryStore(), scripted("bob", "sent")
    flow = Workflow[object]("outer", [Stage("kid", workflow=asks()), Stage("send", agent="bob", after=["kid"])])
    async with opened(scripted("ada"), bob, store=store, adopt=False) as first:
        parent = await at_rest(first, flow)
    async with opened(scripted("ada"), store=store.sibling(), adopt=False) as second:
        child = await child_of(second, parent)
        await child.approve("pay", by="cyd")
        await child
        assert await second.stalled() == [parent.id]
    async with opened(bob, store=store.sibling()) as third:
        assert (await (await third.get(parent.id))).output == "sent"


@pytest.mark.parametrize("is_here", [True, False])
async def test_an_end_that_comes_while_a_parent_comes_to_rest_is_not_lost(is_here: bool) -> None:
    store = MemoryStore()
    for turns in range(40):
        async with (
            opened(scripted("ada", "paid"), store=store, adopt=False) as first,
            opened(scripted("ada", "paid"), store=store.sibling(), adopt=False) as second,
        ):
            parent = await first.submit(outer())
            child = f"{parent.id}~kid~1"
            while not await second.approvals():  # noqa: ASYNC110 - turn by turn, to find every moment
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            await (await (first if is_here else second).get(child)).approve("pay", by="bob")
            async with asyncio.timeout(60):
                assert (await parent).output == "paid"


@pytest.mark.blocking
def test_whichever_write_a_process_dies_at_the_family_is_finished() -> None:
    family = Workflow[object]("grand", [Stage("son", workflow=outer())])
    runs = crash_everywhere(family, [scripted("ada", "paid")], people=[Approve("pay", by="bob", after=3_600)])

    assert len(runs) > 20
    assert {run.status for run in runs} == {"completed"}


@pytest.mark.parametrize("call", ["get", "claim", "read", "append", "release"])
@pytest.mark.parametrize("kind", ["fail_before", "fail_after"])
async def test_a_store_that_fails_while_a_parent_wakes_only_delays_it(call: Call, kind: FaultKind) -> None:
    for number in range(1, 8):
        store = FaultyStore(MemoryStore())
        async with opened(scripted("ada", "paid"), store=store, adopt_seconds=5.0) as orchestrator:
            parent = await at_rest(orchestrator, outer())
            child = await child_of(orchestrator, parent)
            fault = Fault(kind=kind, number=store.calls.count(call) + number, call=call)
            vars(store)["_faults"] = (fault,)
            for _ in range(2):
                # Who says or asks something may be the one whom the fault strikes.
                with suppress(StoreUnavailable, TooLate):
                    await child.approve("pay", by="bob")
            with suppress(StoreUnavailable):
                await asyncio.wait_for(parent.result(), 120)
            assert (await parent).output == "paid"


class Hasty(MemoryStore):
    """Somebody refuses what is asked before the driver that asks it hears that the question is kept."""

    orchestrator: Orchestrator
    tasks: set[asyncio.Task[None]]

    async def append(self, stream: str, events: Sequence[Event], **settings: Any) -> None:
        """See `Journal.append`."""
        await super().append(stream, events, **settings)
        if isinstance(events[-1], ApprovalRequested):
            operation = await self.orchestrator.get(stream)
            self.tasks = {asyncio.ensure_future(operation.refuse("pay", by="bob"))}
            await asyncio.sleep(0.01)


async def test_a_child_whose_driver_does_not_even_let_go_of_it_is_heard_of_too() -> None:
    store, ask = Hasty(), Stage("pay", after=["first"], approval=Approval())
    inner = Workflow[object]("inner", [Stage("first", agent="ada"), ask])
    async with opened(scripted("ada"), store=store, adopt=False) as orchestrator:
        store.orchestrator, runtime = orchestrator, vars(orchestrator)["_runtime"]
        accepted = OperationAccepted(at=runtime.now(), operation_id="p", workflow=outer(inner), input="null")
        started = AttemptStarted(at=runtime.now(), stage="kid", attempt=1, agent="inner")
        await store.append("p", [accepted, started], expected=0)
        await runtime.begin([replace(accepted, operation_id="p~kid~1", workflow=inner, parent="p")])
        await (await orchestrator.get("p~kid~1"))

        assert isinstance((await store.read("p"))[2], ChildHeard)


async def test_a_child_that_waits_for_a_moment_only_has_a_parent_that_does_not_rest() -> None:
    store, name = MemoryStore(), ""
    inner = Workflow[object]("inner", [Stage("wait", wait=30), Stage("pay", agent="ada", after=["wait"])])
    async with opened(scripted("ada"), store=store) as first:
        name = (await first.submit(outer(inner))).id
        await asyncio.sleep(1)
        store.abandon()
    async with (
        opened(scripted("ada", "paid"), store=store.sibling(), adopt=False) as second,
        opened(scripted("ada", "paid"), store=store.sibling(), adopt=False) as third,
    ):
        await second.resume(f"{name}~kid~1")
        parent = await third.resume(name)

        assert (await parent).output == "paid"
        assert await told(parent) == ["OperationAdopted", "ChildHeard"]


async def test_a_child_that_comes_to_quarantine_wakes_its_parent() -> None:
    store, name = MemoryStore(), ""
    for _ in range(2):
        deadly = opened(scripted("ada", Hang()), store=store, max_deaths=2)
        await deadly.open()
        if not name:
            parent = await at_rest(deadly, outer())
            name = parent.id
            await (await child_of(deadly, parent)).approve("pay", by="bob")
        await asyncio.sleep(1)
        store.abandon()
        await deadly.close(drain_seconds=0)
        store = store.sibling()
    async with opened(scripted("ada"), store=store, max_deaths=2) as last:
        error = await asyncio.wait_for(ended(await last.get(name)), 60)
        child = await (await last.get(f"{name}~kid~1")).state()

    assert child.status == "quarantined"
    assert "quarantine" in str(error)


SPENDER: Workflow[object] = Workflow(
    "spender",
    [
        Stage("first", agent="ada"),
        Stage("ask", after=["first"], approval=Approval()),
        Stage("second", agent="ada", after=["ask"]),
        Stage("third", agent="ada", after=["second"]),
    ],
)


def limited(store: Store) -> Orchestrator:
    tenants = {"acme": Allowance(calls=9)}
    return Orchestrator([scripted("ada", "done")], store=store, clock=VirtualClock(), budgets=tenants)


async def begun(orchestrator: Orchestrator, flow: Workflow[object]) -> Operation[Any]:
    operation = await orchestrator.submit(flow, tenant="acme")
    await asyncio.sleep(1)
    assert orchestrator.active == 0
    return operation


def kept(orchestrator: Orchestrator) -> object:
    books = vars(orchestrator)["_budgets"]
    return books._trees, books._begun, books._homes, books._driven, books._known, books._ending


NOTHING: object = ({}, {}, {}, {}, {}, set[str]())


async def test_a_child_spends_what_its_parent_may_while_the_parent_rests() -> None:
    async with limited(MemoryStore()) as orchestrator:
        parent = await begun(orchestrator, outer(SPENDER, budget=TWO))
        child = await child_of(orchestrator, parent)
        await child.approve("ask", by="bob")
        await ended(parent)

        assert (await child.state()).stage("second").status == "completed"
        assert "budget 'stage kid' does" in str(await ended(child))
        assert ((await parent.state()).usage.calls, orchestrator.budgets["acme"].spent.calls) == (2, 2)
        assert kept(orchestrator) == NOTHING


async def test_what_a_child_spends_while_its_parent_rests_counts_once() -> None:
    then = Stage("then", agent="ada", after=["kid"])
    flow = Workflow[object]("outer", [Stage("kid", workflow=SPENDER), then], budget=Allowance(calls=5))
    async with limited(MemoryStore()) as orchestrator:
        parent = await begun(orchestrator, flow)
        await (await child_of(orchestrator, parent)).approve("ask", by="bob")
        await parent

        assert ((await parent.state()).usage.calls, orchestrator.budgets["acme"].spent.calls) == (4, 4)
        assert kept(orchestrator) == NOTHING


async def test_a_child_spends_what_its_parent_may_in_the_next_process_too() -> None:
    store, family = MemoryStore(), Workflow[object]("grand", [Stage("son", workflow=outer(SPENDER), budget=TWO)])
    async with limited(store) as first:
        grand = await begun(first, family)
    async with limited(store.sibling()) as second:
        child = await second.get(f"{grand.id}~son~1~kid~1")
        await child.approve("ask", by="bob")
        await ended(await second.get(grand.id))

        assert "budget 'stage son' does" in str(await ended(child))
        assert second.budgets["acme"].counted.calls == 2
        assert kept(second) == NOTHING


async def test_a_tenant_counts_a_child_once_in_the_next_process_too() -> None:
    store = MemoryStore()
    flow = Workflow[object]("outer", [Stage("kid", workflow=SPENDER), Stage("then", agent="ada", after=["kid"])])
    async with limited(store) as first:
        parent = await begun(first, flow)
    async with limited(store.sibling()) as second:
        await (await child_of(second, parent)).approve("ask", by="bob")
        assert (await (await second.get(parent.id))).output == "done"
        assert second.budgets["acme"].counted.calls == 4


async def test_what_a_child_spent_in_another_process_counts_where_its_parent_goes_on() -> None:
    store = MemoryStore()
    stages = [Stage("kid", workflow=SPENDER), Stage("long", agent="hold"), Stage("then", agent="ada", after=["kid"])]
    flow = Workflow[object]("outer", stages, budget=Allowance(calls=9))

    def process(store: Store) -> Orchestrator:
        return opened(scripted("ada", "done"), scripted("hold", Sleep(100, "held")), store=store, adopt=False)

    async with process(store) as here, process(store.sibling()) as there:
        parent = await here.submit(flow)
        await asyncio.sleep(20)
        await (await child_of(there, parent)).approve("ask", by="bob")
        await parent

        assert (await parent.state()).usage.calls == 5


async def test_what_a_child_spent_counts_when_its_resting_parent_is_cancelled() -> None:
    async with limited(MemoryStore()) as orchestrator:
        parent = await begun(orchestrator, outer(SPENDER, budget=TWO))
        await parent.cancel()
        await ended(await child_of(orchestrator, parent))
        await asyncio.sleep(1)

        assert ((await parent.state()).usage.calls, orchestrator.budgets["acme"].spent.calls) == (1, 1)
        assert kept(orchestrator) == NOTHING


async def test_the_seconds_of_a_budget_run_out_while_both_rest() -> None:
    began = now()
    async with limited(MemoryStore()) as orchestrator:
        parent = await begun(orchestrator, outer(budget=Allowance(seconds=3_600)))
        error = await ended(parent)

    assert "took longer than 3600 s" in str(error)
    assert now() - began == pytest.approx(3_600, abs=1)
