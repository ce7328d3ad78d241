"""Locks: between the threads of a process, and between processes that write one file.

Rules: the system gives a file's lock back at the moment a process dies, however it dies, so none is ever stale.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager
from typing import TypeAlias

from agentkit.errors import AuditError

if sys.platform != "win32":
    import fcntl

__all__ = ["Lock", "lock_file", "new_lock", "unlock_file"]

Lock: TypeAlias = "AbstractContextManager[bool]"
"""Held by one thread at a time, in a `with`."""


def new_lock() -> Lock:
    """Make a lock for the threads of this process."""
    return threading.Lock()


def lock_file(file: int, path: str) -> None:
    """Be the one writer of an open file, until it is closed or this process dies.

    Raises:
        AuditError: Another one writes it, here or in another process.
    """
    if sys.platform == "win32":
        raise AuditError("a trail in a file needs the file locks of Linux or macOS; use SqliteSink on Windows")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AuditError(f"{path} has a writer already: close that one first, or give each its own trail") from error
    except OSError as error:
        raise AuditError(f"{path} cannot be locked: {error.strerror}; keep it on a disk that has locks") from error


def unlock_file(file: int) -> None:
    """Close a file and give its lock back, also where a forked child still has a copy of it."""
    try:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_UN)
    finally:
        os.close(file)
