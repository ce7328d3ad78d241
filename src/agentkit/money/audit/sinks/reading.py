"""Read a trail that somebody else may be writing: nothing is locked, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agentkit.errors import AuditError, NotFound

from .json_lines import read_file
from .sqlite import read_database

__all__ = ["read_lines"]

_SQLITE = b"SQLite format 3\0"


def read_lines(path: str | Path) -> Iterator[bytes]:
    """Give the lines of a trail in a file, whichever sink wrote it.

    Raises:
        NotFound: There is no such file.
        AuditError: It cannot be read.

    Example:
        >>> Path("trail.jsonl").write_bytes(b"")
        0
        >>> list(read_lines("trail.jsonl"))
        []
    """
    file = Path(path)
    if not file.is_file():
        raise NotFound(f"there is no file {file}: name the file of a trail")
    try:
        with file.open("rb") as beginning:
            is_database = beginning.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise AuditError(f"{file} cannot be read: {error.strerror}; name the file of a trail") from error
    return read_database(file) if is_database else read_file(file)
