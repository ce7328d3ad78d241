"""How far an operation or a stage is: a bar, and words for what is done and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agentkit.wire import OperationPage, StageLine

from .words import bar_text, count_text, duration_text, percent_text, plain_text

__all__ = ["Meter", "meter_of"]

_DONE: Final = frozenset({"completed", "skipped", "undone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """How far something is.

    Attributes:
        fraction: From 0 to 1; 1 is completed only.
        percent: The same in words, rounded down.
        elapsed: How long it has taken, in words.
        remaining: How long it is likely to take still, in words; empty if it is not known or has ended.
        stages: How many stages are done, in words; empty if there are none, or of a stage.
        message: What was said last; empty if nothing was.
    """

    fraction: float
    percent: str
    elapsed: str
    remaining: str = ""
    stages: str = ""
    message: str = ""

    @property
    def words(self) -> str:
        """All of it on one line."""
        left = f"{self.remaining} left" if self.remaining else ""
        return " · ".join(filter(None, (self.percent, self.elapsed, left, self.stages, self.message)))

    def bar(self, width: int = 20) -> str:
        """A bar of letters that can be told from its rest without colours."""
        return bar_text(self.fraction, width)


def meter_of(line: OperationPage | StageLine, *, seen_at: datetime | None = None, now: datetime | None = None) -> Meter:
    """How far an operation or a stage is.

    Args:
        line: How it stood.
        seen_at: When it stood so; with `now`, so that figures go on while nothing new is told.
        now: What time it is.

    Example:
        >>> meter_of(StageLine(name="read", status="running", fraction=0.5, seconds=12, message="half of it")).words
        '50 % · 12 s · half of it'
    """
    since = max(0.0, (now - seen_at).total_seconds()) if now and seen_at else 0.0
    if isinstance(line, StageLine):
        on = since if line.status in ("running", "expanded", "retrying") else 0.0
        return Meter(
            fraction=line.fraction,
            percent=percent_text(line.fraction),
            elapsed=duration_text(line.seconds + on) if line.attempt or line.seconds else "",
            message=plain_text(line.message),
        )
    on = 0.0 if line.ended else since
    left = None if line.ended or line.seconds_left is None else max(0.0, line.seconds_left - on)
    done = sum(stage.status in _DONE for stage in line.stages)
    return Meter(
        fraction=line.fraction,
        percent=percent_text(line.fraction),
        elapsed=duration_text(line.seconds + on),
        remaining="" if left is None else duration_text(left),
        stages=f"{done:,} of {count_text(len(line.stages), 'stage')}" if line.stages else "",
        message=plain_text(line.failure.message if line.failure else line.message),
    )
