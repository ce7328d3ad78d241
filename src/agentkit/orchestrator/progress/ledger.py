"""The books of a `ProgressTracker`: which parts the work has, where each stands, and how much of all is done.

Rules: progress never goes back, and is whole only when the work is completed; what makes no sense is ignored, and so is
what is said of a part that has ended. It is safe from any thread; news of a part costs as much as the part is deep.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from math import isfinite

from agentkit.engines import Clock
from agentkit.errors import NotFound, UsageError
from agentkit.kernel import StageStatus
from agentkit.views import Progress, StageProgress, one_line, seconds_left

from .keeping import StageSnapshot, TrackerSnapshot, TrackerStatus

__all__ = ["Ledger", "Part"]

_ALMOST = 0.999
_OVER = ("completed", "skipped", "failed", "cancelled")


class Part:
    """One part of the work, with the parts that it has itself.

    Attributes:
        name: Its name, with those that it is part of: `load/rows`; empty for the whole.
        weight: Its share, against the others beside it.
        parent: What it is part of.
        parts: Its own parts, by their last name.
        whole: The sum of their weights.
        weighed: What is done of these weights.
        best: How much of it is done, from 0 to 1.
        status: Where it stands.
        message: What was said of it last.
        reason: Why it failed, or was given up.
        started_at: When it began, in this process.
        ended_at: When it ended.
        before: Seconds that processes before this one worked on it.
    """

    __slots__ = (
        "before",
        "best",
        "ended_at",
        "message",
        "name",
        "parent",
        "parts",
        "reason",
        "started_at",
        "status",
        "weighed",
        "weight",
        "whole",
    )

    def __init__(self, parent: Part | None, name: str, weight: float) -> None:
        self.name: str = name
        self.weight: float = weight
        self.parent: Part | None = parent
        self.parts: dict[str, Part] = {}
        self.whole: float = 0.0
        self.weighed: float = 0.0
        self.best: float = 0.0
        self.before: float = 0.0
        self.status: StageStatus = "pending"
        self.message: str = ""
        self.reason: str = ""
        self.started_at: float | None = None
        self.ended_at: float | None = None

    def all(self) -> Iterator[Part]:
        """Its parts, and theirs, each before its own parts."""
        left = list(reversed(self.parts.values()))
        while left:
            part = left.pop()
            yield part
            left.extend(reversed(part.parts.values()))

    def seconds(self, now: float) -> float:
        """How long it has been worked on."""
        if self.started_at is None:
            return self.before
        return self.before + max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)


class Ledger:
    """Keeps the books of one tracker.

    Args:
        name: What people call the work.
        clock: What time it is.
        changed: Told after every change, and whether the work has ended.

    Attributes:
        work: The whole.
        number: The number of the newest change.
        shown: How much of all is done; it never falls.
    """

    def __init__(self, name: str, clock: Clock, changed: Callable[[bool], None]) -> None:
        self.name = name
        self.work: Part = Part(None, "", 1.0)
        self.number: int = 0
        self.shown: float = 0.0
        self._clock = clock
        self._tell = changed
        self._lock = threading.RLock()
        self._carried = self._advanced_at = 0.0

    @property
    def status(self) -> TrackerStatus:
        """Where the whole stands."""
        status = self.work.status
        assert status in ("pending", "running", "completed", "failed", "cancelled")
        return status

    def find(self, parent: Part, name: str) -> Part:
        """A part by its name; with slashes, a part of a part.

        Raises:
            NotFound: There is none of that name.
        """
        found = parent
        for last in name.split("/"):
            if last not in found.parts:
                known = ", ".join(found.parts) or "none"
                raise NotFound(f"{found.name or self.name!r} has no stage {last!r}; it has: {known}")
            found = found.parts[last]
        return found

    def add(self, parent: Part, name: str, weight: float) -> Part:
        """Add a part, or find the one of that name.

        Raises:
            UsageError: The name is empty or has a slash in it, or the weight is not a number above 0.
        """
        if not name or "/" in name:
            raise UsageError(f"a stage needs a name without a slash, not {name!r}")
        if isinstance(weight, bool) or not isfinite(weight) or weight <= 0:
            raise UsageError(f"stage {name!r}: its weight must be a number above 0, not {weight!r}")
        with self._lock:
            found = parent.parts.get(name)
            if found is None:
                path = f"{parent.name}/{name}" if parent.name else name
                found = parent.parts[name] = Part(parent, path, float(weight))
                parent.whole += found.weight
            return found

    def hear(self, part: Part, fraction: float, message: str) -> None:
        """So much of a part is done; one that has not begun begins with it."""
        try:
            share = float(fraction)
        except (TypeError, ValueError, OverflowError):
            return
        if not isfinite(share):
            return
        with self._lock:
            if part.status == "pending" and self.work.status not in _OVER:
                self._begin(part)
            if part.status == "running":
                part.message = one_line(str(message)) if message else part.message
                self._grow(part, min(1.0, share))
                self._changed()

    def move(self, part: Part, status: StageStatus, words: str = "") -> None:
        """A part begins, or ends."""
        with self._lock:
            if part.status in (*_OVER, status) or self.work.status in _OVER:
                return
            self._begin(part)
            shown = one_line(str(words)) if words else ""
            if status in ("failed", "cancelled"):
                part.reason = shown
            else:
                part.message = shown or part.message
            part.status = status
            if status in _OVER:
                part.ended_at = self._clock.now()
            if status in ("completed", "skipped") and part is not self.work:
                self._grow(part, 1.0)
            self._changed()

    def finish(self, status: TrackerStatus, words: str = "") -> None:
        """The whole has ended, and with it whatever has not."""
        with self._lock:
            if self.work.status in _OVER:
                return
            for part in self.work.all():
                if part.status == "running":
                    self.move(part, "completed" if status == "completed" else "cancelled")
                elif part.status == "pending" and status == "completed":
                    self.move(part, "skipped")
            if status == "completed":
                self.shown = 1.0
            self.move(self.work, status, words)

    def picture(self) -> Progress:
        """How far all is, as it is told to listeners."""
        with self._lock:
            work, now = self.work, self._clock.now()
            elapsed = work.seconds(now)
            taken, worked = self._advanced_at - work.before, self.shown - self._carried
            left = seconds_left(1.0 - self.shown, worked, taken, elapsed - self._advanced_at)
            return Progress(
                operation_id=self.name,
                workflow=self.name,
                status=self.status,
                fraction=self.shown,
                elapsed_seconds=elapsed,
                remaining_seconds=0.0 if work.status in _OVER else left,
                done=sum(part.status in _OVER for part in work.parts.values()),
                total=len(work.parts),
                stages=tuple(_pictured(part, now) for part in work.all()),
                number=self.number,
            )

    def snapshot(self) -> TrackerSnapshot:
        """All that is needed to go on after a crash."""
        with self._lock:
            now = self._clock.now()
            return TrackerSnapshot(
                name=self.name,
                number=self.number,
                status=self.status,
                shown=self.shown,
                seconds=self.work.seconds(now),
                stages=tuple(_kept(part, now) for part in self.work.all()),
            )

    def take_over(self, snapshot: TrackerSnapshot) -> None:
        """Go on from a snapshot: what was completed stays so, everything else is to be done.

        Raises:
            NotFound: A part stands there before what it is part of.
            UsageError: A name or a weight is not valid.
        """
        with self._lock:
            for kept in snapshot.stages:
                above, _, name = kept.name.rpartition("/")
                part = self.add(self.find(self.work, above) if above else self.work, name, kept.weight)
                part.before = kept.seconds
                if kept.status in ("completed", "skipped"):
                    part.status = kept.status
                self._grow(part, kept.fraction)
            self.number = snapshot.number
            self.work.before = self._advanced_at = snapshot.seconds
            self.shown = self._carried = max(self.shown, min(_ALMOST, snapshot.shown))

    def _begin(self, part: Part) -> None:
        """A part has begun, and with it what it is part of."""
        beginning: Part | None = part
        while beginning is not None and beginning.status == "pending":
            beginning.status = "running"
            beginning.started_at = self._clock.now()
            beginning = beginning.parent

    def _grow(self, part: Part, fraction: float) -> None:
        """A part is so far, and with it what it is part of; nothing falls."""
        while fraction > part.best:
            gain, part.best = fraction - part.best, fraction
            if part.parent is None:
                break
            part.parent.weighed += gain * part.weight
            part = part.parent
            fraction = min(1.0, part.weighed / part.whole)
        if min(_ALMOST, self.work.best) > self.shown:
            self.shown = min(_ALMOST, self.work.best)
            self._advanced_at = self.work.seconds(self._clock.now())

    def _changed(self) -> None:
        self.number += 1
        self._tell(self.work.status in _OVER)


def _pictured(part: Part, now: float) -> StageProgress:
    return StageProgress(
        name=one_line(part.name),
        status=part.status,
        fraction=part.best,
        message=part.message,
        agent="",
        attempt=0 if part.status == "pending" else 1,
        seconds=part.seconds(now),
        failure=part.reason or None,
        required=True,
    )


def _kept(part: Part, now: float) -> StageSnapshot:
    status = part.status
    assert status in ("pending", "running", "completed", "skipped", "failed", "cancelled")
    return StageSnapshot(
        name=part.name,
        weight=part.weight,
        status=status,
        fraction=part.best,
        message=part.message,
        seconds=part.seconds(now),
    )
