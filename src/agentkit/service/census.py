"""How many operations there are, kept in mind, so that asking again costs what changed since.

Rules: what is told is what counting anew would tell, at any time and for every tenant: a mark of the store says what
changed since the question before, in whatever process. What is kept in mind is bounded, for each question and for all
of them together; what nobody has asked for longest is forgotten first.
"""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from agentkit.orchestrator import Orchestrator
from agentkit.stores import Summary

from .callers import is_reserved

__all__ = ["Census", "Count", "Ended"]

_MOST_OPEN: Final = 1_000
_MOST_READ: Final = 20_000
_AT_ONCE: Final = 1_000
_MOST_KEPT: Final = 100_000
_MOST_COUNTS: Final = 100
_MOST_PERIODS: Final = 16
_LATEST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What ended in a period.

    Attributes:
        counts: How many, by status.
        mean_seconds: How long the completed took, on average.
        p95_seconds: Of twenty that were completed, nineteen took no longer.
    """

    counts: Mapping[str, int]
    mean_seconds: float | None
    p95_seconds: float | None


class _Line(NamedTuple):
    """What is kept in mind of an operation: when it began, whether it is a caller's, and its end with both times."""

    began: float
    own: bool
    end: tuple[float, float, str] | None


class Count:
    """The newest operations of one tenant and one workflow, or of all, as they stood at the last question."""

    __slots__ = ("_after", "_begun", "_ended", "_left_out", "_lines", "_own", "_periods", "open")

    def __init__(self) -> None:
        self._after = math.inf
        self._left_out = (-math.inf, "")
        self._lines: dict[str, _Line] = {}
        # All by when they began, with agentkit's own; the times of the others; and what ended, by when.
        self._begun: list[tuple[float, str]] = []
        self._own: list[float] = []
        self._ended: list[tuple[float, float, str]] = []
        self._periods: dict[tuple[int, int, int], Ended] = {}
        self.open: dict[str, bool] | None = None
        """What has not ended, and whether it waits for an approval; None if nobody knows, or it is too much."""

    def __len__(self) -> int:
        return len(self._lines)

    def missing(self, after: float) -> float | None:
        """Until when there are operations since a time that nobody looked at yet; None if there are none."""
        is_full = self._left_out[0] > -math.inf
        return None if is_full or after >= self._after else self._after

    def extend(self, after: float, lines: Sequence[Summary]) -> None:
        """Take in what began since a time, and before all that is known; newest first."""
        self._after = after
        for line in reversed(lines):
            self.take(line)

    def take(self, line: Summary) -> None:
        """Take in how an operation stands, unless it is too old."""
        own = not is_reserved(line.name)
        if self.open is not None and own:
            self._open(line)
        end = (line.updated_at, line.created_at, line.status) if own and line.ended else None
        known = _Line(line.created_at, own, end)
        before = self._lines.get(line.stream)
        if known == before or line.created_at < self._after or (line.created_at, line.stream) <= self._left_out:
            return
        if before is not None:
            self._drop(line.stream)
        self._add(line.stream, known)
        if len(self._lines) > _MOST_READ:
            self._left_out = self._begun[0]
            self._drop(self._left_out[1])

    def _open(self, line: Summary) -> None:
        assert self.open is not None
        self.open.pop(line.stream, None)
        if not line.ended:
            self.open[line.stream] = _asks(line)
        if len(self.open) > _MOST_OPEN:
            self.open = None

    def _add(self, stream: str, line: _Line) -> None:
        self._lines[stream] = line
        self._forget(line, stream)
        insort(self._begun, (line.began, stream))
        if line.own:
            insort(self._own, line.began)
        if line.end is not None:
            insort(self._ended, line.end)

    def _drop(self, stream: str) -> None:
        line = self._lines.pop(stream)
        self._forget(line, stream)
        del self._begun[bisect_left(self._begun, (line.began, stream))]
        if line.own:
            del self._own[bisect_left(self._own, line.began)]
        if line.end is not None:
            del self._ended[bisect_left(self._ended, line.end)]

    def _forget(self, line: _Line, stream: str) -> None:
        """Forget the periods that a line may belong to: those that are not wholly in front of it."""
        begun = bisect_left(self._begun, (line.began, stream))
        ended = len(self._ended) if line.end is None else bisect_left(self._ended, line.end)
        self._periods = {
            place: known for place, known in self._periods.items() if place[0] <= begun and place[2] <= ended
        }

    def is_whole(self, after: float) -> bool:
        """Whether all that began since a time is known."""
        return self._left_out[0] < after

    def accepted(self, since: float, until: float) -> int:
        """How many began in a period."""
        return bisect_left(self._own, until) - bisect_left(self._own, since)

    def ended(self, since: float, until: float, *, after: float) -> Ended:
        """What ended in a period, of what began since a time."""
        first = bisect_left(self._begun, (after, ""))
        low = bisect_left(self._ended, (since, -math.inf, ""))
        high = bisect_right(self._ended, (until, math.inf, _LATEST))
        known = self._periods.get((first, low, high))
        if known is None:
            if len(self._periods) >= _MOST_PERIODS:
                self._periods.clear()
            known = _ended(self._ended[low:high], after)
            self._periods[first, low, high] = known
        return known

    def newest(self, after: float, most: int) -> Sequence[str]:
        """The newest operations that began since a time, but for agentkit's own."""
        found: list[str] = []
        for began, stream in reversed(self._begun):
            if began < after or len(found) >= most:
                break
            if self._lines[stream].own:
                found.append(stream)
        return found


