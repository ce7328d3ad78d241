"""The SQLite store keeps the promises of every store, commits in groups, and leaves nothing behind."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from agentkit.errors import Closed, DefinitionError, JournalConflict, StoreUnavailable, UnstorableValue, UsageError
from agentkit.kernel import (
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    Event,
    OperationAccepted,
    Stage,
    Workflow,
)
from agentkit.stores import Sort, SqliteStore, Summary, open_store
from agentkit.stores.sqlite_reads import Find
from agentkit.testing import check_journal, check_leases


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


def note(text: str = "") -> CancelRequested:
    return CancelRequested(at=1.0, reason=text)


@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
async def test_it_is_a_journal(path: Path, synchronous: str) -> None:
    await check_journal(lambda: SqliteStore(path, synchronous=synchronous))


async def test_it_keeps_leases(path: Path) -> None:
    def die(store: SqliteStore) -> None:
        assert store._file is not None
        store._file.life.forget()

    await check_leases(lambda: SqliteStore(path), die)


@pytest.mark.parametrize("tenant", [None, "acme"])
def test_what_is_open_and_what_is_new_is_found_without_a_look_at_the_rest(path: Path, tenant: str | None) -> None:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    async def fill() -> None:
        lines = [
            replace(summary_of(f"flow {n}"), tenant="acme", ended=n != 5, created_at=float(n)) for n in range(1_000)
        ]
        async with SqliteStore(path) as store:
            await asyncio.gather(*(store.append(one.stream, [note()], expected=0, summary=one) for one in lines))

    asyncio.run(fill())
    anything = partial(Find, name="flow", status=None, waiting=None, tenant=tenant, text="LOW")
    anything = partial(anything, until=None, sort="newest", before=None, limit=100)
    with closing(sqlite3.connect(path)) as connection:
        connection.set_progress_handler(step, 10)
        looks = [anything(ended=False, after=None), anything(ended=None, after=999.0)]
        found = [look.work(connection) for look in looks]

    assert [[one.stream for one in page] for page in found] == [["flow 5"], ["flow 999"]]
    assert steps < 50


@pytest.mark.parametrize("tenant", [None, "acme", "few"])
@pytest.mark.parametrize("sort", ["newest", "oldest", "changed"])
def test_a_page_costs_the_page_in_every_order(path: Path, tenant: str | None, sort: Sort) -> None:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    async def fill() -> None:
        async with SqliteStore(path) as store:
            await asyncio.gather(*(store.append(one.stream, [note()], expected=0, summary=one) for one in lines))

    # What began first changed last, and one tenant has three of two thousand.
    lines = [
        replace(
            summary_of(f"flow {n:04}"),
            tenant="few" if n in (10, 1_000, 1_990) else "acme",
            ended=True,
            created_at=float(n),
            updated_at=4_000.0 - n,
        )
        for n in range(2_000)
    ]
    asyncio.run(fill())
    whole = sorted(
        (line for line in lines if tenant in (None, line.tenant)), key=lambda one: one.stream, reverse=sort == "newest"
    )
    look = partial(Find, name=None, status=None, waiting=None, tenant=tenant, text=None, ended=None, sort=sort)
    with closing(sqlite3.connect(path)) as connection:
        connection.set_progress_handler(step, 10)
        first = look(after=100.0, until=1_900.0, before=None, limit=5).work(connection)
        last = first[0]
        place = last.updated_at if sort == "changed" else last.created_at, last.stream
        second = look(after=100.0, until=1_900.0, before=place, limit=5).work(connection)

    meant = [line.stream for line in whole if 100 <= line.created_at < 1_900]
    assert [line.stream for line in [first[0], *second]] == meant[:6]
    assert steps < 150


async def test_what_waits_together_is_one_commit(path: Path) -> None:
    async with SqliteStore(path) as store:
        assert store._writer is not None
        await asyncio.gather(*(store.append(f"flow {n}", [note()], expected=0) for n in range(200)))

        assert store._writer.commits == 1


async def test_what_is_refused_leaves_the_rest_of_its_group_alone(path: Path) -> None:
    async with SqliteStore(path) as store:
        calls = [
            store.append("good", [note()], expected=0),
            store.append("good", [note()], expected=0),
            store.append("bad", [note("\ud83d\ude00")], expected=0),
            store.append("\ud83d", [note()], expected=0),
            store.append("worse", [note()], expected=0, summary=summary_of("worse", name="\ud83d")),
            store.append("good", [note()], expected=1),
        ]
        answers = await asyncio.gather(*calls, return_exceptions=True)

        kinds = [None, JournalConflict, UnstorableValue, UnstorableValue, UnstorableValue, None]
        assert [None if answer is None else type(answer) for answer in answers] == kinds
        assert len(await store.read("good")) == 2
        assert list(await store.read("worse")) == []


async def test_a_failed_commit_is_told_to_everybody_in_it(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append("flow", [note()], expected=0)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("create trigger full before insert on event begin select raise(rollback, 'full'); end")
            calls = (store.append(f"flow {n}", [note()], expected=0) for n in range(3))
            answers = await asyncio.gather(*calls, return_exceptions=True)
            other.execute("drop trigger full")

        assert None not in answers
        await store.append("flow", [note()], expected=1)
        assert [len(await store.read(f"flow {n}")) for n in range(3)] == [0, 0, 0]


async def test_a_write_outlives_whoever_asked_for_it(path: Path) -> None:
    async with SqliteStore(path) as store:
        writing = asyncio.ensure_future(store.append("flow", [note()], expected=0))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

        assert writing.cancelled()
        with pytest.raises(JournalConflict):
            await store.append("flow", [note()], expected=0)


async def test_closing_finishes_what_was_begun(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    writing = [asyncio.ensure_future(store.append(f"flow {n}", [note()], expected=0)) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()

    assert await asyncio.gather(*writing) == [None] * 20


async def test_it_can_be_opened_again(path: Path) -> None:
    store = SqliteStore(path)
    for version in range(3):
        async with store:
            await store.append("flow", [note()], expected=version)
    with pytest.raises(Closed):
        await store.read("flow")


async def test_it_leaves_no_thread_and_no_file_behind(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append("flow", [note()], expected=0)
    threads, files = {*threading.enumerate()}, len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        async with SqliteStore(path) as store:
            await store.read("flow")

    assert {*threading.enumerate()} <= threads
    assert len(os.listdir("/proc/self/fd")) == files
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["runs.db", "runs.db.locks"]
    assert sorted(os.listdir(f"{path}.locks")) == ["checkpoint", "opening"]


async def test_one_store_at_a_time_moves_the_log_into_the_file(path: Path) -> None:
    async with SqliteStore(path) as first, SqliteStore(path) as second:
        assert first._file is not None
        assert second._file is not None
        assert first._file.checkpoint.is_held
        assert not second._file.checkpoint.is_held


async def test_it_belongs_to_one_event_loop(path: Path) -> None:
    async with SqliteStore(path) as store:
        with pytest.raises(UsageError, match="another event loop"):
            await asyncio.to_thread(lambda: asyncio.run(store.read("flow")))


def test_a_store_whose_loop_was_closed_before_it_is_closed_on_another_one(path: Path) -> None:
    store = SqliteStore(path)
    threads = {*threading.enumerate()}
    loop = asyncio.new_event_loop()
    loop.run_until_complete(store.open())
    loop.close()
    assert {*threading.enumerate()} > threads

    asyncio.run(store.close())

    assert {*threading.enumerate()} == threads


async def test_a_small_stage_takes_less_than_a_kilobyte(path: Path) -> None:
    flow = Workflow("flow", [Stage(f"stage{n}", agent="clerk", instruction="do it") for n in range(3)])
    async with SqliteStore(path) as store:
        for number in range(500):
            stream = f"operation-{number:032}"
            events: list[Event] = [OperationAccepted(at=1e9, operation_id=stream, workflow=flow, input="{}")]
            for stage in flow.stages:
                events.append(AttemptStarted(at=1763950000.123456, stage=stage.name, attempt=1, agent="clerk"))
                events.append(AttemptSucceeded(at=1763950000.223456, stage=stage.name, attempt=1, value='{"rows": 12}'))
            await store.append(stream, events, expected=0, summary=summary_of(stream))

    assert size(path) / (500 * 3) < 1_000


def size(path: Path) -> int:
    return path.stat().st_size


def summary_of(stream: str, *, name: str = "flow") -> Summary:
    return Summary(stream=stream, name=name, status="running", ended=False, created_at=1.0, updated_at=1.0)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///runs.db", "runs.db"),
        ("sqlite:////var/lib/runs%20of%20may.db", "/var/lib/runs of may.db"),
        ("sqlite:///runs.db?synchronous=normal", "runs.db"),
    ],
)
def test_an_address_names_a_file(url: str, name: str) -> None:
    store = open_store(url)

    assert isinstance(store, SqliteStore)
    assert store._path == Path(name)
    assert store._synchronous == ("NORMAL" if "normal" in url else "FULL")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://host/db", "known are memory://, sqlite:///"),
        ("runs.db", "of no known kind"),
        ("memory://runs", "of no known kind"),
        ("sqlite://", "names no file"),
        ("sqlite://runs.db", "names no file"),
        ("sqlite:///runs.db?mode=fast", "unknown setting mode"),
        ("sqlite:///runs.db?synchronous=OFF", "FULL or NORMAL, not 'OFF'"),
    ],
)
def test_an_address_that_is_not_understood_is_refused(url: str, words: str) -> None:
    with pytest.raises(DefinitionError, match=words):
        open_store(url)


def test_whoever_does_not_use_sqlite_does_not_load_it() -> None:
    code = "import sys, agentkit.stores; print('sqlite3' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60) == "False\n"


async def test_a_thread_that_broke_is_told_instead_of_waited_for(path: Path) -> None:
    async with SqliteStore(path) as store:
        assert store._writer is not None
        store._writer.end()
        await store._writer.gone()

        with pytest.raises(StoreUnavailable, match="has ended"):
            await store.append("flow", [note()], expected=0)


async def test_who_asks_while_the_thread_ends_is_answered(path: Path) -> None:
    async with SqliteStore(path) as store:
        assert store._writer is not None
        store._writer.end()
        async with asyncio.timeout(30):
            (answer,) = await asyncio.gather(store.append("flow", [note()], expected=0), return_exceptions=True)

        assert answer is None or isinstance(answer, StoreUnavailable)
