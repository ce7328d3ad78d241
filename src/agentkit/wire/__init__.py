"""What every door shows and takes: the outside vocabulary, as pydantic models."""

from .definition import RetryDocument, StageDocument, WorkflowDocument, workflow_schema
from .events import ApprovalLine, EventLine, OperationLine, moment

__all__ = [
    "ApprovalLine",
    "EventLine",
    "OperationLine",
    "RetryDocument",
    "StageDocument",
    "WorkflowDocument",
    "moment",
    "workflow_schema",
]
