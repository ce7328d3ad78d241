"""Waiting holds no task, no thread and no lease, whoever says something and whatever happens meanwhile."""

import asyncio
import gc
import threading
import tracemalloc
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import OperationCancelled, OperationFailed, StoreUnavailable, TooLate
from agentkit.kernel import Approval, OperationAdopted, Stage, Workflow
from agentkit.orchestrator import Limits, Operation, Orchestrator
from agentkit.stores import MemoryStore, SqliteStore
from agentkit.testing import Call, Fault, FaultyStore
from agentkit.testing.agents import Hang
from tests.orchestrator.scenes import ended, now, opened, scripted

MANY = 1_000


def pay(deadline: float | None = None) -> Workflow[object]:
    return Workflow("pay", [Stage("pay", agent="ada", approval=Approval(deadline=deadline))])


async def begun(orchestrator: Orchestrator, count: int, flow: Workflow[object]) -> list[Operation]:
    """Operations that wait for people, with nothing left to do for them here."""
    operations = [await orchestrator.submit(flow) for _ in range(count)]
    for operation in operations:
        await operation.at_rest()
    await asyncio.sleep(0.01)
    return operations


async def test_a_thousand_that_wait_are_a_thousand_rows_and_nothing_else() -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    async with opened(ada, store=store) as orchestrator:
        tasks, threads = len(asyncio.all_tasks()), threading.active_count()
        operations = await begun(orchestrator, MANY, pay())

        assert (orchestrator.active, await orchestrator.stalled()) == (0, [])
        assert (len(asyncio.all_tasks()), threading.active_count()) == (tasks, threads)
        other = store.sibling()
        async with other:
            # Nobody holds a lease: whoever asks for one gets it.
            leases = [await other.claim(operation.id) for operation in operations]
            assert None not in leases
            for lease in filter(None, leases):
                await other.release(lease)
        assert len(await orchestrator.approvals(limit=2 * MANY)) == MANY
        for operation in operations:
            await operation.approve("pay", by="bob")
        results = [await operation for operation in operations]

    assert ([result.output for result in results], ada.runs) == (["paid"] * MANY, MANY)


@pytest.mark.parametrize("adopt", [True, False])
def test_what_waits_holds_less_than_3_kb_in_the_process(adopt: bool, tmp_path: Path) -> None:
    count = 300

    async def main() -> float:
        store = SqliteStore(tmp_path / "runs.db")
        async with Orchestrator([scripted("ada")], store=store, adopt=adopt) as orchestrator:
            await begun(orchestrator, 10, pay(1e6))
            gc.collect()
            tracemalloc.start()
            await begun(orchestrator, count, pay(1e6))
            gc.collect()
            held, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert orchestrator.active == 0
            return held / count

    held = asyncio.run(main())
    assert held < 3_000


@pytest.mark.parametrize("adopt", [True, False])
async def test_a_deadline_is_kept_although_nobody_asks(adopt: bool) -> None:
    began = now()
    async with opened(scripted("ada"), adopt=adopt) as orchestrator:
        (operation,) = await begun(orchestrator, 1, pay(7_200))
        assert orchestrator.active == 0
        with pytest.raises(OperationFailed, match="nobody decided in time"):
            await operation

    assert now() - began == pytest.approx(7_200, abs=1)


async def test_a_deadline_that_passes_while_no_process_is_there_is_told_by_the_next_one() -> None:
    store = MemoryStore()
    async with opened(scripted("ada"), store=store) as orchestrator:
        (operation,) = await begun(orchestrator, 1, pay(7_200))
    await asyncio.sleep(10_000)
    async with opened(scripted("ada"), store=store.sibling()) as orchestrator:
        error = await ended(await orchestrator.get(operation.id))

    assert "nobody decided in time" in str(error)


