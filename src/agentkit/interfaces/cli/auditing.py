"""`audit verify`, `show` and `export`: commands that look at an audit trail or a pack, whoever writes it meanwhile.

Rules: nothing is locked and nothing of the trail is changed; only `verify` says that something is right.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from rich.text import Text

from agentkit.errors import AuditError, InputError, NotFound
from agentkit.money import (
    AuditEntry,
    Evidence,
    Verification,
    csv_rows,
    read_checkpoints,
    read_key,
    read_lines,
    verifier_text,
    verify_entries,
    verify_evidence,
    write_whole,
)
from agentkit.orchestrator import JournalSink
from agentkit.service import audit_trails
from agentkit.views import one_line

from .ending import finish, guarded, pretty
from .finding import existing
from .screen import errors, output
from .tables import width_of

__all__ = ["export_trail", "show_entries", "show_trails", "text_of", "verify_file"]

_QUIET = "bright_black"
_ZIP = b"PK"


def verify_file(path: Path, checkpoints: Sequence[Path], key: Path | None, *, store: str | None, as_json: bool) -> None:
    """Verify a trail or an evidence pack, and say how far that goes."""

    async def work() -> int:
        known = [each for path in checkpoints for each in read_checkpoints(text_of(path))]
        checked = None if key is None else read_key(text_of(key))
        found: Verification | Evidence
        if store is not None or not _is_zip(path):
            found = verify_entries(_lines_of(path, store), known, key=checked)
        elif known:
            raise InputError("--checkpoint is for a trail: unpack the one in this pack, and verify it with that")
        else:
            found = verify_evidence(path, key=checked)
        if as_json:
            told = _data_of(found) if isinstance(found, Verification) else _data_of_pack(found)
            sys.stdout.write(json.dumps(told) + "\n")
            return 0
        for line in found.words():
            output().print(Text(line), soft_wrap=True)
        return 0

    finish(guarded(work))


def show_entries(
    trail: Path,
    number: int | None,
    *,
    store: str | None,
    actor: str | None,
    operation: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show the newest entries, or one in full."""

    async def work() -> int:
        entries = _entries_of(trail, store)
        if number is not None:
            found = next((entry for entry in entries if entry.number == number), None)
            if found is None:
                raise NotFound(f"{trail} has no entry {number}")
            text = found.body.decode()
            sys.stdout.write((text if as_json else pretty(text)) + "\n")
            return 0
        chosen = deque(_chosen(entries, actor, operation), maxlen=limit)
        if as_json:
            sys.stdout.writelines(entry.body.decode() + "\n" for entry in chosen)
            return 0
        console = output()
        for line in _table(chosen, width_of(console)):
            console.print(line, soft_wrap=True)
        return 0

    finish(guarded(work))


def export_trail(trail: Path, target: Path, form: Literal["jsonl", "csv", "verifier"], *, store: str | None) -> None:
    """Write a trail as a file."""

    async def work() -> int:
        lines = _lines_of(trail, store)
        if form == "verifier":
            write_whole(target, [verifier_text()])
        elif form == "csv":
            write_whole(target, (row.encode() for row in csv_rows(_entries_of(trail, store))))
        else:
            write_whole(target, lines)
        errors().print(Text(f"{target} is written"), soft_wrap=True)
        return 0

    finish(guarded(work))


def show_trails(address: str, *, as_json: bool) -> None:
    """List the trails of a server's audit log."""

    async def work() -> int:
        async with existing(address) as store:
            found = await audit_trails(store)
        for name, began in found.items():
            told = json.dumps({"name": name, "began_at": began.isoformat()}) if as_json else name
            sys.stdout.write(f"{told}\n")
        if not found and not as_json:
            errors().print("no trails: a server writes one when it is first asked to change something")
        return 0

    finish(guarded(work))


def _lines_of(trail: Path, store: str | None) -> Iterator[bytes]:
    """The lines of a trail: of a file, or of a store that keeps it under this name."""
    if store is None:
        yield from read_lines(trail)
        return
    with closing(JournalSink(existing(store), str(trail))) as sink:
        lines = sink.read()
        first = next(lines, None)
        if first is None:
            raise NotFound(f"there is no trail {trail} in this store; see: agentkit audit list --store {store}")
        yield first
        yield from lines


def _is_zip(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_ZIP)) == _ZIP


def _data_of(found: Verification) -> dict[str, object]:
    return {**asdict(found), "is_anchored": found.is_anchored}


def _data_of_pack(found: Evidence) -> dict[str, object]:
    return {
        "operation": found.operation_id,
        "workflow": found.workflow,
        "definition": found.definition,
        "digest": found.digest,
        "signature": found.signature,
        "members": [asdict(member) for member in found.members],
        "trails": {path: _data_of(trail) for path, trail in found.trails.items()},
    }


def _entries_of(trail: Path, store: str | None) -> Iterator[AuditEntry]:
    """The entries of a trail, as far as they can be read at all."""
    for number, line in enumerate(_lines_of(trail, store), start=1):
        entry = AuditEntry(line)
        try:
            entry.to_dict()
        except (AuditError, ValueError) as error:
            raise AuditError(f"line {number} of {trail} is no entry: run agentkit audit verify {trail}") from error
        yield entry


def _chosen(entries: Iterable[AuditEntry], actor: str | None, operation: str | None) -> Iterator[AuditEntry]:
    for entry in entries:
        if actor in (None, entry.actor) and operation in (None, entry.operation):
            yield entry


def _table(entries: Sequence[AuditEntry], width: int) -> Iterator[Text]:
    """A title and a line for each entry; what came of it gives way where the terminal is narrow."""
    if not entries:
        return
    actors = [one_line(str(entry.actor) if isinstance(entry.actor, str) else "(personal)", 30) for entry in entries]
    operations = [one_line(entry.operation, 40) for entry in entries]
    wide_actor = max(5, *map(len, actors))
    wide_operation = max(9, *map(len, operations))
    room = max(8, width - wide_actor - wide_operation - 35)
    yield Text(f"{'entry':>7}  {'at (UTC)':19}  {'actor':{wide_actor}}  {'operation':{wide_operation}}  result", _QUIET)
    for entry, actor, operation in zip(entries, actors, operations, strict=True):
        line = Text(f"{entry.number:>7}  {entry.at:%Y-%m-%d %H:%M:%S}  {actor:{wide_actor}}")
        line.append(f"  {operation:{wide_operation}}  ")
        refused = entry.refusal is not None
        result = json.dumps(entry.refusal if refused else entry.outputs, ensure_ascii=False)
        shown = Text(one_line(f"refused: {result}" if refused else result, 400), "red" if refused else "")
        shown.truncate(room, overflow="ellipsis")
        yield line.append_text(shown)


def text_of(path: Path) -> str:
    """What stands in a file of keys or checkpoints.

    Raises:
        NotFound: There is no such file.
        AuditError: It is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except UnicodeDecodeError as error:
        raise AuditError(f"{path} is no text") from error
