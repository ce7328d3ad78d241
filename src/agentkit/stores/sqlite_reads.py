"""What the reader thread is asked for, and how it notices what other processes wrote.

Rules: every event is verified as it is read, by its number and its checksum; damage is the trouble of one stream alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from zlib import crc32

from agentkit.errors import JournalCorrupt, NotFound
from agentkit.kernel import Event

from .codec import Codec
from .ports import Lease, Sort, Summary
from .sqlite_threads import Request
from .sqlite_writes import IsAlive, seal

__all__ = ["Fetch", "Find", "Get", "Lookout", "Mark", "Orphans", "Read", "Renew"]

_MASK = 0xFFFFFFFF
_OPEN = "from stream where ended = 0 and parked = 0"
_AWAKE = "from stream where ended = 0 and parked = 1 and wake_at is not null and wake_at <= ?"
_COLUMNS = "select id, name, status, ended, parked, created_at, updated_at, wake_at, waiting, tenant, version"
_SUMMARY = f"{_COLUMNS} from stream where name is not null"
# Said by name: for those of one tenant SQLite would rather look through all that they ever had.
_UNENDED = f"{_COLUMNS} from stream indexed by stream_unended where ended = 0"
# So is this: what waits is little and may be sorted; everything else is found in the order in which it changed.
_CHANGED = f"{_COLUMNS} from stream indexed by {{}} where name is not null"
_ORDER: Mapping[Sort, str] = {
    "newest": " order by created_at desc, id desc limit ?",
    "oldest": " order by created_at, id limit ?",
    "changed": " order by updated_at desc, id desc limit ?",
}
_BEHIND: Mapping[Sort, str] = {
    "newest": " and (created_at, id) < (?, ?)",
    "oldest": " and (created_at, id) > (?, ?)",
    "changed": " and (updated_at, id) < (?, ?)",
}


class Read(Request[Sequence[Event]]):
    """Read events of one stream."""

    __slots__ = ("_after", "_codec", "_limit")

    def __init__(self, codec: Codec, stream: str, *, after: int, limit: int | None) -> None:
        super().__init__(stream)
        self._codec = codec
        self._after = after
        self._limit = limit

    def work(self, connection: sqlite3.Connection) -> Sequence[Event]:
        """Read and verify.

        Raises:
            JournalCorrupt: A row is damaged or missing.
        """
        stream, after = self.stream or "", self._after
        found = connection.execute("select no, version from stream where id = ?", (stream,)).fetchone()
        if found is None:
            return ()
        no, version = found
        limit = max(0, version - after if self._limit is None else min(self._limit, version - after))
        rows = connection.execute(
            "select seq, crc, cast(data as blob) from event where stream_no = ? and seq > ? order by seq limit ?",
            (no, after, limit),
        ).fetchall()
        start = seal(stream)
        lines: list[bytes] = []
        for place, (seq, crc, line) in enumerate(rows, start=after + 1):
            if seq != place or line is None or crc32(line, (start + seq) & _MASK) != crc:
                raise JournalCorrupt(_damaged(stream, place, "it does not match its checksum or its number"))
            lines.append(line)
        if len(lines) != limit:
            raise JournalCorrupt(_damaged(stream, after + len(lines) + 1, f"it is missing, of {version}"))

        def load(key: str) -> bytes:
            return _artifact(connection, key)

        return self._codec.decode_many(lines, stream=stream, first=after + 1, load=load)


def _damaged(stream: str, place: int, why: str) -> str:
    return f"stream {stream!r}, event {place} is damaged: {why}; other streams are not affected"


def _artifact(connection: sqlite3.Connection, key: str) -> bytes:
    row = connection.execute("select content from artifact where sha256 = ?", (key,)).fetchone()
    if row is None:
        raise JournalCorrupt(f"artifact {key} is missing")
    content = row[0]
    if not isinstance(content, bytes) or sha256(content).hexdigest() != key:
        raise JournalCorrupt(f"artifact {key} does not match its name")
    return content


class Fetch(Request[bytes]):
    """Read the bytes of one artifact."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def work(self, connection: sqlite3.Connection) -> bytes:
        """Read and verify.

        Raises:
            NotFound: None is kept under that hash.
            JournalCorrupt: It is damaged.
        """
        if connection.execute("select 1 from artifact where sha256 = ?", (self._key,)).fetchone() is None:
            raise NotFound(f"no artifact is kept under {self._key!r}")
        return _artifact(connection, self._key)


