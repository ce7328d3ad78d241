"""How far an operation is: `ProgressFold` and `progress_of`.

Rules: progress never goes back, whatever happens: a retry does not lower it, a failed or cancelled operation keeps what
it had, and a failed optional stage counts as done, since nothing more will come of it. A hundred percent is told with
`completed` and never before. Time is operating time: a night without a process is none. What attempts say while they
work is not on the journal and may be missing; it only refines the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import fsum, isfinite

from agentkit.kernel import (
    STAGE_ENDS,
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    OperationAccepted,
    OperationCompleted,
    OperationStatus,
    ResultCarried,
    Stage,
    StageState,
    StageStatus,
    State,
    evolve,
)

from .folding import opened, operating_seconds
from .plain import failure_line, one_line

__all__ = ["Progress", "ProgressFold", "StageProgress", "progress_of"]

_ALMOST = 0.999
"""The most that is shown before the end, so that a full bar means completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProgress:
    """How far one stage is.

    Attributes:
        name: Which stage.
        status: Where it stands.
        fraction: From 0 to 1; 1 once nothing more will come of it and the operation goes on.
        message: What its running attempt said last, on one line.
        agent: Who works on it, or did last, or will.
        attempt: The number of its newest attempt; 0 before the first.
        seconds: How long it has been worked on, waits between attempts included.
        failure: Why its newest attempt failed, on one line.
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
        workflow: The workflow's name.
        status: Where it stands.
        fraction: The done share of the stages' weights, from 0 to 1; 1 only when completed.
        elapsed_seconds: Operating time since the acceptance.
        remaining_seconds: An estimate out of the speed so far; None while nothing is known.
        done: How many stages have ended.
        total: How many stages there are.
        stages: Each stage, in the order of the workflow; empty where nobody asked for them.
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
        """The fraction as a whole number from 0 to 100, rounded down; 100 only when completed."""
        # The sums are floats: what is 29 percent must not be told as 28.
        return 100 if self.status == "completed" else min(99, int(self.fraction * 100 + 1e-9))


class ProgressFold:
    """Follows the progress of one operation, event by event, at the same cost for every size of workflow.

    Attributes:
        state: Where the operation stands.

    Example:
        >>> from agentkit.kernel import AttemptStarted, AttemptSucceeded, OperationAccepted, Stage, Workflow
        >>> flow = Workflow("greet", [Stage("ask", agent="clerk"), Stage("answer", agent="clerk", after=["ask"])])
        >>> fold = ProgressFold(OperationAccepted(at=0.0, operation_id="op-1", workflow=flow, input="null"))
        >>> fold.apply(AttemptStarted(at=0.0, stage="ask", attempt=1, agent="clerk"))
        >>> fold.progress(now=2.0, said={"ask": (0.5, "thinking")}).percent
        25
        >>> fold.apply(AttemptSucceeded(at=4.0, stage="ask", attempt=1, value="1"))
        >>> picture = fold.progress(now=5.0)
        >>> picture.percent, picture.elapsed_seconds, picture.remaining_seconds
        (50, 5.0, 3.0)
    """

    __slots__ = (
        "_advanced_at",
        "_begun_at",
        "_best",
        "_carried",
        "_done",
        "_ended",
        "_first",
        "_last",
        "_partial",
        "_shown",
        "_total",
        "state",
    )

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state: State = State(accepted)
        self._total = fsum(stage.weight for stage in accepted.workflow.stages)
        # Weights: of what is done, of that what was taken over from elsewhere, and of what is said to be done.
        self._done = self._carried = self._partial = 0.0
        self._ended = 0
        self._shown = 0.0
        self._begun_at: float | None = None
        self._advanced_at = 0.0
        self._best: dict[str, float] = {}
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        state = evolve(self.state, event)
        match event:
            case AttemptStarted():
                self._first.setdefault(event.stage, event.at)
                if self._begun_at is None:
                    self._begun_at = operating_seconds(state)
            case AttemptSucceeded():
                self._finish(event.stage, event.at)
            case AttemptFailed() if event.then == "fail" and not state.workflow[event.stage].required:
                self._finish(event.stage, event.at)
            case AttemptFailed() | AttemptCancelled() | AgentUnavailable():
                self._last[event.stage] = event.at
                self._ended += state.stage(event.stage).status in STAGE_ENDS
            case ResultCarried():
                self._carried += state.workflow[event.stage].weight
                self._finish(event.stage, event.at)
            case OperationCompleted():
                self._shown = 1.0
            case _:
                pass

    def progress(
        self, now: float | None = None, said: Mapping[str, tuple[float, str]] | None = None, *, stages: bool = True
    ) -> Progress:
        """The picture at a time.

        Args:
            now: The time; without it, that of the newest event.
            said: What attempts said last, by stage: a fraction from 0 to 1 and a message. What makes no sense is
                ignored, and so is whoever says less than before.
            stages: Whether to list the stages, which costs as much as there are stages.
        """
        state, said = self.state, said or {}
        elapsed = operating_seconds(state, now)
        for stage, (fraction, _) in said.items():
            self._hear(stage, fraction, elapsed)
        return Progress(
            operation_id=state.operation_id,
            workflow=state.workflow.name,
            status=state.status,
            fraction=self._shown,
            elapsed_seconds=elapsed,
            remaining_seconds=self._remaining(elapsed),
            done=self._ended,
            total=len(state.workflow.stages),
            stages=tuple(self._stages(now, said)) if stages else (),
        )

    def _hear(self, stage: str, fraction: float, elapsed: float) -> None:
        state = self.state
        if stage not in state.workflow.graph.index or state.stage(stage).status != "running" or not isfinite(fraction):
            return
        gain = min(1.0, fraction) - self._best.get(stage, 0.0)
        if gain > 0:
            self._best[stage] = min(1.0, fraction)
            self._partial += gain * state.workflow[stage].weight
            self._advance(elapsed)

    def _finish(self, stage: str, at: float) -> None:
        """Nothing more will come of the stage, and the operation goes on."""
        weight = self.state.workflow[stage].weight
        self._partial -= self._best.get(stage, 0.0) * weight
        self._best[stage] = 1.0
        self._done += weight
        self._ended += 1
        self._last[stage] = at
        self._advance(operating_seconds(self.state))

    def _advance(self, elapsed: float) -> None:
        self._shown = max(self._shown, min(_ALMOST, (self._done + self._partial) / self._total))
        self._advanced_at = max(self._advanced_at, elapsed)

    def _remaining(self, elapsed: float) -> float | None:
        """What is left to do at the speed so far, counted from the newest step forward on."""
        state = self.state
        if state.ended:
            return 0.0
        worked = self._done + self._partial - self._carried
        if state.status != "running" or self._begun_at is None or worked <= 0:
            return None
        taken = self._advanced_at - self._begun_at
        if taken <= 0:
            return None
        left = max(0.0, self._total - self._done - self._partial)
        remaining = max(0.0, left * (taken / worked) - (elapsed - self._advanced_at))
        return remaining if isfinite(remaining) else None

    def _stages(self, now: float | None, said: Mapping[str, tuple[float, str]]) -> Iterator[StageProgress]:
        state = self.state
        until = state.at if now is None else max(now, state.at)
        for number, stage in enumerate(state.workflow.stages):
            yield self._stage(stage, state.touched.get(number, _UNTOUCHED), until, said.get(stage.name))

    def _stage(self, stage: Stage, known: StageState, until: float, said: tuple[float, str] | None) -> StageProgress:
        begun = self._first.get(stage.name)
        # What the end of the operation left waiting is not worked on any more.
        over = known.status in STAGE_ENDS or self.state.ended
        end = self._last.get(stage.name, until) if over else until
        return StageProgress(
            name=stage.name,
            status=known.status,
            fraction=self._best.get(stage.name, 0.0),
            message=one_line(said[1]) if said is not None and known.status == "running" else "",
            agent=stage.agents[known.level],
            attempt=known.attempt,
            seconds=0.0 if begun is None else max(0.0, end - begun),
            failure=None if known.failure is None else failure_line(known.failure),
            required=stage.required,
        )


_UNTOUCHED = StageState()


def progress_of(
    events: Iterable[Event], now: float | None = None, said: Mapping[str, tuple[float, str]] | None = None
) -> Progress:
    """The progress that a journal shows.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    accepted, others = opened(events)
    fold = ProgressFold(accepted)
    for event in others:
        fold.apply(event)
    return fold.progress(now, said)
