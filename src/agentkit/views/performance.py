"""How well the work of many operations goes, and what holds it up: `performance_of`, `bottlenecks_of`.

Rules: every figure is computed from attempts that really were made. What is called a bottleneck costs at least a stated
share of the time, and names the operations and figures that show it; where nothing does, nothing is named.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import Literal, TypeAlias

from agentkit.errors import DefinitionError
from agentkit.kernel import WITHOUT_SLOT

from .jobs import Job, held_seconds

__all__ = [
    "Bottleneck",
    "BottleneckKind",
    "LimitFigures",
    "Performance",
    "Severity",
    "StageFigures",
    "Thresholds",
    "bottlenecks_of",
    "performance_of",
    "severity_of",
]

BottleneckKind: TypeAlias = Literal[
    "full_limit", "long_queue", "slow_stage", "costly_retries", "full_pool", "pool_outage", "processor", "memory"
]
"""What holds the work up: a limit whose room is taken, waiting as such, one stage, tries that fail, or a machine."""

Severity: TypeAlias = Literal["low", "medium", "high"]
"""How much it costs: less than a quarter of the time, less than a half, or more."""

_EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where on something is a bottleneck.

    Attributes:
        share: The share of the time that it costs at least, above 0, at most 1.
        ratio: How many times as long as the other stages of its workflow, in the middle, a slow stage takes at least.
        attempts: How many attempts have to be known at least.
        seconds: How many seconds of an operation it costs at least, on average.

    Raises:
        DefinitionError: A number is out of its range.
    """

    share: float = 0.2
    ratio: float = 3.0
    attempts: int = 5
    seconds: float = 0.1

    def __post_init__(self) -> None:
        problems: list[str] = []
        if not 0 < self.share <= 1:
            problems.append(f"thresholds: share must be above 0, at most 1, not {self.share!r}")
        if not 1 <= self.ratio < math.inf:
            problems.append(f"thresholds: ratio must be a finite number from 1 on, not {self.ratio!r}")
        if self.attempts < 1:
            problems.append(f"thresholds: attempts must be a whole number from 1 on, not {self.attempts!r}")
        if not 0 <= self.seconds < math.inf:
            problems.append(f"thresholds: seconds must be a finite number from 0 on, not {self.seconds!r}")
        if problems:
            raise DefinitionError(*problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigures:
    """The attempts of one stage.

    Attributes:
        workflow: The workflow's name.
        stage: The stage's.
        agents: Who worked on it.
        attempts: How many ended.
        failed: How many of them failed.
        seconds: How long they worked, together.
        median_seconds: How long one of them worked, in the middle.
        wait_seconds: How long they waited for room, together.
        lost_seconds: What failed attempts took, and the pauses before the next ones.
        examples: The operations in which it took longest.
        unlucky: The operations in which most was lost.
    """

    workflow: str
    stage: str
    agents: tuple[str, ...]
    attempts: int
    failed: int
    seconds: float
    median_seconds: float
    wait_seconds: float
    lost_seconds: float
    examples: tuple[str, ...]
    unlucky: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFigures:
    """What a limit held back.

    Attributes:
        name: `max_parallel`, or `resource:` and the resource's name.
        most: How many it lets run at once, as it stands.
        peak: How many ran at once, at most.
        full_share: In which share of the time in which anything ran all its room was taken.
        wait_seconds: How long attempts waited while it was full, together.
        waited: The operations that waited longest for it.
    """

    name: str
    most: int
    peak: int
    full_share: float
    wait_seconds: float
    waited: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """How well the work of some operations went.

    Attributes:
        operations: How many.
        attempts: How many attempts of them ended.
        mean_seconds: How long an operation took from its acceptance to its last attempt's end, on average, without what
            people, timers and signals took while nothing else of it worked or waited for room.
        wait_seconds: How long the attempts of an operation waited for room, together, on average.
        span_seconds: From the first acceptance to the last end.
        wait_share: The share of waiting for room in all the time that attempts waited or worked.
        waited: The operations that waited longest.
        stages: Each stage, by workflow and name.
        limits: Each limit, by name.
    """

    operations: int
    attempts: int
    mean_seconds: float
    wait_seconds: float
    span_seconds: float
    wait_share: float
    waited: tuple[str, ...]
    stages: tuple[StageFigures, ...]
    limits: tuple[LimitFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """Something that holds the work up.

    Attributes:
        kind: What it is.
        name: Which one: a limit, `workflow/stage`, a pool, `attempts` or `machine`.
        severity: How much it costs, in a word.
        share: The share of the time that it costs, or of the room that is taken, from 0 to 1.
        words: What was found, with its figures, for people.
        operations: The operations that show it, the clearest first.
    """

    kind: BottleneckKind
    name: str
    severity: Severity
    share: float
    words: str
    operations: tuple[str, ...] = ()


def severity_of(share: float) -> Severity:
    """The word for a share.

    Example:
        >>> severity_of(0.3)
        'medium'
    """
    return "high" if share >= 0.5 else "medium" if share >= 0.25 else "low"


def performance_of(
    jobs: Iterable[Job], begun: Mapping[str, float], *, total: int | None, resources: Mapping[str, int]
) -> Performance:
    """The figures of the work of some operations.

    Args:
        jobs: Their attempts; what still runs is left out.
        begun: When each operation was accepted, by its id.
        total: How many attempts may run at once, as it stands; None is not known, and that limit is left out.
        resources: How many attempts may use each limited resource at once.
    """
    done = [job for job in jobs if job.ended_at is not None]
    slotted = [job for job in done if job.resource != WITHOUT_SLOT]
    last: dict[str, float] = {}
    waits: dict[str, float] = defaultdict(float)
    for job in done:
        last[job.operation_id] = max(last.get(job.operation_id, 0.0), job.ended_at or 0.0)
        waits[job.operation_id] += job.waited
    held = held_seconds(done)
    waited, worked = math.fsum(job.waited for job in slotted), math.fsum(job.seconds for job in slotted)
    limits = [] if total is None else [_limit("max_parallel", total, slotted)]
    for name, most in sorted(resources.items()):
        limits.append(_limit(f"resource:{name}", most, [job for job in slotted if job.resource == name]))
    count = len(last)
    return Performance(
        operations=count,
        attempts=len(done),
        mean_seconds=math.fsum(at - begun[name] - held[name] for name, at in last.items()) / count if count else 0.0,
        wait_seconds=math.fsum(waits.values()) / count if count else 0.0,
        span_seconds=max(last.values()) - min(begun[name] for name in last) if count else 0.0,
        wait_share=waited / (waited + worked) if waited > 0 else 0.0,
        waited=_longest(slotted, lambda job: job.waited),
        stages=tuple(_stages(slotted)),
        limits=tuple(limits),
    )


def bottlenecks_of(seen: Performance, thresholds: Thresholds | None = None) -> Sequence[Bottleneck]:
    """What holds the work up, the worst first; none where nothing does."""
    least = thresholds or Thresholds()
    if seen.attempts < least.attempts:
        return []
    found = [*_full_limits(seen, least), *_queue(seen, least), *_slow_stages(seen, least), *_retries(seen, least)]
    return sorted(found, key=lambda one: -one.share)


def _full_limits(seen: Performance, least: Thresholds) -> Iterator[Bottleneck]:
    total = math.fsum(stage.seconds + stage.wait_seconds for stage in seen.stages)
    for limit in seen.limits:
        cost = limit.wait_seconds / total if total else 0.0
        is_long = limit.wait_seconds >= least.seconds * seen.operations
        if is_long and limit.full_share >= least.share and cost >= least.share:
            yield Bottleneck(
                kind="full_limit",
                name=limit.name,
                severity=severity_of(cost),
                share=cost,
                words=f"all {limit.most} of {limit.name} were taken in {limit.full_share:.0%} of the time; attempts "
                f"waited {limit.wait_seconds:.1f} s for it, {cost:.0%} of all their time",
                operations=limit.waited,
            )


def _queue(seen: Performance, least: Thresholds) -> Iterator[Bottleneck]:
    if seen.wait_share >= least.share and seen.wait_seconds >= least.seconds:
        yield Bottleneck(
            kind="long_queue",
            name="attempts",
            severity=severity_of(seen.wait_share),
            share=seen.wait_share,
            words=f"attempts spent {seen.wait_share:.0%} of their time waiting for room, {seen.wait_seconds:.1f} s for "
            "each operation",
            operations=seen.waited,
        )


def _slow_stages(seen: Performance, least: Thresholds) -> Iterator[Bottleneck]:
    for workflow, group in groupby(seen.stages, key=lambda stage: stage.workflow):
        stages = list(group)
        total = math.fsum(stage.seconds for stage in stages)
        for stage in stages:
            others = [other.median_seconds for other in stages if other is not stage]
            is_short = stage.seconds < least.seconds * seen.operations
            if not others or stage.attempts < least.attempts or not total or is_short:
                continue
            share, usual = stage.seconds / total, median(others)
            if share >= max(0.5, least.share) and stage.median_seconds >= least.ratio * usual:
                yield Bottleneck(
                    kind="slow_stage",
                    name=f"{workflow}/{stage.stage}",
                    severity=severity_of(share),
                    share=share,
                    words=f"{stage.stage} takes {stage.median_seconds:.1f} s, the other stages of {workflow} "
                    f"{usual:.1f} s; it is {share:.0%} of all work",
                    operations=stage.examples,
                )


def _retries(seen: Performance, least: Thresholds) -> Iterator[Bottleneck]:
    for stage in seen.stages:
        whole = stage.seconds + stage.lost_seconds
        share = stage.lost_seconds / whole if whole else 0.0
        is_short = stage.lost_seconds < least.seconds * seen.operations
        if stage.failed and stage.attempts >= least.attempts and share >= least.share and not is_short:
            yield Bottleneck(
                kind="costly_retries",
                name=f"{stage.workflow}/{stage.stage}",
                severity=severity_of(share),
                share=share,
                words=f"{stage.failed} of {stage.attempts} attempts of {stage.stage} failed; they and the pauses after "
                f"them took {stage.lost_seconds:.1f} s",
                operations=stage.unlucky,
            )


def _stages(jobs: Sequence[Job]) -> Iterator[StageFigures]:
    groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in jobs:
        groups[job.workflow, job.stage].append(job)
    for (workflow, stage), members in sorted(groups.items()):
        good = [job for job in members if job.end != "failed"] or members
        yield StageFigures(
            workflow=workflow,
            stage=stage,
            agents=tuple(sorted({job.agent for job in members})),
            attempts=len(members),
            failed=sum(job.end == "failed" for job in members),
            seconds=math.fsum(job.seconds for job in members if job.end != "failed"),
            median_seconds=median(job.seconds for job in good),
            wait_seconds=math.fsum(job.waited for job in members),
            lost_seconds=math.fsum(map(_lost, members)),
            examples=_longest(members, lambda job: job.seconds),
            unlucky=_longest(members, _lost),
        )


def _lost(job: Job) -> float:
    return job.pause + (job.seconds if job.end == "failed" else 0.0)


def _limit(name: str, most: int, jobs: Sequence[Job]) -> LimitFigures:
    """Sweep over the time: how many ran at once, how long all room was taken, and who got ready meanwhile."""
    steps = sorted((at, change) for job in jobs for at, change in ((job.started_at, 1), (job.ended_at or 0.0, -1)))
    running = peak = 0
    before = busy = full = 0.0
    times: list[tuple[float, float]] = []
    for at, changes in groupby(steps, key=itemgetter(0)):
        busy += (at - before) if running else 0.0
        if running >= most and at > before:
            full += at - before
            times.append((before, at))
        running += sum(change for _, change in changes)
        peak, before = max(peak, running), at
    held = _held(jobs, times)
    return LimitFigures(
        name=name,
        most=most,
        peak=peak,
        full_share=full / busy if busy else 0.0,
        wait_seconds=math.fsum(seconds for _, seconds in held),
        waited=tuple(_first(job.operation_id for job, _ in sorted(held, key=lambda pair: -pair[1]))),
    )


def _held(jobs: Sequence[Job], times: Sequence[tuple[float, float]]) -> list[tuple[Job, float]]:
    """Which jobs waited while there was no room, and how long."""
    starts = [began for began, _ in times]
    until = [0.0]
    for began, ended in times:
        until.append(until[-1] + ended - began)

    def before(at: float) -> float:
        place = bisect_right(starts, at)
        return until[place] - (max(0.0, times[place - 1][1] - at) if place else 0.0)

    found = [(job, before(job.started_at) - before(job.ready_at)) for job in jobs if job.waited > 0]
    return [(job, seconds) for job, seconds in found if seconds > 0]


def _longest(jobs: Sequence[Job], measure: Callable[[Job], float]) -> tuple[str, ...]:
    ordered = sorted((job for job in jobs if measure(job) > 0), key=lambda job: -measure(job))
    return tuple(_first(job.operation_id for job in ordered))


def _first(names: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(names))[:_EXAMPLES]
