"""Figures of a service, out of the count of a caller's operations, and of the newest of them in full.

Rules: what is read is what changed since the question before; the first one reads no more than the two periods, what
has not ended, and a number. Every figure is of operations that were really run, and none of agentkit's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from agentkit.errors import FormatTooNew, JournalCorrupt, NotFound
from agentkit.wire import AgentFiguresLine, FiguresPage, FiguresQuery, OperationPage, PeriodLine, moment

from .callers import Caller, is_reserved
from .census import Count
from .cursors import seconds_of
from .premises import Premises

__all__ = ["Tallies"]

_SHORTEST: Final = 1.0
_DAY: Final = 86_400.0


class Tallies:
    """The part of a desk that counts."""

    __slots__ = ()

    _premises: Premises
    caller: Caller

    async def figures(self, query: FiguresQuery) -> FiguresPage:
        """See `Calls.figures`."""
        self.caller.check("read")
        orchestrator = self._premises.orchestrator
        now = orchestrator.now()
        since = _clamped(now - _DAY if query.since is None else seconds_of(query.since), now)
        length = max(now - since, _SHORTEST)
        before = _clamped(since - length if query.before is None else seconds_of(query.before), since)
        # What was accepted in the time in front of both, as long as each, may have ended in them.
        after = before - length
        count, active, asking = await self._premises.census.count(self.caller.tenant, query.workflow, after=after)
        current = _period(count, since, now, after=after)
        previous = _period(count, before, min(before + length, since), after=after)
        names = sorted(name for name in orchestrator.agents if not is_reserved(name))
        return FiguresPage(
            at=moment(now),
            active=active,
            waiting=asking,
            current=current,
            previous=previous,
            agents=_agents(await self._read(count.newest(after, query.recent)), names),
        )

    async def _read(self, streams: Iterable[str]) -> Sequence[OperationPage]:
        """Operations in full; one that is damaged takes the figures of the others from nobody."""
        pages: list[OperationPage] = []
        for stream in streams:
            with suppress(JournalCorrupt, FormatTooNew, NotFound):
                pages.append(await self._premises.reader.page(stream))
        return pages


def _clamped(seconds: float, most: float) -> float:
    """A moment between 1970 and another one."""
    return max(0.0, min(seconds, most))


def _period(count: Count, since: float, until: float, *, after: float) -> PeriodLine:
    ended = count.ended(since, until, after=after)
    completed, failed = ended.counts.get("completed", 0), ended.counts.get("failed", 0)
    return PeriodLine(
        since=moment(since),
        until=moment(until),
        accepted=count.accepted(since, until),
        completed=completed,
        failed=failed,
        cancelled=ended.counts.get("cancelled", 0),
        success_rate=_share(completed, failed),
        mean_seconds=ended.mean_seconds,
        p95_seconds=ended.p95_seconds,
        is_whole=count.is_whole(after),
    )


def _share(completed: int, failed: int) -> float | None:
    return completed / (completed + failed) if completed or failed else None


@dataclass(slots=True)
class _Work:
    """What one agent did."""

    running: int = 0
    failed: int = 0
    took: list[float] = field(default_factory=list[float])


def _agents(pages: Iterable[OperationPage], names: Iterable[str]) -> list[AgentFiguresLine]:
    known = {name: _Work() for name in names}
    for page in pages:
        for stage in page.stages:
            work = known.get(stage.agent)
            if work is None or not stage.attempt:
                continue
            work.running += stage.status == "running"
            work.failed += stage.status == "failed"
            if stage.status == "completed":
                work.took.append(stage.seconds)
    return [
        AgentFiguresLine(
            name=name,
            running=work.running,
            completed=len(work.took),
            failed=work.failed,
            success_rate=_share(len(work.took), work.failed),
            mean_seconds=math.fsum(work.took) / len(work.took) if work.took else None,
        )
        for name, work in known.items()
    ]
