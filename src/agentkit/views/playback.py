"""What would have come of recorded work under other limits: `play_back`.

Rules: every attempt takes as long as it took; it is ready when what it waited for has ended, after the same pause, and
begins when there is room, what belongs to operations that have begun first. So under the limits that really were, about
what happened comes out. Nothing is known of work that would only then have been slowed down, such as by a busy machine.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from operator import itemgetter

from agentkit.kernel import WITHOUT_SLOT

from .jobs import Job, held_seconds

__all__ = ["Outlook", "play_back"]

_SECONDS = 1.0
"""How often an orchestrator lets in some of its line although nothing is spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How recorded work goes under some limits.

    Attributes:
        mean_seconds: How long an operation takes from its acceptance to its last attempt's end, on average, without
            what people, timers and signals take while nothing else of it works or waits for room.
        wait_seconds: How long the attempts of an operation wait for room, together, on average.
        span_seconds: From the first acceptance to the last end.
    """

    mean_seconds: float
    wait_seconds: float
    span_seconds: float


class _Playback:
    """The work of all operations, attempt by attempt."""

    def __init__(self, jobs: Sequence[Job], begun: Mapping[str, float]) -> None:
        self.jobs = jobs
        self.began = [begun[job.operation_id] for job in jobs]
        self.ends: dict[int, float] = {}
        self._left: dict[tuple[str, str], int] = defaultdict(int)
        self._waits: list[int] = [0] * len(jobs)
        self._behind: dict[object, list[int]] = defaultdict(list)
        self._pauses: list[float] = [0.0] * len(jobs)
        self.first: list[tuple[float, int]] = []
        self._moment: dict[tuple[str, str], float] = defaultdict(float)
        self._wire()

    def _wire(self) -> None:
        places: dict[str, list[int]] = defaultdict(list)
        recorded: dict[tuple[str, str], float] = defaultdict(float)
        for number, job in enumerate(self.jobs):
            places[job.operation_id].append(number)
            if not job.step.endswith(":undo"):
                key = job.operation_id, job.stage
                self._left[key] += 1
                recorded[key] = max(recorded[key], job.ended_at or 0.0)
        for number, job in enumerate(self.jobs):
            if job.follows is not None:
                before = places[job.operation_id][job.follows]
                self._behind[before].append(number)
                self._waits[number], since = 1, self.jobs[before].ended_at or 0.0
            else:
                keys = [key for need in job.needs if (key := (job.operation_id, need)) in self._left]
                for key in keys:
                    self._behind[key].append(number)
                self._waits[number] = len(keys)
                since = max((recorded[key] for key in keys), default=self.began[number])
            self._pauses[number] = max(0.0, job.ready_at - since)
            if not self._waits[number]:
                self.first.append((self.began[number] + self._pauses[number], number))

    def end(self, number: int, at: float) -> list[tuple[float, int]]:
        """A job ends: which ones are ready, and when."""
        job = self.jobs[number]
        self.ends[number] = at
        ready = self._free(number, at)
        if not job.step.endswith(":undo"):
            key = job.operation_id, job.stage
            self._left[key] -= 1
            if not self._left[key]:
                ready += self._free(key, at)
        return ready

    def _free(self, key: object, at: float) -> list[tuple[float, int]]:
        ready: list[tuple[float, int]] = []
        for number in self._behind.get(key, ()):
            self._waits[number] -= 1
            if not self._waits[number]:
                ready.append((at + self._pauses[number], number))
        return ready


def play_back(
    jobs: Iterable[Job], begun: Mapping[str, float], *, total: int | None, resources: Mapping[str, int]
) -> Outlook:
    """How the recorded work of some operations would have gone under these limits.

    Args:
        jobs: The attempts of the operations, those of each in the order of their starts; what still runs is left out.
        begun: When each operation was accepted, by its id.
        total: How many attempts may run at once; None is any number.
        resources: How many attempts may use each limited resource at once; one that is not named has no limit.
    """
    work = _Playback([job for job in jobs if job.ended_at is not None], begun)
    room = _Room(work, total, resources)
    coming, running = work.first, list[tuple[float, int]]()
    waited: dict[str, float] = defaultdict(float)
    heapify(coming)
    while coming or running:
        at = min(coming[0][0] if coming else math.inf, running[0][0] if running else math.inf, room.next_at)
        while running and running[0][0] <= at:
            _, number = heappop(running)
            room.give(number)
            for ready in work.end(number, at):
                heappush(coming, ready)
        while coming and coming[0][0] <= at:
            room.join(*heappop(coming))
        for ready_at, number in room.begin(at):
            waited[work.jobs[number].operation_id] += at - ready_at
            heappush(running, (at + work.jobs[number].seconds, number))
    return _outlook(work, begun, waited)


class _Room:
    """Who may begin: of those that wait for a slot, the first; of new operations, who has waited longest in line.

    It is the order of an orchestrator, but for priorities and tenants: what has begun goes first, and once a second
    some of the line are let in all the same.
    """

    def __init__(self, work: _Playback, total: int | None, resources: Mapping[str, int]) -> None:
        self._work = work
        self._free: dict[str | None, float] = dict(resources.items())
        self._free[None] = math.inf if total is None else total
        self._some = max(1, total // 4) if total is not None else 1
        self._lines: dict[str | None, list[tuple[float, float, int]]] = defaultdict(list)
        self._new: deque[tuple[float, int]] = deque()
        self._begun: set[str] = set()
        self.next_at = math.inf

    def join(self, ready_at: float, number: int) -> None:
        """A job is ready."""
        job = self._work.jobs[number]
        if job.operation_id in self._begun or job.resource == WITHOUT_SLOT:
            heappush(self._lines[job.resource], (ready_at, ready_at, number))
            return
        self._new.append((ready_at, number))
        if math.isinf(self.next_at):
            self.next_at = ready_at + _SECONDS

    def give(self, number: int) -> None:
        """A job has ended, and gives its slot back."""
        self._count(self._work.jobs[number].resource, 1)

    def begin(self, at: float) -> Iterator[tuple[float, int]]:
        """Those that begin now, each with when it was ready."""
        yield from self._take()
        while self._new and self._free[None] > 0:
            self._let_in(at)
            yield from self._take()
        if at >= self.next_at:
            for _ in range(min(self._some, len(self._new))):
                self._let_in(at)
            self.next_at = at + _SECONDS
        if not self._new:
            self.next_at = math.inf

    def _let_in(self, at: float) -> None:
        """One operation goes from the line to those who wait for a slot, and what of it is in line with it."""
        ready_at, number = self._new.popleft()
        job = self._work.jobs[number]
        self._begun.add(job.operation_id)
        heappush(self._lines[job.resource], (at, ready_at, number))

    def _take(self) -> Iterator[tuple[float, int]]:
        while True:
            heads = [(line[0], name) for name, line in self._lines.items() if line and self._has_room(name)]
            if not heads:
                return
            (_, ready_at, number), resource = min(heads, key=itemgetter(0))
            heappop(self._lines[resource])
            self._count(resource, -1)
            yield ready_at, number

    def _has_room(self, resource: str | None) -> bool:
        return resource == WITHOUT_SLOT or min(self._free[None], self._free.get(resource, math.inf)) > 0

    def _count(self, resource: str | None, change: int) -> None:
        if resource != WITHOUT_SLOT:
            self._free[None] += change
            if resource is not None:
                self._free[resource] = self._free.get(resource, math.inf) + change


def _outlook(work: _Playback, begun: Mapping[str, float], waited: Mapping[str, float]) -> Outlook:
    last: dict[str, float] = {}
    for number, at in work.ends.items():
        operation_id = work.jobs[number].operation_id
        last[operation_id] = max(last.get(operation_id, at), at)
    # People and timers take as long as they took.
    held = held_seconds(work.jobs)
    if not last:
        return Outlook(mean_seconds=0.0, wait_seconds=0.0, span_seconds=0.0)
    return Outlook(
        mean_seconds=math.fsum(at - begun[name] - held[name] for name, at in last.items()) / len(last),
        wait_seconds=math.fsum(waited.values()) / len(last),
        span_seconds=max(last.values()) - min(begun[name] for name in last),
    )
