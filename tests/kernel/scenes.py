"""Small stages for the kernel's tests: definitions, events and states in few words."""

import json
from collections.abc import Iterable, Sequence

from agentkit.kernel import (
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    Failed,
    Failure,
    More,
    OperationAccepted,
    Parts,
    Plan,
    Question,
    RunAttempt,
    Stage,
    StageState,
    State,
    Workflow,
    command_for,
    evolve,
    replay,
    start,
)

INPUT = '{"items": [1, "two", {"three": 3}]}'
NO = Failure(code="error", type="ConnectionError", message="no line")
REFUSED = Failed(failure=NO, kinds=("ConnectionError", "OSError", "Exception"))


def flow(*stages: Stage, timeout: float | None = None, max_parallel: int | None = None) -> Workflow[object]:
    return Workflow("flow", stages or (Stage("one", agent="ada"),), timeout=timeout, max_parallel=max_parallel)


def accepted(workflow: Workflow[object], *, at: float = 0.0, operation_id: str = "op") -> OperationAccepted:
    return OperationAccepted(at=at, operation_id=operation_id, workflow=workflow, input=INPUT)


def begun(workflow: Workflow[object], *events: Event, at: float = 0.0, operation_id: str = "op") -> State:
    return replay([accepted(workflow, at=at, operation_id=operation_id), *events])


def started(stage: str, attempt: int = 1, *, at: float = 0.0, agent: str = "ada") -> AttemptStarted:
    return AttemptStarted(at=at, stage=stage, attempt=attempt, agent=agent)


def succeeded(stage: str, attempt: int = 1, *, at: float = 0.0, value: str = "1") -> AttemptSucceeded:
    return AttemptSucceeded(at=at, stage=stage, attempt=attempt, value=value)


def ran(stage: str, *, at: float = 0.0) -> tuple[Event, Event]:
    return started(stage, at=at), succeeded(stage, at=at)


def failed_for_good(stage: str, attempt: int = 1, *, at: float = 0.0) -> AttemptFailed:
    return AttemptFailed(at=at, stage=stage, attempt=attempt, failure=NO, then="fail")


def start_next(state: State, stage: str, at: float = 0.0) -> tuple[AttemptStarted, RunAttempt]:
    """Start a stage's next attempt; its event and its command."""
    number = state.number(stage)
    event = start(state, number, at)
    evolve(state, event)
    return event, command_for(state, number, {})


def names(state: State, numbers: Iterable[int]) -> list[str]:
    return [state.workflow.stages[number].name for number in numbers]


def picture(state: State) -> dict[str, object]:
    """Every field of a state as plain values, orders included."""
    content: dict[str, object] = {name: getattr(state, name) for name in State.__slots__}
    content["touched"] = {
        number: {name: deep(getattr(stage, name)) for name in StageState.__slots__}
        for number, stage in sorted(state.touched.items())
    }
    content["ready"] = {resource: list(queue) for resource, queue in state.ready.items()}
    content["running"] = list(state.running)
    content["open"] = list(state.open)
    content["waiting"] = list(state.waiting)
    return content


def deep(value: object) -> object:
    """An object with slots as plain values, all the way down."""
    slots = getattr(type(value), "__slots__", None)
    if isinstance(value, More | Parts | Question):
        # The texts of items are only remembered, so whether they are there says nothing.
        return {name: deep(getattr(value, name)) for name in slots or () if name != "texts"}
    if isinstance(value, dict):
        return [(key, deep(item)) for key, item in value.items()]
    return value


def plan_picture(plan: Plan) -> dict[str, object]:
    """A plan as plain values: it holds views of the state."""
    return {
        "running": list(plan.running),
        "unwanted": list(plan.unwanted),
        "opening": list(plan.opening),
        "undo": plan.undo,
        "ready": {resource: list(queue) for resource, queue in plan.ready.items()},
        "due": list(plan.due),
        "room": plan.room,
        "wake_at": plan.wake_at,
        "expired": plan.expired,
        "concluded": plan.concluded,
    }


def value_of(command: RunAttempt) -> str:
    """A value that shows what the attempt was given; in a loop, one that knows its turn."""
    situation = command.situation
    if situation is not None and situation.index is not None and situation.item is None:
        return json.dumps({"turn": situation.index, "previous": situation.previous})
    return json.dumps(
        [command.stage, {name: json.loads(value) for name, value in command.outputs.items()}, *command.missing]
    )


def written(command: RunAttempt) -> str:
    """What the attempt writes to the operation's context: its own name, under every key that it may write."""
    situation = command.situation
    return json.dumps({key: [command.stage] for key in situation.writes}) if situation and situation.writes else ""


def stage_values(journal: Sequence[Event]) -> dict[str, str]:
    return {event.stage: event.value for event in journal if isinstance(event, AttemptSucceeded)}
