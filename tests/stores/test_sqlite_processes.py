"""Several processes on one SQLite file: they see each other, outlive each other, and never write over each other."""

import asyncio
import signal
import sqlite3
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from agentkit.errors import LeaseLost
from agentkit.kernel import CancelRequested
from agentkit.stores import SqliteStore
from agentkit.stores.bells import Ear
from agentkit.stores.sqlite_threads import Request
from tests.stores.owner import owner


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


async def test_a_watch_sees_what_another_process_appends(path: Path) -> None:
    async with SqliteStore(path) as store, asyncio.timeout(20):
        with owner(path) as other:
            async with aclosing(store.watch("flow")) as batches:
                for version in range(5):
                    other.say("append", "flow", version)
                    assert [event.at for event in await anext(batches)] == [version + 1.0]


async def test_an_owner_hears_which_streams_other_processes_wrote_to(path: Path) -> None:
    async with SqliteStore(path) as store, asyncio.timeout(20):
        with owner(path) as other:
            async with aclosing(store.foreign()) as batches:
                heard = asyncio.ensure_future(anext(batches))
                version = 0
                while not heard.done():
                    other.ask("append", "theirs", version)
                    await store.append("ours", [CancelRequested(at=1.0)], expected=version)
                    version += 1
            assert list(heard.result()) == ["theirs"]


class WriteMeanwhile(Request[None]):
    """While the reader is busy, another process appends."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def work(self, connection: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(self._path)) as other, other:
            other.execute("insert into event (stream_no, writer, seq, crc, data) values (1, 0, 2, 0, '')")


async def test_what_is_appended_while_the_first_listener_reads_is_heard(path: Path) -> None:
    async with SqliteStore(path) as store, asyncio.timeout(20):
        await store.append("flow", [CancelRequested(at=1.0)], expected=0)
        ear = Ear(store.owner)
        store._ears.append(ear)
        assert store._reader is not None
        await store._reader.ask(WriteMeanwhile(path))

        assert await ear.next() == ("flow",)


async def test_a_contested_version_has_one_winner(path: Path) -> None:
    async with SqliteStore(path) as store:
        with owner(path) as other:
            for version in range(20):
                other.say("append", "flow", version)
                (mine,) = await asyncio.gather(
                    store.append("flow", [CancelRequested(at=1.0)], expected=version), return_exceptions=True
                )
                assert (other.hear() == "done") is (mine is not None)
            assert len(await store.read("flow")) == 20


async def test_what_a_killed_process_drove_can_be_claimed_at_once(path: Path) -> None:
    async with SqliteStore(path) as store:
        with owner(path) as other:
            assert other.ask("begin", "flow") == "done"
            assert await store.claim("flow") is None
            assert await store.orphans(now=0.0) == []
            other.kill()

            assert await store.orphans(now=0.0) == ["flow"]
            lease = await store.claim("flow")
            assert lease is not None
            assert lease.orphaned


async def test_a_child_does_not_keep_its_dead_parent_alive(path: Path) -> None:
    async with SqliteStore(path) as store:
        with owner(path) as other:
            other.ask("begin", "flow")
            assert other.ask("fork") == "done"
            other.send(signal.SIGKILL)
            other._process.wait(timeout=20)

            assert await store.claim("flow") is not None


async def test_a_process_that_slept_through_its_loss_cannot_commit(path: Path) -> None:
    async with SqliteStore(path) as store:
        with owner(path) as other:
            other.ask("begin", "flow")
            other.send(signal.SIGSTOP)
            assert await store.claim("flow") is None
            lease = await store.claim("flow", take=True)
            other.say("drive", "flow", 1)
            other.send(signal.SIGCONT)

            assert other.hear() == LeaseLost.__name__
            await store.append("flow", [CancelRequested(at=2.0)], expected=1, lease=lease)


async def test_kill_9_loses_nothing_that_was_acknowledged(path: Path) -> None:
    acknowledged = 0
    for wait in (1, 30, 100, 7, 50, 200):
        with owner(path) as other:
            other.say("flood", "flood")
            for _ in range(wait):
                other.hear()
            said = other.kill()
        acknowledged = max([acknowledged + wait, *(int(line) for line in said if line.isdigit())])

        async with SqliteStore(path) as store:
            events = await store.read("flood")
            assert len(events) >= acknowledged
            assert [event.at for event in events] == [float(n + 1) for n in range(len(events))]


async def test_a_full_disk_fails_the_write_and_harms_nothing(path: Path) -> None:
    with owner(path) as other:
        assert other.ask("append", "flow", 0) == "done"
        other.ask("limit", path.with_name("runs.db-wal").stat().st_size + 40_000)
        assert other.ask("large", "flow", 1, 60_000) == "StoreUnavailable"
        assert other.ask("append", "flow", 1) == "done"
        other.ask("limit", 1 << 30)
        assert other.ask("large", "flow", 2, 60_000) == "done"

    async with SqliteStore(path) as store:
        assert [len(getattr(event, "reason", "")) for event in await store.read("flow")] == [5, 5, 60_000]
