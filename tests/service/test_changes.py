"""Changes: who listens hears of each operation of theirs, from one ear for all, and slows nobody."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import Closed, StoreUnavailable
from agentkit.orchestrator import Limits
from agentkit.service.changes import Changed, Changes
from agentkit.stores import MemoryStore
from agentkit.testing import VirtualClock, run_virtual

SELDOM = Limits(adopt_seconds=3_600)


@agent
async def note(task: Task[Any]) -> Any:
    await asyncio.sleep(1)
    return task.input


FLOW = Workflow("note", [Stage("note", agent="note")])


class Ears(MemoryStore):
    """A store that counts who listens to all of it, and can fail them."""

    listening = 0
    most = 0
    broken = False

    async def changes(self) -> AsyncGenerator[Sequence[str], None]:
        self.listening += 1
        self.most = max(self.most, self.listening)
        try:
            async with aclosing(super().changes()) as batches:
                async for streams in batches:
                    if self.broken:
                        raise StoreUnavailable("the disk is gone")
                    yield streams
        finally:
            self.listening -= 1


def open_on(store: MemoryStore) -> Orchestrator:
    return Orchestrator([note], store=store, clock=VirtualClock(), limits=SELDOM)


def told(changed: Changed) -> list[tuple[str, str]]:
    return [(line.id, line.status) for line in changed.lines]


def test_each_operation_is_told_as_it_stands_by_what_happens_after_the_first_answer() -> None:
    async def scene() -> None:
        async with open_on(MemoryStore()) as orchestrator:
            before = await orchestrator.submit(FLOW, 1)
            await before
            async with aclosing(Changes(orchestrator).follow(None)) as changes:
                assert await anext(changes) == Changed()
                operation = await orchestrator.submit(FLOW, 2)
                assert told(await anext(changes)) == [(operation.id, "running")]
                # Much happens meanwhile, and the newest of it is told.
                await operation
                await asyncio.sleep(1)
                assert told(await anext(changes)) == [(operation.id, "completed")]

    run_virtual(scene())


def test_a_tenant_hears_of_what_is_theirs_and_nobody_of_shared_contexts() -> None:
    async def scene() -> None:
        async with open_on(MemoryStore()) as orchestrator:
            changes = Changes(orchestrator)
            async with aclosing(changes.follow("acme")) as theirs, aclosing(changes.follow(None)) as all_of_them:
                await anext(theirs)
                await anext(all_of_them)
                others = await orchestrator.submit(FLOW, 1, tenant="other")
                ours = await orchestrator.submit(FLOW, 2, tenant="acme")
                await asyncio.sleep(0.5)

                assert told(await anext(theirs)) == [(ours.id, "running")]
                assert told(await anext(all_of_them)) == [(others.id, "running"), (ours.id, "running")]

    run_virtual(scene())


def test_there_is_one_ear_for_all_listeners_and_none_when_nobody_listens() -> None:
    async def scene() -> None:
        async with open_on(store := Ears()) as orchestrator:
            changes = Changes(orchestrator)
            for _ in range(2):
                several = [changes.follow(None) for _ in range(50)]
                assert [await anext(one) for one in several] == [Changed()] * 50
                operation = await orchestrator.submit(FLOW, 1)
                assert {told(await anext(one))[0] for one in several} == {(operation.id, "running")}
                assert store.listening == 1
                for one in several:
                    await one.aclose()
                await asyncio.sleep(0)
                assert store.listening == 0
            assert store.most == 1

    run_virtual(scene())


def test_who_takes_nothing_is_told_that_some_were_missed_and_holds_up_nobody() -> None:
    async def scene() -> None:
        async with open_on(MemoryStore()) as orchestrator:
            changes = Changes(orchestrator, kept=10)
            async with aclosing(changes.follow(None)) as slow, aclosing(changes.follow(None)) as quick:
                await anext(slow)
                await anext(quick)
                for number in range(25):
                    await orchestrator.submit(FLOW, number)
                    await anext(quick)
                await asyncio.sleep(5)

                late = await anext(slow)
                assert late.missed
                assert 0 < len(late.lines) <= 10
                await orchestrator.submit(FLOW, 0)
                assert not (await anext(slow)).missed

    run_virtual(scene())


def test_what_another_process_does_is_heard_too() -> None:
    async def scene() -> None:
        store = MemoryStore()
        async with (
            store,
            open_on(store.sibling()) as here,
            open_on(store.sibling()) as there,
            aclosing(Changes(here).follow(None)) as changes,
        ):
            await anext(changes)
            operation = await there.submit(FLOW, 1)
            assert told(await anext(changes)) == [(operation.id, "running")]

    run_virtual(scene())


def test_a_store_that_fails_is_told_to_all_and_who_follows_again_hears() -> None:
    async def scene() -> None:
        async with open_on(store := Ears()) as orchestrator:
            changes = Changes(orchestrator)
            several = [changes.follow(None) for _ in range(3)]
            for one in several:
                await anext(one)
            store.broken = True
            await orchestrator.submit(FLOW, 1)
            for one in several:
                with pytest.raises(StoreUnavailable, match="the disk is gone"):
                    await anext(one)
            store.broken = False
            async with aclosing(changes.follow(None)) as again:
                await anext(again)
                operation = await orchestrator.submit(FLOW, 2)
                assert (operation.id, "running") in told(await anext(again))

    run_virtual(scene())


def test_who_follows_what_is_closed_or_is_closed_meanwhile_is_told() -> None:
    async def scene() -> None:
        orchestrator = open_on(MemoryStore())
        changes = Changes(orchestrator)
        with pytest.raises(Closed):
            await anext(changes.follow(None))
        async with orchestrator:
            following = changes.follow(None)
            await anext(following)
            waiting = asyncio.ensure_future(anext(following))
            await asyncio.sleep(1)
        with pytest.raises(Closed):
            async with asyncio.timeout(60):
                await waiting
        await following.aclose()

    run_virtual(scene())
