"""Backups are one consistent moment, stand on each other, are kept as long as is said, and come back as a whole."""

import sqlite3
import stat
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from agentkit.errors import BackupBroken, DefinitionError, InputError, NotFound, UsageError
from agentkit.stores import (
    FolderTarget,
    Retention,
    SqliteStore,
    list_backups,
    open_target,
    remove_old_backups,
    restore_backup,
    store_file,
    take_backup,
    verify_backups,
)
from tests.stores.backup.conftest import START, Take, change, events, journals, write

pytestmark = pytest.mark.blocking


async def test_a_restored_store_has_every_event_and_artifact(
    store: Path, target: FolderTarget, take: Take, tmp_path: Path
) -> None:
    manifest = take()
    done = restore_backup(target, tmp_path / "other.db")

    assert await journals(done.path) == await journals(store)
    assert (manifest.kind, manifest.streams, manifest.events, manifest.damaged) == ("full", 3, 33, 0)
    assert (done.streams, done.events, done.artifacts, done.is_done, done.replaces) == (3, 33, 4, True, False)


async def test_an_increment_has_what_is_new_and_nothing_else(
    store: Path, target: FolderTarget, take: Take, tmp_path: Path
) -> None:
    full = take()
    await write(store, "d")
    async with SqliteStore(store) as opened:
        await opened.append("a", events("a")[-1:], expected=11)
        await opened.keep(b"a picture")
    second = take(incremental=True)
    third = take(incremental=True)
    done = restore_backup(target, tmp_path / "other.db")

    assert (second.kind, second.base, third.base) == ("increment", full.name, second.name)
    assert second.mark.position - full.mark.position == 12
    assert third.size < second.size < full.size * 2
    assert done.chain == [full.name, second.name, third.name]
    assert await journals(done.path) == await journals(store)
    async with SqliteStore(done.path) as restored:
        assert len(await restored.read("a")) == 12
        assert await restored.artifact(sha256(b"a picture").hexdigest()) == b"a picture"


async def test_work_goes_on_from_a_restored_store(store: Path, target: FolderTarget, take: Take) -> None:
    take()
    await write(store, "d")
    restore_backup(target, store, replace=True)
    await write(store, "e")

    assert sorted(await journals(store)) == ["a", "b", "c", "e"]


async def test_any_backup_can_be_chosen(store: Path, target: FolderTarget, take: Take, tmp_path: Path) -> None:
    first = take()
    await write(store, "d")
    take(incremental=True)

    assert sorted(await journals(restore_backup(target, tmp_path / "x.db", name=first.name).path)) == ["a", "b", "c"]
    with pytest.raises(NotFound, match=r"no backup '20000101.*there are: 2025"):
        restore_backup(target, tmp_path / "y.db", name="20000101T000000Z-000000")


async def test_a_store_that_does_not_go_on_from_the_newest_backup_is_taken_whole(
    store: Path, target: FolderTarget, take: Take
) -> None:
    take()
    await write(store, "d")
    take(incremental=True)
    restore_backup(target, store, name=list_backups(target)[0].name, replace=True)
    await write(store, "e")
    assert take(incremental=True).kind == "full"

    change(store, "delete from event where stream_no = 1", "delete from stream where no = 1")
    assert take(incremental=True).kind == "full"
    assert take(incremental=True).kind == "increment"


async def test_artifacts_that_got_other_rows_count_as_new(store: Path, target: FolderTarget, take: Take) -> None:
    take()
    async with SqliteStore(store) as opened:
        await opened.keep(b"a picture")
    change(store, "delete from artifact where rowid = 1", "vacuum")
    take(incremental=True)

    assert restore_backup(target, store, replace=True).artifacts == 5
    assert [check.problem for check in verify_backups(target)] == [None, None]


async def test_a_backup_of_a_damaged_journal_keeps_it_as_it_is_and_says_so(
    store: Path, target: FolderTarget, take: Take, tmp_path: Path
) -> None:
    change(store, "update event set data = x'e4' where stream_no = 2 and seq = 5")
    manifest = take()
    restored = restore_backup(target, tmp_path / "other.db").path

    assert manifest.damaged == 1
    with closing(sqlite3.connect(restored)) as connection:
        assert connection.execute("select data from event where stream_no = 2 and seq = 5").fetchone() == (b"\xe4",)


async def test_a_dry_run_changes_nothing(store: Path, target: FolderTarget, take: Take, tmp_path: Path) -> None:
    take()
    await write(store, "d")
    before = store.read_bytes()
    done = restore_backup(target, store, dry_run=True)

    assert (done.is_done, done.replaces, done.streams) == (False, True, 3)
    assert store.read_bytes() == before
    assert not [path.name for path in tmp_path.iterdir() if "restoring" in path.name]


