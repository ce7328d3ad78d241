"""Progress: how far an operation is, as one fold of its journal.

Rules: the fraction never falls, whatever happens, and is 1 only when the operation is completed; an event costs what
it touches. What attempts say while they work (`said`) is not on the journal and may be missing; it only refines the
picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agentkit.errors import IllegalEvent
from agentkit.kernel import (
    STAGE_ENDS,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    OperationAccepted,
    OperationStatus,
    Stage,
    StageStatus,
    State,
    evolve,
)

__all__ = ["Progress", "ProgressFold", "StageProgress", "progress_of"]

_ALMOST = 0.999
"""The most that is shown before the end, so that 100 % means completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProgress:
    """How far one stage is.

    Attributes:
        name: Which stage.
        status: Where it stands.
        fraction: From 0 to 1.
        message: What its attempt said last.
        agent: Who works on it, or did last.
        attempt: The number of its newest attempt; 0 before the first.
        seconds: How long it has been worked on, waits included.
        failure: Why its newest attempt failed, in one line.
        required: Whether the operation fails with it.
    """

    name: str
    status: StageStatus
    fraction: float
    message: str
    agent: str
    attempt: int
    seconds: float
    failure: str | None
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an operation is.

    Attributes:
        operation_id: Which operation.
        workflow: What it does.
        status: Where it stands.
        fraction: From 0 to 1, by the stages' weights; 1 only when completed.
        elapsed_seconds: How long it was worked on, times without a process left out.
        remaining_seconds: How long it may still take, by the speed so far; None while that cannot be said.
        done: How many stages have ended.
        total: How many stages there are.
        stages: Every stage, in the order of the definition.
    """

    operation_id: str
    workflow: str
    status: OperationStatus
    fraction: float
    elapsed_seconds: float
    remaining_seconds: float | None
    done: int
    total: int
    stages: tuple[StageProgress, ...]

    @property
    def percent(self) -> int:
        """From 0 to 100, rounded down, so that 100 is only shown when completed."""
        return int(self.fraction * 100)


class ProgressFold:
    """Progress, event by event.

    Example:
        >>> from agentkit.kernel import OperationAccepted, Stage, Workflow
        >>> flow = Workflow("greet", [Stage("ask", agent="clerk")])
        >>> fold = ProgressFold(OperationAccepted(at=0.0, operation_id="a", workflow=flow, input="null"))
        >>> fold.progress(now=0.0).percent
        0
    """

    __slots__ = ("_best", "_first", "_last", "_total", "_weight", "state")

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state = State(accepted)
        self._total = sum(stage.weight for stage in accepted.workflow.stages)
        self._weight = 0.0
        self._best = 0.0
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        evolve(self.state, event)
        stage = getattr(event, "stage", None)
        if stage is None:
            return
        if isinstance(event, AttemptStarted):
            self._first.setdefault(stage, event.at)
            self._last.pop(stage, None)
        elif stage in self._first or isinstance(event, AttemptSucceeded):
            self._last[stage] = event.at
        if self.state.stage(stage).status in ("completed", "failed"):
            self._weight += self.state.workflow[stage].weight

    def progress(self, now: float, said: Mapping[str, tuple[float, str]] | None = None) -> Progress:
        """The picture at a time.

        Args:
            now: The time, in seconds since 1970.
            said: What attempts said last, by stage: a fraction from 0 to 1 and a message.
        """
        state, said = self.state, said or {}
        working = sum(
            state.workflow.stages[number].weight * said[name][0]
            for number in state.running
            if (name := state.workflow.stages[number].name) in said
        )
        reached = 1.0 if state.status == "completed" else min(_ALMOST, (self._weight + working) / self._total)
        self._best = max(self._best, reached)
        elapsed = max(0.0, (state.at if state.ended else now) - state.accepted_at - state.downtime)
        remaining = None
        if state.ended:
            remaining = 0.0
        elif self._best > 0:
            remaining = elapsed / self._best * (1 - self._best)
        return Progress(
            operation_id=state.operation_id,
            workflow=state.workflow.name,
            status=state.status,
            fraction=self._best,
            elapsed_seconds=elapsed,
            remaining_seconds=remaining,
            done=len(state.open) - state.unfinished,
            total=len(state.open),
            stages=tuple(self._stages(now, said)),
        )

    def _stages(self, now: float, said: Mapping[str, tuple[float, str]]) -> Iterator[StageProgress]:
        for stage in self.state.workflow.stages:
            yield self._stage(stage, now, said.get(stage.name, (0.0, "")))

    def _stage(self, stage: Stage, now: float, said: tuple[float, str]) -> StageProgress:
        known = self.state.stage(stage.name)
        begun = self._first.get(stage.name)
        ended = self._last.get(stage.name, now) if known.status in STAGE_ENDS else now
        return StageProgress(
            name=stage.name,
            status=known.status,
            fraction=1.0 if known.status == "completed" else said[0] if known.status == "running" else 0.0,
            message=said[1] if known.status == "running" else "",
            agent=stage.agents[known.level],
            attempt=known.attempt,
            seconds=0.0 if begun is None else max(0.0, ended - begun),
            failure=None if known.failure is None else known.failure.message,
            required=stage.required,
        )


def progress_of(events: Iterable[Event], now: float, said: Mapping[str, tuple[float, str]] | None = None) -> Progress:
    """The progress that a journal shows.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    iterator = iter(events)
    first = next(iterator, None)
    if not isinstance(first, OperationAccepted):
        raise IllegalEvent("a journal begins with OperationAccepted")
    fold = ProgressFold(first)
    for event in iterator:
        fold.apply(event)
    return fold.progress(now, said)
