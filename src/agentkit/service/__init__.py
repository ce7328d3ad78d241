"""The use cases, once for all doors."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from agentkit.faces import lazy
from agentkit.wire import OperationLine, moment, workflow_schema

from .agents import load_agents
from .api_audit import ApiAction, ApiAudit, audit_trails
from .assembly import take_up_chores
from .backups import BackupPlan, Backups, TakenBackup, back_up, backed_up_file
from .callers import LOCAL, SCOPES, Caller, Scope
from .changes import Changed
from .chores import Chores
from .configuration import settings_page
from .definitions import FILE_FORMATS, FileFormat, dump_workflow, load_workflow, parse_workflow, shorten_workflow
from .deliveries import Deliveries, Delivery
from .desk import Desk
from .diagnosis import diagnosis_page, examine_machine, examine_server, examine_settings, examine_store
from .direct import single_workflow
from .doorstep import Serving, address_of, hearing_signals, inherited, listening
from .evidence import write_evidence
from .keys import FRESH_SECONDS, ApiKeys, is_api_key, key_id_of
from .logs import LogLines, Redactor, configure_logs
from .monitor import Monitor, Watcher
from .premises import Premises, ServiceLimits
from .schedule import Missed, Schedule
from .scheduler import Scheduler
from .schedules import Schedules
from .service import Service
from .sessions import EndedSessions
from .settings import Settings, is_loopback, read_settings
from .translate import approval_line, comparison_line, event_line, event_type, operation_line, plan_line
from .upkeep import schedule_line
from .webhooks import Poster, Webhooks, WebhookSettings

if TYPE_CHECKING:
    from .telemetry import RequestSpan, Telemetry

__all__ = [
    "FILE_FORMATS",
    "FRESH_SECONDS",
    "LOCAL",
    "SCOPES",
    "ApiAction",
    "ApiAudit",
    "ApiKeys",
    "BackupPlan",
    "Backups",
    "Caller",
    "Changed",
    "Chores",
    "Deliveries",
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
    "TakenBackup",
    "Telemetry",
    "Watcher",
    "WebhookSettings",
    "Webhooks",
    "address_of",
    "approval_line",
    "audit_trails",
    "back_up",
    "backed_up_file",
    "comparison_line",
    "configure_logs",
    "diagnosis_page",
    "dump_workflow",
    "event_line",
    "event_type",
    "examine_machine",
    "examine_server",
    "examine_settings",
    "examine_store",
    "hearing_signals",
    "inherited",
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
    "schedule_line",
    "settings_page",
    "shorten_workflow",
    "single_workflow",
    "take_up_chores",
    "workflow_schema",
    "write_evidence",
]

# Only who asks for it needs its libraries.
__getattr__: Callable[[str], object] = lazy(__name__, {"telemetry": ["RequestSpan", "Telemetry"]})[1]
