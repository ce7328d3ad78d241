"""The use cases, once for all doors."""

from agentkit.wire import OperationLine, moment, workflow_schema

from .agents import load_agents
from .callers import LOCAL, SCOPES, Caller, Scope
from .changes import Changed
from .definitions import FileFormat, dump_workflow, load_workflow, parse_workflow
from .desk import Desk
from .evidence import write_evidence
from .keys import FRESH_SECONDS, ApiKeys, is_api_key, key_id_of
from .premises import Premises, ServiceLimits
from .scheduler import Scheduler
from .schedules import Missed, Schedule, Schedules
from .service import Service
from .sessions import EndedSessions
from .settings import Settings, is_loopback, read_settings
from .translate import approval_line, comparison_line, event_line, event_type, operation_line, plan_line
from .webhooks import Delivery, Poster, Webhooks, WebhookSettings

__all__ = [
    "FRESH_SECONDS",
    "LOCAL",
    "SCOPES",
    "ApiKeys",
    "Caller",
    "Changed",
    "Delivery",
    "Desk",
    "EndedSessions",
    "FileFormat",
    "Missed",
    "OperationLine",
    "Poster",
    "Premises",
    "Schedule",
    "Scheduler",
    "Schedules",
    "Scope",
    "Service",
    "ServiceLimits",
    "Settings",
    "WebhookSettings",
    "Webhooks",
    "approval_line",
    "comparison_line",
    "dump_workflow",
    "event_line",
    "event_type",
    "is_api_key",
    "is_loopback",
    "key_id_of",
    "load_agents",
    "load_workflow",
    "moment",
    "operation_line",
    "parse_workflow",
    "plan_line",
    "read_settings",
    "workflow_schema",
    "write_evidence",
]
