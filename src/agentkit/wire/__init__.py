"""What every door shows and takes: the outside vocabulary, as pydantic models."""

from .calls import Calls
from .definition import RetryDocument, StageDocument, WorkflowDocument, workflow_schema
from .events import ApprovalLine, EventLine, OperationLine
from .keys import KeyLine, KeyRequest, NewKey
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
from .schedules import ScheduleLine, ScheduleRequest
from .shown import moment
from .tasks import (
    AgentModule,
    AgentModulePage,
    ExecuteRequest,
    ReportRequest,
    SystemPage,
    TaskPage,
    TaskRequest,
    WorkflowRequest,
)
from .webhooks import DeliveryLine, DeliveryQuery, EndedOperation, EndType, OperationEnded, SecretPage

__all__ = [
    "AgentLine",
    "AgentModule",
    "AgentModulePage",
    "AmountLine",
    "ApprovalLine",
    "BudgetLine",
    "Calls",
    "ComparisonLine",
    "Decision",
    "DeliveryLine",
    "DeliveryQuery",
    "DifferenceLine",
    "EndType",
    "EndedOperation",
    "EventLine",
    "ExecuteRequest",
    "FailureLine",
    "FileLine",
    "HealthCheck",
    "HealthPage",
    "KeyLine",
    "KeyRequest",
    "NeededApprovalLine",
    "NewKey",
    "OperationEnded",
    "OperationLine",
    "OperationPage",
    "OperationQuery",
    "Page",
    "PlanLine",
    "PlannedStageLine",
    "Problem",
    "ProblemPart",
    "ReportRequest",
    "RerunRequest",
    "ResultPage",
    "RetryDocument",
    "ScheduleLine",
    "ScheduleRequest",
    "SecretPage",
    "Settlement",
    "SignalRequest",
    "StageComparisonLine",
    "StageDocument",
    "StageLine",
    "SubmitRequest",
    "SystemPage",
    "TaskPage",
    "TaskRequest",
    "UsageLine",
    "WorkflowDocument",
    "WorkflowLine",
    "WorkflowPage",
    "WorkflowRequest",
    "moment",
    "workflow_schema",
]
