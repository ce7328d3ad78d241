"""What is said of operations to those who do not ask: the messages of webhooks."""

from __future__ import annotations

from typing import cast

from agentkit.wire import EndedOperation, EndType, OperationEnded, OperationPage

__all__ = ["ended_message"]


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
