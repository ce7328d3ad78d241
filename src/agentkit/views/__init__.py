"""What is seen: pure folds of the journal."""

from .history import describe, history, one_line
from .progress import Progress, ProgressFold, StageProgress, progress_of

__all__ = ["Progress", "ProgressFold", "StageProgress", "describe", "history", "one_line", "progress_of"]
