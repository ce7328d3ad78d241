"""The feed: numbered events to many readers, from any number on."""

import asyncio
from collections.abc import Sequence

from agentkit.engines import follow
from agentkit.kernel import CancelRequested, Event, OperationAccepted, OperationCancelled, Stage, Workflow
from agentkit.stores import MemoryStore
from agentkit.stores.bells import BATCH

FLOW: Workflow[object] = Workflow("flow", [Stage("a", agent="a")])


async def grown(store: MemoryStore, count: int) -> None:
    """A stream that grows event by event, and ends."""
    await store.append("o", [OperationAccepted(at=0, operation_id="o", workflow=FLOW, input="null")], expected=0)
    for number in range(1, count - 1):
        await asyncio.sleep(1)
        await store.append("o", [CancelRequested(at=number)], expected=number)
    await store.append("o", [OperationCancelled(at=count)], expected=count - 1)


async def read(store: MemoryStore, *, after: int = 0, pause: float = 0) -> list[int]:
    numbers = []
    async for entry in follow(store, "o", after=after):
        numbers.append(entry.number)
        await asyncio.sleep(pause)
    return numbers


async def test_every_reader_gets_every_event_once_however_slow() -> None:
    async with MemoryStore() as store:
        readers = [read(store), read(store, pause=7), read(store, after=13), read(store, after=20)]
        *numbers, _ = await asyncio.gather(*readers, grown(store, 30))

    everything = list(range(1, 31))
    assert numbers == [everything, everything, everything[13:], everything[20:]]


async def test_a_reader_that_begins_late_or_has_seen_the_end_ends() -> None:
    async with MemoryStore() as store:
        await grown(store, 10)

        assert [await read(store, after=number) for number in (0, 9, 10)] == [list(range(1, 11)), [10], []]


async def test_a_reader_holds_one_batch_and_nothing_more() -> None:
    asked: list[int] = []

    class Counting(MemoryStore):
        async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
            asked.append(after)
            return await super().read(stream, after=after, limit=limit)

    async with Counting() as store:
        feed = follow(store, "o")
        growing = asyncio.get_running_loop().create_task(grown(store, 50))
        await anext(feed)
        await growing
        assert set(asked) == {0}
        assert [entry.number async for entry in feed] == list(range(2, 51))


async def test_a_reader_holds_a_bounded_part_of_a_long_journal_and_passes_an_end_that_was_none() -> None:
    sizes: list[int] = []

    class Measured(MemoryStore):
        async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
            found = await super().read(stream, after=after, limit=limit)
            sizes.append(len(found))
            return found

    async with Measured() as store:
        await store.append("o", [OperationAccepted(at=0, operation_id="o", workflow=FLOW, input="null")], expected=0)
        # The first end is the last event of the first batch.
        await store.append("o", [CancelRequested(at=1)] * (BATCH - 2), expected=1)
        await store.append("o", [OperationCancelled(at=2)], expected=BATCH - 1)
        await store.append("o", [CancelRequested(at=3)] * 9, expected=BATCH)
        await store.append("o", [OperationCancelled(at=4)], expected=BATCH + 9)

        assert await read(store) == list(range(1, BATCH + 11))
    assert max(sizes) == BATCH
