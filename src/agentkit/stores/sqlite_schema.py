"""What a SQLite store looks like on disk, and how it is opened, checked and created.

Rules: a file that is not ours, or that a newer agentkit wrote, is refused before anything touches it. The header of the
file itself says whose it is (`application_id`) and in which format (`user_version`): both are written before the first
event, in a transaction that does not go through the write-ahead log.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from agentkit.errors import FormatTooNew, JournalCorrupt, StoreError, StoreUnavailable, UnstorableValue

__all__ = [
    "BUSY_SECONDS",
    "FORMAT",
    "as_text",
    "connect",
    "drop_aids",
    "inspect",
    "make_tables",
    "prepare",
    "refuse_network",
    "translate",
]

APPLICATION_ID: Final = 0x414B6974  # "AKit"
FORMAT: Final = 2
BUSY_SECONDS: Final = 10.0

_MAGIC = b"SQLite format 3\0"
_USER_VERSION = slice(60, 64)
_APPLICATION_ID = slice(68, 72)

# What makes the tables of a format those of the next one.
_UPGRADES: Final[Mapping[int, Sequence[str]]] = {
    1: (
        "alter table stream add column tenant text",
        "create index stream_tenant on stream (tenant, created_at, id) where tenant is not null",
    ),
}

_TABLES = (
    """create table stream (
        no integer primary key, id text not null unique, version integer not null,
        owner text, token integer not null,
        name text, status text, ended integer, parked integer, created_at real, updated_at real,
        wake_at real, waiting text, tenant text)""",
    "create index stream_newest on stream (created_at, id) where name is not null",
    "create index stream_open on stream (created_at, id) where ended = 0 and parked = 0",
    "create index stream_asleep on stream (wake_at) where ended = 0 and parked = 1 and wake_at is not null",
    "create index stream_waiting on stream (created_at, id) where waiting is not null",
    "create index stream_tenant on stream (tenant, created_at, id) where tenant is not null",
    # `position` grows with every commit, so whoever saw one position finds what is new, in any process.
    """create table event (
        position integer primary key, stream_no integer not null, seq integer not null,
        writer integer not null, crc integer not null, data text not null)""",
    "create unique index event_place on event (stream_no, seq)",
    "create table artifact (sha256 text primary key, content blob not null)",
)

# What makes looking faster and is no part of the format: it is made where it is missing, and left out of backups.
_AIDS: Final[Mapping[str, str]] = {
    "stream_unended": "on stream (tenant, created_at, id) where ended = 0",
    "stream_changed": "on stream (updated_at, id) where name is not null",
    "stream_tenant_changed": "on stream (tenant, updated_at, id) where tenant is not null",
}

# Locks and the shared memory of the log need one kernel that sees them all.
_NETWORK = frozenset(
    (
        "afs",
        "ceph",
        "cifs",
        "coda",
        "fuse.glusterfs",
        "fuse.s3fs",
        "fuse.sshfs",
        "gfs2",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "smb3",
        "smbfs",
    )
)

_ADVICE = {
    sqlite3.SQLITE_FULL: "free some space on the disk; what was acknowledged is safe",
    sqlite3.SQLITE_READONLY: "make the file and its directory writable",
    sqlite3.SQLITE_CANTOPEN: "check that the directory exists and is writable",
    sqlite3.SQLITE_BUSY: f"another process has kept it locked for more than {BUSY_SECONDS:g} s",
    sqlite3.SQLITE_IOERR: "check the disk; what was acknowledged is safe",
}


def inspect(path: Path) -> None:
    """Look at a file without touching it; a file that does not exist, or is empty, is fine.

    Raises:
        JournalCorrupt: It is no SQLite file, or none of agentkit's.
        FormatTooNew: A newer agentkit wrote it.
        StoreUnavailable: It cannot be read, or its directory does not exist.
    """
    if not path.parent.is_dir():
        raise StoreUnavailable(f"{path}: the directory {path.parent} does not exist; create it first")
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be read: {error.strerror}") from error
    # With a rollback journal beside it, a creation was interrupted: SQLite undoes that itself when it opens the file.
    if not header or path.with_name(f"{path.name}-journal").exists():
        return
    if not header.startswith(_MAGIC) or len(header) < 100:
        raise JournalCorrupt(f"{path} is not a SQLite file; choose another name, the file was not touched")
    _check_identity(path, int.from_bytes(header[_APPLICATION_ID], "big"), int.from_bytes(header[_USER_VERSION], "big"))


def _check_identity(path: Path, application: int, version: int) -> None:
    if application != APPLICATION_ID:
        raise JournalCorrupt(f"{path} is a SQLite file, but not a store of agentkit; the file was not touched")
    if version > FORMAT:
        raise FormatTooNew(
            f"{path} has format {version}, this agentkit knows {FORMAT} at most; upgrade it. The file was not touched"
        )


def connect(path: Path, *, synchronous: str) -> sqlite3.Connection:
    """A connection for one thread; transactions are begun and ended by hand."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute(f"pragma synchronous = {synchronous}")
    connection.execute("pragma wal_autocheckpoint = 0")
    # A damaged name must not hide the names beside it.
    connection.text_factory = as_text
    return connection


