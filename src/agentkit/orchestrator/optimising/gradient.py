"""How many attempts at once are worth it, by whether they take longer the more of them run: `Gradient`.

Rules: a limit is judged by windows of attempts that began and ended under it while others waited for room. It goes down
only where several windows at several limits show, beyond chance, that attempts take longer the more of them run; else
it goes up, and at its upper bound it looks one step down now and then. So work that takes longer by itself lowers
nothing for long, and a limit that was lowered grows again as soon as more is taken well.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from statistics import fmean, linear_regression
from typing import Final, NamedTuple

from agentkit.kernel import WITHOUT_SLOT
from agentkit.views import Job

__all__ = ["Gradient"]

_ATTEMPTS: Final = 40
"""A window has at least so many attempts, or as many as fit into the limit three times."""
_IN_USE: Final = 0.05
"""The limit is in use where attempts wait for at least this share of their time."""
_WINDOWS: Final = 6
_JUDGED: Final = 4
_STEP: Final = 1.25
_STEEP: Final = 0.5
"""Attempts take longer where twice as many at once take at least `2 ** 0.5` times as long each."""
_SURE: Final = 2.0
"""By so many standard errors the slope has to be above 0."""
_SHORTEST: Final = 0.001


class _Window(NamedTuple):
    """A limit, and of each stage how many attempts ended under it, and the mean of the logarithms of their seconds."""

    limit: int
    stages: Mapping[tuple[str, str], tuple[int, float]]


class Gradient:
    """Judges a limit by the attempts that end under it, and says what it is to be next."""

    def __init__(self) -> None:
        self._windows: deque[_Window] = deque(maxlen=_WINDOWS)
        self._seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._limit: int | None = None
        self._since = -math.inf

    def judge(self, jobs: Sequence[Job], limit: int, *, now: float, least: int, most: int) -> int:
        """The next limit; the same where too little is known of this one.

        Args:
            jobs: The attempts that completed since it was last asked.
            limit: How many may run at once, now and since it was last asked.
            now: What time it is.
            least: The least that the limit may be.
            most: The most that it may be.
        """
        if limit != self._limit:
            # Somebody else has moved it.
            self._begin(limit, now if self._limit is not None else -math.inf)
        if _is_in_use(jobs):
            for job in jobs:
                if job.resource != WITHOUT_SLOT and job.started_at >= self._since:
                    self._seconds[job.workflow, job.stage].append(math.log(max(job.seconds, _SHORTEST)))
        if sum(map(len, self._seconds.values())) < max(_ATTEMPTS, 3 * limit):
            return limit
        self._windows.append(_Window(limit, {name: (len(took), fmean(took)) for name, took in self._seconds.items()}))
        to = max(least, min(most, self._next(limit, most)))
        self._begin(to, now)
        return to

    def _begin(self, limit: int, since: float) -> None:
        """What began before, under another limit, says nothing of this one."""
        self._limit, self._since = limit, since
        self._seconds.clear()

    def _next(self, limit: int, most: int) -> int:
        fewer, more = math.floor(limit / _STEP), max(limit + 1, math.floor(limit * _STEP))
        if self._takes_longer():
            return fewer
        if limit >= most and len(self._windows) == _WINDOWS and len({window.limit for window in self._windows}) == 1:
            # One limit alone tells nothing: whether fewer would be quicker is only seen with fewer.
            return fewer
        return more

    def _takes_longer(self) -> bool:
        """Whether attempts take longer the more of them run, surely: the slope over the windows, in logarithms."""
        limits, seconds = [math.log(window.limit) for window in self._windows], self._offsets()
        if len(limits) < _JUDGED or len(set(limits)) == 1:
            return False
        slope, start = linear_regression(limits, seconds)
        rest = math.fsum((took - start - slope * at) ** 2 for at, took in zip(limits, seconds, strict=True))
        middle = fmean(limits)
        error = math.sqrt(rest / (len(limits) - 2) / math.fsum((at - middle) ** 2 for at in limits))
        return slope >= max(_STEEP, _SURE * error)

    def _offsets(self) -> list[float]:
        """How much longer than usual each window's attempts took, stage by stage, so that their mix is no matter."""
        found: dict[tuple[str, str], list[float]] = defaultdict(list)
        for window in self._windows:
            for stage, (_, mean) in window.stages.items():
                found[stage].append(mean)
        usual = {stage: fmean(means) for stage, means in found.items()}
        return [
            math.fsum(count * (mean - usual[stage]) for stage, (count, mean) in window.stages.items())
            / sum(count for count, _ in window.stages.values())
            for window in self._windows
        ]


def _is_in_use(jobs: Sequence[Job]) -> bool:
    """Whether attempts waited for room among all, rather than as long as it takes to begin."""
    waited = math.fsum(job.waited for job in jobs if job.resource is None)
    took = math.fsum(job.seconds for job in jobs if job.resource != WITHOUT_SLOT)
    return waited > _IN_USE * (waited + took)
