"""Views: what is shown of an operation, computed from its events alone. Pure.

    events, in order -> fold.apply(event) -> fold.progress() / .timeline() / .summary()     or a line per event

Rules: a view knows nothing but events and, where it says so, what attempts say while they work; so the same journal
always shows the same, live or years later. An event costs what it touches, never what exists. Where an operation stands
is the kernel's business: a fold that needs it keeps a `State` of its own.
"""

from .lines import HistoryFold, HistoryLine, describe, history
from .plain import failure_line, one_line
from .progress import Progress, ProgressFold, StageProgress, progress_of
from .summary import OperationSummary, SummaryFold, summary_of
from .timeline import Bar, BarOutcome, Timeline, TimelineFold, Wait, draw_timeline, timeline_of

__all__ = [
    "Bar",
    "BarOutcome",
    "HistoryFold",
    "HistoryLine",
    "OperationSummary",
    "Progress",
    "ProgressFold",
    "StageProgress",
    "SummaryFold",
    "Timeline",
    "TimelineFold",
    "Wait",
    "describe",
    "draw_timeline",
    "failure_line",
    "history",
    "one_line",
    "progress_of",
    "summary_of",
    "timeline_of",
]
