"""The use cases, once for all doors."""

from agentkit.wire import OperationLine, moment, workflow_schema

from .agents import load_agents
from .definitions import FileFormat, dump_workflow, load_workflow, parse_workflow
from .evidence import write_evidence
from .translate import approval_line, comparison_line, event_line, event_type, operation_line, plan_line

__all__ = [
    "FileFormat",
    "OperationLine",
    "approval_line",
    "comparison_line",
    "dump_workflow",
    "event_line",
    "event_type",
    "load_agents",
    "load_workflow",
    "moment",
    "operation_line",
    "parse_workflow",
    "plan_line",
    "workflow_schema",
    "write_evidence",
]
