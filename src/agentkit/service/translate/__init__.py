"""From the language inside to the one at the doors: here `kernel` and `wire` meet, and nowhere else."""

from .lines import approval_line, comparison_line, event_line, event_type, operation_line, plan_line
from .messages import ended_message, ended_stages, progress_message
from .pages import (
    agent_line,
    drawing_page,
    file_lines,
    page_of,
    result_page,
    statuses,
    workflow_line,
    workflow_page,
)

__all__ = [
    "agent_line",
    "approval_line",
    "comparison_line",
    "drawing_page",
    "ended_message",
    "ended_stages",
    "event_line",
    "event_type",
    "file_lines",
    "operation_line",
    "page_of",
    "plan_line",
    "progress_message",
    "result_page",
    "statuses",
    "workflow_line",
    "workflow_page",
]
