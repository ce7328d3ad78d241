"""Files of operations on the disk.

Rules: a file is there whole, with the bytes that its hash says, or not at all: it is written beside its place under
another name, checked, and then renamed. What a server calls it never leads out of the folder that was asked for.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path, PurePosixPath
from typing import Protocol, runtime_checkable

import anyio
import anyio.to_thread

from agentkit.errors import AnswerInvalid, InputError, NotFound, ServerUnavailable
from agentkit.wire import Calls, FileLine

__all__ = ["save"]

_ATTEMPTS = 3


@runtime_checkable
class GivesPieces(Protocol):
    """A transport that can give a file piece by piece, so that it need not fit into memory."""

    def file_chunks(self, operation_id: str, name: str, *, stage: str | None = None) -> AsyncGenerator[bytes, None]:
        """What is in a file."""
        ...


async def save(calls: Calls, operation_id: str, name: str, to: Path, *, stage: str | None) -> Path:
    """Write a file of an operation to the disk; where it is.

    Raises:
        NotFound: The operation has no such file.
        InputError: Its name is none for a file on the disk, and no other was given.
        AnswerInvalid: What came has another hash than it should.
    """
    line = await _line(calls, operation_id, name, stage)
    place = await anyio.to_thread.run_sync(_place, to, name)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await _write(calls, operation_id, line, place, stage)
        except ServerUnavailable:
            if attempt == _ATTEMPTS:
                raise
        else:
            break
    return place


async def _line(calls: Calls, operation_id: str, name: str, stage: str | None) -> FileLine:
    found = [line for line in await calls.files(operation_id) if line.name == name and stage in (None, line.stage)]
    if not found:
        raise NotFound(f"operation {operation_id} has no file {name!r}" + (f" of stage {stage!r}" if stage else ""))
    # The newest of that name is the one that is given.
    return found[-1]


def _place(to: Path, name: str) -> Path:
    if not to.is_dir():
        return to
    last = PurePosixPath(name.replace("\\", "/")).name
    if last in ("", ".", "..") or "\0" in last:
        raise InputError(f"{name!r} is no name for a file: say what to call it")
    return to / last


async def _write(calls: Calls, operation_id: str, line: FileLine, place: Path, stage: str | None) -> None:
    beside = place.with_name(f".{os.urandom(8).hex()}.part")
    digest = hashlib.sha256()
    try:
        async with await anyio.open_file(beside, "xb") as file:
            async with aclosing(_pieces(calls, operation_id, line.name, stage)) as pieces:
                async for piece in pieces:
                    digest.update(piece)
                    await file.write(piece)
            await file.flush()
            await anyio.to_thread.run_sync(os.fsync, file.wrapped.fileno())
        if digest.hexdigest() != line.sha256:
            raise AnswerInvalid(f"what came as {line.name!r} has another hash than the file that the stage gave")
        await anyio.to_thread.run_sync(os.replace, beside, place)
    finally:
        with suppress(OSError):
            await anyio.Path(beside).unlink(missing_ok=True)


async def _pieces(calls: Calls, operation_id: str, name: str, stage: str | None) -> AsyncGenerator[bytes, None]:
    if not isinstance(calls, GivesPieces):
        yield await calls.file(operation_id, name, stage=stage)
        return
    async with aclosing(calls.file_chunks(operation_id, name, stage=stage)) as pieces:
        async for piece in pieces:
            yield piece
