"""Where an operation stands, computed from its events: `evolve(state, event) -> state`.

Rules: everything that changes where an operation stands is in this module, and there is no policy in it. What may
follow what is in `status.py`; an event that may not happen raises `IllegalEvent` and changes nothing. `evolve` owns
the state it is given and changes it in place, so an event costs what it touches, never what exists: a copy per event
would make a workflow of n stages cost n * n.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, NoReturn, TypeAlias, assert_never

from agentkit.errors import IllegalEvent

from .definition import Workflow
from .events import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    DeadlinePassed,
    Event,
    Failure,
    OfAttempt,
    OfOperation,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
)
from .status import OPERATION_ENDS, OPERATION_TABLE, STAGE_TABLE, OperationStatus, StageStatus

__all__ = ["StageState", "State", "Stop", "evolve", "replay"]

_CARRIED = STAGE_TABLE["ResultCarried"]
_STARTED = STAGE_TABLE["AttemptStarted"]
_SUCCEEDED = STAGE_TABLE["AttemptSucceeded"]


class Stop(NamedTuple):
    """Why an operation is being stopped."""

    cause: Literal["failed", "timed_out", "cancelled"]
    reason: str = ""
    stage: str | None = None
    failure: Failure | None = None


class StageState:
    """Where one stage stands.

    Attributes:
        status: The word for it.
        attempt: The number of the newest attempt; 0 before the first.
        level: Which agent of the chain works, from 0.
        tries: How many attempts of that agent were begun.
        started_at: When the first attempt began, in operating time (see `State.downtime`).
        value: The value as JSON, once there is one.
        failure: Why the newest attempt failed.
        retry_at: When the next attempt may begin, while it waits.
        timeout: Seconds that the newest attempt may take; None is no limit.
        parked_at: When it was parked for want of its agent, in operating time; that wait is none of the stage's own.
    """

    __slots__ = (
        "attempt",
        "failure",
        "level",
        "parked_at",
        "retry_at",
        "started_at",
        "status",
        "timeout",
        "tries",
        "value",
    )

    def __init__(self) -> None:
        self.status: StageStatus = "pending"
        self.attempt: int = 0
        self.level: int = 0
        self.tries: int = 0
        self.started_at: float | None = None
        self.value: str | None = None
        self.failure: Failure | None = None
        self.retry_at: float | None = None
        self.timeout: float | None = None
        self.parked_at: float | None = None


_UNTOUCHED = StageState()

Queue: TypeAlias = dict[int, None]


class State:
    """Where an operation stands; made by `replay`, changed by `evolve` alone, read by everybody.

    Attributes:
        version: How many events it has seen; the number of the newest one.
        at: When the newest event happened.
        downtime: Seconds in which no process drove the operation. Limits are in operating time, `at - downtime`, so
            that a night without a process times nothing out.
        touched: What is known of each stage that any event named; the others are pending.
        open: For each stage, how many of its dependencies have not ended.
        ready: Stages whose dependencies have all ended and that have not started, by the resource they need, in order.
        running: Stages with a running attempt, in the order of their start.
        waiting: Stages that wait to be tried again, as sorted pairs of time and number.
        unfinished: How many stages have not ended.
        stop: Why the operation is being stopped, if it is.
        deaths: How many processes died while they drove it, since it was last released.
    """

    __slots__ = (
        "accepted_at",
        "at",
        "deaths",
        "downtime",
        "input",
        "key",
        "open",
        "operation_id",
        "origin",
        "ready",
        "running",
        "status",
        "stop",
        "touched",
        "unfinished",
        "version",
        "waiting",
        "workflow",
    )

    def __init__(self, accepted: OperationAccepted) -> None:
        graph = accepted.workflow.graph
        self.operation_id: str = accepted.operation_id
        self.workflow: Workflow[object] = accepted.workflow
        self.input: str = accepted.input
        self.key: str | None = accepted.key
        self.origin: str | None = accepted.origin
        self.status: OperationStatus = "pending"
        self.version: int = 1
        self.accepted_at: float = accepted.at
        self.at: float = accepted.at
        self.downtime: float = 0.0
        self.deaths: int = 0
        self.stop: Stop | None = None
        self.touched: dict[int, StageState] = {}
        self.open: list[int] = list(graph.open_counts)
        self.ready: dict[str | None, Queue] = {}
        self.running: Queue = {}
        self.waiting: list[tuple[float, int]] = []
        self.unfinished: int = len(self.open)
        for number, count in enumerate(self.open):
            if not count:
                _make_ready(self, number)

    @property
    def ended(self) -> bool:
        """Whether the last event has happened."""
        return self.status in OPERATION_ENDS

    def stage(self, name: str) -> StageState:
        """Where a stage stands, by its name."""
        return self.touched.get(self.workflow.graph.index[name], _UNTOUCHED)


def replay(events: Iterable[Event]) -> State:
    """Compute the state from a journal; no code of a user runs.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    iterator = iter(events)
    first = next(iterator, None)
    if not isinstance(first, OperationAccepted):
        raise IllegalEvent(f"a journal begins with OperationAccepted, not with {type(first).__name__}")
    state = State(first)
    for event in iterator:
        evolve(state, event)
    return state


