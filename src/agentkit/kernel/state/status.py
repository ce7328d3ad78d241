"""Where an operation and its stages can stand, and what moves them: the table.

Rules: a status changes by this table and by nothing else; what is not in it cannot happen. `evolve` obeys it and the
state diagrams are drawn from it, so neither can disagree with the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

__all__ = [
    "OPERATION_ENDS",
    "OPERATION_STATUSES",
    "OPERATION_TABLE",
    "STAGE_ENDS",
    "STAGE_TABLE",
    "OperationStatus",
    "StageStatus",
]

StageStatus: TypeAlias = Literal[
    "pending",
    "waiting",
    "expanded",
    "running",
    "retrying",
    "unavailable",
    "in_doubt",
    "completed",
    "skipped",
    "undone",
    "failed",
    "cancelled",
]
"""Where a stage stands; `waiting` is for a time, a signal or for people, `expanded` for its items or turns,
`unavailable` for a process that has its agent, and `in_doubt` for a person to say what happened."""

OperationStatus: TypeAlias = Literal[
    "pending", "running", "stopping", "compensating", "quarantined", "completed", "failed", "cancelled"
]
"""Where an operation stands; `pending` is accepted with nothing started, `stopping` waits for attempts to end, and
`compensating` undoes what was done."""

STAGE_ENDS: Final[frozenset[StageStatus]] = frozenset({"completed", "skipped", "undone", "failed", "cancelled"})
OPERATION_STATUSES: Final[tuple[OperationStatus, ...]] = get_args(OperationStatus)

OPERATION_ENDS: Final[frozenset[OperationStatus]] = frozenset({"completed", "failed", "cancelled"})

STAGE_TABLE: Final[Mapping[str, Mapping[StageStatus, StageStatus]]] = {
    "ResultCarried": {"pending": "completed"},
    "AttemptStarted": {"pending": "running", "retrying": "running", "unavailable": "running"},
    "AttemptSucceeded": {"running": "completed"},
    "AttemptFailed: retry": {"running": "retrying"},
    "AttemptFailed: fall_back": {"running": "retrying"},
    "AttemptFailed: minimal": {"running": "completed"},
    "AttemptFailed: keep": {"running": "failed"},
    "AttemptFailed: fail": {"running": "failed"},
    "AttemptFailed: stop": {"running": "cancelled"},
    "AttemptCancelled": {"running": "cancelled"},
    "AgentUnavailable": {"running": "unavailable"},
    "ConditionDecided: met": {"pending": "pending"},
    "ConditionDecided: not met": {"pending": "skipped"},
    "ItemsMapped": {"pending": "expanded"},
    "TurnBegan": {"pending": "expanded", "expanded": "expanded"},
    "PartsEnded": {"expanded": "completed"},
    "LoopEnded": {"expanded": "completed"},
    "TimerSet": {"pending": "waiting"},
    "TimerFired": {"waiting": "completed"},
    "SignalAwaited": {"pending": "waiting"},
    "SignalReceived": {"waiting": "completed"},
    "ApprovalRequested": {"pending": "waiting"},
    "ApprovalRequested: in an attempt": {"running": "waiting"},
    "VoteCast": {"waiting": "waiting"},
    "ApprovalReminded": {"waiting": "waiting"},
    "ApprovalEscalated": {"waiting": "waiting"},
    "ApprovalDecided": {"waiting": "pending"},
    "ApprovalDecided: alone": {"waiting": "completed"},
    "ApprovalDecided: in an attempt": {"waiting": "retrying"},
    "DoubtRaised": {"running": "in_doubt"},
    "DoubtSettled: done": {"in_doubt": "completed"},
    "DoubtSettled: redo": {"in_doubt": "retrying"},
    "DoubtSettled: abort": {"in_doubt": "failed"},
    "ChildAwaited": {"running": "running"},
    "ChildHeard": {"running": "running"},
    "StageFailed": {"pending": "failed", "waiting": "failed", "expanded": "failed", "retrying": "failed"},
    "UndoBegan": {"completed": "completed"},
    "UndoEnded": {"completed": "undone"},
}
"""Event -> status before -> status after, for the stage that the event names. `PartsEnded` is the event that ends the
last item of a map, `UndoEnded` the one that ends an undoing."""

OPERATION_TABLE: Final[Mapping[str, Mapping[OperationStatus, OperationStatus]]] = {
    "ResultCarried": {"pending": "pending"},
    "AttemptStarted": {"pending": "running", "running": "running", "compensating": "compensating"},
    "StageOpened": {"pending": "running", "running": "running"},
    "RequiredStageFailed": {"pending": "stopping", "running": "stopping", "stopping": "stopping"},
    "CancelRequested": {
        "pending": "stopping",
        "running": "stopping",
        "stopping": "stopping",
        "compensating": "compensating",
        "quarantined": "stopping",
    },
    "DeadlinePassed": {"pending": "stopping", "running": "stopping"},
    "UndoBegan": {"stopping": "compensating", "compensating": "compensating"},
    "OperationAdopted": {
        "pending": "pending",
        "running": "running",
        "stopping": "stopping",
        "compensating": "compensating",
    },
    "OperationQuarantined": {
        "pending": "quarantined",
        "running": "quarantined",
        "stopping": "quarantined",
        "compensating": "quarantined",
    },
    "OperationReleased": {"quarantined": "running"},
    "OperationCompleted": {"pending": "completed", "running": "completed"},
    "OperationFailed": {"stopping": "failed", "compensating": "failed"},
    "OperationCancelled": {"stopping": "cancelled", "compensating": "cancelled"},
}
"""Event -> status before -> status after, for the operation. Every operation begins as pending, by `OperationAccepted`;
`RequiredStageFailed` is an event that fails a required stage, `StageOpened` one by which a stage begins to wait or
to expand."""
