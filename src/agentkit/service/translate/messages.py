"""What is said of operations to those who do not ask: the messages of webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from agentkit.kernel import STAGE_ENDS
from agentkit.wire import (
    EndedOperation,
    EndType,
    OperationEnded,
    OperationPage,
    OperationProgress,
    RunningOperation,
)

__all__ = ["ended_message", "ended_stages", "progress_message"]

_MOST_STAGES: Final = 100


def ended_message(page: OperationPage) -> OperationEnded:
    """The message that an operation has ended."""
    return OperationEnded(
        type=cast("EndType", f"operation.{page.status}"),
        timestamp=page.updated_at,
        data=EndedOperation(
            id=page.id,
            workflow=page.workflow,
            status=page.status,
            created_at=page.created_at,
            seconds=round(page.seconds, 3),
            metadata=page.metadata,
            failure=page.failure,
        ),
    )


def ended_stages(page: OperationPage) -> Mapping[str, str]:
    """The stages of an operation that have ended, and how."""
    return {stage.name: stage.status for stage in page.stages if stage.status in STAGE_ENDS}


def progress_message(page: OperationPage, ended: Mapping[str, str]) -> OperationProgress:
    """The message that these stages of an operation have ended."""
    return OperationProgress(
        timestamp=page.updated_at,
        data=RunningOperation(
            id=page.id,
            workflow=page.workflow,
            status=page.status,
            created_at=page.created_at,
            seconds=round(page.seconds, 3),
            fraction=page.fraction,
            ended=dict(list(ended.items())[:_MOST_STAGES]),
            metadata=page.metadata,
        ),
    )
