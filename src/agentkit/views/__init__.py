"""Views: what is shown of an operation, computed from its events alone. Pure.

    events, in order -> fold.apply(event) -> fold.progress() / .timeline() / .summary()     or a line per event

Rules: a view knows nothing but events and, where it says so, what attempts say while they work; so the same journal
always shows the same, live or years later. An event costs what it touches, never what exists. Where an operation stands
is the kernel's business: a fold that needs it keeps a `State` of its own.
"""

from .artifacts import ArtifactLine, ArtifactsFold, artifacts_of, newest_artifact
from .comparison import Comparison, StageComparison, compare
from .context import (
    ContextChange,
    ContextHistory,
    ContextVersion,
    check_context_version,
    context_changes,
    context_history,
    context_version,
    shared_history,
)
from .costs import AttemptCost, Cost, CostFold, Costs, costs_of
from .differences import Difference, differences
from .effects import EffectsFold, EffectStatus, EffectSummary, Message, MessagesFold, effects_of, messages_of
from .estimate import Basis, History, Spread, StageEstimate
from .folding import seconds_left
from .jobs import Job, JobEnd, JobFold, jobs_of
from .lines import HistoryFold, HistoryLine, describe, history
from .performance import (
    Bottleneck,
    BottleneckKind,
    LimitFigures,
    Performance,
    Severity,
    StageFigures,
    Thresholds,
    bottlenecks_of,
    performance_of,
    severity_of,
)
from .pictures import LogLine, PartsProgress, Progress, StageProgress
from .plain import failure_line, form_words, moment_text, one_line, origin_words
from .plan import ExecutionPlan, approval_words
from .plan_parts import BudgetCheck, NeededApproval, StagePlan, Times, Verdict
from .planning import plan_of
from .playback import Outlook, play_back
from .progress import ProgressFold, progress_of
from .records import RecordFold, StageRecord, records_of
from .spans import Span, SpanFold, SpanNote, SpanOutcome
from .summary import OperationSummary, SummaryFold, summary_of
from .table import seconds_text, usage_text
from .teams import TeamEnd, TeamHistory, TeamTurn, TurnStatus, team_of
from .timeline import Bar, BarOutcome, Timeline, TimelineFold, Wait, WaitReason, draw_timeline, timeline_of
from .traces import TraceParent, child_trace, read_traceparent, trace_of
from .waits import Waiting, WaitingKind, waiting_of

__all__ = [
    "ArtifactLine",
    "ArtifactsFold",
    "AttemptCost",
    "Bar",
    "BarOutcome",
    "Basis",
    "Bottleneck",
    "BottleneckKind",
    "BudgetCheck",
    "Comparison",
    "ContextChange",
    "ContextHistory",
    "ContextVersion",
    "Cost",
    "CostFold",
    "Costs",
    "Difference",
    "EffectStatus",
    "EffectSummary",
    "EffectsFold",
    "ExecutionPlan",
    "History",
    "HistoryFold",
    "HistoryLine",
    "Job",
    "JobEnd",
    "JobFold",
    "LimitFigures",
    "LogLine",
    "Message",
    "MessagesFold",
    "NeededApproval",
    "OperationSummary",
    "Outlook",
    "PartsProgress",
    "Performance",
    "Progress",
    "ProgressFold",
    "RecordFold",
    "Severity",
    "Span",
    "SpanFold",
    "SpanNote",
    "SpanOutcome",
    "Spread",
    "StageComparison",
    "StageEstimate",
    "StageFigures",
    "StagePlan",
    "StageProgress",
    "StageRecord",
    "SummaryFold",
    "TeamEnd",
    "TeamHistory",
    "TeamTurn",
    "Thresholds",
    "Timeline",
    "TimelineFold",
    "Times",
    "TraceParent",
    "TurnStatus",
    "Verdict",
    "Wait",
    "WaitReason",
    "Waiting",
    "WaitingKind",
    "approval_words",
    "artifacts_of",
    "bottlenecks_of",
    "check_context_version",
    "child_trace",
    "compare",
    "context_changes",
    "context_history",
    "context_version",
    "costs_of",
    "describe",
    "differences",
    "draw_timeline",
    "effects_of",
    "failure_line",
    "form_words",
    "history",
    "jobs_of",
    "messages_of",
    "moment_text",
    "newest_artifact",
    "one_line",
    "origin_words",
    "performance_of",
    "plan_of",
    "play_back",
    "progress_of",
    "read_traceparent",
    "records_of",
    "seconds_left",
    "seconds_text",
    "severity_of",
    "shared_history",
    "summary_of",
    "team_of",
    "timeline_of",
    "trace_of",
    "usage_text",
    "waiting_of",
]
