"""What every door shows and takes: the outside vocabulary, as pydantic models."""

from .definition import RetryDocument, StageDocument, WorkflowDocument, workflow_schema
from .events import EventLine, Json, OperationLine, moment

__all__ = [
    "EventLine",
    "Json",
    "OperationLine",
    "RetryDocument",
    "StageDocument",
    "WorkflowDocument",
    "moment",
    "workflow_schema",
]
