"""Finds what holds the work of an orchestrator up, changes its limits, and takes it back: `Optimizer`.

Rules: every figure is of attempts that were made since the newest change. What is applied is on the journal of the
store before a lever moves, and a process that begins anew, or another one on the same store, follows it. No lever ever
leaves its bounds, whoever moves it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from agentkit.errors import DefinitionError, InputError, UsageError
from agentkit.kernel import count_problems
from agentkit.orchestrator.orchestrator import Orchestrator
from agentkit.views import (
    Bottleneck,
    Job,
    Outlook,
    Performance,
    Thresholds,
    bottlenecks_of,
    performance_of,
    play_back,
    severity_of,
)

from .book import AUTOMATIC, ChangeBook, Standing
from .changes import Change, Report, Step, TuningPlan
from .gradient import Gradient
from .levers import KnownLever, Lever, LimitLever, limit_levers
from .machine import MachineReading
from .proposing import propose
from .reading import WorkReader
from .watching import WatchedPool, busy_machine, full_pools

__all__ = ["Optimizer"]

_ALL: Final = "max_parallel"
_RESOURCE: Final = "resource:"
_SHOWN: Final = 5


class Optimizer:
    """Finds bottlenecks in the newest work of an open orchestrator, and moves its limits.

    Args:
        orchestrator: Whose work; it is open.
        levers: What may be moved; None is its limits, each up to four times what it is: see `limit_levers`.
        pools: Pools whose lack of room is looked for.
        gauge: Says how busy the machine is, such as `read_machine`; None does not look.
        thresholds: From where on something is a bottleneck.
        operations: How many of the newest operations are looked at, at most.

    Raises:
        DefinitionError: Two levers have one name, or there are no operations to look at.
        Closed: The orchestrator is not open.

    Example:
        >>> from agentkit import Limits, Stage, Workflow
        >>> from agentkit.testing import ScriptedAgent, Sleep, VirtualClock, run_virtual
        >>> async def main() -> None:
        ...     flow = Workflow("flow", [Stage("only", agent="clerk")])
        ...     clerk = ScriptedAgent("clerk", [Sleep(10)])
        ...     limits, clock = Limits(max_parallel=2), VirtualClock()
        ...     async with Orchestrator([clerk], limits=limits, clock=clock) as orchestrator:
        ...         for operation in [await orchestrator.submit(flow) for _ in range(8)]:
        ...             await operation
        ...         optimizer = Optimizer(orchestrator)
        ...         print([(one.kind, one.severity) for one in await optimizer.bottlenecks()])
        ...         change = await optimizer.apply(await optimizer.plan(), by="ada")
        ...         print(change.steps[0].after, orchestrator.load.most_attempts)
        >>> run_virtual(main())
        [('full_limit', 'high'), ('long_queue', 'high')]
        8 8
    """

    def __init__(
        self,
        orchestrator: Orchestrator,
        *,
        levers: Iterable[Lever] | None = None,
        pools: Iterable[WatchedPool] = (),
        gauge: Callable[[], MachineReading] | None = None,
        thresholds: Thresholds | None = None,
        operations: int = 200,
    ) -> None:
        given = list(limit_levers(orchestrator) if levers is None else levers)
        self._levers: dict[str, Lever] = {lever.name: lever for lever in given}
        if len(self._levers) < len(given):
            raise DefinitionError(f"levers: each needs a name of its own; these are {[one.name for one in given]}")
        if problems := [*count_problems("optimizer: operations", operations)]:
            raise DefinitionError(*problems)
        # Those that a change has moved, as far as was seen here, and how each stood before, to go back to.
        self._own: dict[str, int] = {}
        self._orchestrator = orchestrator
        self._now = orchestrator.now
        self._pools = list(pools)
        self._gauge = gauge
        self._thresholds = thresholds or Thresholds()
        self._reader = WorkReader(orchestrator.store, most=operations)
        self._book = ChangeBook(orchestrator.store, self._now)
        self._gradient = Gradient()
        self._adapted_at = self._now()
        self._moving = asyncio.Lock()

    @property
    def levers(self) -> Mapping[str, int]:
        """How each lever stands, by its name."""
        return {name: lever.value for name, lever in self._levers.items()}

    async def performance(self) -> Performance:
        """The figures of the operations that were accepted since the newest change; it costs what has happened since.

        Raises:
            StoreError: The store failed.
        """
        return self._performance(*await self._work())

    async def bottlenecks(self) -> Sequence[Bottleneck]:
        """What holds that work up, the worst first, with evidence; none where nothing does.

        Raises:
            StoreError: The store failed.
        """
        jobs, begun = await self._work()
        seen = self._performance(jobs, begun)
        found = [*bottlenecks_of(seen, self._thresholds), *self._line(seen, jobs, begun)]
        found += full_pools(self._pools, self._thresholds.share)
        found += [] if self._gauge is None else busy_machine(self._gauge())
        return sorted(found, key=lambda one: -one.share)

    async def plan(self) -> TuningPlan:
        """What to move against it, and what would have come of that; nothing is changed.

        Raises:
            StoreError: The store failed.
        """
        found = await self.bottlenecks()
        jobs, begun = await self._work()
        return propose(found, self._levers, lambda values: self._play(jobs, begun, values))

    async def apply(self, plan: TuningPlan, *, by: str = "") -> Change:
        """Keep a plan in the store, then move the levers; work that runs goes on.

        Args:
            plan: What to move.
            by: Who wants it.

        Raises:
            InputError: It moves nothing, a lever that is not there, or one out of its bounds.
            UsageError: A lever stands otherwise by now than the plan says: plan again.
            StoreError: The store failed.
        """
        async with self._moving:
            seen = await self._follow()
            self._check(plan.steps)
            change = await self._book.add(plan.steps, by=by, seen=seen, before=plan.now, expected=plan.expected)
            await self._follow()
            return change

    async def undo(self, *, by: str = "") -> Change:
        """Take the newest change back that stands: its levers stand again as they did before it.

        Args:
            by: Who wants it.

        Raises:
            UsageError: No change stands.
            StoreError: The store failed.
        """
        async with self._moving:
            # What stood until now is taken back, by whomever and before whatever restart it was changed.
            await self._follow()
            change = await self._book.undo(by=by)
            await self._follow()
            return change

    async def follow(self) -> None:
        """Have the levers stand as the changes of the store say, those of before a restart and of others.

        Raises:
            StoreError: The store failed.
        """
        async with self._moving:
            await self._follow()

    async def changes(self) -> Sequence[Change]:
        """Every change that is kept, oldest first.

        Raises:
            StoreError: The store failed.
        """
        return await self._book.changes()

    async def report(self) -> Report | None:
        """What came of the newest change, undone or not; None if there is none.

        Raises:
            StoreError: The store failed.
        """
        changes = await self._book.changes()
        if not changes:
            return None
        change = changes[-1]
        await self._reader.look()
        until = math.inf if change.undone_at is None else change.undone_at
        seen = self._performance(*self._reader.work(change.at, until))
        after = Outlook(mean_seconds=seen.mean_seconds, wait_seconds=seen.wait_seconds, span_seconds=seen.span_seconds)
        return Report(change=change, after=after if seen.operations else None, operations=seen.operations)

    async def adapt(self) -> Change | None:
        """Move `max_parallel` once, if enough attempts have completed to judge it; None where it stays.

        It grows while attempts wait for room, and shrinks where they take longer the more of them run at once.

        Raises:
            UsageError: There is no lever of that name.
            StoreError: The store failed.
        """
        lever = self._levers.get(_ALL)
        if lever is None:
            raise UsageError(f"there is no lever {_ALL!r} to adapt; there are {', '.join(self._levers) or 'none'}")
        async with self._moving:
            seen = await self._follow()
            await self._reader.look()
            jobs, begun = self._reader.work()
            since, self._adapted_at = self._adapted_at, self._now()
            recent = [job for job in jobs if job.end == "completed" and (job.ended_at or 0.0) > since]
            value = lever.value
            to = self._gradient.judge(recent, value, now=self._adapted_at, least=lever.least, most=lever.most)
            if to == value:
                return None
            step = Step(lever=_ALL, before=value, after=to)
            before = self._play(jobs, begun, self.levers)
            try:
                change = await self._book.add([step], by=AUTOMATIC, seen=seen, before=before)
            except UsageError:
                # Another process has just moved it: that is to be judged first.
                change = None
            await self._follow()
            return change

    async def run(self, *, every_seconds: float = 30.0, automatic: bool = False) -> None:
        """Follow changes, and adapt if so wished, again and again until it is cancelled.

        Args:
            every_seconds: How long to wait between.
            automatic: Whether to adapt `max_parallel` too.

        Raises:
            StoreError: The store failed.
        """
        while True:
            await self.follow()
            if automatic:
                await self.adapt()
            await asyncio.sleep(every_seconds)

    async def _work(self) -> tuple[Sequence[Job], Mapping[str, float]]:
        await self._reader.look()
        changes = [change for change in await self._book.changes() if change.by != AUTOMATIC]
        since = max((change.undone_at or change.at for change in changes), default=-math.inf)
        return self._reader.work(since)

    def _performance(self, jobs: Sequence[Job], begun: Mapping[str, float]) -> Performance:
        total, resources = _limits(self.levers)
        return performance_of(jobs, begun, total=total, resources=resources)

    def _play(self, jobs: Sequence[Job], begun: Mapping[str, float], values: Mapping[str, int]) -> Outlook:
        total, resources = _limits(values)
        return play_back(jobs, begun, total=total, resources=resources)

    def _line(self, seen: Performance, jobs: Sequence[Job], begun: Mapping[str, float]) -> Iterator[Bottleneck]:
        """Operations that no attempt has begun of yet: no journal says how long these will have waited."""
        load = self._orchestrator.load
        waiting, oldest = sum(load.waiting.values()), load.oldest_at
        if oldest is None:
            return
        seconds, share = self._now() - oldest, waiting / (waiting + load.driven)
        if seconds < max(self._thresholds.seconds, seen.mean_seconds) or share < self._thresholds.share:
            return
        known = {job.operation_id for job in jobs}
        new = sorted((at, name) for name, at in begun.items() if name not in known)
        ahead = (name for _, name in new if self._orchestrator.position(name) is not None)
        yield Bottleneck(
            kind="long_queue",
            name="line",
            severity=severity_of(share),
            share=share,
            words=f"{waiting} operations wait in line to begin, the first of them for {seconds:.1f} s",
            operations=tuple(islice(ahead, _SHOWN)),
        )

    def _check(self, steps: Sequence[Step]) -> None:
        if not steps:
            raise InputError("the plan moves nothing, so there is nothing to apply")
        for step in steps:
            lever = self._levers.get(step.lever)
            if lever is None:
                known = ", ".join(self._levers) or "none"
                raise InputError(f"there is no lever {step.lever!r}; there are {known}")
            if not lever.least <= step.after <= lever.most:
                raise InputError(f"{step.lever} must be from {lever.least} to {lever.most}, not {step.after}")
            if lever.value != step.before:
                raise UsageError(f"{step.lever} is {lever.value} by now, not {step.before}: plan again")

    async def _follow(self) -> Mapping[str, Standing]:
        standing = await self._book.standing()
        for name, lever in self._levers.items():
            if (change := standing.get(name)) is not None:
                to = max(lever.least, min(lever.most, change.value))
                if name not in self._own:
                    self._own[name] = lever.value if lever.value != to else _before(lever, change)
            elif name in self._own:
                to = max(lever.least, min(lever.most, self._own.pop(name)))
            else:
                # No change has moved it: how it stands is the matter of whoever resized it.
                continue
            if lever.value != to:
                lever.set(to)
        if not any(isinstance(lever, KnownLever) for lever in self._levers.values()):
            await self._book.tell([(one, self._own.get(name, one.value)) for name, one in self._levers.items()])
        return standing


def _before(lever: Lever, change: Standing) -> int:
    """How a lever stood before somebody else moved it: as it was made, where that is known."""
    return lever.made if isinstance(lever, LimitLever) else change.before


def _limits(values: Mapping[str, int]) -> tuple[int | None, Mapping[str, int]]:
    resources = {name.removeprefix(_RESOURCE): of for name, of in values.items() if name.startswith(_RESOURCE)}
    return values.get(_ALL), resources
