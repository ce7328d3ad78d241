"""Restoring a store from its backups, and making sure that this would work.

Rules: the store is built beside the place where it goes, verified, and put there by one renaming; whoever dies in
between leaves what was there before. Nothing is put where somebody works. What a backup says of its own size is
checked against the room on the disk before anything is written, and against what comes out while it is.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from agentkit.errors import AgentKitError, BackupBroken, NotFound, StoreUnavailable, UsageError
from agentkit.stores.sqlite_locks import OPENING, RESTORING, FileLock, living
from agentkit.stores.sqlite_schema import FORMAT, connect, inspect, refuse_network, translate

from .content import Contained, apply_increment, check_tables, contained_in, count_damaged
from .manifest import Manifest, chain_of
from .packing import unpack
from .taking import list_backups
from .targets import BackupTarget, sync_folder

__all__ = ["BackupCheck", "Restoration", "restore_backup", "verify_backups"]

_SPARE: Final = 16 * 1024 * 1024
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What was restored, or would be.

    Attributes:
        path: Where to.
        chain: The backups that it is made of, the full one first.
        made_at: The moment to which it goes back.
        streams: How many journals it has.
        events: How many events.
        artifacts: How many artifacts.
        damaged: How many streams and artifacts were damaged already when the backup was taken.
        replaces: Whether there is a store that it takes the place of.
        is_done: Whether it was done; false is a dry run.
    """

    path: Path
    chain: Sequence[str]
    made_at: datetime
    streams: int
    events: int
    artifacts: int
    damaged: int
    replaces: bool
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupCheck:
    """Whether a store can be restored from a backup.

    Attributes:
        manifest: Which backup.
        problem: What is wrong with it; None is nothing.
    """

    manifest: Manifest
    problem: str | None


def restore_backup(
    target: BackupTarget,
    path: Path,
    *,
    name: str | None = None,
    replace: bool = False,
    dry_run: bool = False,
    max_bytes: int | None = None,
) -> Restoration:
    """Restore a store as it was when a backup was taken; all of it, or nothing.

    Args:
        target: Where backups are.
        path: The file to restore to.
        name: Which backup; without, the newest.
        replace: Whether a store that is there may be replaced.
        dry_run: Do all of it but the last step: what is there stays.
        max_bytes: How much it may take on the disk while it is done; without, what is free.

    Raises:
        NotFound: There is no backup, or none of that name.
        BackupBroken: Something does not verify, or needs more room than there is.
        UsageError: There is a store already, or somebody has it open.
        JournalCorrupt: The file that is there is no store of agentkit.
        FormatTooNew: A newer agentkit wrote the backup, or the store that is there.
        StoreUnavailable: The disk or the target failed.
    """
    path = path.absolute()
    inspect(path)
    refuse_network(path)
    replaces = path.exists() and path.stat().st_size > 0
    if replaces and not (replace or dry_run):
        raise UsageError(f"{path} is there already; to put the backup in its place, say so: --replace")
    chain = _chain(target, name)
    _check_room(chain, path.parent, max_bytes)
    with _alone(path) as locks, _draft_folder(path) as folder:
        draft = Path(folder) / "store"
        try:
            found = _build(target, chain, draft)
            if not dry_run:
                _put(draft, path, locks)
        except sqlite3.Error as error:
            raise BackupBroken(f"backup {chain[-1].name} cannot be restored: {error}") from error
        except OSError as error:
            raise StoreUnavailable(f"{path} cannot be restored: {error.strerror or error}") from error
    return Restoration(
        path=path,
        chain=[manifest.name for manifest in chain],
        made_at=chain[-1].made_at,
        streams=found.streams,
        events=found.events,
        artifacts=found.artifacts,
        damaged=found.damaged,
        replaces=replaces,
        is_done=not dry_run,
    )


def verify_backups(target: BackupTarget, *, name: str | None = None) -> Sequence[BackupCheck]:
    """Restore every backup into a folder that is thrown away, and say of each whether that works.

    Args:
        target: Where they are.
        name: Only this one.

    Raises:
        NotFound: There is no backup of that name.
        BackupBroken: A manifest is not valid.
        StoreUnavailable: The target cannot be read.
    """
    manifests = list_backups(target)
    chosen = manifests if name is None else [_chain(target, name)[-1]]
    return [BackupCheck(manifest=manifest, problem=_problem(target, manifest)) for manifest in chosen]


def _problem(target: BackupTarget, manifest: Manifest) -> str | None:
    try:
        chain = _chain(target, manifest.name)
        _check_room(chain, Path(gettempdir()), None)
        with TemporaryDirectory(prefix="agentkit-verify-") as folder:
            _build(target, chain, Path(folder) / "store")
    except AgentKitError as error:
        return str(error)
    except (sqlite3.Error, OSError) as error:
        return f"backup {manifest.name} cannot be restored: {error}"
    return None


