"""A trail in a file, one entry on each line, and personal values in another.

Rules: one writer, held by a lock on the file; an append that fails is taken back, and if even that fails nothing more
is written; a last line that a crash has cut off is named, and moved away only where that is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from agentkit.errors import AuditBroken, AuditError, Closed

from .files import open_regular, sync_directory, write_all, write_whole
from .locks import lock_file, unlock_file

__all__ = ["FileDisclosures", "JsonLinesSink"]

_CHUNK = 1 << 20


class JsonLinesSink:
    """Keeps a trail in a file; see `AuditSink`. Only its owner can read the file; it is made if it is not there.

    A crash in the middle of a write can leave the beginning of a line. That entry was never acknowledged, as an append
    returns after its lines are written; all entries before it are whole. Such a file is refused with its number, and
    `repair=True` moves those bytes to a file beside it (`trail.jsonl.torn`) and goes on behind the last whole line.

    Args:
        path: The file.
        repair: Whether to move a cut off last line away.

    Raises:
        AuditBroken: The last line is cut off.
        AuditError: Another one writes the file, or it cannot be opened.

    Example:
        >>> from agentkit.money import AuditTrail
        >>> with AuditTrail(JsonLinesSink("trail.jsonl")) as trail:
        ...     trail.size
        0
    """

    __slots__ = ("_bytes", "_file", "_path", "_size")

    def __init__(self, path: str | Path, *, repair: bool = False) -> None:
        self._path = Path(path)
        self._file: int | None = None
        file = open_regular(self._path)
        try:
            lock_file(file, str(self._path))
            self._size, self._bytes, whole = _measure(self._path)
            if whole < self._bytes:
                self._set_aside(file, whole, repair=repair)
            sync_directory(self._path)
        except BaseException:
            unlock_file(file)
            raise
        self._file = file

    @property
    def size(self) -> int:
        """See `AuditSink.size`."""
        return self._size

    def append(self, lines: Sequence[bytes], *, expected: int) -> None:
        """See `AuditSink.append`."""
        file = self._open()
        if expected != self._size or os.fstat(file).st_size != self._bytes:
            raise AuditError(f"another writer was at {self._path}: it is not as this one left it; open it again")
        data = b"".join(lines)
        try:
            write_all(file, data)
        except OSError as error:
            self._take_back(file)
            raise AuditError(f"{self._path} cannot be written: {error.strerror}; make room, then flush") from error
        self._bytes += len(data)
        self._size += len(lines)

    def sync(self) -> None:
        """See `AuditSink.sync`."""
        try:
            os.fsync(self._open())
        except OSError as error:
            # What is on the disk is unknown from here on, and a second try could say otherwise without being true.
            self.close()
            raise AuditError(f"{self._path} may have lost its last entries: {error.strerror}; open it again") from error

    def read(self, after: int = 0) -> Iterator[bytes]:
        """See `AuditSink.read`."""
        return read_file(self._path, after)

    def close(self) -> None:
        """See `AuditSink.close`."""
        file, self._file = self._file, None
        if file is not None:
            unlock_file(file)

    def _open(self) -> int:
        if self._file is None:
            raise Closed(f"{self._path} was closed: open the trail again")
        return self._file

    def _take_back(self, file: int) -> None:
        """Remove what a failed write has left; where that fails too, write nothing more behind it."""
        try:
            os.ftruncate(file, self._bytes)
        except OSError:
            self.close()

    def _set_aside(self, file: int, whole: int, *, repair: bool) -> None:
        if not repair:
            raise AuditBroken(
                f"entry {self._size + 1}: the last line of {self._path} is cut off, as after a crash in the middle of"
                " a write; it was never acknowledged: open with repair=True to move it away",
                number=self._size + 1,
            )
        with self._path.open("rb") as lines:
            lines.seek(whole)
            write_whole(self._path.with_name(self._path.name + ".torn"), [lines.read()])
        os.ftruncate(file, whole)
        os.fsync(file)
        self._bytes = whole


class FileDisclosures:
    """Keeps personal values in a file; see `Disclosures`. Keep it apart from the trail, and out of its backups.

    Erasing writes the file anew. What a disk or a backup keeps of the old one is beyond its reach. A last line that a
    crash has cut off is removed when the file is opened: its entry was not written either.

    Args:
        path: The file.

    Raises:
        AuditError: Another one writes the file, or it cannot be opened.

    Example:
        >>> FileDisclosures("personal.jsonl").read()
        []
    """

    __slots__ = ("_file", "_path")

    def __init__(self, path: str | Path) -> None:
        self._file: int | None = None
        try:
            # A link would be replaced by what is written anew, and all that was to be erased left behind it.
            self._path = Path(path).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise AuditError(f"{path} cannot be opened: {error}; name a file in a folder") from error
        # The file is replaced when it is rewritten, and a lock on it would go with it.
        file = open_regular(Path(f"{self._path}.lock"))
        try:
            lock_file(file, str(self._path))
            self._path.touch(0o600)
            _, length, whole = _measure(self._path)
            if whole < length:
                os.truncate(self._path, whole)
        except BaseException:
            unlock_file(file)
            raise
        self._file = file

    def new_salt(self) -> bytes:
        """See `Disclosures.new_salt`."""
        return os.urandom(32)

    def append(self, lines: Sequence[bytes]) -> None:
        """See `Disclosures.append`."""
        self._check_open()
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                self._add(file, b"".join(lines))
            finally:
                os.close(file)
        except OSError as error:
            raise AuditError(f"{self._path} cannot be written: {error.strerror}; make room, then flush") from error

    def read(self) -> Sequence[bytes]:
        """See `Disclosures.read`."""
        return list(read_file(self._path))

    def rewrite(self, lines: Sequence[bytes]) -> None:
        """See `Disclosures.rewrite`."""
        self._check_open()
        write_whole(self._path, lines)

    def close(self) -> None:
        """See `Disclosures.close`."""
        file, self._file = self._file, None
        if file is not None:
            unlock_file(file)

    def _add(self, file: int, data: bytes) -> None:
        """Write at the end; what a failed write has left is taken back, or else nothing more is written behind it."""
        size = os.fstat(file).st_size
        try:
            write_all(file, data)
            os.fsync(file)
        except OSError:
            try:
                os.ftruncate(file, size)
            except OSError:
                self.close()
            raise

    def _check_open(self) -> None:
        if self._file is None:
            raise Closed(f"{self._path} was closed: open the trail again")


def read_file(path: Path, after: int = 0) -> Iterator[bytes]:
    """Give the lines of a file behind the first `after`, as they are there.

    Raises:
        AuditError: It cannot be read.
    """
    try:
        with path.open("rb") as lines:
            yield from islice(lines, after, None)
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {error.strerror}; name the file of a trail") from error


def _measure(path: Path) -> tuple[int, int, int]:
    """Count the lines of a file, its bytes, and its bytes up to the end of the last whole line."""
    lines = size = whole = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            lines += chunk.count(b"\n")
            if (end := chunk.rfind(b"\n")) >= 0:
                whole = size + end + 1
            size += len(chunk)
    return lines, size, whole
