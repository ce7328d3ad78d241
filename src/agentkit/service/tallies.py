"""Figures of a service, out of the summaries of a caller's operations, and of the newest of them in full.

Rules: what is read is bounded by the two periods that are asked for, and by a number; never all that is kept. Every
figure is of operations that were really run.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from agentkit.stores import Summary
from agentkit.wire import AgentFiguresLine, FiguresPage, FiguresQuery, OperationPage, PeriodLine, moment

from .callers import Caller, is_reserved
from .cursors import seconds_of
from .premises import Premises
from .translate import OPEN

__all__ = ["Tallies"]

_MOST_OPEN: Final = 1_000
_MOST_READ: Final = 20_000
_AT_ONCE: Final = 1_000
_SHORTEST: Final = 1.0


class Tallies:
    """The part of a desk that counts."""

    __slots__ = ()

    _premises: Premises
    caller: Caller

    async def figures(self, query: FiguresQuery) -> FiguresPage:
        """See `Calls.figures`."""
        self.caller.check("read")
        orchestrator, tenant = self._premises.orchestrator, self.caller.tenant
        now = orchestrator.now()
        since = min(seconds_of(query.since), now)
        length = max(now - since, _SHORTEST)
        before = since - length if query.before is None else min(seconds_of(query.before), since)
        # What was accepted in the period in front of both may have ended in them.
        found = await self._accepted_since(before - (since - before), query.workflow)
        is_whole = len(found) < _MOST_READ
        active = await orchestrator.list(workflow=query.workflow, status=OPEN, tenant=tenant, limit=_MOST_OPEN)
        asking = await orchestrator.list(workflow=query.workflow, waiting="approval", tenant=tenant, limit=_MOST_OPEN)
        newest = [await self._premises.reader.page(one.stream) for one in found[: query.recent]]
        names = sorted(name for name in orchestrator.agents if not is_reserved(name))
        return FiguresPage(
            at=moment(now),
            active=len(active),
            waiting=sum(not one.ended for one in asking),
            current=_period(found, since, now, is_whole=is_whole),
            previous=_period(found, before, min(before + length, since), is_whole=is_whole),
            agents=_agents(newest, names),
        )

    async def _accepted_since(self, earliest: float, workflow: str | None) -> Sequence[Summary]:
        """The caller's operations that were accepted since then, newest first; not more than a number of them."""
        found: list[Summary] = []
        while len(found) < _MOST_READ:
            page = await self._premises.orchestrator.list(
                workflow=workflow,
                tenant=self.caller.tenant,
                before=found[-1] if found else None,
                limit=_AT_ONCE,
            )
            own = [one for one in page if one.created_at >= earliest and not is_reserved(one.name)]
            found += own
            if len(page) < _AT_ONCE or page[-1].created_at < earliest:
                break
        return found


def _period(found: Iterable[Summary], since: float, until: float, *, is_whole: bool) -> PeriodLine:
    ended: dict[str, int] = defaultdict(int)
    accepted, took = 0, list[float]()
    for one in found:
        accepted += since <= one.created_at < until
        if one.ended and since <= one.updated_at <= until:
            ended[one.status] += 1
            if one.status == "completed":
                took.append(max(0.0, one.updated_at - one.created_at))
    took.sort()
    return PeriodLine(
        since=moment(since),
        until=moment(until),
        accepted=accepted,
        completed=ended["completed"],
        failed=ended["failed"],
        cancelled=ended["cancelled"],
        success_rate=_share(ended["completed"], ended["failed"]),
        mean_seconds=math.fsum(took) / len(took) if took else None,
        p95_seconds=took[math.ceil(0.95 * len(took)) - 1] if took else None,
        is_whole=is_whole,
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
