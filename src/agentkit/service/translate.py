"""From the kernel's language to the doors': the only place where the two meet."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import cast

from pydantic import JsonValue

from agentkit.kernel import Event, Failure, TierUsed, Usage, Workflow, workflow_data
from agentkit.orchestrator import ApprovalRequest
from agentkit.stores import Summary
from agentkit.wire import ApprovalLine, EventLine, OperationLine, moment

__all__ = ["approval_line", "event_line", "event_type", "operation_line"]

_ENVELOPE = frozenset({"at", "stage", "operation_id"})
_JSON_TEXTS = frozenset({"value", "input", "context", "effects", "result", "data", "form", "approval", "merges"})
_TIMES = frozenset({"retry_at", "until", "expires_at"})


def event_type(event: Event) -> str:
    """The event's type in words separated by dots.

    Example:
        >>> from agentkit.kernel import CancelRequested
        >>> event_type(CancelRequested(at=0.0))
        'cancel.requested'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", ".", type(event).__name__).lower()


def event_line(operation_id: str, number: int, event: Event) -> EventLine:
    """An event as the doors show it."""
    data = {
        field.name: _shown(field.name, value)
        for field in fields(event)
        if field.name not in _ENVELOPE and (value := getattr(event, field.name)) not in (None, "")
    }
    return EventLine(
        operation=operation_id,
        number=number,
        at=moment(event.at),
        type=event_type(event),
        stage=getattr(event, "stage", None),
        data=data,
    )


def operation_line(summary: Summary) -> OperationLine:
    """A line of a list as the doors show it."""
    return OperationLine(
        id=summary.stream,
        workflow=summary.name,
        status=summary.status,
        created_at=moment(summary.created_at),
        updated_at=moment(summary.updated_at),
        events=summary.version,
    )


def approval_line(request: ApprovalRequest) -> ApprovalLine:
    """A line of an inbox as the doors show it."""
    return ApprovalLine(
        operation=request.operation_id,
        workflow=request.workflow,
        stage=request.stage,
        name=request.name,
        question=request.question,
        roles=list(request.roles),
        quorum=request.quorum,
        agreed=[vote.by for vote in request.votes if vote.approve],
        asked_at=moment(request.asked_at),
        deadline=None if request.deadline is None else moment(request.deadline),
        form=dict(request.form),
        escalated=request.escalated,
    )


def _shown(name: str, value: object) -> JsonValue:
    match value:
        case Failure() | Usage() | TierUsed():
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case Workflow():
            return cast("JsonValue", workflow_data(cast("Workflow[object]", value)))
        case str() if name in _JSON_TEXTS:
            return cast("JsonValue", json.loads(value)) if value else None
        case bool() | int() | float() | str():
            return moment(value).isoformat() if name in _TIMES and isinstance(value, float) else value
        case _:
            raise TypeError(f"{name}: nothing shows a {type(value).__name__}")
