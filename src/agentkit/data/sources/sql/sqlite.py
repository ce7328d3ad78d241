"""SQLite, by the standard library.

Rules: the file is opened for reading only, and every step of a statement that is not reading is refused, attaching
another file among them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing

from agentkit.data.sources.files import path_below
from agentkit.data.sources.ports import Extracted
from agentkit.data.sources.reading import Reading
from agentkit.errors import EncodingError, SourceFailed, SourceMalformed

from .rows import BLOCK, extracted_rows

__all__ = ["read_sqlite"]

_MARK = b"SQLite format 3\0"
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_STEPS = 20_000  # instructions between two looks at the time


def read_sqlite(path: str, query: str, parameters: Mapping[str, object], reading: Reading) -> Extracted:
    """Read what a query of a file gives.

    Raises:
        EncodingError: A text is no UTF-8.
        SourceFailed: The query cannot be run, does more than reading, or takes too long.
        SourceMalformed: The file is no database of SQLite.
    """
    with reading.open(path) as stream:  # looks at the file as at any other; SQLite opens it anew, by its real path
        mark = stream.read(len(_MARK))
    if mark != _MARK:
        raise SourceMalformed("it is empty: 0 bytes" if not mark else "it is no database of SQLite")
    address = f"{path_below(reading.access.root, path).as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=reading.seconds_left)) as connection:
            _harden(connection, reading)
            cursor = connection.execute(query, dict(parameters))
            names = [str(column[0]) for column in cursor.description]
            return extracted_rows(names, lambda: cursor.fetchmany(BLOCK), reading, format="sqlite")
    except sqlite3.Error as error:
        reading.check()  # an interruption is told as what caused it
        raise _told(error) from error


def _harden(connection: sqlite3.Connection, reading: Reading) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(reading.limits.max_bytes, 1_000_000_000))
    connection.set_authorizer(_only_reading)

    def over() -> int:
        try:
            reading.check()
        except SourceFailed:
            return 1
        return 0

    connection.set_progress_handler(over, _STEPS)


def _only_reading(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    if action not in _READING or (action == sqlite3.SQLITE_FUNCTION and second == "load_extension"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _told(error: sqlite3.Error) -> EncodingError | SourceFailed | SourceMalformed:
    said = str(error)
    if "not authorized" in said or "prohibited" in said or "readonly" in said:
        return SourceFailed(f"the query does more than reading: {said}")
    if "decode" in said:
        return EncodingError(f"a text of it is no UTF-8: {said}")
    if "malformed" in said or "not a database" in said:
        return SourceMalformed(f"it is damaged: {said}")
    return SourceFailed(f"the query cannot be run: {said}")
