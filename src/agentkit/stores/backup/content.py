"""The content of a backup: a store as it was at one moment, or what is new in it since the backup before.

Rules: a content is read from the store in one transaction, so it is one consistent moment, and whoever writes goes on
meanwhile. An increment has the tables of a store with the rows that are new, and is no store by itself. Rows are
copied by SQLite and keep every byte, damaged ones too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final
from zlib import crc32

from agentkit.errors import BackupBroken
from agentkit.stores.sqlite_schema import BUSY_SECONDS, FORMAT, drop_aids, make_tables

from .manifest import Manifest, Mark

__all__ = [
    "Contained",
    "apply_increment",
    "check_tables",
    "contained_in",
    "copy_all",
    "copy_new",
    "count_damaged",
    "damaged_artifacts",
    "damaged_streams",
]

_INCREMENT_ID: Final = 0x414B696E  # "AKin"
_MASK: Final = 0xFFFFFFFF
_STREAM = "no, id, version, owner, token, name, status, ended, parked, created_at, updated_at, wake_at, waiting, tenant"
_EVENT = "position, stream_no, seq, writer, crc, data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contained:
    """What a content reaches to, and how much it is, with that of its base."""

    mark: Mark
    streams: int
    events: int
    artifacts: int
    damaged: int = 0


def copy_all(store: Path, content: Path) -> Contained:
    """Write a store as it is now into a new file."""
    with closing(_connect(content)) as copy:
        with closing(_connect(store, mode="rw")) as source:
            # In one step: it sees one moment, and does not begin anew when somebody writes.
            source.backup(copy)
        make_tables(copy, content)
        drop_aids(copy)
        # Who drove something then does not drive it where this is restored.
        copy.execute("update stream set owner = null where owner is not null")
        copy.execute("pragma journal_mode = delete")
        return contained_in(copy, damaged=count_damaged(copy))


def copy_new(store: Path, content: Path, base: Manifest) -> Contained | None:
    """Write what is new in a store since a backup into a new file; None if the store does not go on from there."""
    with closing(_connect(content)) as copy:
        make_tables(copy, content)
        copy.execute(f"pragma application_id = {_INCREMENT_ID}")
        copy.execute("attach ? as source", (_uri(store, "rw"),))
        copy.execute("begin")
        try:
            found = _copy_new(copy, base)
        except BaseException:
            copy.execute("rollback")
            raise
        copy.execute("commit")
        return found


def _copy_new(copy: sqlite3.Connection, base: Manifest) -> Contained | None:
    mark = base.mark
    if base.format != FORMAT or not _goes_on(copy, base):
        return None
    known = copy.execute("select sha256 from source.artifact where rowid = ?", (mark.artifact_row,)).fetchone()
    # Rows of artifacts may get other numbers when the file is made anew; then all of them count as new.
    after = mark.artifact_row if known == (mark.artifact,) else 0
    copy.execute(f"insert into event select {_EVENT} from source.event where position > ?", (mark.position,))  # noqa: S608 - a constant
    copy.execute(
        f"insert into stream select {_STREAM} from source.stream where no in (select stream_no from event)"  # noqa: S608 - a constant
    )
    copy.execute("update stream set owner = null")
    copy.execute("insert into artifact select sha256, content from source.artifact where rowid > ?", (after,))
    damaged = base.damaged + _damaged_events(copy) + damaged_artifacts(copy)
    return contained_in(copy, damaged=damaged, schema="source")


def _goes_on(copy: sqlite3.Connection, base: Manifest) -> bool:
    """Whether the store still has what the backup has: it was neither restored from an older one nor cut."""
    mark = base.mark
    if copy.execute("pragma source.user_version").fetchone()[0] != FORMAT:
        return False
    found = copy.execute("select writer, crc from source.event where position = ?", (mark.position,)).fetchone()
    if mark.position and found != (mark.writer, mark.crc):
        return False
    (total,) = copy.execute("select count(*) from source.event").fetchone()
    (new,) = copy.execute("select count(*) from source.event where position > ?", (mark.position,)).fetchone()
    return bool(total - new == base.events)


def apply_increment(store: sqlite3.Connection, content: Path, base: Manifest) -> None:
    """Put an increment into the store that its base was restored to.

    Raises:
        BackupBroken: The store is not what the increment stands on, or a row is there already.
    """
    if contained_in(store).mark.position != base.mark.position:
        raise BackupBroken(f"backup {base.name}: it does not reach as far as it says")
    store.execute("attach ? as increment", (_uri(content, "ro"),))
    try:
        check_tables(store, "increment")
        store.execute("begin")
        store.execute(f"insert or replace into stream select {_STREAM} from increment.stream")  # noqa: S608 - a constant
        store.execute(f"insert into event select {_EVENT} from increment.event")  # noqa: S608 - a constant
        store.execute("insert or ignore into artifact select sha256, content from increment.artifact")
        store.execute("commit")
    finally:
        if store.in_transaction:
            store.execute("rollback")
        store.execute("detach increment")


def contained_in(connection: sqlite3.Connection, *, damaged: int = 0, schema: str = "main") -> Contained:
    """What there is, and how far it reaches."""
    event = connection.execute(
        f"select position, writer, crc from {schema}.event order by position desc limit 1"  # noqa: S608 - our own word
    ).fetchone() or (0, 0, 0)
    artifact = connection.execute(
        f"select rowid, sha256 from {schema}.artifact order by rowid desc limit 1"  # noqa: S608 - our own word
    ).fetchone() or (0, "")
    streams, events, artifacts = (
        connection.execute(f"select count(*) from {schema}.{table}").fetchone()[0]  # noqa: S608 - our own words
        for table in ("stream", "event", "artifact")
    )
    mark = Mark(position=event[0], writer=event[1], crc=event[2], artifact_row=artifact[0], artifact=artifact[1])
    return Contained(mark=mark, streams=streams, events=events, artifacts=artifacts, damaged=damaged)


def check_tables(connection: sqlite3.Connection, schema: str = "main") -> None:
    """Make sure that a file is whole and has the tables of a store and nothing else, before anything reads from them.

    Views and triggers would run code of whoever made the file.

    Raises:
        BackupBroken: It is or has something else.
    """
    found = _tables_of(connection, schema)
    if found != _known_tables():
        odd = sorted({*found.items()} ^ {*_known_tables().items()})
        raise BackupBroken(f"the content of a backup is not the tables of a store of format {FORMAT}: see {odd[0][0]}")
    (said,) = connection.execute(f"pragma {schema}.quick_check(1)").fetchone()
    if said != "ok":
        raise BackupBroken(f"the content of a backup is damaged: {said}")


def _tables_of(connection: sqlite3.Connection, schema: str) -> Mapping[str, str]:
    """What is declared in a file, by name, however its lines are broken."""
    rows = connection.execute(f"select name, type, tbl_name, sql from {schema}.sqlite_master").fetchall()  # noqa: S608 - our own word
    return {str(name): f"{kind} of {table}: {''.join(str(sql).split())}" for name, kind, table, sql in rows}


@cache
def _known_tables() -> Mapping[str, str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        make_tables(memory, Path(":memory:"))
        return _tables_of(memory, "main")


def count_damaged(connection: sqlite3.Connection) -> int:
    """How many streams and artifacts do not verify: by numbers without a gap, and by checksums."""
    return sum(1 for _ in damaged_streams(connection)) + damaged_artifacts(connection)


def damaged_streams(connection: sqlite3.Connection) -> Iterator[str]:
    """The names of the streams that do not verify."""
    rows = connection.execute(
        "select s.no, s.version, cast(s.id as blob), e.seq, e.crc, cast(e.data as blob)"
        " from stream s left join event e on e.stream_no = s.no order by s.no, e.seq"
    )
    for _, journal in groupby(rows, key=itemgetter(0)):
        counted, told, is_sound, called = 0, 0, True, b""
        for _, version, name, seq, crc, line in journal:
            told, called = version, name
            if seq is not None:
                counted += 1
                is_sound = is_sound and _is_sound(name, counted, seq, crc, line)
        if not is_sound or counted != told:
            yield called.decode(errors="replace")


def _is_sound(name: bytes, place: int, seq: int, crc: int, line: bytes | None) -> bool:
    return seq == place and line is not None and crc32(line, (crc32(name) + seq) & _MASK) == crc


def _damaged_events(connection: sqlite3.Connection) -> int:
    """How many streams have events in an increment that do not verify; where it begins is not looked at."""
    rows = connection.execute(
        "select s.no, cast(s.id as blob), e.seq, e.crc, cast(e.data as blob)"
        " from event e join stream s on e.stream_no = s.no"
    )
    return len({no for no, name, seq, crc, line in rows if not _is_sound(name, seq, seq, crc, line)})


def damaged_artifacts(connection: sqlite3.Connection) -> int:
    """How many artifacts do not match their names."""
    rows = connection.execute("select sha256, content from main.artifact")
    return sum(not isinstance(content, bytes) or sha256(content).hexdigest() != key for key, content in rows)


def _connect(path: Path, *, mode: str = "rwc") -> sqlite3.Connection:
    connection = sqlite3.connect(_uri(path, mode), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("pragma trusted_schema = off")
    return connection


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"
