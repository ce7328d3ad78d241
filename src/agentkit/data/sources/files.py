"""Files below one allowed folder.

Rules: what was opened is what was checked. Each part of a path is opened without following a link, and the file is
looked at through its descriptor, so nobody can put something else there in between. Links are followed beforehand, and
only where they stay below the folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from agentkit.errors import PathNotAllowed, SourceFailed, SourceNotFound, SourceTooLarge

__all__ = ["open_below", "path_below"]

# Windows has neither; there the check of the real path has to do.
_PLAIN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = _PLAIN | getattr(os, "O_DIRECTORY", 0)
_FILE = _PLAIN | getattr(os, "O_NONBLOCK", 0)  # to open a FIFO would wait for its writer


def path_below(root: str | None, path: str) -> Path:
    """The real path of a file below the folder, with all links followed.

    Raises:
        PathNotAllowed: There is no allowed folder, or the path leads out of it.
        SourceNotFound: There is no such file.
    """
    if root is None:
        raise PathNotAllowed(f"{path!r}: no folder is allowed; give Access(root=...)")
    if not path or "\0" in path:
        raise PathNotAllowed(f"{path!r} is no path")
    if ".." in Path(path).parts:
        raise PathNotAllowed(f"{path!r} leads upwards; name the file from the allowed folder on")
    folder = Path(root).resolve()
    try:
        real = (folder / path).resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceNotFound(f"there is no file {path!r} below the allowed folder") from error
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle, before Python 3.13
        raise PathNotAllowed(f"{path!r} cannot be followed: {error}") from error
    if not real.is_relative_to(folder):
        raise PathNotAllowed(f"{path!r} leads out of the allowed folder")
    return real


def open_below(root: str | None, path: str, *, max_bytes: int) -> BinaryIO:
    """A plain file below the folder, opened for reading.

    Raises:
        PathNotAllowed: There is no allowed folder, or the path leads out of it or to no plain file.
        SourceNotFound: There is no such file.
        SourceFailed: It may not be read.
        SourceTooLarge: It has more bytes than are allowed.
    """
    real = path_below(root, path)
    folder = Path(root or "").resolve()
    if not stat.S_ISREG(real.stat().st_mode):  # before it is opened too: to open a device can do something
        raise PathNotAllowed(f"{path!r} is no plain file")
    try:
        descriptor = _open(folder, real)
    except PermissionError as error:
        raise SourceFailed(f"{path!r} may not be read: {error.strerror}") from error
    except OSError as error:
        raise PathNotAllowed(f"{path!r} was changed while it was opened: {error.strerror}") from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise PathNotAllowed(f"{path!r} is no plain file")
    if found.st_size > max_bytes:
        os.close(descriptor)
        raise SourceTooLarge(f"{path!r} has {found.st_size:,} bytes, and {max_bytes:,} are allowed")
    return os.fdopen(descriptor, "rb")


def _open(folder: Path, real: Path) -> int:
    if os.open not in os.supports_dir_fd:
        return os.open(real, _FILE)
    *folders, name = real.relative_to(folder).parts or (".",)
    inside = os.open(folder, _FOLDER)
    try:
        for part in folders:
            deeper = os.open(part, _FOLDER, dir_fd=inside)
            os.close(inside)
            inside = deeper
        return os.open(name, _FILE, dir_fd=inside)
    finally:
        os.close(inside)