async def test_a_vote_after_a_restart_goes_on_with_what_was_done_before() -> None:
    store, ada, bob = MemoryStore(), scripted("ada", "read"), scripted("bob", "paid")
    flow: Workflow[object] = Workflow(
        "flow", [Stage("read", agent="ada"), Stage("pay", agent="bob", after=["read"], approval=Approval())]
    )
    async with opened(ada, bob, store=store) as orchestrator:
        (operation,) = await begun(orchestrator, 1, flow)
    async with opened(ada, bob, store=store.sibling(), adopt=False) as orchestrator:
        again = await orchestrator.get(operation.id)
        assert orchestrator.active == 0
        await again.approve("pay", by="cyd")
        result = await again

    assert (result.output, ada.runs, bob.runs) == ("paid", 1, 1)


async def test_who_lacks_the_agents_only_writes_what_was_said() -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    async with opened(ada, store=store, adopt=False) as orchestrator:
        (operation,) = await begun(orchestrator, 1, pay())
    async with opened(store=store.sibling(), adopt=False) as teller:
        await (await teller.get(operation.id)).approve("pay", by="bob")
        assert (teller.active, await teller.stalled()) == (0, [operation.id])
    async with opened(ada, store=store.sibling()) as orchestrator:
        found = await orchestrator.get(operation.id)
        assert (await found).output == "paid"
        owners = [event for event in await orchestrator.history(found.id) if isinstance(event, OperationAdopted)]

    assert len(owners) == 1


async def test_who_lacks_the_agents_can_end_what_needs_none() -> None:
    store = MemoryStore()
    async with opened(scripted("ada"), store=store, adopt=False) as orchestrator:
        refused, cancelled = await begun(orchestrator, 2, pay())
    async with opened(store=store.sibling(), adopt=False) as teller:
        await (await teller.get(refused.id)).refuse("pay", by="bob")
        await (await teller.get(cancelled.id)).cancel()
        await asyncio.sleep(1)

        assert [line.status for line in await teller.list()] == ["cancelled", "failed"]


async def test_what_rested_here_goes_on_here_when_another_process_says_something() -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    async with (
        opened(ada, store=store, adopt=False) as orchestrator,
        opened(store=store.sibling(), adopt=False) as teller,
    ):
        (operation,) = await begun(orchestrator, 1, pay())
        await (await teller.get(operation.id)).approve("pay", by="bob")
        result = await operation

    assert (result.output, ada.runs) == ("paid", 1)


async def test_a_vote_while_an_operation_comes_to_rest_is_not_lost() -> None:
    store = MemoryStore()
    for turns in range(12):
        async with (
            opened(scripted("ada", "paid"), store=store, adopt=False) as orchestrator,
            opened(store=store.sibling(), adopt=False) as teller,
        ):
            operation = await orchestrator.submit(pay())
            found = await teller.get(operation.id)
            while not await found.questions():  # noqa: ASYNC110 - turn by turn, to find every moment
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            await found.approve("pay", by="bob")
            async with asyncio.timeout(60):
                assert (await operation).output == "paid"


def test_on_a_real_store_an_operation_rests_is_voted_on_and_ends(tmp_path: Path) -> None:
    runs: list[int] = []

    @agent(name="ada")
    async def work(task: Task[object]) -> str:
        runs.append(task.attempt)
        return "paid" if task.approval("sure", deadline=60) else "kept"

    async def main() -> tuple[object, str]:
        address = f"sqlite:///{tmp_path}/runs.db"
        limits = Limits(rest_seconds=0.1)
        async with Orchestrator([work], store=address, limits=limits) as orchestrator:
            operation = await orchestrator.submit(pay(0.5))
            asked = await orchestrator.submit(Workflow("ask", [Stage("ask", agent="ada")]))
            await asked.at_rest()
            error = await ended(operation)
        async with Orchestrator([work], store=address, adopt=False) as orchestrator:
            again = await orchestrator.get(asked.id)
            await again.approve("ask", name="sure", by="bob")
            return (await again).output, str(error)

    output, error = asyncio.run(main())
    assert (output, runs) == ("paid", [1, 2])
    assert "nobody decided in time" in error


