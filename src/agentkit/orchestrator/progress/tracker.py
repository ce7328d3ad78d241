"""Progress of any work, without a workflow: `ProgressTracker`.

Rules: to tell progress never fails and holds up nobody; the books are kept by `ledger.py`, listeners are told by
`listening.py`, and what a crash leaves is in `keeping.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from agentkit.engines import Clock, SystemClock
from agentkit.kernel import StageStatus
from agentkit.views import Progress

from .keeping import SnapshotFile, TrackerSnapshot, TrackerStatus, read_snapshot
from .ledger import Ledger, Part
from .listening import Post, ProgressListener, close_posts, loop_here

__all__ = ["ProgressTracker", "TrackedStage"]


class TrackedStage:
    """A part of the work: given by `ProgressTracker.stage` and `add`.

    With `with` it starts, and is completed, failed or cancelled by how the block ends.
    """

    __slots__ = ("_ledger", "_part")

    def __init__(self, ledger: Ledger, part: Part) -> None:
        self._ledger = ledger
        self._part = part

    def __repr__(self) -> str:
        return f"<stage {self.name!r}, {self.status}, {self.fraction:.0%}>"

    @property
    def name(self) -> str:
        """Its name, with those that it is part of: `load/rows`."""
        return self._part.name

    @property
    def status(self) -> StageStatus:
        """The word for where it stands: pending, running, completed, skipped, failed or cancelled."""
        return self._part.status

    @property
    def fraction(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self._part.best

    @property
    def is_done(self) -> bool:
        """Whether there is nothing more to do: it was completed, here or before a crash, or skipped."""
        return self._part.status in ("completed", "skipped")

    def add(self, name: str, weight: float = 1.0) -> TrackedStage:
        """Make a part of it, or find the one of that name. The progress of its parts is its own.

        Raises:
            UsageError: The name is empty or has a slash in it, or the weight is not a number above 0.
        """
        return TrackedStage(self._ledger, self._ledger.add(self._part, name, weight))

    def stage(self, name: str) -> TrackedStage:
        """A part of it, by its name.

        Raises:
            NotFound: It has none of that name.
        """
        return TrackedStage(self._ledger, self._ledger.find(self._part, name))

    def start(self, message: str = "") -> None:
        """It begins."""
        self._ledger.move(self._part, "running", message)

    def update(self, fraction: float, message: str = "") -> None:
        """So much of it is done, from 0 to 1; a stage that has not begun begins with it.

        What makes no sense, is less than before, or comes after the end changes nothing.
        """
        self._ledger.hear(self._part, fraction, message)

    def complete(self, message: str = "") -> None:
        """It is done."""
        self._ledger.move(self._part, "completed", message)

    def skip(self, message: str = "") -> None:
        """It need not be done."""
        self._ledger.move(self._part, "skipped", message)

    def fail(self, reason: str = "") -> None:
        """It failed."""
        self._ledger.move(self._part, "failed", reason)

    def cancel(self, reason: str = "") -> None:
        """It was given up."""
        self._ledger.move(self._part, "cancelled", reason)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _end(self, error)


class ProgressTracker:
    """How far any work is: stages with weights, and parts of these; listeners, and what a crash leaves.

    With `with`, or `async with`, it starts, and is completed, failed or cancelled by how the block ends; then every
    listener has been told, or was given up after five seconds.

    Args:
        name: What people call the work.
        stages: Its stages, each with its weight if it is a mapping.
        listeners: Who is told of every change: functions, async or plain, or one of the ready-made ones.
        file: Where it is kept. If the file is there and the work in it was not completed, this tracker goes on from
            it: what was completed stays so.
        clock: What time it is; for tests.

    Raises:
        UsageError: A name is empty or has a slash in it, or a weight is not a number above 0.
        InputError: The file holds something else.

    Example:
        >>> tracker = ProgressTracker("import", {"load": 3, "check": 1})
        >>> with tracker:
        ...     tracker.stage("load").update(0.4, "reading")
        ...     print(tracker.progress().percent)
        ...     with tracker.stage("check"):
        ...         pass
        ...     print(tracker.progress().percent)
        30
        55
        >>> tracker.progress().percent
        100
    """

    def __init__(
        self,
        name: str,
        stages: Mapping[str, float] | Iterable[str] = (),
        *,
        listeners: Sequence[ProgressListener] = (),
        file: str | Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self._ledger = Ledger(name, clock or SystemClock(), self._changed)
        self._bells: set[_Bell] = set()
        self._posts: list[Post[Progress]] = []
        self._files: list[Post[TrackerSnapshot]] = []
        weights = cast("Mapping[str, float]", stages) if isinstance(stages, Mapping) else dict.fromkeys(stages, 1.0)
        for stage, weight in weights.items():
            self.add(stage, weight)
        if file is not None:
            kept = read_snapshot(Path(file), name)
            if kept is not None and kept.status != "completed":
                self._ledger.take_over(kept)
            self._files.append(Post(SnapshotFile(Path(file)), self.snapshot))
        for listener in listeners:
            self.listen(listener)

    def __repr__(self) -> str:
        return f"<progress of {self.name!r}, {self.status}, {self._ledger.shown:.0%}>"

    @property
    def status(self) -> TrackerStatus:
        """The word for where it stands."""
        return self._ledger.status

    @property
    def number(self) -> int:
        """The number of the newest change, from 1; after a crash it goes on from the file's."""
        return self._ledger.number

    def stage(self, name: str) -> TrackedStage:
        """A stage by its name; `load/rows` is a part of `load`.

        Raises:
            NotFound: There is none of that name.
        """
        return TrackedStage(self._ledger, self._ledger.find(self._ledger.work, name))

    def add(self, name: str, weight: float = 1.0) -> TrackedStage:
        """Add a stage, or find the one of that name. What was shown of progress does not fall by it.

        Raises:
            UsageError: The name is empty or has a slash in it, or the weight is not a number above 0.
        """
        return TrackedStage(self._ledger, self._ledger.add(self._ledger.work, name, weight))

    def listen(self, listener: ProgressListener) -> None:
        """Tell somebody of every change from now on, and where it stands first.

        One that blocks, is slow or raises harms nobody: it sees fewer pictures, and the newest always.
        """
        post = Post(listener, self.progress, loop=loop_here())
        self._posts.append(post)
        if self.number:
            post.ring()
        if self.status in ("completed", "failed", "cancelled"):
            post.retire()

    def start(self) -> None:
        """The work begins; the first stage that starts does the same."""
        self._ledger.move(self._ledger.work, "running")

    def complete(self, message: str = "") -> None:
        """All is done: what still runs is completed, and what has not begun is skipped."""
        self._ledger.finish("completed", message)

    def fail(self, reason: str = "") -> None:
        """It failed: what still runs is cancelled."""
        self._ledger.finish("failed", reason)

    def cancel(self, reason: str = "") -> None:
        """It was given up: what still runs is cancelled."""
        self._ledger.finish("cancelled", reason)

    def progress(self) -> Progress:
        """How far it is now; the same kind of picture that an operation gives."""
        return self._ledger.picture()

    async def follow(self, *, after: int = -1) -> AsyncGenerator[Progress, None]:
        """How far it is, again and again until its end, from the change after the given number on.

        Args:
            after: The number of the last picture that was seen.
        """
        bell = _Bell(asyncio.get_running_loop())
        self._bells.add(bell)
        try:
            while True:
                bell.heard.clear()
                picture = self.progress()
                if picture.number > after:
                    after = picture.number
                    yield picture
                if picture.is_over:
                    return
                await bell.heard.wait()
        finally:
            self._bells.discard(bell)

    def snapshot(self) -> TrackerSnapshot:
        """All that is needed to go on after a crash, as a value; `snapshot().text` is its JSON."""
        return self._ledger.snapshot()

    @classmethod
    def resumed(
        cls, snapshot: TrackerSnapshot, *, listeners: Sequence[ProgressListener] = (), clock: Clock | None = None
    ) -> Self:
        """A tracker that goes on from a snapshot: what was completed stays so, everything else is to be done.

        Raises:
            NotFound: A stage stands there before what it is part of.
            UsageError: A name or a weight in it is not valid.
        """
        tracker = cls(snapshot.name, clock=clock)
        tracker._ledger.take_over(snapshot)
        for listener in listeners:
            tracker.listen(listener)
        return tracker

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until every listener has been told, and the file is written; whether that is so in time.

        An async listener runs on the loop, so on a loop use `await asyncio.to_thread(tracker.flush)`.
        """
        return all(post.flush(seconds) for post in self._all_posts)

    def close(self) -> None:
        """Tell the listeners what is new, and let go of them."""
        close_posts(self._files)
        close_posts(self._posts)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _end(self, error)
        if loop_here() is None:
            self.close()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _end(self, error)
        await asyncio.to_thread(self.close)

    @property
    def _all_posts(self) -> tuple[Post[TrackerSnapshot] | Post[Progress], ...]:
        return (*self._files, *self._posts)

    def _changed(self, is_over: bool) -> None:
        for post in self._all_posts:
            post.ring(hurry=is_over)
            if is_over:
                post.retire()
        for bell in tuple(self._bells):
            bell.ring()


class _Bell:
    """Wakes a reader on its own loop, from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.heard = asyncio.Event()

    def ring(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.heard.set)


def _end(work: TrackedStage | ProgressTracker, error: BaseException | None) -> None:
    if error is None:
        work.complete()
    elif isinstance(error, asyncio.CancelledError | KeyboardInterrupt | GeneratorExit):
        work.cancel(str(error))
    else:
        said = str(error)
        work.fail(f"{type(error).__name__}: {said}" if said else type(error).__name__)
