"""The transition table at work: `evolve(state, event)` and `replay(events)`.

Rules: everything that changes where an operation stands is here and in the modules that it hands events to
(`attempt_moves`, `control_moves`, `question_moves`), and there is no policy in them. What may follow what is in
`status.py`; an event that may not happen raises `IllegalEvent` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from agentkit.errors import IllegalEvent
from agentkit.kernel.events.context import ContextCompacted, ContextUpdated
from agentkit.kernel.events.control import (
    ChildAwaited,
    ChildHeard,
    ConditionDecided,
    ItemsMapped,
    LoopEnded,
    SignalAwaited,
    SignalReceived,
    StageFailed,
    TimerFired,
    TimerSet,
    TurnBegan,
    UndoBegan,
)
from agentkit.kernel.events.effects import DoubtRaised, DoubtSettled, EffectCarried, EffectIntended, EffectSettled
from agentkit.kernel.events.operation import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    DeadlinePassed,
    Event,
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
from agentkit.kernel.events.people import (
    ApprovalDecided,
    ApprovalEscalated,
    ApprovalReminded,
    ApprovalRequested,
    VoteCast,
)

from .attempt_moves import (
    agent_unavailable,
    attempt_cancelled,
    attempt_failed,
    attempt_started,
    attempt_succeeded,
    child_awaited,
    child_heard,
    result_carried,
)
from .control_moves import move_control, raise_doubts, signal_received, undo_began
from .moves import next_status, refuse
from .question_moves import move_question
from .standing import Stop
from .state import State
from .usage_moves import count_lost

__all__ = ["evolve", "replay"]


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
            attempt_started(state, event)
        case AttemptSucceeded():
            attempt_succeeded(state, event)
        case AttemptFailed():
            attempt_failed(state, event)
        case AttemptCancelled():
            attempt_cancelled(state, event)
        case AgentUnavailable():
            agent_unavailable(state, event)
        case ChildAwaited():
            child_awaited(state, event)
        case ChildHeard():
            child_heard(state, event)
        case ResultCarried():
            result_carried(state, event)
        case SignalReceived():
            signal_received(state, event)
        case UndoBegan():
            undo_began(state, event)
        case ApprovalRequested() | VoteCast() | ApprovalReminded() | ApprovalEscalated() | ApprovalDecided():
            move_question(state, event)
        case (
            ConditionDecided()
            | ItemsMapped()
            | TurnBegan()
            | LoopEnded()
            | TimerSet()
            | TimerFired()
            | SignalAwaited()
            | EffectIntended()
            | EffectSettled()
            | EffectCarried()
            | DoubtRaised()
            | DoubtSettled()
            | StageFailed()
        ):
            move_control(state, event)
        case ContextUpdated() | ContextCompacted():
            refuse(state, event, "it belongs to a shared context, not to an operation")
        case _:
            _move_operation(state, event)
    state.version += 1
    state.at = event.at
    return state


def _move_operation(state: State, event: OfOperation) -> None:
    """Change the state by an event that names no stage."""
    match event:
        case OperationAdopted():
            after = next_status(state, event)
            _count_downtime(state, event.at)
            state.status = after
            state.deaths += event.after_death and not state.only_awaits_children
            count_lost(state)
            raise_doubts(state)
        case CancelRequested():
            state.status = next_status(state, event)
            state.stop = state.stop or Stop("cancelled", event.reason)
        case DeadlinePassed():
            if state.workflow.timeout is None:
                refuse(state, event, "its workflow has no timeout")
            state.status = next_status(state, event)
            state.stop = state.stop or Stop("timed_out", f"took longer than {state.workflow.timeout:g} s")
        case OperationQuarantined():
            state.status = next_status(state, event)
        case OperationReleased():
            after = next_status(state, event)
            if state.stop:
                after = "compensating" if any(step.kind == "undo" for step in state.steps) else "stopping"
            state.status = after
            state.deaths = 0
            state.downtime += max(0.0, event.at - state.at)
        case OperationCompleted() | OperationFailed() | OperationCancelled():
            if state.running:
                refuse(state, event, "attempts are running")
            if state.unfinished and isinstance(event, OperationCompleted):
                refuse(state, event, "stages have not ended")
            state.status = next_status(state, event)
        case OperationAccepted():
            refuse(state, event, "it was accepted before")
        case _:
            assert_never(event)


def _count_downtime(state: State, at: float) -> None:
    """Nobody misses a process while nothing is due; after that it was missed."""
    since = state.at
    if state.is_resting:
        since = at if state.wake_at is None else max(since, state.wake_at)
    state.downtime += max(0.0, at - since)