async def test_whoever_takes_up_what_rests_lets_go_of_it_again() -> None:
    store = MemoryStore()
    async with opened(scripted("ada"), store=store) as first:
        (operation,) = await begun(first, 1, pay())
    async with opened(scripted("ada"), store=store) as second:
        await second.resume(operation.id)
        await asyncio.sleep(0.01)

        assert second.active == 0


def test_votes_that_race_on_one_file_are_counted_once_each(tmp_path: Path) -> None:
    runs: list[int] = []

    @agent(name="ada")
    async def work(task: Task[object]) -> str:
        runs.append(task.attempt)
        return "paid"

    async def main() -> tuple[object, list[type[BaseException] | None]]:
        address = f"sqlite:///{tmp_path}/runs.db"
        flow: Workflow[object] = Workflow("pay", [Stage("pay", agent="ada", approval=Approval(quorum=3))])
        async with (
            Orchestrator([work], store=address) as first,
            Orchestrator([work], store=address) as second,
            Orchestrator(store=address, adopt=False) as third,
        ):
            operation = await first.submit(flow)
            await operation.at_rest()
            doors = [await door.get(operation.id) for door in (first, second, third)]
            said = await asyncio.gather(
                *(door.approve("pay", by=f"p{n}") for n in range(4) for door in doors), return_exceptions=True
            )
            return (await operation).output, [None if one is None else type(one) for one in said]

    output, said = asyncio.run(main())
    assert (output, runs) == ("paid", [1])
    assert (said.count(None), said.count(TooLate)) == (3, 9)


@pytest.mark.parametrize("call", ["get", "claim", "read", "append"])
async def test_a_store_that_fails_at_the_moment_of_waking_only_delays_it(call: Call) -> None:
    store = FaultyStore(MemoryStore())
    flow: Workflow[object] = Workflow("wait", [Stage("wait", wait=3_600)])
    began = now()
    async with opened(store=store, adopt=False, adopt_seconds=5.0) as orchestrator:
        (operation,) = await begun(orchestrator, 1, flow)
        waiter = asyncio.ensure_future(operation.result())
        await asyncio.sleep(1)
        number = store.calls.count(call) + 1
        vars(store)["_faults"] = (Fault(kind="fail_before", number=number, call=call),)
        await waiter

    assert len(store.struck) == 1
    assert 3_600 < now() - began < 3_606


async def test_a_timer_that_is_too_early_is_set_again() -> None:
    flow: Workflow[object] = Workflow("wait", [Stage("wait", wait=3_600)])
    async with opened(adopt=False) as orchestrator:
        (operation,) = await begun(orchestrator, 1, flow)
        resting = vars(orchestrator)["_runtime"].resting
        resting.heard_of(operation.id)
        resting._remembered[operation.id].cancel()
        async with asyncio.timeout(4_000):
            assert not (await operation).degraded


class Deaf(MemoryStore):
    """What others write cannot be heard at first."""

    fails = 3

    async def foreign(self) -> AsyncGenerator[Sequence[str], None]:
        """See `Journal.foreign`."""
        self.fails -= 1
        if self.fails >= 0:
            raise StoreUnavailable("not now")
        async with aclosing(super().foreign()) as batches:
            async for names in batches:
                yield names


async def test_what_others_wrote_while_nobody_could_hear_is_read_later() -> None:
    store = Deaf()
    async with (
        opened(scripted("ada", "paid"), scripted("bob", Hang()), store=store, adopt=False) as orchestrator,
        opened(store=store.sibling(), adopt=False) as teller,
    ):
        driven = await orchestrator.submit(Workflow("hang", [Stage("hang", agent="bob")]))
        (resting,) = await begun(orchestrator, 1, pay())
        await (await teller.get(resting.id)).approve("pay", by="bob")
        await (await teller.get(driven.id)).cancel()
        async with asyncio.timeout(10):
            assert (await resting).output == "paid"
            assert isinstance(await ended(driven), OperationCancelled)

    assert store.fails < 0
