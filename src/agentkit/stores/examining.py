"""Looking at a SQLite store without opening it: nothing is created, upgraded, swept or claimed.

Rules: it is read as it lies there, by whoever may read it, and whoever works with it goes on. Where its log lies beside
it, SQLite may make the shared memory that readers need; the store itself is never written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .backup.content import damaged_artifacts, damaged_streams
from .sqlite_locks import is_alive
from .sqlite_schema import FORMAT, as_text, inspect, refuse_network, translate

__all__ = ["Examination", "examine"]

_MOST_NAMED: Final = 100
_SOON: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was seen in a store.

    Attributes:
        size: Bytes on the disk, its log included.
        format: In which format it is; an older one is brought up to date when it is opened.
        events: How many events it keeps.
        statuses: How many operations stand how.
        waiting: How many operations wait for what.
        orphaned: Operations that should be driven although nobody living does, as far as a hundred.
        dead: How many leases are held by processes that live no more.
        newest: When a summary changed last, in seconds since 1970; None if there are none.
        damaged: The operations that do not verify, as far as a hundred; None if that was not looked at.
        damaged_files: How many artifacts do not verify.
    """

    size: int
    format: int
    events: int
    statuses: Mapping[str, int] = field(default_factory=dict[str, int])
    waiting: Mapping[str, int] = field(default_factory=dict[str, int])
    orphaned: tuple[str, ...] = ()
    dead: int = 0
    newest: float | None = None
    damaged: tuple[str, ...] | None = None
    damaged_files: int = 0

    @property
    def is_old(self) -> bool:
        """Whether an older agentkit wrote it."""
        return self.format < FORMAT


def examine(path: Path, *, verify: bool = True, now: float) -> Examination:
    """Look at a store.

    Args:
        path: Its file.
        verify: Whether to read every event and every artifact and compare it with its checksum.
        now: What time it is, in seconds since 1970.

    Raises:
        JournalCorrupt: It is no store of agentkit, or damaged beyond reading.
        FormatTooNew: A newer agentkit wrote it.
        StoreUnavailable: It cannot be read, or is on a network file system.
    """
    inspect(path)
    refuse_network(path)
    log = path.with_name(f"{path.name}-wal")
    # Without a log nobody has it open, and a file that nobody changes can be read without a trace.
    how = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)) as store:
            store.text_factory = as_text
            store.execute("pragma trusted_schema = off")
            return _examined(store, path, verify=verify, now=now)
    except sqlite3.Error as error:
        raise translate(error, path) from error


def _examined(store: sqlite3.Connection, path: Path, *, verify: bool, now: float) -> Examination:
    statuses = store.execute("select status, count(*) from stream where name is not null group by status")
    holders = store.execute("select owner, count(*) from stream where owner is not null group by owner").fetchall()
    locks = path.with_name(f"{path.name}.locks")
    dead = {owner: count for owner, count in holders if not is_alive(locks, owner)}
    due = store.execute(
        "select id, owner from stream where ended = 0 and name is not null and"
        " (parked = 0 or wake_at is not null and wake_at <= ?) order by created_at",
        (now - _SOON,),
    )
    return Examination(
        size=sum(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()),
        format=store.execute("pragma user_version").fetchone()[0],
        events=store.execute("select count(*) from event").fetchone()[0],
        statuses=dict(statuses.fetchall()),
        waiting=_waiting(store),
        orphaned=tuple(name for name, owner in due if owner is None or owner in dead)[:_MOST_NAMED],
        dead=sum(dead.values()),
        newest=store.execute("select max(updated_at) from stream where name is not null").fetchone()[0],
        damaged=tuple(damaged_streams(store))[:_MOST_NAMED] if verify else None,
        damaged_files=damaged_artifacts(store) if verify else 0,
    )


def _waiting(store: sqlite3.Connection) -> Mapping[str, int]:
    """How many operations wait for what; one may wait for several things."""
    found: dict[str, int] = {}
    rows = store.execute(
        "select waiting, count(*) from stream where ended = 0 and waiting is not null group by waiting"
    )
    for words, count in rows:
        for word in words.split():
            found[word] = found.get(word, 0) + count
    return found
