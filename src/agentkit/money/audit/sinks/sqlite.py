"""A trail in an SQLite file: each append is one transaction, on the disk before it returns.

Rules: the database knows lines by number and nothing else; of two writers the second one is refused by the number it
expects; an entry is never updated or deleted by us.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from agentkit.errors import AuditError, Closed

__all__ = ["SqliteSink", "read_database"]

_TABLE = "create table if not exists audit_entry (number integer primary key, line blob not null)"
_READ = "select line from audit_entry where number > ? order by number"
_SIZE = "select coalesce(max(number), 0) from audit_entry"


class SqliteSink:
    """Keeps a trail in a table of an SQLite file, `audit_entry`; see `AuditSink`. The file may hold other tables.

    Args:
        path: The file; it is made if it is not there.

    Raises:
        AuditError: It cannot be opened, or is no database.

    Example:
        >>> from agentkit.money import AuditTrail
        >>> with AuditTrail(SqliteSink("trail.db")) as trail:
        ...     trail.size
        0
    """

    __slots__ = ("_connection", "_path")

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._connection: sqlite3.Connection | None = None
        connection = None
        try:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            connection.execute("pragma synchronous = extra")
            connection.execute(_TABLE)
        except (sqlite3.Error, ValueError) as error:
            if connection is not None:
                connection.close()
            raise self._failed(error) from error
        self._connection = connection

    @property
    def size(self) -> int:
        """See `AuditSink.size`."""
        try:
            return _number(self._open().execute(_SIZE))
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def append(self, lines: Sequence[bytes], *, expected: int) -> None:
        """See `AuditSink.append`."""
        connection = self._open()
        try:
            connection.execute("begin immediate")
            try:
                size = _number(connection.execute(_SIZE))
                if size != expected:
                    raise AuditError(f"another writer was at {self._path}: {size} entries, not {expected}; open again")
                connection.executemany("insert into audit_entry values (?, ?)", enumerate(lines, start=expected + 1))
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def sync(self) -> None:
        """See `AuditSink.sync`: every append was on the disk before it returned."""
        self._open()

    def read(self, after: int = 0) -> Iterator[bytes]:
        """See `AuditSink.read`."""
        return read_database(self._path, after)

    def close(self) -> None:
        """See `AuditSink.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise Closed(f"{self._path} was closed: open the trail again")
        return self._connection

    def _failed(self, error: Exception) -> AuditError:
        return AuditError(f"{self._path} cannot be used: {error}; name an SQLite file that you may write")


def read_database(path: Path, after: int = 0) -> Iterator[bytes]:
    """Give the lines of a trail in an SQLite file, without changing it.

    Raises:
        AuditError: It cannot be read, or has no trail.
    """
    try:
        address = f"file:{quote(str(path.absolute()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            for (line,) in connection.execute(_READ, (after,)):
                # Whatever somebody put there in place of bytes is no line, and is found as such.
                yield line if isinstance(line, bytes) else str(line).encode()
    except sqlite3.Error as error:
        raise AuditError(f"{path} cannot be read: {error}; name an SQLite file with a trail") from error


def _number(cursor: sqlite3.Cursor) -> int:
    (number,) = cursor.fetchone()
    return int(number)
