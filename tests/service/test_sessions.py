"""Sessions that were ended: each kept by itself until it is over, and read from older stores."""

import asyncio
import json

import pytest

from agentkit.agents import ContextKey
from agentkit.kernel import ContextUpdated
from agentkit.orchestrator import ContextStore, Records
from agentkit.service import FRESH_SECONDS, EndedSessions
from agentkit.stores import MemoryStore


async def test_what_is_ended_is_written_by_itself_and_forgotten_when_it_is_over() -> None:
    at = 1_000.0
    async with MemoryStore() as store:
        ended = EndedSessions(store, now=lambda: at)
        for n in range(20):
            await ended.add(f"s{n}", until=at + 60)
        at += 61
        await ended.add("last", until=at + 60)
        events = await store.read('context[null,"agentkit.sessions"]')
        written = [json.loads(event.context) for event in events if isinstance(event, ContextUpdated)]

        assert [list(each) for each in written[:20]] == [[f":s{n}"] for n in range(20)]
        assert written[20] == {f":s{n}": None for n in range(20)} | {":last": at + 60}
        assert [await ended.has(one) for one in ("s3", "last")] == [False, True]


async def test_an_end_is_seen_by_other_processes_within_seconds() -> None:
    at = 1_000.0
    async with MemoryStore() as store:
        here, there = EndedSessions(store, now=lambda: at), EndedSessions(store, now=lambda: at)
        assert not await there.has("s1")
        await here.add("s1", until=at + 60)
        assert await here.has("s1")
        at += FRESH_SECONDS

        assert await there.has("s1")


async def test_a_session_that_an_earlier_version_ended_stays_ended() -> None:
    key = ContextKey("ended", dict[str, float])
    async with MemoryStore() as store:
        earlier = ContextStore(store, keys=[key], name="agentkit.sessions", keep_versions=100)
        await earlier.open()
        await earlier.update({key: {"s1": 1_060.0}}, by="sessions")
        ended = EndedSessions(store, now=lambda: 1_000.0)
        assert await ended.has("s1")
        await ended.add("s2", until=1_060.0)

        assert await EndedSessions(store, now=lambda: 1_000.0).has("s1")


async def test_of_many_that_ask_at_once_one_has_the_store_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    async with MemoryStore() as store:
        ended = EndedSessions(store, now=lambda: 1_000.0)
        await EndedSessions(store, now=lambda: 1_000.0).add("s1", until=1_060.0)
        look = ended._book.look

        async def counted() -> Records[float]:
            reads.append("")
            await asyncio.sleep(0)
            return await look()

        monkeypatch.setattr(ended._book, "look", counted)

        assert set(await asyncio.gather(*(ended.has("s1") for _ in range(50)))) == {True}
        assert len(reads) == 1
