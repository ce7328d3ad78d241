"""Figures of a service, out of the summaries of a caller's operations, and of the newest of them in full.

Rules: what is read is bounded by the two periods that are asked for, by what has not ended, and by a number; never all
that is kept. Every figure is of operations that were really run, and none of agentkit's own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from agentkit.errors import FormatTooNew, JournalCorrupt, NotFound
from agentkit.stores import Summary
from agentkit.wire import AgentFiguresLine, FiguresPage, FiguresQuery, OperationPage, PeriodLine, moment

from .callers import Caller, is_reserved
from .cursors import seconds_of
from .premises import Premises

__all__ = ["Tallies"]

_MOST_OPEN: Final = 1_000
_MOST_READ: Final = 20_000
_AT_ONCE: Final = 1_000
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
        found, is_whole = await self._found(query.workflow, after=before - length)
        active, _ = await self._found(query.workflow, ended=False, enough=_MOST_OPEN)
        asking, _ = await self._found(query.workflow, ended=False, waiting="approval", enough=_MOST_OPEN)
        names = sorted(name for name in orchestrator.agents if not is_reserved(name))
        return FiguresPage(
            at=moment(now),
            active=min(len(active), _MOST_OPEN),
            waiting=min(len(asking), _MOST_OPEN),
            current=_period(found, since, now, is_whole=is_whole),
            previous=_period(found, before, min(before + length, since), is_whole=is_whole),
            agents=_agents(await self._newest(found, query.recent), names),
        )

    async def _found(
        self,
        workflow: str | None,
        *,
        waiting: str | None = None,
        ended: bool | None = None,
        after: float | None = None,
        enough: int = _MOST_READ,
    ) -> tuple[Sequence[Summary], bool]:
        """The caller's operations, newest first, and whether these are all; no more than a number is looked at."""
        found: list[Summary] = []
        if workflow is not None and is_reserved(workflow):
            return found, True
        place: Summary | None = None
        for _ in range(_MOST_READ // _AT_ONCE):
            page = await self._premises.orchestrator.list(
                workflow=workflow,
                waiting=waiting,
                tenant=self.caller.tenant,
                ended=ended,
                after=after,
                before=place,
                limit=_AT_ONCE,
            )
            found += [one for one in page if not is_reserved(one.name)]
            if len(page) < _AT_ONCE:
                return found, True
            if len(found) >= enough:
                break
            place = page[-1]
        return found, False

    async def _newest(self, found: Sequence[Summary], most: int) -> Sequence[OperationPage]:
        """The newest of them in full; one that is damaged takes the figures of the others from nobody."""
        pages: list[OperationPage] = []
        for one in found[:most]:
            with suppress(JournalCorrupt, FormatTooNew, NotFound):
                pages.append(await self._premises.reader.page(one.stream))
        return pages


def _clamped(seconds: float, most: float) -> float:
    """A moment between 1970 and another one."""
    return max(0.0, min(seconds, most))


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
