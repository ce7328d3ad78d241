"""Taking a backup, and throwing old ones away.

Rules: a backup is verified before it is kept, and kept before an older one is removed. What another backup stands on
stays as long as that one does.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agentkit.errors import DefinitionError, NotFound, StoreUnavailable
from agentkit.stores.sqlite_locks import BACKUP, FileLock
from agentkit.stores.sqlite_schema import FORMAT, inspect, translate

from .content import Contained, copy_all, copy_new
from .manifest import MANIFEST_BYTES, Manifest, chain_of, content_file, is_name, name_of, read_manifest, taken_at
from .packing import pack
from .targets import BackupTarget

__all__ = ["Retention", "backup_turn", "list_backups", "remove_old_backups", "take_backup"]

_MOST_INCREMENTS: Final = 100
_DRAFT: Final = ".agentkit-backup-"
# Whoever takes a backup may be at it for long; what is older than this was left by somebody who died.
_LEFT_BEHIND: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Which backups are kept; the newest one always is, and so is what a kept one stands on.

    Attributes:
        last: The newest so many.
        days: Those taken within so many days.

    Raises:
        DefinitionError: Nothing is said, or a number is below 1.

    Example:
        >>> Retention(last=7, days=30).last
        7
    """

    last: int | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        said = [number for number in (self.last, self.days) if number is not None]
        if not said or min(said) < 1:
            raise DefinitionError("say how many backups to keep, or for how many days: whole numbers from 1 on")


def list_backups(target: BackupTarget) -> Sequence[Manifest]:
    """All backups that are kept, the oldest first.

    Raises:
        BackupBroken: A manifest is not valid.
        FormatTooNew: A newer agentkit wrote one.
        StoreUnavailable: The target cannot be read.
    """
    found: list[Manifest] = []
    for file in target.names():
        name = file.removesuffix(".json")
        if name != file and is_name(name):
            try:
                with closing(target.read(file)) as opened:
                    found.append(read_manifest(name, opened.read(MANIFEST_BYTES + 1)))
            except NotFound:
                # Somebody removed it since.
                continue
    return sorted(found, key=lambda manifest: (manifest.made_at, manifest.name))


@contextmanager
def backup_turn(store: Path) -> Generator[bool, None, None]:
    """Be the one of all processes that looks after the backups of a store, for a while; False if another one is.

    Raises:
        StoreUnavailable: The lock beside the store cannot be made.
    """
    lock = FileLock(store.with_name(f"{store.name}.locks") / BACKUP)
    is_ours = lock.take(wait=False)
    try:
        yield is_ours
    finally:
        lock.release()


def take_backup(store: Path, target: BackupTarget, *, at: float, incremental: bool = False) -> Manifest:
    """Take a backup of a SQLite store; whoever works with it goes on meanwhile.

    It has all that was on the disk at one moment. It takes time and no memory: call it in a thread.

    Args:
        store: The file of the store.
        target: Where to.
        at: What time it is, in seconds since 1970.
        incremental: Whether to take only what is new since the newest backup. Where there is none that the store goes
            on from, or a hundred increments stand on each other, everything is taken.

    Raises:
        NotFound: There is no such store.
        JournalCorrupt: It is no store of agentkit, or damaged beyond copying.
        FormatTooNew: A newer agentkit wrote it.
        StoreUnavailable: It cannot be read, or the target cannot be written.
        BackupBroken: A manifest in the target is not valid.
    """
    if not store.exists():
        raise NotFound(f"there is no store {store}: there is nothing to back up")
    inspect(store)
    base = _base(list_backups(target)) if incremental else None
    name = name_of(at, os.urandom(3))
    try:
        with TemporaryDirectory(prefix=f"{_DRAFT}{name}-", dir=target.workspace) as folder:
            return _take(store, target, base, Path(folder), name=name, at=at)
    except sqlite3.Error as error:
        raise translate(error, store) from error
    except OSError as error:
        raise StoreUnavailable(f"the backup of {store} cannot be written: {error.strerror or error}") from error


def _take(store: Path, target: BackupTarget, base: Manifest | None, folder: Path, *, name: str, at: float) -> Manifest:
    content, packed = folder / "content", folder / "packed"
    found: Contained | None = None
    if base is not None:
        found = copy_new(store, content, base)
        if found is None:
            base = None
            content.unlink()
    if found is None:
        found = copy_all(store, content)
    sizes = pack(content, packed)
    manifest = Manifest(
        name=name,
        kind="full" if base is None else "increment",
        base=None if base is None else base.name,
        made_at=datetime.fromtimestamp(at, UTC),
        agentkit=version("agentkit"),
        format=FORMAT,
        mark=found.mark,
        streams=found.streams,
        events=found.events,
        artifacts=found.artifacts,
        damaged=found.damaged,
        size=sizes.size,
        sha256=sizes.sha256,
        packed_size=sizes.packed_size,
        packed_sha256=sizes.packed_sha256,
    )
    target.put(manifest.content_file, packed)
    draft = folder / "manifest"
    draft.write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    target.put(manifest.manifest_file, draft)
    return manifest


def _base(manifests: Sequence[Manifest]) -> Manifest | None:
    """What an increment may stand on."""
    if not manifests:
        return None
    known = _by_name(manifests)
    newest = manifests[-1]
    return newest if len(chain_of(known, newest.name)) <= _MOST_INCREMENTS else None


def remove_old_backups(target: BackupTarget, retention: Retention, *, at: float) -> Sequence[Manifest]:
    """Remove the backups that are not to be kept, and what is left of some that were never finished.

    Args:
        target: Where they are.
        retention: Which are kept.
        at: What time it is, in seconds since 1970.

    Raises:
        BackupBroken: A manifest is not valid, or something that a backup stands on is missing: nothing is removed.
        StoreUnavailable: The target cannot be read or changed.
    """
    manifests = list_backups(target)
    known = _by_name(manifests)
    since = datetime.fromtimestamp(at, UTC) - timedelta(days=retention.days or 0)
    kept: set[str] = set()
    for age, manifest in enumerate(reversed(manifests), start=1):
        is_young = retention.days is not None and manifest.made_at > since
        if age == 1 or age <= (retention.last or 0) or is_young:
            kept.update(each.name for each in chain_of(known, manifest.name))
    removed = [manifest for manifest in manifests if manifest.name not in kept]
    # The newest first: an increment goes before what it stands on. Without its manifest a content is no backup.
    for manifest in reversed(removed):
        target.remove(manifest.manifest_file)
        target.remove(manifest.content_file)
    _remove_remains(target, set(known), before=datetime.fromtimestamp(at, UTC) - _LEFT_BEHIND)
    return removed


def _remove_remains(target: BackupTarget, known: set[str], *, before: datetime) -> None:
    for file in target.names():
        name = file.removeprefix(_DRAFT)[:23]
        if not is_name(name) or name in known or taken_at(name) >= before:
            continue
        if file == content_file(name):
            target.remove(file)
        elif file.startswith(f"{_DRAFT}{name}-") and target.workspace is not None:
            shutil.rmtree(target.workspace / file, ignore_errors=True)


def _by_name(manifests: Sequence[Manifest]) -> Mapping[str, Manifest]:
    return {manifest.name: manifest for manifest in manifests}
