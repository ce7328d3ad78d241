"""What every door shows and takes: the outside vocabulary, as pydantic models."""

from .definition import RetryDocument, StageDocument, WorkflowDocument, workflow_schema
from .events import ApprovalLine, EventLine, OperationLine, moment
from .plans import (
    AmountLine,
    BudgetLine,
    ComparisonLine,
    DifferenceLine,
    NeededApprovalLine,
    PlanLine,
    PlannedStageLine,
    StageComparisonLine,
    UsageLine,
)

__all__ = [
    "AmountLine",
    "ApprovalLine",
    "BudgetLine",
    "ComparisonLine",
    "DifferenceLine",
    "EventLine",
    "NeededApprovalLine",
    "OperationLine",
    "PlanLine",
    "PlannedStageLine",
    "RetryDocument",
    "StageComparisonLine",
    "StageDocument",
    "UsageLine",
    "WorkflowDocument",
    "moment",
    "workflow_schema",
]