def evolve(state: State, event: Event) -> State:
    """Change the state by one event, and return it.

    Raises:
        IllegalEvent: The event cannot happen in this state; the state is as it was.
    """
    match event:
        case AttemptStarted():
            _attempt_started(state, event)
        case AttemptSucceeded():
            number, stage = _current(state, event, _SUCCEEDED)
            stage.status = "completed"
            stage.value = event.value
            stage.failure = None
            del state.running[number]
            _end_stage(state, number)
        case AttemptFailed():
            _attempt_failed(state, event)
        case AttemptCancelled():
            number, stage = _current(state, event, STAGE_TABLE["AttemptCancelled"])
            if state.stop is None:
                _refuse(state, event, "nothing is being stopped")
            stage.status = "cancelled"
            del state.running[number]
            state.unfinished -= 1
        case AgentUnavailable():
            number, stage = _current(state, event, STAGE_TABLE["AgentUnavailable"])
            stage.status = "unavailable"
            stage.tries -= 1
            stage.parked_at = event.at - state.downtime
            _wait(state, number, stage, event.retry_at)
        case ResultCarried():
            _result_carried(state, event)
        case _:
            _operation_moved(state, event)
    state.version += 1
    state.at = event.at
    return state


def _operation_moved(state: State, event: OfOperation) -> None:
    """Change the state by an event that names no stage."""
    match event:
        case OperationAdopted():
            state.status = _next(state, event)
            state.deaths += event.after_death
            state.downtime += max(0.0, event.at - state.at)
        case CancelRequested():
            state.status = _next(state, event)
            state.stop = state.stop or Stop("cancelled", event.reason)
        case DeadlinePassed():
            if state.workflow.timeout is None:
                _refuse(state, event, "its workflow has no timeout")
            state.status = _next(state, event)
            state.stop = state.stop or Stop("timed_out", f"took longer than {state.workflow.timeout:g} s")
        case OperationQuarantined():
            state.status = _next(state, event)
        case OperationReleased():
            after = _next(state, event)
            state.status = "stopping" if state.stop else after
            state.deaths = 0
            state.downtime += max(0.0, event.at - state.at)
        case OperationCompleted() | OperationFailed() | OperationCancelled():
            if state.running:
                _refuse(state, event, "attempts are running")
            if state.unfinished and isinstance(event, OperationCompleted):
                _refuse(state, event, "stages have not ended")
            state.status = _next(state, event)
        case OperationAccepted():
            _refuse(state, event, "it was accepted before")
        case _:
            assert_never(event)


def _attempt_started(state: State, event: AttemptStarted) -> None:
    number = state.workflow.graph.index.get(event.stage, -1)
    stage = state.touched.get(number)
    if number < 0 or state.open[number]:
        _refuse(state, event, f"stage {event.stage!r} is not ready")
    if stage is None:
        stage = StageState()
    if stage.status not in _STARTED or event.attempt != stage.attempt + 1:
        _refuse(state, event, f"stage {event.stage!r} is {stage.status} at attempt {stage.attempt}")
    if state.status != "running":
        state.status = _next(state, event)
    if stage.status == "pending":
        _drop_ready(state, number)
        stage.started_at = event.at - state.downtime
        state.touched[number] = stage
    else:
        _stop_waiting(state, number, stage.retry_at)
        stage.retry_at = None
        if stage.parked_at is not None and stage.started_at is not None:
            stage.started_at += event.at - state.downtime - stage.parked_at
            stage.parked_at = None
    stage.status = "running"
    stage.attempt = event.attempt
    stage.tries += 1
    stage.timeout = event.timeout
    state.running[number] = None


