"""What stages are likely to take, by what they took before: `Spread`, `History`, and how long a workflow takes in all.

Rules: an estimate is an order statistic of what happened, never a guess; what nobody knows is None, and whatever it is
added to is not known either. A stage's own past counts before that of its agent elsewhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import Generic, Literal, TypeAlias

from typing_extensions import TypeVar

from agentkit.kernel import NO_USAGE, Event, Graph, Stage, Usage, Workflow, levels

from .folding import opened
from .records import RecordFold, StageRecord

__all__ = ["Basis", "History", "Spread", "StageEstimate", "critical_path", "schedule", "spread_of"]

Amount = TypeVar("Amount", default=float)
Comparable = TypeVar("Comparable", int, float, Decimal)

Basis: TypeAlias = Literal["stage", "agent", "exact", "unknown"]
"""Where an estimate comes from: earlier runs of the stage, its agent's work elsewhere, the definition, or nowhere."""


@dataclass(frozen=True, slots=True)
class Spread(Generic[Amount]):
    """What something took in earlier runs.

    Attributes:
        median: Half of the runs took no more.
        p90: Nine of ten took no more.
        count: How many runs that is known of; 0 is known without any.
    """

    median: Amount
    p90: Amount
    count: int


NOTHING: Spread[float] = Spread(0.0, 0.0, 0)


def spread_of(samples: Iterable[Comparable]) -> Spread[Comparable] | None:
    """The spread of samples, by nearest rank, so that it is always one that happened; None if there are none.

    Example:
        >>> spread_of([4.0, 1.0, 2.0, 9.0])
        Spread(median=2.0, p90=9.0, count=4)
    """
    ordered = sorted(samples)
    if not ordered:
        return None
    count = len(ordered)
    return Spread(ordered[ceil(count * 0.5) - 1], ordered[ceil(count * 0.9) - 1], count)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEstimate:
    """What a stage is likely to take.

    Attributes:
        seconds: How long it works; None is unknown.
        people: How long people take to decide; None is unknown, or nobody is asked.
        usage: What it uses; a part of it that is None is unknown.
        basis: Where that comes from.
    """

    seconds: Spread[float] | None
    people: Spread[float] | None
    usage: Spread[Usage] | None
    basis: Basis


@dataclass(slots=True)
class History:
    """What happened before, for estimates.

    Attributes:
        runs: How many operations of this workflow it knows.
        others: How many of other workflows.
    """

    workflow: str
    runs: int = 0
    others: int = 0
    _stages: dict[str, list[StageRecord]] = field(default_factory=dict[str, list[StageRecord]])
    _agents: dict[str, list[StageRecord]] = field(default_factory=dict[str, list[StageRecord]])

    def add(self, journal: Iterable[Event]) -> None:
        """Take in the journal of one operation; only stages that it completed by itself count.

        Raises:
            IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
        """
        accepted, others = opened(journal)
        fold = RecordFold(accepted)
        for event in others:
            fold.apply(event)
        is_own = accepted.workflow.name == self.workflow
        self.runs += is_own
        self.others += not is_own
        for name, record in fold.records().items():
            if record.status not in ("completed", "undone"):
                continue
            if is_own:
                self._stages.setdefault(name, []).append(record)
            if record.agent and accepted.workflow[name].items is None and accepted.workflow[name].loop is None:
                self._agents.setdefault(record.agent, []).append(record)

    def estimate(self, stage: Stage) -> StageEstimate:
        """What a stage is likely to take."""
        works = bool(stage.agent) or stage.workflow is not None
        own = [record for record in self._stages.get(stage.name, ()) if record.agent in _workers(stage)]
        people = spread_of(record.people_seconds for record in own if record.people_seconds is not None)
        if stage.wait_seconds is not None:
            return StageEstimate(
                seconds=Spread(stage.wait_seconds, stage.wait_seconds, 0), people=people, usage=_FREE, basis="exact"
            )
        if not works and stage.signal is None:
            return StageEstimate(seconds=NOTHING, people=people, usage=_FREE, basis="stage" if people else "unknown")
        found, basis = own, "stage"
        if not own and stage.items is None and stage.loop is None:
            found, basis = self._agents.get(stage.agent, []), "agent"
        seconds = spread_of(record.seconds for record in found if record.seconds is not None)
        return StageEstimate(
            seconds=seconds,
            people=people,
            usage=_usage_of(found) if works else _FREE,
            basis="unknown" if seconds is None else "agent" if basis == "agent" else "stage",
        )


