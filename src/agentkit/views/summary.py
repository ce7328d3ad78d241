"""An operation on one line, for lists, and in a few lines, for those who look at it: `SummaryFold` and `summary_of`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from agentkit.kernel import (
    AgentUnavailable,
    AttemptFailed,
    AttemptStarted,
    Event,
    OperationAccepted,
    OperationCancelled,
    OperationFailed,
    OperationStatus,
    Stage,
    StageState,
    StageStatus,
    State,
    UndoBegan,
    evolve,
)

from .folding import opened, operating_seconds
from .plain import failure_line, one_line
from .waits import Waiting, waiting_of

__all__ = ["OperationSummary", "SummaryFold", "summary_of"]

_MOST_WAITING = 100


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
        origin: The operation that this one continues or was forked from, if it was.
        forked_at: For a fork, the stage that ran again; empty if only what changed did. None is no fork.
        counts: How many stages stand where; a status that none has is left out.
        agents: Who worked, in the order of their first attempt.
        fallbacks: The agents that took over from others, by stage.
        retries: How many attempts repeated one of the same agent.
        shortfalls: What is less than was asked for, by stage, in words: it failed and is optional, a fallback took
            over, its minimal answer stands in, items failed, or a loop had all its turns.
        waiting: What it waits for, the first hundred.
        undone: The stages and steps whose work was undone, in that order.
        not_undone: Those whose undoing failed: somebody has to look after them.
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
    forked_at: str | None
    counts: Mapping[StageStatus, int]
    agents: tuple[str, ...]
    fallbacks: Mapping[str, str]
    retries: int
    shortfalls: Mapping[str, str]
    waiting: tuple[Waiting, ...]
    undone: tuple[str, ...]
    not_undone: tuple[str, ...]
    failure: str | None

    @property
    def degraded(self) -> bool:
        """Whether it goes on with less than was asked for."""
        return bool(self.shortfalls)


class SummaryFold:
    """Sums up one operation, event by event.

    Attributes:
        state: Where the operation stands.
    """

    __slots__ = ("_agents", "_failure", "_fallbacks", "_retries", "_then", "_undoings", "state")

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state: State = State(accepted)
        self._agents: dict[str, int] = {}
        self._fallbacks: dict[str, str] = {}
        self._failure: str | None = None
        self._retries = 0
        self._undoings: list[str] = []
        self._then: dict[str, str] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        evolve(self.state, event)
        match event:
            case AttemptStarted():
                self._agents[event.agent] = self._agents.get(event.agent, 0) + 1
                self._count_start(event)
            case AgentUnavailable():
                # It did not work after all.
                self._agents[event.agent] = self._agents.get(event.agent, 1) - 1
            case AttemptFailed():
                self._then[event.stage] = event.then
            case UndoBegan():
                self._undoings.append(event.stage)
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
        stages, counts, shortfalls = state.workflow.stages, Counter[StageStatus](), dict[str, str]()
        for number, known in state.touched.items():
            if number < state.base:
                counts[known.status] += 1
                lacking = _shortfall(stages[number], known)
                if lacking:
                    shortfalls[stages[number].name] = lacking
        counts["pending"] += len(stages) - counts.total()
        undoings = [(name, state.stage(f"{name}:undo").status) for name in self._undoings]
        return OperationSummary(
            operation_id=state.operation_id,
            workflow=state.workflow.name,
            status=state.status,
            created_at=state.accepted_at,
            ended_at=state.at if state.ended else None,
            duration_seconds=operating_seconds(state, now),
            key=state.key,
            origin=state.origin,
            forked_at=state.forked_at,
            counts={status: count for status, count in counts.items() if count},
            agents=tuple(agent for agent, worked in self._agents.items() if worked),
            fallbacks=dict(self._fallbacks),
            retries=self._retries,
            shortfalls=shortfalls,
            waiting=tuple(islice(waiting_of(state), _MOST_WAITING)),
            undone=tuple(name for name, status in undoings if status == "completed"),
            not_undone=tuple(name for name, status in undoings if status in ("failed", "cancelled")),
            failure=self._failure,
        )


def _shortfall(stage: Stage, known: StageState) -> str:
    """What a stage's value is less than was asked for, in words; empty if it is not."""
    if known.status == "failed":
        return "" if stage.required else "failed"
    if known.is_minimal:
        return "its minimal answer stands in"
    if not known.is_degraded:
        return ""
    if known.level:
        return f"by {stage.agents[known.level]}"
    parts = known.more.parts if known.more is not None else None
    if parts is not None and parts.failed:
        return f"{parts.failed} of {parts.count} items failed"
    return "its last turn was not good enough" if stage.loop is not None else "with less than was asked for"


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
