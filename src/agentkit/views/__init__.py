"""Views: what is shown of an operation, computed from its events alone. Pure.

    events, in order -> fold.apply(event) -> fold.progress() / .timeline() / .summary()     or a line per event

Rules: a view knows nothing but events and, where it says so, what attempts say while they work; so the same journal
always shows the same, live or years later. An event costs what it touches, never what exists. Where an operation stands
is the kernel's business: a fold that needs it keeps a `State` of its own.
"""

from .context import (
    ContextChange,
    ContextHistory,
    ContextVersion,
    context_changes,
    check_context_version,
    context_history,
    shared_history,
    context_version,
)
from .effects import EffectsFold, EffectStatus, EffectSummary, Message, MessagesFold, effects_of, messages_of
from .lines import HistoryFold, HistoryLine, describe, history
from .plain import failure_line, moment_text, one_line
from .progress import PartsProgress, Progress, ProgressFold, StageProgress, progress_of
from .summary import OperationSummary, SummaryFold, summary_of
from .timeline import Bar, BarOutcome, Timeline, TimelineFold, Wait, WaitReason, draw_timeline, timeline_of
from .waits import Waiting, WaitingKind, waiting_of

__all__ = [
    "Bar",
    "BarOutcome",
    "ContextChange",
    "ContextHistory",
    "ContextVersion",
    "EffectStatus",
    "EffectSummary",
    "EffectsFold",
    "HistoryFold",
    "HistoryLine",
    "Message",
    "MessagesFold",
    "OperationSummary",
    "PartsProgress",
    "Progress",
    "ProgressFold",
    "StageProgress",
    "SummaryFold",
    "Timeline",
    "TimelineFold",
    "Wait",
    "WaitReason",
    "Waiting",
    "WaitingKind",
    "context_changes",
    "check_context_version",
    "context_history",
    "describe",
    "effects_of",
    "messages_of",
    "draw_timeline",
    "failure_line",
    "history",
    "moment_text",
    "one_line",
    "progress_of",
    "shared_history",
    "summary_of",
    "timeline_of",
    "context_version",
    "waiting_of",
]