def as_text(stored: bytes) -> str:
    """A text as it is kept; letters of it that are damaged are shown as such."""
    return stored.decode(errors="replace")


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables if the file is new, check whose it is, bring an older format up to date, and begin the log.

    Raises:
        JournalCorrupt: It is not a store of agentkit.
        FormatTooNew: A newer agentkit wrote it.
    """
    make_tables(connection, path)
    connection.execute("pragma journal_mode = wal")
    for name, what in _AIDS.items():
        connection.execute(f"create index if not exists {name} {what}")


def drop_aids(connection: sqlite3.Connection) -> None:
    """Leave nothing in a file but the tables of its format."""
    for name in _AIDS:
        connection.execute(f"drop index if exists {name}")


def make_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables if the file is new, check whose it is, and bring an older format up to date.

    Raises:
        JournalCorrupt: It is not a store of agentkit.
        FormatTooNew: A newer agentkit wrote it.
    """
    connection.execute("begin immediate")
    try:
        if not connection.execute("select count(*) from sqlite_master").fetchone()[0]:
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute(f"pragma application_id = {APPLICATION_ID}")
            connection.execute(f"pragma user_version = {FORMAT}")
        application = connection.execute("pragma application_id").fetchone()[0]
        version = connection.execute("pragma user_version").fetchone()[0]
        _check_identity(path, application, version)
        for old in range(version, FORMAT):
            for statement in _UPGRADES[old]:
                connection.execute(statement)
            connection.execute(f"pragma user_version = {old + 1}")
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def refuse_network(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Refuse a file on a network file system, where neither locks nor the write-ahead log can be trusted.

    Raises:
        StoreUnavailable: It is on one.
    """
    if sys.platform != "linux":
        return
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return
    place = path.parent.resolve()
    kinds: dict[Path, str] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        # Spaces in a mount point are written as octal escapes; such a point is simply not found.
        kinds[Path(before.split()[4])] = after.split()[0]
    kind = next((kinds[point] for point in (place, *place.parents) if point in kinds), "")
    if kind in _NETWORK:
        raise StoreUnavailable(f"{path} is on a network file system ({kind}); SQLite needs a local disk")


def translate(error: Exception, path: Path, stream: str | None = None) -> StoreError | UnstorableValue:
    """What an error of SQLite means to those who asked."""
    where = f"{path}" if stream is None else f"{path}, stream {stream!r}"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    # SQLite quotes damaged bytes in its messages, which Python then cannot read.
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or isinstance(error, UnicodeDecodeError):
        return JournalCorrupt(f"{where} is damaged: {error}; restore it from a backup")
    if code in (sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT) or isinstance(
        error, ValueError | OverflowError | sqlite3.InterfaceError | sqlite3.ProgrammingError | sqlite3.DataError
    ):
        return UnstorableValue(f"{where}: SQLite cannot keep this exactly: {error}")
    advice = _ADVICE.get(code, "try again with the same key")
    return StoreUnavailable(f"{where}: {error}: {advice}")
