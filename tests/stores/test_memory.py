"""The memory store keeps the promises of every store, and costs next to nothing."""

import tracemalloc
from typing import cast

from agentkit.kernel import AttemptStarted, Event
from agentkit.stores import MemoryStore, open_store
from agentkit.testing import check_journal, check_leases


async def test_it_is_a_journal() -> None:
    await check_journal(MemoryStore().sibling)


async def test_it_keeps_leases() -> None:
    await check_leases(MemoryStore().sibling, MemoryStore.abandon)


async def test_an_address_opens_it() -> None:
    async with open_store("memory://") as store:
        assert isinstance(store, MemoryStore)
        assert await store.read("nothing") == ()


async def test_it_keeps_the_events_themselves() -> None:
    event = AttemptStarted(at=1.0, stage="ask", attempt=1, agent="clerk")
    async with MemoryStore() as store:
        await store.append("flow", [event], expected=0)

        assert (await store.read("flow"))[0] is event


async def test_what_is_read_can_be_changed_without_changing_the_journal() -> None:
    events: list[Event] = [AttemptStarted(at=1.0, stage="ask", attempt=1, agent="clerk")]
    async with MemoryStore() as store:
        await store.append("flow", events, expected=0)
        events.clear()
        cast("list[Event]", await store.read("flow")).clear()

        assert len(await store.read("flow")) == 1


async def test_a_stream_costs_less_than_half_a_kilobyte_beside_its_events() -> None:
    event = AttemptStarted(at=1.0, stage="ask", attempt=1, agent="clerk")
    async with MemoryStore() as store:
        tracemalloc.start()
        for number in range(1_000):
            for version in range(8):
                await store.append(f"flow {number}", [event], expected=version)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert size / 1_000 < 500