def _asks(line: Summary) -> bool:
    return "approval" in line.waiting.split()


def _ended(lines: Sequence[tuple[float, float, str]], after: float) -> Ended:
    meant = [line for line in lines if line[1] >= after]
    took = sorted(max(0.0, at - began) for at, began, status in meant if status == "completed")
    return Ended(
        counts=Counter(status for _, _, status in meant),
        mean_seconds=math.fsum(took) / len(took) if took else None,
        p95_seconds=took[math.ceil(0.95 * len(took)) - 1] if took else None,
    )


class Census:
    """Counts operations of a store, as long as it is open.

    Args:
        orchestrator: Whose; it is open on the running loop.

    Attributes:
        loop: Where it counts; on another one a store was opened anew, and may be another store.
    """

    __slots__ = ("_counts", "_lock", "_mark", "_orchestrator", "loop")

    def __init__(self, orchestrator: Orchestrator) -> None:
        self._orchestrator = orchestrator
        self._counts: OrderedDict[tuple[str | None, str | None], Count] = OrderedDict()
        self._mark: int | None = None
        self._lock = asyncio.Lock()
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()

    async def count(self, tenant: str | None, workflow: str | None, *, after: float) -> tuple[Count, int, int]:
        """The operations that began since a time, how many have not ended, and how many of these wait for an approval.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        if workflow is not None and is_reserved(workflow):
            return Count(), 0, 0
        async with self._lock:
            await self._catch_up()
            key = (tenant, workflow)
            count = self._counts.get(key) or Count()
            if (until := count.missing(after)) is not None:
                lines, _ = await self._found(key, after=after, until=until, most=_MOST_READ + 1 - len(count))
                count.extend(after, lines)
            self._keep(key, count)
            return count, *await self._open(key, count)

    async def _catch_up(self) -> None:
        """Take in what changed since the question before."""
        news = await self._orchestrator.store.news(self._mark)
        if not news.is_whole:
            self._counts.clear()
        self._mark = news.mark
        for line in news.lines:
            for key in {(tenant, name) for tenant in (None, line.tenant) for name in (None, line.name)}:
                if (count := self._counts.get(key)) is not None:
                    count.take(line)

    async def _open(self, key: tuple[str | None, str | None], count: Count) -> tuple[int, int]:
        if count.open is not None:
            return len(count.open), sum(count.open.values())
        found, is_all = await self._found(key, ended=False, enough=_MOST_OPEN)
        if is_all and len(found) <= _MOST_OPEN:
            count.open = {line.stream: _asks(line) for line in found}
            return len(count.open), sum(count.open.values())
        asking, _ = await self._found(key, ended=False, waiting="approval", enough=_MOST_OPEN)
        return min(len(found), _MOST_OPEN), min(len(asking), _MOST_OPEN)

    async def _found(
        self,
        key: tuple[str | None, str | None],
        *,
        ended: Literal[False] | None = None,
        waiting: str | None = None,
        after: float | None = None,
        until: float | None = None,
        most: int = _MOST_READ,
        enough: int | None = None,
    ) -> tuple[Sequence[Summary], bool]:
        """Operations, newest first, and whether these are all.

        No more than a number is looked at, of any kind; with `enough`, agentkit's own are left out.
        """
        found: list[Summary] = []
        place: Summary | None = None
        for begun in range(0, most, _AT_ONCE):
            limit = min(_AT_ONCE, most - begun)
            page = await self._orchestrator.list(
                workflow=key[1],
                waiting=waiting,
                tenant=key[0],
                ended=ended,
                after=after,
                until=None if until == math.inf else until,
                before=place,
                limit=limit,
            )
            found += page if enough is None else (line for line in page if not is_reserved(line.name))
            if len(page) < limit:
                return found, True
            if enough is not None and len(found) >= enough:
                break
            place = page[-1]
        return found, False

    def _keep(self, key: tuple[str | None, str | None], count: Count) -> None:
        counts = self._counts
        counts[key] = count
        counts.move_to_end(key)
        while len(counts) > _MOST_COUNTS or (len(counts) > 1 and sum(map(len, counts.values())) > _MOST_KEPT):
            counts.popitem(last=False)
