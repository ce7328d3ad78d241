"""How the two threads open the file and close it: what is checked first, and which locks they hold meanwhile.

Rules: nothing is touched before it is known to be ours. Who opens first creates; openings wait for each other, so
nobody sees a store half made. One process at a time moves the write-ahead log into the file.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from agentkit.errors import StoreError, UnstorableValue

from .sqlite_locks import CHECKPOINT, OPENING, FileLock, is_alive, sweep
from .sqlite_schema import connect, inspect, prepare, refuse_network, translate

__all__ = ["ReaderSession", "WriterSession"]

_CHECKPOINT_PAGES: Final = 1000


class _File:
    """The file with its locks, as the two threads see it."""

    def __init__(self, path: Path, synchronous: str, owner: str) -> None:
        self.path: Path = path
        self.synchronous: str = synchronous
        self.owner: str = owner
        self.directory: Path = path.with_name(f"{path.name}.locks")
        self.life: FileLock = FileLock(self.directory / owner)
        self.checkpoint: FileLock = FileLock(self.directory / CHECKPOINT)

    def is_alive(self, owner: str) -> bool:
        """Whether an owner lives."""
        return is_alive(self.directory, owner)

    def translate(self, error: Exception, stream: str | None) -> StoreError | UnstorableValue:
        """Say what an error of SQLite means."""
        return translate(error, self.path, stream)


class WriterSession(_File):
    """Opens the file for the writer; the writer's connection is what holds the locks."""

    def enter(self) -> sqlite3.Connection:
        """Check the file, create it if it is new, and begin to live."""
        self.path: Path = self.path.absolute()
        inspect(self.path)
        refuse_network(self.path)
        opening = FileLock(self.directory / OPENING)
        try:
            opening.take(wait=True)
            sweep(self.directory)
            self.life.take(wait=True)
            connection = self._connect()
        except (sqlite3.Error, OSError, UnicodeError) as error:
            self.life.release(remove=True)
            raise translate(error, self.path) from error
        except BaseException:
            self.life.release(remove=True)
            raise
        finally:
            opening.release()
        self.tend(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self.path, synchronous=self.synchronous)
        try:
            prepare(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def tend(self, connection: sqlite3.Connection) -> None:
        """Be the one process that moves the log into the file, unless another one is.

        SQLite before 3.51.3 can lose a page if two connections do that at the same instant.
        """
        if not self.checkpoint.is_held and self.checkpoint.take(wait=False):
            connection.execute(f"pragma wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    def leave(self, connection: sqlite3.Connection) -> None:
        """Release every lease, then stop living."""
        try:
            connection.execute("update stream set owner = null where owner = ?", (self.owner,))
        except sqlite3.Error:
            # Then the leases are found orphaned, as after a death, which costs no more than a look at a lock.
            pass
        finally:
            connection.close()
            self.checkpoint.release()
            self.life.release(remove=True)


class ReaderSession(_File):
    """Opens the file for the reader, which cannot write."""

    def enter(self) -> sqlite3.Connection:
        """Open a connection that refuses to write."""
        try:
            connection = connect(self.path.absolute(), synchronous=self.synchronous)
            connection.execute("pragma query_only = on")
        except sqlite3.Error as error:
            raise translate(error, self.path) from error
        return connection

    def tend(self, connection: sqlite3.Connection) -> None:
        """There is nothing to look after."""

    def leave(self, connection: sqlite3.Connection) -> None:
        """Close the connection."""
        connection.close()
