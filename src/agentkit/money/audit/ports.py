"""What a trail is built on: where its lines are kept, where personal values are kept, and what time it is.

Rules: a sink knows nothing of entries, only lines; what it promises is written here and tried by
`agentkit.testing.check_audit_sink`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

__all__ = ["AuditSink", "Clock", "Disclosures"]


class AuditSink(Protocol):
    """Where the lines of one trail are kept, in order. A line is bytes and ends in a newline, its only one.

    Its calls may come from any thread, one at a time, but for `read`, which may run beside all others.
    """

    @property
    def size(self) -> int:
        """How many lines there are."""
        ...

    def append(self, lines: Sequence[bytes], *, expected: int) -> None:
        """Add lines at the end: all of them or, if this raises, none.

        Args:
            lines: At least one.
            expected: How many lines the writer knows. So of two writers one is refused.

        Raises:
            AuditError: There are more or fewer lines than expected, or they cannot be written.
            Closed: It was closed.
        """
        ...

    def sync(self) -> None:
        """Return once all that was appended outlives a loss of power.

        Raises:
            AuditError: That is not certain.
        """
        ...

    def read(self, after: int = 0) -> Iterator[bytes]:
        """Give the lines behind the first `after`, as they are kept; lines that come meanwhile may be missing.

        Raises:
            AuditError: They cannot be read.
        """
        ...

    def close(self) -> None:
        """Let go of it; a second call changes nothing."""
        ...


class Disclosures(Protocol):
    """Where personal values are kept, apart from the trail, so that they can be erased."""

    def new_salt(self) -> bytes:
        """32 bytes that nobody can guess."""
        ...

    def append(self, lines: Sequence[bytes]) -> None:
        """Keep lines, so that they outlive a loss of power.

        Raises:
            AuditError: They cannot be written.
        """
        ...

    def read(self) -> Sequence[bytes]:
        """Give all lines that are kept.

        Raises:
            AuditError: They cannot be read.
        """
        ...

    def rewrite(self, lines: Sequence[bytes]) -> None:
        """Keep these lines and no others: nothing is left of those before, as far as the medium allows.

        Raises:
            AuditError: They cannot be written; then those before are still there.
        """
        ...

    def close(self) -> None:
        """Let go of it; a second call changes nothing."""
        ...


class Clock(Protocol):
    """What time it is. `agentkit.engines.SystemClock` is one."""

    def now(self) -> float:
        """Seconds since 1970 (UTC)."""
        ...