async def test_a_store_is_replaced_only_when_that_is_said_and_nobody_has_it_open(
    store: Path, target: FolderTarget, take: Take
) -> None:
    take()
    with pytest.raises(UsageError, match="--replace"):
        restore_backup(target, store)
    async with SqliteStore(store):
        with pytest.raises(UsageError, match="is open in a process"):
            restore_backup(target, store, replace=True)
    with closing(sqlite3.connect(store)) as reader:
        reader.execute("begin")
        reader.execute("select * from stream").fetchall()
        with pytest.raises(Exception, match="locked"):
            restore_backup(target, store, replace=True)

    assert sorted(await journals(store)) == ["a", "b", "c"]


async def test_a_store_that_cannot_be_opened_any_more_is_set_aside(
    store: Path, target: FolderTarget, take: Take
) -> None:
    take()
    good = store.read_bytes()
    store.write_bytes(good[:100] + b"\0" * 8_000)
    store.with_name("runs.db-wal").write_bytes(b"what was left")
    restore_backup(target, store, replace=True)

    assert sorted(await journals(store)) == ["a", "b", "c"]
    assert store.with_name("runs.db.damaged-wal").read_bytes() == b"what was left"


def test_retention_keeps_what_a_kept_backup_stands_on(target: FolderTarget, take: Take) -> None:
    names = [take(incremental=step not in (0, 3)).name for step in range(6)]
    removed = remove_old_backups(target, Retention(last=1), at=START + 6 * 86_400)

    assert [manifest.name for manifest in removed] == names[:3]
    assert [manifest.name for manifest in list_backups(target)] == names[3:]
    assert all(check.problem is None for check in verify_backups(target))


def test_retention_by_days_keeps_the_newest_whatever_its_age(target: FolderTarget, take: Take) -> None:
    names = [take().name for _ in range(5)]
    remove_old_backups(target, Retention(days=2, last=1), at=START + 4.5 * 86_400)
    assert [manifest.name for manifest in list_backups(target)] == names[3:]
    remove_old_backups(target, Retention(days=1), at=START + 1_000 * 86_400)

    assert [manifest.name for manifest in list_backups(target)] == names[4:]
    with pytest.raises(DefinitionError, match="from 1 on"):
        Retention()


def test_what_an_unfinished_backup_left_goes_when_it_is_old(target: FolderTarget, folder: Path, take: Take) -> None:
    take()
    old, new = "20000101T000000Z-000000", "20251130T000000Z-000000"
    (folder / f".agentkit-backup-{old}-x").mkdir()
    for name in (f"{old}.db.gz", f"{new}.db.gz", "notes.txt", "20000101.db.gz"):
        (folder / name).write_text("")
    remove_old_backups(target, Retention(last=3), at=START + 6 * 86_400)

    left = {path.name for path in folder.iterdir()}
    assert {f"{new}.db.gz", "notes.txt", "20000101.db.gz"} < left
    assert not any(old in name for name in left)


def test_backups_can_be_read_by_their_owner_alone(folder: Path, take: Take) -> None:
    take()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert sorted(path.suffix for path in folder.iterdir()) == [".gz", ".json"]


def test_there_is_no_backup_of_nothing(target: FolderTarget, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing to back up"):
        take_backup(tmp_path / "nothing.db", target, at=START)
    with pytest.raises(NotFound, match="no backup here"):
        restore_backup(target, tmp_path / "nothing.db")
    with pytest.raises(InputError, match="need a place"):
        open_target("")
    assert store_file("memory://") is None
    assert list_backups(target) == []


async def test_fsspec_reaches_other_places(store: Path, tmp_path: Path) -> None:
    target = open_target("memory://backups/here")
    take_backup(store, target, at=START)
    await write(store, "d")
    take_backup(store, target, at=START + 1, incremental=True)
    done = restore_backup(target, tmp_path / "other.db")
    removed = remove_old_backups(target, Retention(last=1), at=START)

    assert await journals(done.path) == await journals(store)
    assert (removed, len(target.names())) == ([], 4)
    target.remove("nothing")
    with pytest.raises(NotFound, match="no file"):
        target.read("nothing")
    with pytest.raises(InputError, match="nowhere"):
        open_target("nowhere://at/all")


def test_a_missing_link_is_named(target: FolderTarget, take: Take, folder: Path, tmp_path: Path) -> None:
    full, increment = take(), take(incremental=True)
    (folder / full.manifest_file).unlink()

    with pytest.raises(BackupBroken, match=f"{increment.name} stands on {full.name}, which is missing"):
        restore_backup(target, tmp_path / "other.db")
