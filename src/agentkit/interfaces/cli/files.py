"""`files`: the files that the stages of an operation have given, listed or written down."""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.text import Text

from agentkit.errors import InputError, NotFound
from agentkit.money import write_whole
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.stores import Store
from agentkit.views import ArtifactLine, one_line

from .finding import find_operation
from .looking import look
from .screen import errors, output

__all__ = ["list_files", "make", "named", "save", "write_files"]


def list_files(operation_id: str, names: Sequence[str], *, store: str, everything: bool, as_json: bool) -> None:
    """List the files of an operation."""

    async def work(orchestrator: Orchestrator, _: Store) -> int:
        operation = await orchestrator.get(await find_operation(orchestrator, operation_id))
        lines = _chosen(operation, await operation.artifacts(), names, everything=everything)
        for line in lines:
            file = line.artifact
            if as_json:
                sys.stdout.write(json.dumps({"stage": line.stage, **asdict(file)}) + "\n")
            else:
                size = f"{file.size:,} bytes"
                text = f"{one_line(file.name, 200)}  {size}  {file.media_type}  from {one_line(line.stage, 60)}"
                output().print(Text(text), soft_wrap=True)
        if not lines:
            errors().print(Text(f"operation {operation.id} has no files"), soft_wrap=True)
        return 0

    look(store, work)


def write_files(operation_id: str, names: Sequence[str], folder: Path, *, store: str, everything: bool) -> None:
    """Write the files of an operation into a folder, each as a whole or not at all."""

    async def work(orchestrator: Orchestrator, _: Store) -> int:
        operation = await orchestrator.get(await find_operation(orchestrator, operation_id))
        lines = _chosen(operation, await operation.artifacts(), names, everything=everything)
        for path in await _write(operation, lines, folder):
            output().print(Text(str(path)), soft_wrap=True)
        if not lines:
            errors().print(Text(f"operation {operation.id} has no files"), soft_wrap=True)
        return 0

    look(store, work)


async def save(operation: Operation[object], folder: Path) -> None:
    """Write the files of an operation that are for people into a folder, and tell how many and where.

    Raises:
        InputError: The folder cannot be made.
        AuditError: A file cannot be written.
    """
    lines = [line for line in await operation.artifacts() if line.artifact.is_for_people]
    await _write(operation, lines, folder)
    errors().print(Text(f"{len(lines)} files are in {folder}" if lines else "there are no files"), soft_wrap=True)


async def _write(operation: Operation[object], lines: Sequence[ArtifactLine], folder: Path) -> Sequence[Path]:
    if lines:
        make(folder)
    paths: list[Path] = []
    for name, line in zip(named([(line.stage, line.artifact.name) for line in lines]), lines, strict=True):
        write_whole(folder / name, [await operation.artifact(line.artifact.name, stage=line.stage)])
        paths.append(folder / name)
    return paths


def named(files: Sequence[tuple[str, str]]) -> list[str]:
    """A name of its own for each file of a (stage, name): where two stages gave files of one name, the stage tells.

    Names that differ in capitals alone are one on some disks, so they are one here.
    """
    counts = Counter(name.casefold() for _, name in files)
    taken = {name for name, times in counts.items() if times == 1}
    names: list[str] = []
    for stage, name in files:
        own = name if counts[name.casefold()] == 1 else _free(f"{stage}-{name}", taken)
        taken.add(own.casefold())
        names.append(own)
    return names


def _free(wanted: str, taken: Collection[str]) -> str:
    """The name, or where it is taken one with a number before it: a file never goes over another."""
    names = itertools.chain([wanted], (f"{number}-{wanted}" for number in itertools.count(2)))
    return next(name for name in names if name.casefold() not in taken)


def make(folder: Path) -> None:
    """Make the folder that files are to go into.

    Raises:
        InputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {error.strerror or error}") from error


def _chosen(
    operation: Operation[object], lines: Sequence[ArtifactLine], names: Sequence[str], *, everything: bool
) -> Sequence[ArtifactLine]:
    known = {line.artifact.name for line in lines}
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise NotFound(f"operation {operation.id} has no file {name!r}; there are: {listed}")
    if names:
        return [line for line in lines if line.artifact.name in names]
    return [line for line in lines if everything or line.artifact.is_for_people]
