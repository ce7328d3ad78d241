"""What the writer thread is asked for: append, claim, release.

Rules: a request checks everything before it writes anything, inside the transaction that writes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from hashlib import sha256
from math import isfinite
from typing import TypeAlias
from zlib import crc32

from agentkit.errors import JournalConflict, LeaseLost, UnstorableValue, UsageError
from agentkit.kernel import Event

from .codec import Codec
from .ports import Lease, Summary
from .sqlite_threads import Request

__all__ = ["Append", "Claim", "IsAlive", "Keep", "Release", "seal"]

IsAlive: TypeAlias = Callable[[str], bool]
"""Whether an owner lives."""

_MASK = 0xFFFFFFFF
_SUMMARY = (
    "name = ?, status = ?, ended = ?, parked = ?, created_at = ?, updated_at = ?, wake_at = ?, waiting = ?, tenant = ?"
)
_HELD = "where no = ? and id = ? and version = ? and owner = ? and token = ?"
_BEGIN = (
    "insert into stream (id, version, owner, token, name, status, ended, parked, created_at, updated_at, wake_at,"
    " waiting, tenant) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing"
)
_GO_ON = f"update stream set version = ? {_HELD}"  # noqa: S608 - made of the constants above
_GO_ON_WITH_SUMMARY = f"update stream set version = ?, {_SUMMARY} {_HELD}"  # noqa: S608 - made of the constants above
_UPDATE = f"update stream set version = ?, {_SUMMARY} where no = ?"  # noqa: S608 - made of the constants above


def seal(stream: str) -> int:
    """Where the checksums of a stream start; the number of the event is added to it.

    So a row that got into another stream, or to another place of its own, does not verify either.
    """
    return crc32(stream.encode(errors="surrogatepass"))


class Append(Request[None]):
    """Append events, under the checks that `Journal.append` names.

    Args:
        codec: Writes the events.
        stream: Where to.
        events: What happened.
        expected: The version that the asker has seen.
        lease: The right under which a driver writes.
        summary: The new summary, if it changed.
        writer: The number of this owner.
        places: Where the streams are that are driven here, as numbers; kept up to date. It spares a search and proves
            nothing.
    """

    __slots__ = ("_artifacts", "_codec", "_events", "_expected", "_lease", "_places", "_rows", "_summary", "_writer")

    def __init__(
        self,
        codec: Codec,
        stream: str,
        events: Sequence[Event],
        *,
        expected: int,
        lease: Lease | None,
        summary: Summary | None,
        writer: int,
        places: dict[str, int],
    ) -> None:
        super().__init__(stream)
        self._codec = codec
        self._events = tuple(events)
        self._expected = expected
        self._lease = lease
        self._summary = summary
        self._writer = writer
        self._places = places
        self._artifacts: dict[str, bytes] = {}
        self._rows: list[tuple[int, int, str]] = []

    def prepare(self) -> None:
        """Write the events as JSON.

        Raises:
            UnstorableValue: That cannot be done exactly.
        """
        stream, summary = self.stream or "", self._summary
        try:
            start = crc32(stream.encode())
        except UnicodeEncodeError as error:
            raise UnstorableValue(f"stream {stream!r}: the name is no valid Unicode") from error
        if summary is not None and not (isfinite(summary.created_at) and isfinite(summary.updated_at)):
            raise UnstorableValue(f"stream {stream!r}: the times of its summary are not finite")
        encode, keep = self._codec.encode, self._artifacts.__setitem__
        rows = self._rows
        for seq, event in enumerate(self._events, start=self._expected + 1):
            line = encode(event, keep)
            rows.append((seq, crc32(line.encode(), (start + seq) & _MASK), line))

    def work(self, connection: sqlite3.Connection) -> None:
        """Check, then write.

        Raises:
            JournalConflict: The stream has another version.
            LeaseLost: The lease is not the newest one.
            UsageError: There is nothing to append, or the lease is for another stream.
        """
        no = self._go_on(connection) if self._expected else self._begin(connection)
        if no is None:
            # It is written by somebody without a lease, or for the first time here, or may not be written at all.
            no = self._check(connection)
            self._update(connection, no)
        self._remember(no)
        if self._artifacts:
            connection.executemany("insert or ignore into artifact values (?, ?)", self._artifacts.items())
        connection.executemany(
            "insert into event (stream_no, writer, seq, crc, data) values (?, ?, ?, ?, ?)",
            [(no, self._writer, *row) for row in self._rows],
        )

    def _check(self, connection: sqlite3.Connection) -> int:
        """The number of the stream, if it may go on like this."""
        stream, lease, expected = self.stream or "", self._lease, self._expected
        found: tuple[int | None, int, str | None, int] = connection.execute(
            "select no, version, owner, token from stream where id = ?", (stream,)
        ).fetchone() or (None, 0, None, 0)
        no, actual, owner, token = found
        if lease is not None and (expected or no is None):
            if lease.stream != stream:
                raise UsageError(f"stream {stream!r} cannot be written under a lease for {lease.stream!r}")
            if lease.token != 1 if no is None else (lease.owner, lease.token) != (owner, token):
                raise LeaseLost(f"stream {stream!r}: owner {lease.owner} lost it; what it computed is not kept")
        if actual != expected:
            raise JournalConflict(stream, expected=expected, actual=actual)
        if not self._rows:
            raise UsageError(f"stream {stream!r}: there is nothing to append")
        assert no is not None
        return no

    def _begin(self, connection: sqlite3.Connection) -> int | None:
        """The number of the stream that begins now; None if it exists, or may not begin like this."""
        lease = self._lease
        if not self._rows or (lease is not None and (lease.token != 1 or lease.stream != self.stream)):
            return None
        owner, token = (lease.owner, lease.token) if lease else (None, 0)
        begun = connection.execute(_BEGIN, (self.stream, len(self._rows), owner, token, *_columns(self._summary)))
        return begun.lastrowid if begun.rowcount else None

    def _go_on(self, connection: sqlite3.Connection) -> int | None:
        """What a driver does all day, as one statement that checks and writes; None if it found nothing to change."""
        lease = self._lease
        if lease is None or not self._expected or not self._rows or lease.stream != self.stream:
            return None
        no = self._places.pop(lease.stream, None)
        if no is None:
            return None
        version = self._expected + len(self._rows)
        place = (no, lease.stream, self._expected, lease.owner, lease.token)
        if self._summary is None:
            done = connection.execute(_GO_ON, (version, *place))
        else:
            done = connection.execute(_GO_ON_WITH_SUMMARY, (version, *_columns(self._summary), *place))
        return no if done.rowcount else None

    def _remember(self, no: int) -> None:
        """Keep in mind where the stream is, while it is driven here."""
        lease, summary = self._lease, self._summary
        if lease is not None and not (summary is not None and (summary.ended or summary.parked)):
            self._places[lease.stream] = no

    def _update(self, connection: sqlite3.Connection, no: int) -> None:
        version = self._expected + len(self._rows)
        if self._summary is None:
            connection.execute("update stream set version = ? where no = ?", (version, no))
        else:
            connection.execute(_UPDATE, (version, *_columns(self._summary), no))


def _columns(summary: Summary | None) -> tuple[object, ...]:
    if summary is None:
        return (None,) * 9
    return (
        summary.name,
        summary.status,
        int(summary.ended),
        int(summary.parked),
        summary.created_at,
        summary.updated_at,
        summary.wake_at,
        summary.waiting or None,
        summary.tenant,
    )


class Keep(Request[str]):
    """Keep bytes under their hash."""

    __slots__ = ("_content", "_key")

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content
        self._key = ""

    def prepare(self) -> None:
        """Compute the hash, outside of the transaction."""
        self._key = sha256(self._content).hexdigest()

    def work(self, connection: sqlite3.Connection) -> str:
        """Keep them, unless they are there."""
        connection.execute("insert or ignore into artifact values (?, ?)", (self._key, self._content))
        return self._key


class Claim(Request[Lease | None]):
    """Take a stream that nobody living drives."""

    __slots__ = ("_is_alive", "_own", "_owner", "_take")

    def __init__(self, stream: str, *, owner: str, take: bool, own: bool, is_alive: IsAlive) -> None:
        super().__init__(stream)
        self._owner = owner
        self._take = take
        self._own = own
        self._is_alive = is_alive

    def work(self, connection: sqlite3.Connection) -> Lease | None:
        """Take it, if that is possible."""
        stream = self.stream or ""
        row = connection.execute("select owner, token from stream where id = ?", (stream,)).fetchone()
        if row is None:
            return None
        before, token = row
        living = before is not None and self._is_alive(before)
        if living and not (self._take or (self._own and before == self._owner)):
            return None
        connection.execute("update stream set owner = ?, token = ? where id = ?", (self._owner, token + 1, stream))
        orphaned = before is not None and not living
        return Lease(stream=stream, owner=self._owner, token=token + 1, orphaned=orphaned)


class Release(Request[None]):
    """Give a lease back."""

    __slots__ = ("_lease",)

    def __init__(self, lease: Lease) -> None:
        super().__init__(lease.stream)
        self._lease = lease

    def work(self, connection: sqlite3.Connection) -> None:
        """Give it back, if it is still the newest one."""
        lease = self._lease
        connection.execute(
            "update stream set owner = null where id = ? and owner = ? and token = ?",
            (lease.stream, lease.owner, lease.token),
        )
