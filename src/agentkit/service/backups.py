"""Backups that a service takes by itself, at an interval or by cron.

Rules: what is due goes by the newest backup in the target, so a restart takes none too many; where there is none at
all, one is taken at once. One that failed is tried again, and told until one has come about. Of all processes on a
store one at a time looks after its backups.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import anyio.to_thread

from agentkit.errors import AgentKitError, InputError
from agentkit.stores import (
    BackupTarget,
    Manifest,
    Retention,
    backup_turn,
    list_backups,
    open_target,
    remove_old_backups,
    store_file,
    take_backup,
)
from agentkit.wire import HealthCheck, moment

from .timing import Timing

__all__ = ["BackupPlan", "Backups", "TakenBackup", "back_up", "backed_up_file"]

LOG: Final = logging.getLogger("agentkit.service")
_FIRST_WAIT: Final = 60.0
_LONGEST_WAIT: Final = 3_600.0
_LOOK_SECONDS: Final = 300.0
_MOST_LETTERS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan:
    """Where backups go, when, and which are kept.

    Attributes:
        place: A folder, or a URL that fsspec knows, such as `s3://bucket/backups`.
        cron: When, as five fields of cron.
        every: Or every so many seconds.
        zone: The time zone whose clock cron looks at.
        retention: Which are kept; None keeps all.
        incremental: Whether to take only what is new since the newest one, where that is possible.

    Raises:
        DefinitionError: The times are not valid.
        MissingExtra: It is by cron, and cronsim is not installed.

    Example:
        >>> BackupPlan(place="backups", every=3_600, retention=Retention(days=30)).place
        'backups'
    """

    place: str
    cron: str | None = None
    every: int | None = None
    zone: str = "UTC"
    retention: Retention | None = None
    incremental: bool = True

    def __post_init__(self) -> None:
        # Whether there is such a zone is looked at in a thread, where it is used: that reads a file.
        Timing(cron=self.cron, every=self.every).next(0)

    def due_after(self, newest: float) -> float:
        """When one is due, if the newest was taken then; blocks the first time, to read the time zone.

        Raises:
            DefinitionError: There is no such time zone, or it never comes.
        """
        return Timing(cron=self.cron, every=self.every, zone=self.zone, since=newest).next(newest)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBackup:
    """A backup that was taken.

    Attributes:
        manifest: What it is.
        removed: Those that were not to be kept any more.
    """

    manifest: Manifest
    removed: Sequence[Manifest] = ()


def backed_up_file(store: str) -> Path:
    """The file of the store at an address, which is what is backed up.

    Raises:
        InputError: It is no SQLite store.

    Example:
        >>> backed_up_file("sqlite:///runs.db").name
        'runs.db'
    """
    path = store_file(store)
    if path is None:
        raise InputError(f"store {store}: only SQLite stores are backed up here; write sqlite:///runs.db")
    return path


def back_up(
    store: Path, target: BackupTarget, *, at: float, incremental: bool = False, retention: Retention | None = None
) -> TakenBackup:
    """Take a backup, then remove those that are not to be kept; it blocks.

    Args:
        store: The file of the store.
        target: Where to.
        at: What time it is, in seconds since 1970.
        incremental: Whether to take only what is new since the newest one, where that is possible.
        retention: Which are kept; None keeps all.

    Raises:
        NotFound: There is no such store.
        StoreError: It cannot be read, or the target cannot be written or holds a manifest that is not valid.
    """
    manifest = take_backup(store, target, at=at, incremental=incremental)
    removed = remove_old_backups(target, retention, at=at) if retention is not None else ()
    return TakenBackup(manifest=manifest, removed=removed)


@dataclass(slots=True)
class Backups:
    """Takes backups of one store as a plan says, as long as `run` runs somewhere.

    Args:
        store: The file of the store.
        plan: Where to, when, and which are kept.
        now: What time it is, in seconds since 1970.

    Attributes:
        newest: When the newest one was taken, in seconds since 1970, as far as it is known.
        problem: Why the last try came to nothing; empty if it did not.
    """

    store: Path
    plan: BackupPlan
    now: Callable[[], float]
    newest: float | None = field(default=None, init=False)
    problem: str = field(default="", init=False)

    async def run(self) -> None:
        """Take what is due, until it is cancelled; one that fails is tried again."""
        wait = _FIRST_WAIT
        while True:
            try:
                # What is due may change meanwhile, by another process or a clock that was put forward.
                rest = min(await self.take_due(), _LOOK_SECONDS)
                wait = _FIRST_WAIT
            except AgentKitError as error:
                rest, wait = wait, min(2 * wait, _LONGEST_WAIT)
                self.problem = str(error)[:_MOST_LETTERS]
                LOG.exception("the backup to %s failed: %s", self.plan.place, self.problem)
            await asyncio.sleep(rest)

    async def take_due(self) -> float:
        """Take a backup if one is due; in how many seconds the next one is.

        Raises:
            InputError: The target is no place that can be reached.
            MissingExtra: What it needs is not installed.
            NotFound: There is no such store.
            StoreError: It cannot be read, or the target cannot be read or written.
        """
        # In a thread, and left alone when this ends: what was begun is thrown away by whoever comes next.
        due = await anyio.to_thread.run_sync(self._take_due, abandon_on_cancel=True)
        self.problem = ""
        return max(0.0, due - self.now())

    def _take_due(self) -> float:
        with backup_turn(self.store) as is_ours:
            # Another process on this store looks after it now; what comes of that is seen in a moment.
            return self._taken() if is_ours else self.now() + _FIRST_WAIT

    def _taken(self) -> float:
        target, plan = open_target(self.plan.place), self.plan
        found = list_backups(target)
        newest = found[-1].made_at.timestamp() if found else None
        if newest is None or plan.due_after(newest) <= self.now():
            newest = at = self.now()
            taken = back_up(self.store, target, at=at, incremental=plan.incremental, retention=plan.retention)
            LOG.info("backup %s is in %s", taken.manifest.name, plan.place)
        self.newest = newest
        return plan.due_after(newest)

    def look(self) -> HealthCheck:
        """How it is."""
        if self.problem:
            return HealthCheck(name="backup", ok=False, detail=f"the last one failed: {self.problem}")
        when = "none yet" if self.newest is None else f"newest of {moment(self.newest):%Y-%m-%d %H:%M:%S} UTC"
        return HealthCheck(name="backup", ok=True, detail=when)
