"""P27: a consistent point while work runs; all or nothing, whoever dies; and nothing that anybody's archive can do."""

import asyncio
import gzip
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import AgentKitError, BackupBroken, FormatTooNew, StoreUnavailable
from agentkit.stores import FolderTarget, Manifest, list_backups, restore_backup, take_backup, verify_backups
from tests.stores.backup.conftest import START, Take, change, journals, write

pytestmark = pytest.mark.blocking
ROOT = Path(__file__).parents[3]


@agent
async def count(task: Task[int]) -> int:
    """Counts."""
    return task.input + 1


FLOW = Workflow("count", [Stage("one", agent="count"), Stage("two", agent="count", after=["one"])], returns=int)


async def test_p27_a_backup_under_load_is_a_consistent_point(tmp_path: Path, target: FolderTarget) -> None:
    path, taken, is_over = tmp_path / "runs.db", list[Manifest](), threading.Event()

    def back_up() -> None:
        try:
            for step in range(6):
                taken.append(take_backup(path, target, at=START + step, incremental=step not in (0, 3)))
        finally:
            is_over.set()

    async with Orchestrator([count], store=f"sqlite:///{path}") as orchestrator:
        await orchestrator.run(FLOW, 0)
        thread = threading.Thread(target=back_up)
        thread.start()
        runs = 1
        while not is_over.is_set():
            await asyncio.gather(*[orchestrator.run(FLOW, runs) for _ in range(10)])
            runs += 10
        thread.join()
    live = await journals(path)

    assert [check.problem for check in verify_backups(target)] == [None] * 6
    assert len({manifest.events for manifest in taken}) > 1, "nothing was written between the backups"
    for manifest in taken:
        kept = await journals(restore_backup(target, tmp_path / f"{manifest.name}.db", name=manifest.name).path)
        assert sum(map(len, kept.values())) == manifest.events
        assert all(live[name][: len(journal)] == journal for name, journal in kept.items())


async def test_p27_work_that_ran_at_the_moment_of_a_backup_goes_on_where_it_is_restored(
    tmp_path: Path, target: FolderTarget
) -> None:
    path, started, go = tmp_path / "runs.db", asyncio.Event(), asyncio.Event()

    @agent(name="count")
    async def wait(task: Task[int]) -> int:
        """Waits."""
        started.set()
        await go.wait()
        return task.input + 1

    async with Orchestrator([wait], store=f"sqlite:///{path}") as orchestrator:
        operation = await orchestrator.submit(FLOW, 1)
        await started.wait()
        take_backup(path, target, at=START)
        go.set()
        await operation
    other = restore_backup(target, tmp_path / "other.db").path

    async with Orchestrator([count], store=f"sqlite:///{other}") as orchestrator:
        assert (await (await orchestrator.get(operation.id))).output == 3


DYING = """
import os, signal, sys
from pathlib import Path
import sqlite3
from agentkit.stores import FolderTarget, restore_backup

left = int(sys.argv[3])

def dying(real):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call

for module, names in ((os, "open fsync replace link unlink mkdir rmdir"), (sqlite3, "connect")):
    for name in names.split():
        setattr(module, name, dying(getattr(module, name)))
Path.replace = dying(Path.replace)
restore_backup(FolderTarget(sys.argv[1]), Path(sys.argv[2]), replace=True)
"""


def restore_and_die(folder: Path, store: Path, call: int) -> int:
    """Restore in another process, which kills itself at one of its calls; how it ended."""
    words = [sys.executable, "-c", DYING, str(folder), str(store), str(call)]
    return subprocess.run(words, check=False, cwd=ROOT, capture_output=True, timeout=60).returncode


def is_whole(store: Path) -> bool:
    """What SQLite itself says of it: a log that belongs to another store would be mixed into it."""
    with closing(sqlite3.connect(store)) as connection:
        return [*connection.execute("pragma integrity_check")] == [("ok",)]


async def test_p27_kill_9_at_any_step_of_a_restore_leaves_old_or_new(
    store: Path, target: FolderTarget, folder: Path, take: Take, tmp_path: Path
) -> None:
    take()
    await write(store, "d")
    take(incremental=True)
    await write(store, "e")
    # As a process leaves it that was killed: the newest commits are in the log only.
    old, new = "abcde", "abcd"
    logged = [tmp_path / f"saved{end}" for end in ("", "-wal")]
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("update stream set token = token + 1")
        connection.commit()
        for saved, end in zip(logged, ("", "-wal"), strict=True):
            saved.write_bytes(store.with_name(store.name + end).read_bytes())
    seen, call, ended = set[str](), 0, -9
    while ended == -signal.SIGKILL:
        call += 1
        for beside in ("-wal", "-shm", "-journal"):
            store.with_name(store.name + beside).unlink(missing_ok=True)
        for saved, end in zip(logged, ("", "-wal"), strict=True):
            store.with_name(store.name + end).write_bytes(saved.read_bytes())
        ended = restore_and_die(folder, store, call)
        found = "".join(sorted(await journals(store)))
        assert found in (old, new), f"killed at call {call}"
        assert is_whole(store), f"killed at call {call}"
        seen.add(found)

    assert (ended, seen) == (0, {old, new})
    assert call > 15
    assert not [path.name for path in tmp_path.iterdir() if "restoring" in path.name]


