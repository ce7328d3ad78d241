"""The use cases, once for all doors."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy
from agentkit.wire import OperationLine, moment, workflow_schema

from .agents import load_agents
from .api_audit import ApiAction, ApiAudit, audit_trails
from .callers import LOCAL, SCOPES, Caller, Scope
from .changes import Changed
from .definitions import FileFormat, dump_workflow, load_workflow, parse_workflow
from .desk import Desk
from .doorstep import Serving, address_of, listening
from .evidence import write_evidence
from .keys import FRESH_SECONDS, ApiKeys, is_api_key, key_id_of
from .logs import LogLines, Redactor, configure_logs
from .monitor import Monitor, Watcher
from .premises import Premises, ServiceLimits
from .scheduler import Scheduler
from .schedules import Missed, Schedule, Schedules
from .service import Service
from .sessions import EndedSessions
from .settings import Settings, is_loopback, read_settings
from .translate import approval_line, comparison_line, event_line, event_type, operation_line, plan_line
from .webhooks import Delivery, Poster, Webhooks, WebhookSettings

if TYPE_CHECKING:
    from .telemetry import RequestSpan, Telemetry

__all__ = [
    "FRESH_SECONDS",
    "LOCAL",
    "SCOPES",
    "ApiAction",
    "ApiAudit",
    "ApiKeys",
    "Caller",
    "Changed",
    "Delivery",
    "Desk",
    "EndedSessions",
    "FileFormat",
    "LogLines",
    "Missed",
    "Monitor",
    "OperationLine",
    "Poster",
    "Premises",
    "Redactor",
    "RequestSpan",
    "Schedule",
    "Scheduler",
    "Schedules",
    "Scope",
    "Service",
    "ServiceLimits",
    "Serving",
    "Settings",
    "Telemetry",
    "Watcher",
    "WebhookSettings",
    "Webhooks",
    "address_of",
    "approval_line",
    "audit_trails",
    "comparison_line",
    "configure_logs",
    "dump_workflow",
    "event_line",
    "event_type",
    "is_api_key",
    "is_loopback",
    "key_id_of",
    "listening",
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

# Only who asks for it needs its libraries.
__getattr__ = lazy(__name__, {"telemetry": ["RequestSpan", "Telemetry"]})[1]