_FREE: Spread[Usage] = Spread(NO_USAGE, NO_USAGE, 0)


def _workers(stage: Stage) -> Sequence[str]:
    """Whose work counts as this stage's own; a workflow works under its name."""
    if stage.workflow is not None:
        return (stage.workflow.name,)
    return stage.agents or ("",)


def _usage_of(records: Iterable[StageRecord]) -> Spread[Usage] | None:
    said = [record.usage for record in records if record.usage is not None]
    if not said:
        return None
    calls = spread_of(usage.calls for usage in said if usage.calls is not None)
    seconds = spread_of(usage.seconds for usage in said if usage.seconds is not None)
    tokens = spread_of(usage.tokens for usage in said if usage.tokens is not None)
    currencies = {usage.currency for usage in said if usage.currency is not None}
    # Amounts in two currencies have no order.
    money = spread_of(Decimal(usage.money) for usage in said if usage.money is not None and len(currencies) < 2)
    currency = next(iter(currencies), None)

    def at(side: Literal["median", "p90"]) -> Usage:
        return Usage(
            calls=_side(calls, side),
            seconds=_side(seconds, side),
            tokens=_side(tokens, side),
            money=None if money is None else str(_side(money, side)),
            currency=currency,
        )

    return Spread(at("median"), at("p90"), len(said))


def _side(spread: Spread[Amount] | None, side: Literal["median", "p90"]) -> Amount | None:
    if spread is None:
        return None
    return spread.median if side == "median" else spread.p90


def critical_path(graph: Graph, seconds: Sequence[float]) -> list[int]:
    """The chain of stages that takes longest; of those that take as long, the one with the most stages."""
    best: dict[int, tuple[float, int, int]] = {}
    level = levels(graph)
    for number in sorted(range(len(level)), key=level.__getitem__):
        before = max(((*best[each][:2], each) for each in graph.dependencies[number]), default=(0.0, 0, -1))
        best[number] = (before[0] + seconds[number], before[1] + 1, before[2])
    last = max(best, key=lambda number: best[number][:2], default=-1)
    path: list[int] = []
    while last >= 0:
        path.append(last)
        last = best[last][2]
    return path[::-1]


def schedule(workflow: Workflow[object], seconds: Sequence[float], *, most: int, resources: Mapping[str, int]) -> float:
    """How long a workflow takes if its stages take so long, with only so many of them at work at once.

    Args:
        workflow: What is to be done.
        seconds: How long each stage takes.
        most: How many may work at once.
        resources: How many may use each limited resource at once.
    """
    graph = workflow.graph
    open_counts, free = list(graph.open_counts), dict(resources)
    room, now = most, 0.0
    ready = [number for number, count in enumerate(open_counts) if not count]
    running: list[tuple[float, int]] = []
    while ready or running:
        waiting: list[int] = []
        for number in ready:
            stage = workflow.stages[number]
            works = bool(stage.agent)
            resource = stage.resource if works and stage.resource in free else None
            if works and (not room or (resource is not None and not free[resource])):
                waiting.append(number)
                continue
            room -= works
            if resource is not None:
                free[resource] -= 1
            heapq.heappush(running, (now + seconds[number], number))
        ready = waiting
        if not running:
            return now
        now, ended = heapq.heappop(running)
        stage = workflow.stages[ended]
        room += bool(stage.agent)
        if stage.agent and stage.resource in free:
            free[stage.resource or ""] += 1
        for dependent in graph.dependents[ended]:
            open_counts[dependent] -= 1
            if not open_counts[dependent]:
                ready.append(dependent)
    return now
