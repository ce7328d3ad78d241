"""An operation on one line, for lists, and in a few lines, for those who look at it: `SummaryFold` and `summary_of`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentkit.kernel import (
    AgentUnavailable,
    AttemptFailed,
    AttemptStarted,
    Event,
    OperationAccepted,
    OperationCancelled,
    OperationFailed,
    OperationStatus,
    StageStatus,
    State,
    evolve,
)

from .folding import opened, operating_seconds
from .plain import failure_line, one_line

__all__ = ["OperationSummary", "SummaryFold", "summary_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSummary:
    """An operation in short.

    Attributes:
        operation_id: Which operation.
        workflow: The workflow's name.
        status: Where it stands.
        created_at: When it was accepted.
        ended_at: When it ended, once it has.
        duration_seconds: Operating time so far, or in all.
        key: The caller's name for the request, if there is one.
        origin: The operation that this one continues, if it does.
        counts: How many stages stand where; a status that none has is left out.
        agents: Who worked, in the order of their first attempt.
        fallbacks: The agents that took over from others, by stage.
        retries: How many attempts repeated one of the same agent.
        degraded: Whether it goes on with less than was asked for: an optional stage failed, or a fallback took over.
        failure: Why it did not end well, on one line.
    """

    operation_id: str
    workflow: str
    status: OperationStatus
    created_at: float
    ended_at: float | None
    duration_seconds: float
    key: str | None
    origin: str | None
    counts: Mapping[StageStatus, int]
    agents: tuple[str, ...]
    fallbacks: Mapping[str, str]
    retries: int
    degraded: bool
    failure: str | None


class SummaryFold:
    """Sums up one operation, event by event.

    Attributes:
        state: Where the operation stands.
    """

    __slots__ = ("_agents", "_failed_optional", "_failure", "_fallbacks", "_retries", "_then", "state")

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state: State = State(accepted)
        self._agents: dict[str, int] = {}
        self._fallbacks: dict[str, str] = {}
        self._failure: str | None = None
        self._retries = 0
        self._failed_optional = False
        self._then: dict[str, str] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        state = evolve(self.state, event)
        match event:
            case AttemptStarted():
                self._agents[event.agent] = self._agents.get(event.agent, 0) + 1
                self._count_start(event)
            case AgentUnavailable():
                # It did not work after all.
                self._agents[event.agent] = self._agents.get(event.agent, 1) - 1
            case AttemptFailed():
                self._then[event.stage] = event.then
                if event.then == "fail" and not state.workflow[event.stage].required:
                    self._failed_optional = True
            case OperationFailed():
                why = failure_line(event.failure)
                self._failure = why if event.stage is None else f"{event.stage}: {why}"
            case OperationCancelled():
                self._failure = f"cancelled: {one_line(event.reason)}" if event.reason else "cancelled"
            case _:
                pass

    def _count_start(self, event: AttemptStarted) -> None:
        match self._then.pop(event.stage, None):
            case "retry":
                self._retries += 1
            case "fall_back":
                self._fallbacks[event.stage] = event.agent
            case _:
                pass

    def summary(self, now: float | None = None) -> OperationSummary:
        """The operation in short; the duration is up to the given time, or up to the newest event."""
        state = self.state
        counts: Counter[StageStatus] = Counter(stage.status for stage in state.touched.values())
        counts["pending"] += len(state.workflow.stages) - len(state.touched)
        return OperationSummary(
            operation_id=state.operation_id,
            workflow=state.workflow.name,
            status=state.status,
            created_at=state.accepted_at,
            ended_at=state.at if state.ended else None,
            duration_seconds=operating_seconds(state, now),
            key=state.key,
            origin=state.origin,
            counts={status: count for status, count in counts.items() if count},
            agents=tuple(agent for agent, worked in self._agents.items() if worked),
            fallbacks=dict(self._fallbacks),
            retries=self._retries,
            degraded=self._failed_optional or bool(self._fallbacks),
            failure=self._failure,
        )


def summary_of(events: Iterable[Event], now: float | None = None) -> OperationSummary:
    """The operation of a journal in short.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    accepted, others = opened(events)
    fold = SummaryFold(accepted)
    for event in others:
        fold.apply(event)
    return fold.summary(now)