class Find(Request[Sequence[Summary]]):
    """List summaries."""

    __slots__ = (
        "_after",
        "_before",
        "_ended",
        "_limit",
        "_name",
        "_sort",
        "_status",
        "_tenant",
        "_text",
        "_until",
        "_waiting",
    )

    def __init__(  # noqa: PLR0913 - every filter is an argument
        self,
        *,
        name: str | None,
        status: Sequence[str] | None,
        waiting: str | None,
        tenant: str | None,
        text: str | None,
        ended: bool | None,
        after: float | None,
        until: float | None,
        sort: Sort,
        before: tuple[float, str] | None,
        limit: int,
    ) -> None:
        super().__init__()
        self._name = name
        self._status = status
        self._waiting = waiting
        self._tenant = tenant
        self._text = text
        self._ended = ended
        self._after = after
        self._until = until
        self._sort: Sort = sort
        self._before = before
        self._limit = limit

    def work(self, connection: sqlite3.Connection) -> Sequence[Summary]:
        """List them."""
        query, values = self._start(), list[object]()
        if self._ended:
            query += " and ended = 1"
        if self._name is not None:
            query += " and name = ?"
            values.append(self._name)
        if self._status is not None:
            query += f" and status in ({', '.join('?' * len(self._status))})"
            values.extend(self._status)
        if self._waiting is not None:
            query += " and waiting is not null and instr(' ' || waiting || ' ', ?)"
            values.append(f" {self._waiting} ")
        if self._tenant is not None:
            query += " and tenant = ?"
            values.append(self._tenant)
        if self._text is not None:
            # Not `like`, which is twice as fast, but ends a text at its first zero and takes it for a pattern.
            query += " and (instr(lower(id), lower(?)) or instr(lower(name), lower(?)))"
            values += [self._text, self._text]
        place, bounds = self._place()
        query += place + _ORDER[self._sort]
        return [_summary(row) for row in connection.execute(query, [*values, *bounds, max(0, self._limit)])]

    def _start(self) -> str:
        """Where to look."""
        if self._ended is False:
            return _UNENDED
        if self._sort != "changed":
            return _SUMMARY
        if self._waiting is not None:
            return _CHANGED.format("stream_waiting")
        return _CHANGED.format("stream_changed" if self._tenant is None else "stream_tenant_changed")

    def _place(self) -> tuple[str, list[object]]:
        """Which part of the order is meant; a bound that another one contains would hide that one from the index."""
        query, values = "", list[object]()
        after, until, before = self._after, self._until, self._before
        if before is not None:
            query += _BEHIND[self._sort]
            values += before
        if after is not None and not (self._sort == "oldest" and before is not None and before[0] >= after):
            query += " and created_at >= ?"
            values.append(after)
        if after is not None and self._sort == "changed":
            # What began then or later did not change before.
            query += " and updated_at >= ?"
            values.append(after)
        if until is not None and not (self._sort == "newest" and before is not None and before[0] < until):
            query += " and created_at < ?"
            values.append(until)
        return query, values


class Get(Request[Summary | None]):
    """The summary of one stream."""

    __slots__ = ()

    def work(self, connection: sqlite3.Connection) -> Summary | None:
        """Look it up."""
        row = connection.execute(f"{_SUMMARY} and id = ?", (self.stream,)).fetchone()
        return None if row is None else _summary(row)


def _summary(row: tuple[str, str, str, int, int, float, float, float | None, str | None, str | None, int]) -> Summary:
    stream, name, status, ended, parked, created_at, updated_at, wake_at, waiting, tenant, version = row
    return Summary(
        stream=stream,
        name=name,
        status=status,
        ended=bool(ended),
        parked=bool(parked),
        created_at=created_at,
        updated_at=updated_at,
        wake_at=wake_at,
        waiting=waiting or "",
        tenant=tenant,
        version=version,
    )


class Renew(Request[bool]):
    """Whether a lease is the newest one."""

    __slots__ = ("_lease",)

    def __init__(self, lease: Lease) -> None:
        super().__init__(lease.stream)
        self._lease = lease

    def work(self, connection: sqlite3.Connection) -> bool:
        """Look it up."""
        row = connection.execute("select owner, token from stream where id = ?", (self._lease.stream,)).fetchone()
        return bool(row == (self._lease.owner, self._lease.token))


class Orphans(Request[Sequence[str]]):
    """Streams that nobody living drives although somebody should."""

    __slots__ = ("_is_alive", "_limit", "_now")

    def __init__(self, *, now: float, limit: int, is_alive: IsAlive) -> None:
        super().__init__()
        self._now = now
        self._limit = limit
        self._is_alive = is_alive

    def work(self, connection: sqlite3.Connection) -> Sequence[str]:
        """List them, oldest first."""
        owners = connection.execute(
            f"select owner {_OPEN} and owner is not null union select owner {_AWAKE} and owner is not null",
            (self._now,),
        )
        living = [owner for (owner,) in owners if self._is_alive(owner)]
        # More living owners than SQLite takes values at once would be more processes than one machine runs.
        others = f"(owner is null or owner not in ({', '.join('?' * len(living))}))"
        rows = connection.execute(
            f"select created_at, id {_OPEN} and {others} union all select created_at, id {_AWAKE} and {others}"
            " order by created_at, id limit ?",
            (*living, self._now, *living, max(0, self._limit)),
        )
        return [stream for _, stream in rows]


class Mark(Request[None]):
    """Nothing; by the time it is answered, the reader has looked round."""

    __slots__ = ()

    def work(self, connection: sqlite3.Connection) -> None:
        """Do nothing."""


class Lookout:
    """Looks for what other owners wrote, and says in which streams.

    Its cost does not grow with the streams that exist or are listened to: one number tells whether there is anything
    new, and whose it is stands beside every event.
    """

    __slots__ = ("_is_wanted", "_position", "_tell", "_writer")

    def __init__(self, writer: int, is_wanted: Callable[[], bool], tell: Callable[[Sequence[str]], None]) -> None:
        self._writer = writer
        self._is_wanted = is_wanted
        self._tell = tell
        self._position = -1

    def is_wanted(self) -> bool:
        """Whether somebody listens; when nobody does, what was seen is forgotten."""
        wanted = self._is_wanted()
        if not wanted:
            self._position = -1
        return wanted

    def look(self, connection: sqlite3.Connection) -> None:
        """Look for what is new since the look before; the first one only marks the place."""
        newest: int = connection.execute("select coalesce(max(position), 0) from event").fetchone()[0]
        after, self._position = self._position, newest
        if 0 <= after < newest:
            rows = connection.execute(
                "select distinct id from event join stream on no = stream_no"
                " where position > ? and position <= ? and writer <> ?",
                (after, newest, self._writer),
            )
            if found := [stream for (stream,) in rows]:
                self._tell(found)
