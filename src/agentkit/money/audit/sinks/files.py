"""Files as trails need them: written whole or not at all, and on the disk when that is promised."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from agentkit.errors import AgentKitError, AuditError
from agentkit.money.audit import verifier

__all__ = ["open_regular", "sync_directory", "verifier_text", "write_all", "write_whole"]


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
    try:
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with draft.open("wb") as file:
                os.chmod(file.fileno(), path.stat().st_mode & 0o777 if path.exists() else 0o600)
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_directory(path)
    except AgentKitError:
        raise
    except (OSError, ValueError) as error:
        raise AuditError(f"{path} cannot be written: {_why(error)}; make room, or name another") from error


def open_regular(path: Path) -> int:
    """Open a file to read it and to write at its end; it is made if it is not there, for its owner alone.

    Raises:
        AuditError: It cannot be opened, or is something else than a file, such as a device.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0), 0o600)
    except (OSError, ValueError) as error:
        raise AuditError(f"{path} cannot be opened: {_why(error)}; name a file in a folder") from error
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    raise AuditError(f"{path} cannot be opened: it is no file; name a file in a folder")


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


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
