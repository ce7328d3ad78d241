"""`backup` and `restore`: a store is kept elsewhere, and comes back from there."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from agentkit.engines import SystemClock
from agentkit.service import back_up, backed_up_file
from agentkit.stores import (
    BackupCheck,
    Manifest,
    Restoration,
    Retention,
    list_backups,
    open_target,
    restore_backup,
    verify_backups,
)

from .ending import finish, guarded
from .screen import errors, output

__all__ = ["Wanted", "list_them", "restore_one", "take_one", "verify_them"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be restored, and how."""

    name: str | None
    replace: bool
    dry_run: bool
    max_bytes: int | None


def take_one(place: str, *, store: str, incremental: bool, keep: tuple[int | None, int | None], as_json: bool) -> None:
    """Take a backup, then remove those that are not to be kept."""

    async def work() -> int:
        target, now = open_target(place), SystemClock().now()
        retention = None if keep == (None, None) else Retention(last=keep[0], days=keep[1])
        taken = back_up(backed_up_file(store), target, at=now, incremental=incremental, retention=retention)
        manifest = taken.manifest
        if incremental and manifest.kind == "full":
            _say("there is no backup that the store goes on from: everything was taken")
        if manifest.damaged:
            _say(f"{manifest.damaged} journals or artifacts of the store are damaged; they are kept as they are")
        _show(manifest, as_json=as_json)
        if retention is not None:
            _say(f"{len(taken.removed)} older backups are removed")
        return 0

    finish(guarded(work))


def list_them(place: str, *, as_json: bool) -> None:
    """List the backups of a place, the oldest first."""

    async def work() -> int:
        found = list_backups(open_target(place))
        for manifest in found:
            _show(manifest, as_json=as_json)
        if not found:
            _say(f"there is no backup in {place}")
        return 0

    finish(guarded(work))


def verify_them(place: str, *, as_json: bool) -> None:
    """Say of every backup of a place whether a store can be restored from it."""

    async def work() -> int:
        checks = verify_backups(open_target(place))
        for check in checks:
            _tell(check, as_json=as_json)
        if not checks:
            _say(f"there is no backup in {place}")
        return int(not checks or any(check.problem for check in checks))

    finish(guarded(work))


def restore_one(place: str, wanted: Wanted, *, store: str, as_json: bool) -> None:
    """Restore a store."""

    async def work() -> int:
        done = restore_backup(
            open_target(place),
            backed_up_file(store),
            name=wanted.name,
            replace=wanted.replace,
            dry_run=wanted.dry_run,
            max_bytes=wanted.max_bytes,
        )
        if as_json:
            sys.stdout.write(json.dumps(_plain(done)) + "\n")
        else:
            for line in _words(done):
                output().print(Text(line), soft_wrap=True)
        return 0

    finish(guarded(work))


def _say(line: str) -> None:
    errors().print(Text(line), soft_wrap=True)


def _show(manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(manifest.model_dump_json() + "\n")
        return
    size = f"{manifest.packed_size:,} bytes"
    what = f"{manifest.kind:9}  {manifest.streams:,} journals  {manifest.events:,} events  {size}"
    output().print(Text(f"{manifest.name}  {what}"), soft_wrap=True)


def _tell(check: BackupCheck, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"name": check.manifest.name, "problem": check.problem}) + "\n")
    else:
        output().print(Text(f"{check.manifest.name}  {check.problem or 'can be restored'}"), soft_wrap=True)


def _plain(done: Restoration) -> dict[str, object]:
    return {
        "path": str(done.path),
        "chain": list(done.chain),
        "made_at": done.made_at.isoformat(),
        "streams": done.streams,
        "events": done.events,
        "artifacts": done.artifacts,
        "damaged": done.damaged,
        "replaces": done.replaces,
        "is_done": done.is_done,
    }


def _words(done: Restoration) -> Sequence[str]:
    would = "" if done.is_done else "would be "
    parts = "1 backup" if len(done.chain) == 1 else f"{len(done.chain)} backups"
    lines = [
        f"{done.path} {would or 'is '}restored to {done.made_at:%Y-%m-%d %H:%M:%S} UTC",
        f"made of {parts}, the newest is {done.chain[-1]}",
        f"{done.streams:,} journals, {done.events:,} events, {done.artifacts:,} artifacts; all verify"
        if not done.damaged
        else f"{done.streams:,} journals, {done.events:,} events; {done.damaged} were damaged before the backup",
    ]
    if done.replaces:
        lines.append(
            f"the store that {'was' if done.is_done else 'is'} there {'is' if done.is_done else 'would be'} replaced"
        )
    return lines
