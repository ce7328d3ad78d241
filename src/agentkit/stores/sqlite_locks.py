"""Who is alive: every owner holds a lock on a file of its own, as long as its process lives.

Rules: the kernel gives the lock back at the moment a process dies, however it dies, so no clock is involved and no
heartbeat can come late. A forked child does not inherit the claim to be alive. An owner whose file is missing is dead.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TypeAlias
from weakref import WeakSet

from agentkit.errors import StoreUnavailable

if sys.platform != "win32":
    import fcntl

__all__ = ["BACKUP", "CHECKPOINT", "OPENING", "RESTORING", "FileLock", "is_alive", "living", "sweep"]

BACKUP = "backup"
CHECKPOINT = "checkpoint"
OPENING = "opening"
RESTORING = "restoring"
_KEPT = frozenset({BACKUP, CHECKPOINT, OPENING, RESTORING})


class FileLock:
    """A lock on a file, held by this process until it is released or the process dies."""

    __slots__ = ("__weakref__", "_file", "path")

    def __init__(self, path: Path) -> None:
        self.path: Path = path
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this process holds it."""
        return self._file is not None

    def take(self, *, wait: bool) -> bool:
        """Take it, and say whether that worked; only a lock that is waited for always works.

        Raises:
            StoreUnavailable: The file cannot be made.
        """
        while self._file is None:
            file = _open(self.path)
            if not _lock(file, exclusive=True, wait=wait):
                os.close(file)
                return False
            # Somebody may have swept the file away between its making and its locking: then the lock is worth nothing.
            if os.fstat(file).st_nlink:
                self._file = file
                _held.add(self)
            else:
                os.close(file)
        return True

    def release(self, *, remove: bool = False) -> None:
        """Give it back; a second call changes nothing."""
        if self._file is not None:
            if remove:
                self.path.unlink(missing_ok=True)
            self.forget()

    def forget(self) -> None:
        """Close the file as a dying process does."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def is_alive(directory: Path, owner: str) -> bool:
    """Whether a process holds the lock of this owner."""
    try:
        file = os.open(directory / owner, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        # Not to be able to look (no descriptor left, no right to) says nothing of the owner: nothing is taken from it.
        return True
    try:
        # Shared, so that two who ask at once do not take each other for the owner.
        return not _lock(file, exclusive=False, wait=False)
    finally:
        os.close(file)


def living(directory: Path) -> list[str]:
    """All owners that live."""
    if not directory.is_dir():
        return []
    return [path.name for path in directory.iterdir() if path.name not in _KEPT and is_alive(directory, path.name)]


def sweep(directory: Path) -> None:
    """Remove the files of the dead."""
    for path in directory.iterdir():
        if path.name not in _KEPT and not is_alive(directory, path.name):
            path.unlink(missing_ok=True)


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"the lock {path} cannot be made: {error.strerror}; make its directory writable"
        ) from error


def _lock(file: int, *, exclusive: bool, wait: bool) -> bool:
    if sys.platform == "win32":
        raise StoreUnavailable("the SQLite store needs the file locks of Linux or macOS; use memory:// on Windows")
    flags = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(file, flags if wait else flags | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_Held: TypeAlias = "WeakSet[FileLock]"

# A lock of this kind lives as long as any copy of its file descriptor, and fork copies them all. This one list for the
# whole process is what lets a child close its copies; it carries nothing else.
_held: _Held = WeakSet()


def _forget_all() -> None:
    for lock in list(_held):
        lock.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
