"""What this process takes of its machine, and what is free on the disk of its store.

Rules: what cannot be known on a system is None, never an estimate. The loop never waits for a file or a disk: a thread
looks at them, of which there is one at most, so that a disk that does not answer costs that thread and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from agentkit.agents import Threads
from agentkit.wire import LimitedLine, ResourcesPage

__all__ = ["Machine"]

_LEAST_SECONDS: Final = 5.0
"""Over how long the processor is measured at least, however often somebody looks."""
_DISK_SECONDS: Final = 1.0
"""How long an answer waits for the disk."""


class Machine:
    """Looks at this process and its machine.

    Args:
        now: What time it is, in seconds.
        used: How many seconds of processor time this process has used.
        store: The file of the store; None if it is no file.
    """

    def __init__(
        self, now: Callable[[], float], *, store: Path | None = None, used: Callable[[], float] | None = None
    ) -> None:
        self._now = now
        self._used = used or _processor_time
        self._folder = None if store is None else store.parent
        self._base = self._mark = (now(), self._used())
        self._memory: int | None = None
        self._disk: tuple[int, int] | None = None
        self._looking: Threads | None = None

    async def look(self, limited: Mapping[str, tuple[int, int]]) -> ResourcesPage:
        """What is taken now.

        Args:
            limited: Of each limited resource, how many are taken, and how many there are.
        """
        share, seconds = self._processor()
        await self._look_at_system()
        free, total = self._disk or (None, None)
        return ResourcesPage(
            processor_share=share,
            processor_seconds=seconds,
            cores=_cores(),
            memory_bytes=self._memory,
            threads=threading.active_count(),
            disk_free_bytes=free,
            disk_total_bytes=total,
            limited=[LimitedLine(name=name, taken=taken, total=of) for name, (taken, of) in limited.items()],
        )

    def _processor(self) -> tuple[float, float] | tuple[None, None]:
        """How many cores were busy since the look before the newest that is long enough ago, and how long that is."""
        at, used = self._now(), self._used()
        if at - self._mark[0] >= _LEAST_SECONDS:
            self._base, self._mark = self._mark, (at, used)
        seconds = at - self._base[0]
        return ((used - self._base[1]) / seconds, seconds) if seconds > 0 else (None, None)

    async def _look_at_system(self) -> None:
        """Have a thread look at what takes reading; while another one does, what was seen before stands."""
        if self._looking is not None:
            return
        threads = self._looking = Threads(1)
        try:
            async with asyncio.timeout(_DISK_SECONDS):
                await threads.run(self._see)
        except TimeoutError:
            self._disk = None
        except RuntimeError:
            # The system has no thread left.
            self._memory = self._disk = None
        finally:
            threads.close()
            # A thread that is left alone says itself when it is done; where none began, nobody else does.
            if not threads.left and self._looking is threads:
                self._looking = None

    def _see(self) -> None:
        """In the thread: memory first, since the disk may not answer."""
        try:
            self._memory = _memory()
            self._disk = None if self._folder is None else _disk(self._folder)
        finally:
            self._looking = None


def _processor_time() -> float:
    times = os.times()
    return times.user + times.system


def _disk(folder: Path) -> tuple[int, int] | None:
    try:
        found = shutil.disk_usage(folder)
    except OSError:
        return None
    return found.free, found.total


def _cores() -> int | None:
    # Where a process is bound to some of the cores, it has no others.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _memory() -> int | None:
    """The memory that this process has; only Linux tells it to whoever asks."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return None
