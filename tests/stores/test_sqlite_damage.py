"""Damage is noticed, named and confined; a file that is not ours is left alone."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agentkit.errors import AgentKitError, FormatTooNew, JournalCorrupt, StoreUnavailable
from agentkit.kernel import AttemptSucceeded, Event, OperationAccepted, Stage, Workflow
from agentkit.stores import SqliteStore, Summary
from agentkit.stores.sqlite_schema import refuse_network

FLOW = Workflow("flow", [Stage(f"stage{n}", agent="clerk") for n in range(30)])


def events(stream: str) -> list[Event]:
    accepted = OperationAccepted(at=1.0, operation_id=stream, workflow=FLOW, input="{}")
    large = AttemptSucceeded(at=2.0, stage="stage0", attempt=1, value=f"large {stream}" * 10_000)
    small = [AttemptSucceeded(at=3.0, stage=f"stage{n}", attempt=1, value=f"{stream} {n}") for n in range(1, 20)]
    return [accepted, large, *small]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A store of three streams, closed, so that everything is in the one file."""
    path = tmp_path / "runs.db"
    async with SqliteStore(path) as store:
        for at, stream in enumerate("abc"):
            line = Summary(stream=stream, name="flow", status="running", ended=False, created_at=at, updated_at=at)
            await store.append(stream, events(stream), expected=0, summary=line)
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def flip(path: Path, needle: bytes) -> None:
    damaged = bytearray(content(path))
    damaged[damaged.index(needle)] ^= 1
    path.write_bytes(damaged)


