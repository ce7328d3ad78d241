"""What each attempt of an operation waited for, how long, and how long it worked: `JobFold`, `jobs_of`.

Rules: an attempt is ready when the last thing that it had to wait for has happened: the stages before it, a condition,
people, a time, its next try. What it waits from then on is for room alone. Time in which no process drove the operation
is nobody's wait and nobody's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agentkit.kernel import (
    WITHOUT_SLOT,
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
    OperationReleased,
    SignalReceived,
    Stage,
    evolve,
    replay,
)

from .folding import opened

__all__ = ["Job", "JobEnd", "JobFold", "held_seconds", "jobs_of"]

JobEnd: TypeAlias = Literal["running", "completed", "failed", "cancelled"]
"""How an attempt ended, if it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt, as a piece of work that needed room.

    Attributes:
        operation_id: Of which operation.
        workflow: The workflow's name.
        stage: Which stage; that of its items and turns too.
        step: Which stage or step, such as `pay[3]`.
        attempt: Which attempt.
        agent: Who worked.
        resource: Which limited resource it occupied; None is none besides its place among all, `""` not even that.
        ready_at: When it waited for nothing but room.
        started_at: When it began.
        ended_at: When it ended; None while it runs.
        end: The word for how it ended.
        pause: Seconds between the attempt before and this one that its retry policy asked for.
        needs: The stages that had to end before, if they had work of their own.
        follows: Which job of the operation, from 0, had to end before; None is none in particular.
        held: Seconds, up to its end, in which nothing of the operation worked or waited for room, since people, timers,
            signals or an operation of its own were waited for.
    """

    operation_id: str
    workflow: str
    stage: str
    step: str
    attempt: int
    agent: str
    resource: str | None
    ready_at: float
    started_at: float
    ended_at: float | None
    end: JobEnd
    pause: float
    needs: tuple[str, ...]
    follows: int | None
    held: float = 0.0

    @property
    def waited(self) -> float:
        """Seconds that it waited for room."""
        return self.started_at - self.ready_at

    @property
    def seconds(self) -> float:
        """Seconds that it worked; 0 while it runs."""
        return 0.0 if self.ended_at is None else self.ended_at - self.started_at


class JobFold:
    """Keeps the jobs of one operation, event by event.

    Attributes:
        accepted: Its first event.
        jobs: All of them, in the order of their starts.
        at: When the newest event happened.
    """

    __slots__ = (
        "_floor",
        "_full",
        "_held",
        "_newest",
        "_over",
        "_pauses",
        "_running",
        "_stages",
        "_state",
        "_touched",
        "accepted",
        "at",
        "jobs",
    )

    def __init__(self, accepted: OperationAccepted) -> None:
        self.accepted: OperationAccepted = accepted
        self.jobs: list[Job] = []
        self.at: float = accepted.at
        self._floor = accepted.at
        # When something last happened to a stage or step besides its work, and when a stage last did anything.
        self._touched: dict[str, float] = {}
        self._over: dict[str, float] = {}
        self._newest: dict[str, int] = {}
        self._pauses: dict[str, float] = {}
        # What bounds of the operation's own kept from beginning: until when, and which job's end let it go.
        self._full: dict[str, tuple[float, int]] = {}
        self._running: dict[str, int] = {}
        # Seconds so far in which there was nothing to do but to wait for somebody, or for a time.
        self._held = 0.0
        self._state = replay([accepted])
        self._stages = {
            stage.name: (stage, self._needs(number)) for number, stage in enumerate(accepted.workflow.stages)
        }

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot happen now.
        """
        state = self._state
        if (state.held or state.asleep) and state.is_resting:
            self._held += max(0.0, event.at - self.at)
        evolve(state, event)
        self.at = event.at
        match event:
            case AttemptStarted():
                self._start(event)
            case AttemptSucceeded():
                self._end(event.stage, event.at, "completed")
            case AttemptFailed():
                self._end(event.stage, event.at, "cancelled" if event.then == "stop" else "failed")
                if event.retry_at is not None:
                    self._pauses[event.stage] = event.retry_at - event.at
            case AttemptCancelled() | DoubtRaised():
                self._end(event.stage, event.at, "cancelled")
            case AgentUnavailable():
                self._end(event.stage, event.at, "cancelled")
                self._touched[event.stage] = event.retry_at
            case ApprovalRequested() if event.attempt:
                self._end(event.stage, event.at, "completed")
            case OperationAdopted():
                self._begin_again(event.at)
                self._leave_in_doubt(event.at)
            case OperationReleased():
                self._begin_again(event.at)
            case SignalReceived():
                self._over |= {
                    name: event.at for name, (stage, _) in self._stages.items() if stage.signal == event.name
                }
            case _:
                if (name := getattr(event, "stage", None)) is not None:
                    self._touched[name] = self._over[_stage_of(name)] = event.at

    def _needs(self, number: int) -> tuple[str, ...]:
        workflow = self.accepted.workflow
        return tuple(workflow.stages[before].name for before in workflow.graph.dependencies[number])

    def _start(self, event: AttemptStarted) -> None:
        name = _stage_of(event.stage)
        stage, needs = self._stages[name]
        is_undo = event.stage.endswith(":undo")
        before = self._newest.get(event.stage)
        pause = self._pauses.pop(event.stage, 0.0)
        moments = [self._floor, self._touched.get(event.stage, 0.0), self._touched.get(name, 0.0)]
        if not is_undo:
            moments += [self._over.get(need, 0.0) for need in needs]
        if before is not None:
            moments = [moments[0], (self.jobs[before].ended_at or 0.0) + pause, moments[1]]
        ready = min(event.at, max(moments))
        for scope in ("", name):
            until, number = self._full.get(scope, (0.0, 0))
            if until > ready:
                ready, before = min(until, event.at), number
        self._newest[event.stage] = len(self.jobs)
        for scope in ("", name):
            self._running[scope] = self._running.get(scope, 0) + 1
        self.jobs.append(
            Job(
                operation_id=self.accepted.operation_id,
                workflow=self.accepted.workflow.name,
                stage=name,
                step=event.stage,
                attempt=event.attempt,
                agent=event.agent,
                # The child that a stage waits for has the slots; an undoing is an agent's own work.
                resource=stage.resource if is_undo or stage.workflow is None else WITHOUT_SLOT,
                ready_at=ready,
                started_at=event.at,
                ended_at=None,
                end="running",
                pause=pause,
                needs=() if is_undo else needs,
                follows=before,
            )
        )

    def _end(self, step: str, at: float, end: JobEnd) -> None:
        number = self._newest.get(step)
        name = _stage_of(step)
        self._over[name] = at
        if number is None or self.jobs[number].ended_at is not None:
            return
        self.jobs[number] = replace(self.jobs[number], ended_at=at, end=end, held=self._held)
        for scope, most in (("", self.accepted.workflow.max_parallel), (name, _items_at_once(self._stages[name][0]))):
            if most is not None and self._running[scope] >= most:
                self._full[scope] = (at, number)
            self._running[scope] -= 1

    def _begin_again(self, at: float) -> None:
        """Another process goes on: what was running begins anew, and what happened between is nobody's time."""
        self._floor = at
        for number in self._newest.values():
            if (job := self.jobs[number]).ended_at is None:
                self.jobs[number] = replace(job, ready_at=at, started_at=at)

    def _leave_in_doubt(self, at: float) -> None:
        """What must not be done twice is over with its process; a person says what became of it."""
        for step, number in self._newest.items():
            is_once = not step.endswith(":undo") and self._stages[_stage_of(step)][0].effect == "at_most_once"
            if is_once and self.jobs[number].ended_at is None:
                self._end(step, at, "cancelled")


def jobs_of(events: Iterable[Event]) -> Sequence[Job]:
    """The jobs of a journal.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance.
    """
    accepted, others = opened(events)
    fold = JobFold(accepted)
    for event in others:
        fold.apply(event)
    return fold.jobs


def held_seconds(jobs: Iterable[Job]) -> Mapping[str, float]:
    """How long operations were held up before the ends of their last attempts, by their ids.

    Args:
        jobs: Attempts that have ended.
    """
    found: dict[str, float] = {}
    for job in jobs:
        found[job.operation_id] = max(found.get(job.operation_id, 0.0), job.held)
    return found


def _stage_of(step: str) -> str:
    return step.partition("[")[0].partition(":")[0]


def _items_at_once(stage: Stage) -> int | None:
    if stage.loop is not None:
        return 1
    return stage.map.parallel if stage.map is not None and not isinstance(stage.map, str) else None
