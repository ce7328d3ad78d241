"""Trails and personal values in memory: the reference, for tests and for what need not outlive its process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from agentkit.errors import AuditError, Closed

__all__ = ["MemoryDisclosures", "MemorySink"]


class MemorySink:
    """Keeps the lines of a trail in memory; see `AuditSink`. Once closed it can be read, and not written any more.

    Args:
        lines: What is in it from the beginning.

    Example:
        >>> from agentkit.money import AuditTrail
        >>> AuditTrail(MemorySink()).size
        0
    """

    __slots__ = ("_is_closed", "_lines")

    def __init__(self, lines: Sequence[bytes] = ()) -> None:
        self._lines = list(lines)
        self._is_closed = False

    @property
    def size(self) -> int:
        """See `AuditSink.size`."""
        return len(self._lines)

    def append(self, lines: Sequence[bytes], *, expected: int) -> None:
        """See `AuditSink.append`."""
        if self._is_closed:
            raise Closed("this sink was closed: open the trail again")
        if len(self._lines) != expected:
            raise AuditError(f"another writer was here: {len(self._lines)} entries, not {expected}; open it again")
        self._lines.extend(lines)

    def sync(self) -> None:
        """See `AuditSink.sync`: memory outlives nothing."""

    def read(self, after: int = 0) -> Iterator[bytes]:
        """See `AuditSink.read`."""
        return iter(self._lines[after:])

    def close(self) -> None:
        """See `AuditSink.close`."""
        self._is_closed = True


class MemoryDisclosures:
    """Keeps personal values in memory; see `Disclosures`.

    Example:
        >>> len(MemoryDisclosures().new_salt())
        32
    """

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def new_salt(self) -> bytes:
        """See `Disclosures.new_salt`."""
        return os.urandom(32)

    def append(self, lines: Sequence[bytes]) -> None:
        """See `Disclosures.append`."""
        self._lines.extend(lines)

    def read(self) -> Sequence[bytes]:
        """See `Disclosures.read`."""
        return list(self._lines)

    def rewrite(self, lines: Sequence[bytes]) -> None:
        """See `Disclosures.rewrite`."""
        self._lines[:] = lines

    def close(self) -> None:
        """See `Disclosures.close`."""
