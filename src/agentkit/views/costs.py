"""What an operation used, attempt by attempt, and summed by stage, group and agent: `CostFold` and `costs_of`.

Rules: what is unknown stays unknown: a sum with something unknown in it is None, and what is known of it is the least
that it can be. An attempt that says nothing is one call and the time that it took, and nothing else; one that ends with
a question to people is no call, unless it says so; one that was cut off, since its process died or let go of it, is
unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agentkit.kernel import (
    NO_USAGE,
    UNKNOWN_USAGE,
    AgentUnavailable,
    ApprovalRequested,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    DoubtRaised,
    Event,
    OperationAccepted,
    OperationAdopted,
    State,
    Usage,
    evolve,
)
from agentkit.markup import bundle, columns, table

from .folding import opened
from .table import usage_text

__all__ = ["AttemptCost", "Cost", "CostFold", "Costs", "costs_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCost:
    """What one attempt used.

    Attributes:
        stage: The stage, or the item or turn, such as `pay[3]`.
        attempt: The attempt's number.
        agent: Who worked; for a stage that is a workflow, its name.
        usage: What it used; None for what is not known completely, which has what is known of it beside, such as
            `least_money`.
        runs: How often it was begun: more than once, if its process died or let go of it.
    """

    stage: str
    attempt: int
    agent: str
    usage: Usage
    runs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What several attempts used together.

    Attributes:
        attempts: How many.
        usage: The sum; None for what is not known of all of them.
        at_least: The sum of what is known, also of an attempt of which not all is known.
    """

    attempts: int = 0
    usage: Usage = NO_USAGE
    at_least: Usage = NO_USAGE

    @property
    def is_complete(self) -> bool:
        """Whether all of it is known."""
        return self.usage == self.at_least

    def plus(self, usage: Usage, known: Usage) -> Cost:
        """This and one more attempt, with what it used and the least that it can be.

        Raises:
            DefinitionError: It is in another currency.
        """
        return Cost(attempts=self.attempts + 1, usage=self.usage + usage, at_least=self.at_least + known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What an operation used, up to the newest event; attempts that still run are not in it.

    Attributes:
        operation_id: Which operation.
        attempts: Every attempt, in the order in which they ended.
        stages: By stage, with its items, turns and undoing.
        groups: By group; stages without one are in none.
        agents: By agent.
        total: All together.
    """

    operation_id: str
    attempts: tuple[AttemptCost, ...]
    stages: Mapping[str, Cost]
    groups: Mapping[str, Cost]
    agents: Mapping[str, Cost]
    total: Cost

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What each stage used, as text and HTML, for notebooks."""
        rows = [("stage", "attempts", "usage"), *(_line(name, cost) for name, cost in self.stages.items())]
        rows.append(_line("all", self.total))
        return bundle("\n".join(columns(rows)), table(rows, figures={1}))


def _line(name: str, cost: Cost) -> tuple[str, str, str]:
    return name, f"{cost.attempts:,}", usage_text(cost.usage) or "nothing"


class CostFold:
    """Sums up what one operation used, event by event.

    Attributes:
        state: Where the operation stands.
    """

    __slots__ = ("_agents", "_attempts", "_begun", "_groups", "_stages", "_total", "state")

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state: State = State(accepted)
        self._begun: dict[str, tuple[AttemptStarted, int]] = {}
        self._attempts: list[AttemptCost] = []
        self._stages: dict[str, Cost] = {}
        self._groups: dict[str, Cost] = {}
        self._agents: dict[str, Cost] = {}
        self._total = Cost()

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        evolve(self.state, event)
        match event:
            case AttemptStarted():
                self._begun[event.stage] = event, 1
            case OperationAdopted():
                self._cut_off()
            case AgentUnavailable():
                del self._begun[event.stage]
            case AttemptSucceeded() | AttemptFailed() | AttemptCancelled():
                self._end(event.stage, event.at, event.usage or Usage(calls=1))
            case ApprovalRequested() | DoubtRaised() if event.attempt and event.stage in self._begun:
                self._end(event.stage, event.at, event.usage or NO_USAGE)
            case _:
                pass

    def costs(self) -> Costs:
        """What was used so far."""
        return Costs(
            operation_id=self.state.operation_id,
            attempts=tuple(self._attempts),
            stages=dict(self._stages),
            groups=dict(self._groups),
            agents=dict(self._agents),
            total=self._total,
        )

    def _cut_off(self) -> None:
        """What runs is begun again, but for children, which go on by themselves."""
        for number in self.state.running:
            name = self.state.name(number)
            if name in self._begun and self.state.spec(number).workflow is None:
                started, runs = self._begun[name]
                self._begun[name] = started, runs + 1

    def _end(self, stage: str, at: float, usage: Usage) -> None:
        started, runs = self._begun.pop(stage)
        if usage.seconds == 0:
            usage = replace(usage, seconds=max(0.0, at - started.at))
        known = usage.known
        if runs > 1:
            usage += UNKNOWN_USAGE
        self._attempts.append(
            AttemptCost(stage=stage, attempt=started.attempt, agent=started.agent, usage=usage, runs=runs)
        )
        origin = self.state.workflow.stages[self.state.stage_of(self.state.number(stage))]
        self._stages[origin.name] = self._stages.get(origin.name, Cost()).plus(usage, known)
        if origin.group is not None:
            self._groups[origin.group] = self._groups.get(origin.group, Cost()).plus(usage, known)
        self._agents[started.agent] = self._agents.get(started.agent, Cost()).plus(usage, known)
        self._total = self._total.plus(usage, known)


def costs_of(events: Iterable[Event]) -> Costs:
    """What the operation of a journal used.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    accepted, others = opened(events)
    fold = CostFold(accepted)
    for event in others:
        fold.apply(event)
    return fold.costs()
