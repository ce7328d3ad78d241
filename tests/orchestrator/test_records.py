"""Records, each kept by itself: what a change costs, two who change something, what is forgotten, older data."""

import asyncio
import json
from pathlib import Path
from typing import cast

import pytest

from agentkit.agents import ContextKey
from agentkit.errors import InputError, UnstorableValue
from agentkit.kernel import SNAPSHOT_EVERY, ContextCompacted, ContextUpdated
from agentkit.orchestrator import ContextStore, RecordBook
from agentkit.stores import MemoryStore, SqliteStore, Store

STREAM = 'context[null,"rooms"]'


def book_of(store: Store, *, together: str = "") -> RecordBook[int]:
    return RecordBook(store, "rooms", lambda name, kept: cast("int", kept), now=lambda: 1.0, together=together)


async def kept(book: RecordBook[int], **records: int | None) -> dict[str, int]:
    return dict(await book.change(lambda known: records, by="ada"))


async def test_a_change_writes_what_it_changes_and_nothing_else() -> None:
    async with MemoryStore() as store:
        book = book_of(store)
        for n in range(100):
            await kept(book, **{f"r{n}": n})
        await kept(book, r7=70)
        events = await store.read(STREAM)

        assert [len(json.loads(event.context)) for event in events if isinstance(event, ContextUpdated)] == [1] * 101
        assert (await book_of(store).look())["r7"] == 70


async def test_what_is_decided_is_decided_on_the_newest_and_may_be_nothing() -> None:
    async with MemoryStore() as store:
        one, other = book_of(store), book_of(store)
        await kept(one, a=1)
        await kept(other, a=2)
        assert await one.change(lambda known: {"a": known["a"] + 10}, by="ada") == {"a": 12}

        assert await kept(one) == {"a": 12}
        assert len(await store.read(STREAM)) == 3


async def test_what_cannot_be_decided_or_kept_changes_nothing() -> None:
    def refuses(_: object) -> dict[str, object]:
        raise InputError("not now")

    async with MemoryStore() as store:
        book = book_of(store)
        await kept(book, a=1)
        with pytest.raises(InputError, match="not now"):
            await book.change(refuses, by="ada")
        with pytest.raises(UnstorableValue):
            await book.change(lambda known: {"a": float("nan")}, by="ada")

        assert await book.look() == {"a": 1}


@pytest.mark.blocking
async def test_two_processes_that_change_records_at_once_undo_nothing(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "runs.db") as one, SqliteStore(tmp_path / "runs.db") as two:
        books = [book_of(one), book_of(two)]
        await asyncio.gather(
            *(books[n % 2].change(lambda known: {"sum": known.get("sum", 0) + 1}, by="ada") for n in range(20))
        )

        assert await books[0].look() == await books[1].look() == {"sum": 20}


async def test_what_is_forgotten_is_gone_with_the_next_snapshot() -> None:
    async with MemoryStore() as store:
        book = book_of(store)
        await kept(book, a=1, b=2)
        assert await kept(book, a=None) == {"b": 2}
        for n in range(SNAPSHOT_EVERY):
            await kept(book, b=n)
        (snapshot,) = await store.read(STREAM, after=SNAPSHOT_EVERY - 1, limit=1)

        assert isinstance(snapshot, ContextCompacted)
        assert list(json.loads(snapshot.context)) == [":b"]
        assert await book.look() == await book_of(store).look() == {"b": SNAPSHOT_EVERY - 1}


async def test_what_an_earlier_version_kept_together_is_read_and_taken_apart_once() -> None:
    key = ContextKey("rooms", dict[str, int], merge="deep_merge")
    async with MemoryStore() as store:
        async with ContextStore(store, keys=[key], name="rooms") as earlier:
            await earlier.update({key: {"a": 1, "b": 2}}, by="ada")
        book = book_of(store, together="rooms")
        assert await book.look() == {"a": 1, "b": 2}
        await kept(book, a=3)
        await kept(book, b=None)

        assert await book.look() == await book_of(store, together="rooms").look() == {"a": 3}
        written = [json.loads(event.context) for event in await store.read(STREAM) if isinstance(event, ContextUpdated)]
        assert written[1:] == [{"rooms": None, ":a": 3, ":b": 2}, {":b": None}]


async def test_what_cannot_be_read_is_never_left_out_of_what_can() -> None:
    def read(name: str, kept: object) -> int:
        if kept == 0:
            raise InputError("zero")
        return cast("int", kept)

    async with MemoryStore() as store:
        book = RecordBook(store, "rooms", read, now=lambda: 1.0)
        assert await book.look() == {}
        await kept(book_of(store), a=0, b=1)
        for _ in range(2):
            with pytest.raises(InputError, match="zero"):
                await book.look()
        await kept(book_of(store), a=2)

        assert await book.look() == {"a": 2, "b": 1}


async def test_what_is_forgotten_stays_in_nobody_s_memory() -> None:
    async with MemoryStore() as store:
        writer, reader = book_of(store), book_of(store)
        await kept(writer, a=1, b=2)
        await reader.look()
        await kept(writer, a=None)
        for n in range(SNAPSHOT_EVERY):
            await kept(writer, b=n)
        await reader.look()

        assert list(reader._stream.context.entries) == [":b"]
