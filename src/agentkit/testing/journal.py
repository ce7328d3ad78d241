"""`check_journal`: what every journal promises, tried on one.

Rules: it knows nothing of the store but the port; it stops at the first broken promise with an `AssertionError` that
says which; it needs no test framework.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from hashlib import sha256

from agentkit.errors import Closed, JournalConflict, NotFound, UsageError
from agentkit.kernel import (
    AttemptSucceeded,
    CancelRequested,
    Event,
    OperationAccepted,
    RetryPolicy,
    Stage,
    Workflow,
)
from agentkit.stores import Store

from .lists import check_lists
from .promises import promise, refused
from .samples import notes

__all__ = ["check_journal"]

_PATIENCE = 30.0
_ODD_TEXTS = ("", " ", "\0", "\n\r\u2028", "é\u0301", "日本語", "🙂", '"\\\\u0000"', "'; drop table event; --", "\x7f")


async def check_journal(make: Callable[[], Store]) -> None:
    """Hold a journal to its promises.

    Args:
        make: Makes a store that is not opened yet: another owner, on the same storage, at every call. The storage is
            empty at the first one.

    Raises:
        AssertionError: A promise is broken; the message says which.
    """
    async with asyncio.timeout(_PATIENCE):
        async with make() as store, make() as other:
            for check in (_numbers, _reads, _refuses, _appends_all_or_nothing, _keeps_values, _keeps_definitions):
                await check(store)
            await check_lists(store)
            await _keeps_bytes(store, other)
            await _has_one_winner(store, other)
            await _shows_the_same_to_everybody(store, other)
            await _watches(store, other)
            await _wakes_those_who_wait(store, other)
            await _hears_of_others(store, other)
            await _hears_of_all(store, other)
        await _closes(make)


async def _numbers(store: Store) -> None:
    promise(list(await store.read("numbers")) == [], "a stream that does not exist has no events")
    await store.append("numbers", notes(1, 1), expected=0)
    await store.append("numbers", notes(2, 4), expected=1)
    await store.append("numbers", notes(5, 5), expected=4)
    promise(list(await store.read("numbers")) == notes(1, 5), "events come back equal, complete and in order")
    await store.append("Numbers ", notes(1, 1), expected=0)
    promise(len(await store.read("numbers")) == 5, "streams whose names look alike are different streams")


async def _reads(store: Store) -> None:
    await store.append("reads", notes(1, 10), expected=0)
    for after in (0, 1, 9, 10, 11, 1_000):
        for limit in (None, 1, 3, 10, 1_000):
            last = 10 if limit is None else min(10, after + limit)
            events = list(await store.read("reads", after=after, limit=limit))
            promise(events == notes(after + 1, last), f"read(after={after}, limit={limit}) gives exactly that range")


async def _refuses(store: Store) -> None:
    await store.append("refuses", notes(1, 2), expected=0)
    for expected in (0, 1, 3):
        error = await refused(JournalConflict, store.append("refuses", notes(3, 3), expected=expected))
        promise((error.expected, error.actual) == (expected, 2), "a conflict tells both versions")
    error = await refused(JournalConflict, store.append("refuses nothing", notes(1, 1), expected=1))
    promise(error.actual == 0, "a stream that does not exist has version 0")
    await refused(UsageError, store.append("refuses", [], expected=2))
    promise(list(await store.read("refuses")) == notes(1, 2), "what is refused leaves nothing behind")


async def _appends_all_or_nothing(store: Store) -> None:
    await store.append("whole", notes(1, 1), expected=0)
    await refused(JournalConflict, store.append("whole", notes(2, 500), expected=0))
    promise(len(await store.read("whole")) == 1, "of a refused append nothing is kept")
    await store.append("whole", notes(2, 500), expected=1)
    promise(list(await store.read("whole")) == notes(1, 500), "of an append everything is kept")


async def _keeps_values(store: Store) -> None:
    values = [*_ODD_TEXTS, '{"value_artifact":"x","type":"AttemptStarted","v":99}', "é" * 70_000, "x" * 5_000_000]
    events: list[Event] = [
        AttemptSucceeded(at=0.1 + number, stage="s", attempt=number, value=value)
        for number, value in enumerate(values, start=1)
    ]
    await store.append("values", events, expected=0)
    kept = await store.read("values")
    for number, (event, again) in enumerate(zip(events, kept, strict=True), start=1):
        promise(event == again, f"any text comes back equal, also {values[number - 1][:20]!r}")
    for text in _ODD_TEXTS:
        await store.append(f"odd {text}", [CancelRequested(at=1e-300, reason=text)], expected=0)
    for text in _ODD_TEXTS:
        kept = await store.read(f"odd {text}")
        promise(list(kept) == [CancelRequested(at=1e-300, reason=text)], f"a stream can be named {text!r}")


async def _keeps_definitions(store: Store) -> None:
    stages = [Stage("first", agent="one", retry=RetryPolicy(attempts=3, delay=0.1), weight=0.3)]
    stages += [Stage(f"s{n}", agent="many", after=["first"], instruction=f"do {n} é") for n in range(50)]
    for flow in (Workflow("small", stages[:1]), Workflow("large", stages, description="all of them", timeout=7)):
        for number in (1, 2):
            stream = f"definition {flow.name} {number}"
            accepted = OperationAccepted(at=1.5, operation_id=stream, workflow=flow, input='{"a":1}', key="k")
            await store.append(stream, [accepted], expected=0)
            promise(list(await store.read(stream)) == [accepted], "definitions come back equal")


async def _keeps_bytes(store: Store, other: Store) -> None:
    contents = [b"", b"\0", bytes(range(256)) * 5_000]
    keys = [await store.keep(content) for content in contents]
    promise(keys == [sha256(content).hexdigest() for content in contents], "bytes are kept under their SHA-256")
    promise(await other.keep(contents[1]) == keys[1], "the same bytes may be kept again, by anybody")
    for key, content in zip(keys, contents, strict=True):
        promise(await other.artifact(key) == content, "what one owner keeps, every other one reads")
    await refused(NotFound, store.artifact("0" * 64))


async def _has_one_winner(store: Store, other: Store) -> None:
    async def attempt(number: int) -> int | None:
        writer = store if number % 2 else other
        try:
            await writer.append("contest", notes(number, number), expected=0)
        except JournalConflict:
            return None
        return number

    winners = [number for number in await asyncio.gather(*map(attempt, range(1, 51))) if number is not None]
    promise(len(winners) == 1, f"of 50 appends at one version exactly one wins, not {len(winners)}")
    promise(list(await store.read("contest")) == notes(winners[0], winners[0]), "who is told that they won has won")


async def _shows_the_same_to_everybody(store: Store, other: Store) -> None:
    async def writes(stream: str, writer: Store) -> None:
        for number in range(20):
            await writer.append(stream, notes(number + 1, number + 1), expected=number)

    await asyncio.gather(*(writes(f"shared {n}", store if n % 2 else other) for n in range(10)))
    for number in range(10):
        for reader in (store, other):
            events = list(await reader.read(f"shared {number}"))
            promise(events == notes(1, 20), "what one owner was told is kept, every owner can read")


async def _watches(store: Store, other: Store) -> None:
    async def watches(watcher: Store, after: int) -> list[Event]:
        seen: list[Event] = []
        async with aclosing(watcher.watch("watched", after=after)) as batches:
            async for batch in batches:
                promise(len(batch) > 0, "a batch is never empty")
                seen.extend(batch)
                if seen[-1].at == 60:
                    break
        return seen

    async with asyncio.TaskGroup() as tasks:
        early = [tasks.create_task(watches(who, after)) for who in (store, other) for after in (0, 7, 59)]
        for number in range(0, 60, 3):
            writer = store if number % 2 else other
            await writer.append("watched", notes(number + 1, number + 3), expected=number)
        late = [tasks.create_task(watches(who, after)) for who in (store, other) for after in (0, 7, 59)]
    for task, after in zip([*early, *late], (0, 7, 59) * 4, strict=True):
        promise(task.result() == notes(after + 1, 60), f"a watch after {after} sees every later event once, in order")


async def _wakes_those_who_wait(store: Store, other: Store) -> None:
    for version, (writer, watcher) in enumerate([(store, store), (store, other), (other, store)]):
        async with aclosing(watcher.watch("waited for", after=version)) as batches:
            waiting = asyncio.ensure_future(anext(batches))
            await _let_wait(watcher)
            await writer.append("waited for", notes(version + 1, version + 1), expected=version)
            promise(list(await waiting) == notes(version + 1, version + 1), "who waits for an event is woken by it")


async def _let_wait(store: Store) -> None:
    """Give whoever began to watch the time to find nothing new and wait."""
    for _ in range(5):
        await store.read("nothing")
        await asyncio.sleep(0)


async def _hears_of_others(store: Store, other: Store) -> None:
    async def listen() -> Sequence[str]:
        async with aclosing(store.foreign()) as batches:
            return await anext(batches)

    listening = asyncio.ensure_future(listen())
    number = 0
    # When exactly listening begins is not promised, so both go on until something is heard.
    while not listening.done():
        await store.append(f"own {number}", notes(1, 1), expected=0)
        await other.append(f"foreign {number}", notes(1, 1), expected=0)
        number += 1
        await asyncio.sleep(0)
    heard = listening.result()
    promise(all(name.startswith("foreign ") for name in heard), "an owner hears of what others append, not of its own")
    promise(len(heard) > 0, "a batch is never empty")


async def _hears_of_all(store: Store, other: Store) -> None:
    heard: set[str] = set()

    async with aclosing(store.changes()) as batches:
        promise(not await anext(batches), "the first batch is empty")
        await store.append("mine", notes(1, 1), expected=0)
        await other.append("theirs", notes(1, 1), expected=0)
        while not heard >= {"mine", "theirs"}:
            heard.update(await anext(batches))


async def _closes(make: Callable[[], Store]) -> None:
    store = make()
    await refused(Closed, store.read("numbers"))
    await store.open()
    await store.open()
    promise(list(await store.read("numbers")) == notes(1, 5), "what is kept outlives the store that wrote it")
    watching = asyncio.ensure_future(_drain(store.watch("numbers")))
    listening = asyncio.ensure_future(_drain(store.foreign()))
    hearing = asyncio.ensure_future(_drain(store.changes()))
    await store.append("numbers", notes(6, 6), expected=5)
    await _let_wait(store)
    await store.close()
    await store.close()
    await refused(Closed, watching)
    await refused(Closed, listening)
    await refused(Closed, hearing)
    uses: list[Callable[[], Awaitable[object]]] = [
        lambda: store.append("numbers", notes(7, 7), expected=6),
        lambda: store.read("numbers"),
        lambda: store.get("numbers"),
        store.find,
        lambda: store.claim("numbers"),
        lambda: store.orphans(now=0.0),
    ]
    for use in uses:
        await refused(Closed, use())


async def _drain(batches: AsyncGenerator[object, None]) -> None:
    async for _ in batches:
        pass
