"""What a source is given while it is read: what it may reach, its limits, and who listens.

Rules: whoever reads counts here, so that limits, time, progress and cancelling are the same for every source.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import BinaryIO

from agentkit.data.progress import Progress
from agentkit.errors import SourceFailed, SourceTooLarge

from .files import open_below
from .settings import Access, SourceLimits

__all__ = ["Reading"]

ROWS_A_WORD = 10_000
BYTES_A_WORD = 4 << 20


class Reading:
    """One reading of one source.

    Attributes:
        name: The source.
        limits: How much it may bring.
        access: What it may reach.
        rows: How many rows were counted.
        bytes: How many bytes were counted.
        pages: How many pages were counted.
        notes: What was noted for the report.
    """

    def __init__(
        self,
        name: str,
        *,
        access: Access | None = None,
        limits: SourceLimits | None = None,
        clock: Callable[[], float] | None = None,
        progress: Progress | None = None,
        stop: Event | None = None,
    ) -> None:
        self.name = name
        self.access: Access = access or Access()
        self.limits: SourceLimits = limits or SourceLimits()
        self.rows: int = 0
        self.bytes: int = 0
        self.pages: int = 0
        self.notes: list[str] = []
        self._clock = clock
        self._started = clock() if clock else 0.0
        self._progress = progress
        self._stop = stop or Event()
        self._told_rows = self._told_bytes = 0

    @property
    def seconds(self) -> float | None:
        """How long it has taken, if there is a clock."""
        return self._clock() - self._started if self._clock else None

    @property
    def seconds_left(self) -> float:
        """How long the next answer may be waited for.

        Raises:
            SourceFailed: The time is over, or the reading was stopped.
        """
        self.check()
        return min(self.limits.silent_seconds, self.limits.seconds - (self.seconds or 0.0))

    def open(self, path: str) -> BinaryIO:
        """A plain file below the allowed folder, opened for reading; whoever opens it closes it.

        Raises:
            PathNotAllowed: There is no allowed folder, or the path leads out of it or to no plain file.
            SourceNotFound: There is no such file.
            SourceTooLarge: It has more bytes than are allowed.
        """
        return open_below(self.access.root, path, max_bytes=self.limits.max_bytes)

    def note(self, text: str) -> None:
        """Tell whoever reads the report."""
        if text not in self.notes:
            self.notes.append(text)

    def check(self) -> None:
        """Look whether there is still time, and whether anybody still waits.

        Raises:
            SourceFailed: The time is over, or the reading was stopped.
        """
        if self._stop.is_set():
            raise SourceFailed("nobody waits for it any more: it was cancelled, or another source failed")
        if (self.seconds or 0.0) >= self.limits.seconds:
            raise SourceFailed(f"it took longer than {self.limits.seconds:g} seconds; allow it more, or read less")

    def pause(self, seconds: float) -> None:
        """Wait, but not for longer than anybody waits.

        Raises:
            SourceFailed: The time is over, or would be, or the reading was stopped.
        """
        if (self.seconds or 0.0) + seconds >= self.limits.seconds:
            raise SourceFailed(f"it would take longer than {self.limits.seconds:g} seconds")
        self._stop.wait(seconds)
        self.check()

    def count_rows(self, rows: int) -> None:
        """So many rows more.

        Raises:
            SourceTooLarge: These are more than are allowed.
            SourceFailed: The time is over, or the reading was stopped.
        """
        self.rows += rows
        if self.rows > self.limits.max_rows:
            raise SourceTooLarge(f"it has more than {self.limits.max_rows:,} rows; allow more, or read less")
        if self.rows - self._told_rows >= ROWS_A_WORD:
            self._told_rows = self.rows
            self.check()
            self.tell()

    def count_bytes(self, count: int) -> None:
        """So many bytes more.

        Raises:
            SourceTooLarge: These are more than are allowed.
            SourceFailed: The time is over, or the reading was stopped.
        """
        self.bytes += count
        if self.bytes > self.limits.max_bytes:
            raise SourceTooLarge(f"it has more than {self.limits.max_bytes:,} bytes; allow more, or read less")
        if self.bytes - self._told_bytes >= BYTES_A_WORD:
            self._told_bytes = self.bytes
            self.check()
            self.tell()

    def count_page(self) -> None:
        """One page more.

        Raises:
            SourceTooLarge: These are more than are allowed.
            SourceFailed: The time is over, or the reading was stopped.
        """
        self.pages += 1
        if self.pages > self.limits.max_pages:
            raise SourceTooLarge(f"it has more than {self.limits.max_pages:,} pages; allow more, or read less")
        self.check()
        self.tell()

    def check_columns(self, count: int) -> None:
        """Look at the number of columns.

        Raises:
            SourceTooLarge: These are more than are allowed.
        """
        if count > self.limits.max_columns:
            raise SourceTooLarge(f"it has {count:,} columns, and {self.limits.max_columns:,} are allowed")

    def tell(self) -> None:
        """Tell whoever listens how far it is."""
        if self._progress is not None:
            shown = f"{self.rows:,} rows" if self.rows else f"{self.bytes:,} bytes"
            self._progress(self.rows, None, f"{self.name}: {shown}")
