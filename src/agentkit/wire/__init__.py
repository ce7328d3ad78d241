"""What every door shows and takes: the outside vocabulary, as pydantic models."""

from .calls import Calls
from .definition import RetryDocument, StageDocument, WorkflowDocument, workflow_schema
from .events import ApprovalLine, EventLine, OperationLine
from .pages import (
    AgentLine,
    FailureLine,
    FileLine,
    HealthCheck,
    HealthPage,
    OperationPage,
    Page,
    ResultPage,
    StageLine,
    WorkflowLine,
    WorkflowPage,
)
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
from .problems import Problem, ProblemPart
from .requests import Decision, OperationQuery, RerunRequest, Settlement, SignalRequest, SubmitRequest
from .shown import moment

__all__ = [
    "AgentLine",
    "AmountLine",
    "ApprovalLine",
    "BudgetLine",
    "Calls",
    "ComparisonLine",
    "Decision",
    "DifferenceLine",
    "EventLine",
    "FailureLine",
    "FileLine",
    "HealthCheck",
    "HealthPage",
    "NeededApprovalLine",
    "OperationLine",
    "OperationPage",
    "OperationQuery",
    "Page",
    "PlanLine",
    "PlannedStageLine",
    "Problem",
    "ProblemPart",
    "RerunRequest",
    "ResultPage",
    "RetryDocument",
    "Settlement",
    "SignalRequest",
    "StageComparisonLine",
    "StageDocument",
    "StageLine",
    "SubmitRequest",
    "UsageLine",
    "WorkflowDocument",
    "WorkflowLine",
    "WorkflowPage",
    "moment",
    "workflow_schema",
]
