"""What a pool knows of one replica: what it has in flight, how long it takes, and whether it is out.

Rules: time comes in as a value. Whatever way a task ends, it is counted once, and its slot is
free as soon as its work is over.
"""

from __future__ import annotations

import math
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from .loads import MachineLoad, ReplicaLoad
from .metrics import ReplicaMetrics

if TYPE_CHECKING:
    from agentkit.agents.registration import Registration

    from .replicas import Check, Gauge

__all__ = ["Member"]

_MEMORY_SECONDS = 10.0
"""After how many seconds without an answer a latency counts about a third: who was slow gets another chance."""


class Member:
    """A replica in its pool.

    Attributes:
        name: Its name in the pool.
        entry: The agent, with its types.
        most: How many tasks it may work on at once.
        check: Looks whether it is well.
        gauge: Measures its machine.
        in_flight: How many tasks it works on for somebody who waits.
        abandoned: How many it works on besides, although nobody waits any more.
        ejected_until: When it may come back; None if it is not out.
        is_draining: Whether it gets no more work.
        is_leaving: Whether it is on its way out of the pool.
        is_probing: Whether one task, or a check, is deciding whether it comes back.
        machine: The load of its machine, as it was measured last.
    """

    def __init__(self, name: str, entry: Registration, *, most: int | None) -> None:
        self.name: str = name
        self.entry: Registration = entry
        self.most: int | None = most
        self.check: Check | None = None
        self.gauge: Gauge | None = None
        self.in_flight: int = 0
        self.abandoned: int = 0
        self.ejected_until: float | None = None
        self.is_draining: bool = False
        self.is_leaving: bool = False
        self.is_probing: bool = False
        self.machine: MachineLoad | None = None
        self._latency: float | None = None
        self._seen = 0.0
        self._busy_until: list[float] = []  # A heap: how long an answer takes may become less.
        self._in_row = 0
        self._out_in_row = 0
        self._counts = {"started": 0, "succeeded": 0, "failed": 0, "lost": 0, "cancelled": 0, "ejections": 0}
        self._problem = ""

    @property
    def working(self) -> int:
        """How many tasks it works on, whether somebody waits or not."""
        return self.in_flight + self.abandoned

    @property
    def is_full(self) -> bool:
        """Whether it works on as much as it may."""
        return self.most is not None and self.working >= self.most

    @property
    def failures(self) -> int:
        """How many tasks it lost one after the other."""
        return self._in_row

    @property
    def latency(self) -> float | None:
        """Seconds that a task took lately; None before the first has ended."""
        return self._latency

    def load(self, now: float) -> ReplicaLoad:
        """How loaded it is now."""
        while self._busy_until and self._busy_until[0] <= now:
            heappop(self._busy_until)
        return ReplicaLoad(
            name=self.name,
            in_flight=self.working + len(self._busy_until),
            most=self.most,
            latency=self._now_latency(now),
            started=self._counts["started"],
            machine=self.machine,
        )

    def metrics(self) -> ReplicaMetrics:
        """What it does and has done."""
        return ReplicaMetrics(
            name=self.name,
            status="draining" if self.is_draining else "ready" if self.ejected_until is None else "ejected",
            in_flight=self.working,
            abandoned=self.abandoned,
            most=self.most,
            latency=self._latency,
            problem=self._problem,
            **self._counts,
        )

    def start(self) -> None:
        """A task begins."""
        self.in_flight += 1
        self._counts["started"] += 1

    def end(self, how: str, *, seconds: float, now: float, usual: float | None = None, problem: str = "") -> None:
        """A task is over.

        Args:
            how: `succeeded`, `failed`, `lost` or `cancelled`.
            seconds: How long it took.
            now: What time it is.
            usual: How long a task takes on other replicas, where that is known.
            problem: What went wrong with the replica.
        """
        self.in_flight -= 1
        self._counts[how] += 1
        if how in {"succeeded", "failed"}:
            # A failure of the task itself says that the replica is there.
            self.recover()
        elif how == "lost":
            self._in_row += 1
            self._problem = problem
        usual = usual if self._latency is None else self._latency
        if how == "succeeded" or (usual is not None and seconds > usual):
            # Who fails or is given up after a long time is at least so slow.
            self._learn(seconds, now)
        elif how != "cancelled" and usual is not None:
            # Who fails at once must look neither fast nor idle, or it would get all the work: it counts as busy for as
            # long as an answer takes.
            heappush(self._busy_until, now + usual - seconds)
            self._seen = now

    def eject(self, until: float, problem: str = "") -> None:
        """Take it out until then; who is out already stays out longer."""
        if self.ejected_until is None:
            self._counts["ejections"] += 1
        self._out_in_row += 1
        self.ejected_until = until
        self._problem = problem or self._problem

    @property
    def times_out(self) -> int:
        """How often it was taken out since it last was well."""
        return self._out_in_row

    def recover(self) -> None:
        """It is well."""
        self._in_row = self._out_in_row = 0
        self.ejected_until = None
        self._problem = ""

    def _learn(self, seconds: float, now: float) -> None:
        """Mean of latencies in which newer ones count more, and all the more the longer ago the last one was."""
        if self._latency is None:
            self._latency = seconds
        else:
            kept = min(0.8, math.exp(-(now - self._seen) / _MEMORY_SECONDS))
            self._latency = kept * self._latency + (1 - kept) * seconds
        self._seen = now

    def _now_latency(self, now: float) -> float | None:
        if self._latency is None or self.in_flight:
            return self._latency
        return self._latency * math.exp(-(now - self._seen) / _MEMORY_SECONDS)