async def test_p27_kill_9_at_any_moment_of_a_restore_leaves_old_or_new(
    store: Path, target: FolderTarget, folder: Path, take: Take
) -> None:
    take()
    await write(store, "d")
    script = DYING.replace("restore_backup(Folder", "print(flush=True); restore_backup(Folder")
    for step in range(8):
        words = [sys.executable, "-c", script, str(folder), str(store), "0"]
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        await asyncio.sleep(0.004 * step)
        process.kill()
        process.communicate()
        assert "".join(sorted(await journals(store))) in ("abc", "abcd")


def forge(folder: Path, content: bytes, **changed: object) -> str:
    """Put other content into the one backup there, with a manifest that tells the truth of it, and lies as is said."""
    (path,) = folder.glob("*.json")
    manifest = json.loads(path.read_text())
    packed = gzip.compress(content)
    manifest |= {"size": len(content), "sha256": sha256(content).hexdigest()}
    manifest |= {"packed_size": len(packed), "packed_sha256": sha256(packed).hexdigest()} | changed
    path.with_name(f"{path.stem}.db.gz").write_bytes(packed)
    path.write_text(json.dumps(manifest))
    return path.stem


def changed_store(store: Path, *statements: str) -> bytes:
    change(store, "pragma journal_mode = delete", *statements)
    return store.read_bytes()


HOSTILE: dict[str, Callable[[Path], bytes]] = {
    "no store at all": lambda _: b"x" * 5_000,
    "empty": lambda _: b"",
    "a cut store": lambda store: store.read_bytes()[:9_000],
    "a trigger": lambda store: changed_store(
        store, "create trigger t after insert on event begin delete from stream; end"
    ),
    "a view without end": lambda store: changed_store(
        store,
        "drop table artifact",
        "create view artifact as with recursive n(x) as (select 1 union all select x + 1 from n)"
        " select x as sha256, zeroblob(1000000) as content from n",
    ),
    "another table": lambda store: changed_store(store, "create table more (x)"),
    "another id": lambda store: changed_store(store, "pragma application_id = 1"),
    "an older format": lambda store: changed_store(store, "pragma user_version = 1"),
    "fewer rows than told": lambda store: changed_store(store, "delete from event where seq = 11"),
    "a changed event": lambda store: changed_store(store, "update event set data = data || ' ' where seq = 3"),
    "a changed artifact": lambda store: changed_store(store, "update artifact set content = x'00'"),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_p27_what_does_not_verify_is_refused_before_it_touches_anything(
    make: Callable[[Path], bytes], store: Path, target: FolderTarget, folder: Path, take: Take, tmp_path: Path
) -> None:
    take()
    forge(folder, make(store))
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    with pytest.raises(AgentKitError):
        restore_backup(target, store, replace=True)
    assert verify_backups(target)[0].problem is not None
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert not [path.name for path in tmp_path.iterdir() if "restoring" in path.name]


def test_p27_an_archive_of_anybody_does_not_exhaust_the_disk(
    store: Path, target: FolderTarget, folder: Path, take: Take, tmp_path: Path
) -> None:
    take()
    forge(folder, bytes(50_000_000), size=1_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A file that grows larger is refused by the system, and that is another error.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_300_000, hard))
    try:
        with pytest.raises(BackupBroken, match="more than 1000000 bytes"):
            restore_backup(target, store, replace=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    forge(folder, b"", size=2**62)
    with pytest.raises(BackupBroken, match="make room"):
        restore_backup(target, store, replace=True)
    forge(folder, b"")
    with pytest.raises(BackupBroken, match="are allowed"):
        restore_backup(target, store, replace=True, max_bytes=1_000)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "../../etc/passwd"}, "name"),
        ({"name": "20000101T000000Z-000000"}, "that of 20000101T000000Z-000000"),
        ({"base": "../x"}, "base"),
        ({"base": "20000101T000000Z-000000"}, "stands on"),
        ({"size": -1}, "size"),
        ({"kind": "else"}, "kind"),
        ({"more": 1}, "more"),
    ],
)
def test_p27_a_manifest_that_is_not_valid_says_where(
    changed: dict[str, object], said: str, target: FolderTarget, folder: Path, take: Take
) -> None:
    take()
    forge(folder, b"", **changed)

    with pytest.raises(BackupBroken, match=said):
        list_backups(target)


def test_p27_only_plain_files_of_our_own_names_are_read(
    target: FolderTarget, folder: Path, take: Take, tmp_path: Path
) -> None:
    manifest = take()
    (folder / "..20000101T000000Z-000000.json").write_text("{}")
    (folder / "20000101T000000Z-00000.json").write_text("no json")
    assert len(list_backups(target)) == 1

    path = folder / manifest.content_file
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        restore_backup(target, tmp_path / "other.db")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BackupBroken, match="no plain file"):
        restore_backup(target, tmp_path / "other.db")


def test_a_manifest_of_the_future_or_of_no_size_is_refused(target: FolderTarget, folder: Path, take: Take) -> None:
    path = folder / take().manifest_file
    path.write_text(json.dumps({"backup": 2}))
    with pytest.raises(FormatTooNew, match="upgrade"):
        list_backups(target)
    for content in ("[" * 100_000, " " * 100_000, "[1]", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")):
        path.write_text(content)
        with pytest.raises(BackupBroken):
            list_backups(target)


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_a_flipped_bit_anywhere_is_found(
    place: int, target: FolderTarget, folder: Path, take: Take, tmp_path: Path
) -> None:
    path = folder / take().content_file
    content = bytearray(path.read_bytes())
    content[len(content) * place // 100] ^= 16
    path.write_bytes(content)

    with pytest.raises(BackupBroken):
        restore_backup(target, tmp_path / "other.db")
    assert not (tmp_path / "other.db").exists()