def _chain(target: BackupTarget, name: str | None) -> Sequence[Manifest]:
    manifests = list_backups(target)
    if not manifests:
        raise NotFound("there is no backup here")
    chain = chain_of({manifest.name: manifest for manifest in manifests}, name or manifests[-1].name)
    for manifest in chain:
        if manifest.format != FORMAT:
            raise BackupBroken(f"backup {manifest.name} is of format {manifest.format}, this agentkit knows {FORMAT}")
    return chain


def _check_room(chain: Sequence[Manifest], folder: Path, max_bytes: int | None) -> None:
    """Refuse what would fill the disk."""
    needed = _size_of(chain) + max(manifest.size for manifest in chain) + _SPARE
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise BackupBroken(f"backup {chain[-1].name} needs {needed:,} bytes, and {folder} has {free:,}: make room")
    if max_bytes is not None and needed > max_bytes:
        raise BackupBroken(f"backup {chain[-1].name} needs {needed:,} bytes, and {max_bytes:,} are allowed")


def _size_of(chain: Sequence[Manifest]) -> int:
    """The most that a store may take that is made of these: rows of increments lie less densely in it."""
    return chain[0].size + 2 * sum(manifest.size for manifest in chain[1:])


def _build(target: BackupTarget, chain: Sequence[Manifest], draft: Path) -> Contained:
    """Make the store of its backups, and verify it."""
    unpack(target, chain[0], draft)
    inspect(draft)
    with closing(sqlite3.connect(draft.as_uri(), uri=True, isolation_level=None)) as store:
        for pragma in ("trusted_schema = off", "cell_size_check = on", "synchronous = off", "journal_mode = delete"):
            store.execute(f"pragma {pragma}")
        store.execute(f"pragma max_page_count = {(_size_of(chain) + _SPARE) // _PAGE}")
        check_tables(store)
        if store.execute("pragma user_version").fetchone()[0] != chain[0].format:
            raise BackupBroken(f"backup {chain[0].name}: its content is of another format than its manifest says")
        for base, manifest in pairwise(chain):
            content = draft.with_name("increment")
            unpack(target, manifest, content)
            apply_increment(store, content, base)
            content.unlink()
        return _check(store, chain[-1])


def _check(store: sqlite3.Connection, manifest: Manifest) -> Contained:
    check_tables(store)
    found = contained_in(store, damaged=count_damaged(store))
    told = (manifest.mark.position, manifest.streams, manifest.events)
    if (found.mark.position, found.streams, found.events) != told or found.artifacts < manifest.artifacts:
        raise BackupBroken(f"backup {manifest.name}: the store that comes of it is not what its manifest says")
    if found.damaged > manifest.damaged:
        raise BackupBroken(f"backup {manifest.name}: {found.damaged} journals or artifacts of it do not verify")
    return found


def _draft_folder(path: Path) -> TemporaryDirectory[str]:
    """A folder beside the store; what those left who died here before is removed."""
    prefix = f".{path.name}.restoring-"
    for left in path.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    return TemporaryDirectory(prefix=prefix, dir=path.parent)


@contextmanager
def _alone(path: Path) -> Generator[Path]:
    """Make sure that nobody else restores here; the folder of the locks."""
    lock = FileLock(path.with_name(f"{path.name}.locks") / RESTORING)
    if not lock.take(wait=False):
        raise UsageError(f"somebody else restores {path} now: wait until they are done")
    try:
        yield lock.path.parent
    finally:
        lock.release(remove=True)


def _put(draft: Path, path: Path, locks: Path) -> None:
    """Put the new store in the place of the old one. At every moment there is one of them, and it is whole."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o600)
    opening = FileLock(locks / OPENING)
    opening.take(wait=True)
    try:
        if owners := living(locks):
            raise UsageError(f"{path} is open in a process ({owners[0].partition('-')[0]}): stop it first")
        if path.exists():
            _settle(path)
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        opening.release()


def _settle(path: Path) -> None:
    """Have the log of the old store moved into it: beside the new one it would be taken for its own."""
    try:
        with closing(connect(path, synchronous="FULL")) as store:
            store.execute("pragma journal_mode = delete").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise translate(error, path) from error
        _set_aside(path)


def _set_aside(path: Path) -> None:
    """Keep a store that cannot even be opened, with its log, under another name."""
    damaged = path.with_name(f"{path.name}.damaged")
    damaged.unlink(missing_ok=True)
    os.link(path, damaged)
    for end in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.replace(damaged.with_name(damaged.name + end))
    sync_folder(path.parent)
