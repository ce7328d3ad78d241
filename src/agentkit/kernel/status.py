"""Where an operation and its stages can stand, and what moves them: the table.

Rules: a status changes by this table and by nothing else; what is not in it cannot happen. `evolve` obeys it and the
state diagrams are drawn from it, so neither can disagree with the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

__all__ = [
    "OPERATION_ENDS",
    "OPERATION_TABLE",
    "STAGE_ENDS",
    "STAGE_TABLE",
    "OperationStatus",
    "StageStatus",
]

StageStatus: TypeAlias = Literal["pending", "running", "retrying", "unavailable", "completed", "failed", "cancelled"]
"""Where a stage stands; `unavailable` waits for a process that has its agent."""

OperationStatus: TypeAlias = Literal[
    "pending", "running", "stopping", "quarantined", "completed", "failed", "cancelled"
]
"""Where an operation stands; `pending` is accepted with nothing started, `stopping` waits for attempts to end."""

STAGE_ENDS: Final[frozenset[StageStatus]] = frozenset({"completed", "failed", "cancelled"})
OPERATION_ENDS: Final[frozenset[OperationStatus]] = frozenset({"completed", "failed", "cancelled"})

STAGE_TABLE: Final[Mapping[str, Mapping[StageStatus, StageStatus]]] = {
    "ResultCarried": {"pending": "completed"},
    "AttemptStarted": {"pending": "running", "retrying": "running", "unavailable": "running"},
    "AttemptSucceeded": {"running": "completed"},
    "AttemptFailed: retry": {"running": "retrying"},
    "AttemptFailed: fall_back": {"running": "retrying"},
    "AttemptFailed: fail": {"running": "failed"},
    "AttemptFailed: stop": {"running": "cancelled"},
    "AttemptCancelled": {"running": "cancelled"},
    "AgentUnavailable": {"running": "unavailable"},
}
"""Event -> status before -> status after, for the stage that the event names."""

OPERATION_TABLE: Final[Mapping[str, Mapping[OperationStatus, OperationStatus]]] = {
    "ResultCarried": {"pending": "pending"},
    "AttemptStarted": {"pending": "running", "running": "running"},
    "RequiredStageFailed": {"running": "stopping", "stopping": "stopping"},
    "CancelRequested": {
        "pending": "stopping",
        "running": "stopping",
        "stopping": "stopping",
        "quarantined": "stopping",
    },
    "DeadlinePassed": {"pending": "stopping", "running": "stopping"},
    "OperationAdopted": {"pending": "pending", "running": "running", "stopping": "stopping"},
    "OperationQuarantined": {"pending": "quarantined", "running": "quarantined", "stopping": "quarantined"},
    "OperationReleased": {"quarantined": "running"},
    "OperationCompleted": {"pending": "completed", "running": "completed"},
    "OperationFailed": {"stopping": "failed"},
    "OperationCancelled": {"stopping": "cancelled"},
}
"""Event -> status before -> status after, for the operation. Every operation begins as pending, by `OperationAccepted`;
`RequiredStageFailed` is an `AttemptFailed` that fails a required stage."""