def spoil(path: Path, needle: bytes) -> None:
    path.write_bytes(content(path).replace(needle, b"\xe4" + needle[1:]))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a flipped bit in an event": lambda path: flip(path, b"b 11"),
    "a flipped bit in an artifact": lambda path: flip(path, b"large b"),
    "a row that is gone": lambda path: change(path, "delete from event where stream_no = 2 and seq = 5"),
    "rows that are gone at the end": lambda path: change(path, "delete from event where stream_no = 2 and seq > 9"),
    "a row of another stream": lambda path: change(
        path,
        "update event set (data, crc) = (select data, crc from event where stream_no = 1 and seq = 7)"
        " where stream_no = 2 and seq = 7",
    ),
    "a row in another place": lambda path: change(
        path,
        "update event set (data, crc) = (select data, crc from event where stream_no = 2 and seq = 8)"
        " where stream_no = 2 and seq = 7",
    ),
    "a row of another kind": lambda path: change(
        path, "update event set data = x'00', crc = 'x' where seq = 6 and stream_no = 2"
    ),
    "a version that is too high": lambda path: change(path, "update stream set version = 99 where id = 'b'"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_damage_costs_one_stream_and_no_other(path: Path, damage: Callable[[Path], None]) -> None:
    damage(path)

    async with SqliteStore(path) as store:
        with pytest.raises(JournalCorrupt, match="stream 'b', event"):
            await store.read("b")
        assert list(await store.read("a")) == events("a")
        assert list(await store.read("c")) == events("c")
        assert [line.stream for line in await store.find()] == ["c", "b", "a"]
        assert await store.orphans(now=0.0) == ["a", "b", "c"]


async def test_a_gap_is_noticed_by_whoever_reads_only_a_part(path: Path) -> None:
    change(path, "delete from event where stream_no = 2 and seq = 5")

    async with SqliteStore(path) as store:
        with pytest.raises(JournalCorrupt, match="event 5 is damaged"):
            await store.read("b", after=3, limit=2)
        assert list(await store.read("b", after=5, limit=2)) == events("b")[5:7]


async def test_a_missing_definition_is_damage_of_those_that_need_it(path: Path) -> None:
    change(path, "delete from artifact where length(content) < 10000")

    async with SqliteStore(path) as store:
        with pytest.raises(JournalCorrupt, match=r"artifact \w+ is missing"):
            await store.read("a")
        assert list(await store.read("a", after=1)) == events("a")[1:]


async def test_whatever_bit_flips_what_is_read_is_true_or_refused(path: Path, tmp_path: Path) -> None:
    whole = content(path)
    # The names of streams and the counts of rows are read unverified, so this stays within events and artifacts.
    for place in range(whole.index(b'"stage7"') - 600, whole.index(b'"stage7"') + 600, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        copy = tmp_path / "damaged.db"
        copy.write_bytes(damaged)
        async with SqliteStore(copy) as store:
            for stream in "abc":
                try:
                    assert list(await store.read(stream)) == events(stream)
                except JournalCorrupt:
                    continue


async def test_of_a_cut_log_the_whole_commits_are_kept(tmp_path: Path) -> None:
    path, copy = tmp_path / "runs.db", tmp_path / "copy.db"
    async with SqliteStore(path) as store:
        for version, event in enumerate(events("a")):
            await store.append("a", [event], expected=version)
        shutil.copy(path, copy)
        log = path.with_name("runs.db-wal").read_bytes()
        copy.with_name("copy.db-wal").write_bytes(log[: len(log) * 2 // 3])

    async with SqliteStore(copy) as store:
        kept = list(await store.read("a"))
        assert 0 < len(kept) < len(events("a"))
        assert kept == events("a")[: len(kept)]


def foreign(path: Path) -> None:
    change(path, "create table mine (a)", "insert into mine values (1)")


REFUSED: dict[str, tuple[Callable[[Path], object], type[AgentKitError], str]] = {
    "a text": (lambda path: path.write_text("month,sales\n" * 20), JournalCorrupt, "not a SQLite file"),
    "a short text": (lambda path: path.write_text("SQLite"), JournalCorrupt, "not a SQLite file"),
    "another database": (foreign, JournalCorrupt, "not a store of agentkit"),
    "a directory": (lambda path: path.mkdir(), StoreUnavailable, "cannot be read"),
}


@pytest.mark.parametrize(("make", "error", "words"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_not_ours_is_refused_untouched(
    tmp_path: Path, make: Callable[[Path], object], error: type[AgentKitError], words: str
) -> None:
    path = tmp_path / "file.db"
    make(path)
    before = content(path)

    with pytest.raises(error, match=words):
        await SqliteStore(path).open()

    assert os.listdir(tmp_path) == ["file.db"]
    assert content(path) == before


async def test_damaged_tables_are_refused_whatever_bytes_are_in_them(path: Path) -> None:
    spoil(path, b"CREATE TABLE stream")

    with pytest.raises(JournalCorrupt, match="is damaged"):
        await SqliteStore(path).open()


async def test_a_newer_format_is_refused_untouched(path: Path) -> None:
    change(path, "pragma journal_mode = delete", "pragma user_version = 3")
    before = content(path)

    with pytest.raises(FormatTooNew, match="format 3, this agentkit knows 2"):
        await SqliteStore(path).open()
    assert content(path) == before


async def test_a_newer_format_that_is_still_in_the_log_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("pragma user_version = 3")

        with pytest.raises(FormatTooNew, match="format 3, this agentkit knows 2"):
            await SqliteStore(path).open()
        assert sorted(os.listdir(f"{path}.locks")) == ["checkpoint", "opening"]


async def test_an_older_format_is_brought_up_to_date_with_all_that_is_in_it(path: Path) -> None:
    async with SqliteStore(path) as store:
        kept = await store.find()
    for name in ("unended", "tenant", "tenant_changed"):
        change(path, f"drop index stream_{name}")
    change(path, "alter table stream drop column tenant", "pragma user_version = 1")

    async with SqliteStore(path) as store:
        assert kept
        assert await store.find() == kept
        assert await store.find(tenant="acme") == []
        assert await store.find(ended=False) == kept
        assert len(await store.find(sort="changed")) == len(kept)
    async with SqliteStore(path) as store:
        assert await store.find() == kept


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"the directory \S+nowhere does not exist"):
        await SqliteStore(tmp_path / "nowhere" / "runs.db").open()


def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    root = "22 1 8:1 / / rw - ext4 /dev/sda1 rw"
    mounts.write_text(f"{root}\n30 22 0:40 / {tmp_path}/share rw shared:1 - nfs4 server:/share rw\n")
    (tmp_path / "share").mkdir()

    refuse_network(tmp_path / "runs.db", mounts)
    refuse_network(tmp_path / "runs.db", tmp_path / "no such file")
    with pytest.raises(StoreUnavailable, match="nfs4"):
        refuse_network(tmp_path / "share" / "runs.db", mounts)