def _attempt_failed(state: State, event: AttemptFailed) -> None:
    number, stage = _current(state, event, STAGE_TABLE[f"AttemptFailed: {event.then}"])
    if event.retry_at is None and event.then in ("retry", "fall_back"):
        _refuse(state, event, "another attempt needs its time")
    if event.then == "fall_back" and stage.level + 1 >= len(state.workflow.stages[number].agents):
        _refuse(state, event, f"stage {event.stage!r} has no further agent")
    if event.then == "stop" and state.stop is None:
        _refuse(state, event, "nothing is being stopped")
    stage.failure = event.failure
    match event.then:
        case "retry" | "fall_back":
            stage.status = "retrying"
            if event.then == "fall_back":
                stage.level += 1
                stage.tries = 0
            _wait(state, number, stage, event.retry_at or event.at)
        case "fail":
            stage.status = "failed"
            del state.running[number]
            if state.workflow.stages[number].required:
                state.status = OPERATION_TABLE["RequiredStageFailed"][state.status]
                state.stop = state.stop or Stop("failed", event.failure.message, event.stage, event.failure)
                state.unfinished -= 1
            else:
                _end_stage(state, number)
        case "stop":
            stage.status = "cancelled"
            del state.running[number]
            state.unfinished -= 1


def _result_carried(state: State, event: ResultCarried) -> None:
    number = state.workflow.graph.index.get(event.stage, -1)
    if number < 0 or number in state.touched:
        _refuse(state, event, f"stage {event.stage!r} cannot take over a value now")
    if not 0 <= event.level < len(state.workflow.stages[number].agents):
        _refuse(state, event, f"stage {event.stage!r} has no agent number {event.level}")
    state.status = _next(state, event)
    stage = state.touched[number] = StageState()
    stage.status = _CARRIED["pending"]
    stage.value = event.value
    stage.level = event.level
    if not state.open[number]:
        _drop_ready(state, number)
    _end_stage(state, number)


def _make_ready(state: State, number: int) -> None:
    state.ready.setdefault(state.workflow.stages[number].resource, {})[number] = None


def _drop_ready(state: State, number: int) -> None:
    resource = state.workflow.stages[number].resource
    queue = state.ready[resource]
    del queue[number]
    if not queue:
        del state.ready[resource]


def _stop_waiting(state: State, number: int, retry_at: float | None) -> None:
    if retry_at is not None:
        del state.waiting[bisect_left(state.waiting, (retry_at, number))]


def _end_stage(state: State, number: int) -> None:
    """Count a stage as ended, and free what waited for it alone."""
    state.unfinished -= 1
    open_counts = state.open
    for dependent in state.workflow.graph.dependents[number]:
        open_counts[dependent] -= 1
        # A stage whose value was carried over is never run again, whatever it waited for.
        if not open_counts[dependent] and dependent not in state.touched:
            _make_ready(state, dependent)


def _wait(state: State, number: int, stage: StageState, retry_at: float) -> None:
    del state.running[number]
    stage.retry_at = retry_at
    insort(state.waiting, (retry_at, number))


def _current(state: State, event: OfAttempt, row: Mapping[StageStatus, StageStatus]) -> tuple[int, StageState]:
    """The stage of an event that ends an attempt; that attempt must be the running one."""
    number = state.workflow.graph.index.get(event.stage, -1)
    stage = state.touched.get(number, _UNTOUCHED)
    if stage.status not in row or event.attempt != stage.attempt:
        _refuse(state, event, f"stage {event.stage!r} is {stage.status} at attempt {stage.attempt}")
    if state.status == "quarantined":
        _refuse(state, event, "the operation is quarantined")
    return number, stage


def _next(state: State, event: Event) -> OperationStatus:
    after = OPERATION_TABLE[type(event).__name__].get(state.status)
    if after is None:
        _refuse(state, event, f"the operation is {state.status}")
    return after


def _refuse(state: State, event: Event, why: str) -> NoReturn:
    raise IllegalEvent(
        f"operation {state.operation_id}: event {state.version + 1} cannot be {type(event).__name__}, since {why}"
    )
