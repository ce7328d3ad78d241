"""The kernel: what may happen, what has happened, and what is wanted next. Pure.

    outcome -> decide(state, command, outcome, at) -> events     policy; the decision is in the event
    event   -> evolve(state, event)                -> state      the transition table; no policy
    state   -> plan(state, now)                    -> Plan       what is wanted of the world now

Rules: standard library only; no clock, no chance, no input or output. Time and ids come in as values.
"""

from .checks import name_problems
from .commands import Failed, Outcome, RunAttempt, Stopped, Succeeded, Unavailable
from .data import Json, workflow_data, workflow_from_data
from .decisions import backoff_seconds, conclude, decide, start
from .definition import RetryPolicy, Stage, Workflow
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
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
)
from .planner import Plan, command_for, plan
from .state import StageState, State, Stop, evolve, replay
from .status import OPERATION_ENDS, OPERATION_TABLE, STAGE_ENDS, STAGE_TABLE, OperationStatus, StageStatus
from .template import placeholders, render

__all__ = [
    "OPERATION_ENDS",
    "OPERATION_TABLE",
    "STAGE_ENDS",
    "STAGE_TABLE",
    "AgentUnavailable",
    "AttemptCancelled",
    "AttemptFailed",
    "AttemptStarted",
    "AttemptSucceeded",
    "CancelRequested",
    "DeadlinePassed",
    "Event",
    "Failed",
    "Failure",
    "Json",
    "OperationAccepted",
    "OperationAdopted",
    "OperationCancelled",
    "OperationCompleted",
    "OperationFailed",
    "OperationQuarantined",
    "OperationReleased",
    "OperationStatus",
    "Outcome",
    "Plan",
    "ResultCarried",
    "RetryPolicy",
    "RunAttempt",
    "Stage",
    "StageState",
    "StageStatus",
    "State",
    "Stop",
    "Stopped",
    "Succeeded",
    "Unavailable",
    "Workflow",
    "backoff_seconds",
    "command_for",
    "conclude",
    "decide",
    "evolve",
    "name_problems",
    "placeholders",
    "plan",
    "render",
    "replay",
    "start",
    "workflow_data",
    "workflow_from_data",
]
