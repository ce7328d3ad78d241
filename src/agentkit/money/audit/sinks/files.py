"""Files as trails need them: written whole or not at all, and on the disk when that is promised."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from agentkit.errors import AuditError
from agentkit.money.audit import verifier

__all__ = ["sync_directory", "verifier_text", "write_all", "write_whole"]


def write_all(file: int, data: bytes) -> None:
    """Write all of it, in as many calls as that takes."""
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file so that it is there as a whole or as it was before.

    Raises:
        AuditError: It cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            os.chmod(file.fileno(), path.stat().st_mode & 0o777 if path.exists() else 0o600)
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_directory(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise AuditError(f"{path} cannot be written: {error.strerror or error}; make room, or name another") from error


def sync_directory(path: Path) -> None:
    """Have the name of a file outlive a loss of power."""
    if os.name != "posix":
        return
    directory = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def verifier_text() -> bytes:
    """The program that verifies a trail without agentkit, as a file to hand out."""
    return Path(verifier.__file__).read_bytes()
