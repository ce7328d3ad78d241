"""Attempts and waits on the line of time: when each began, how long it took, and how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from agentkit.screens import Board, TimeBar, duration_text, plain_text

from .presence import is_dark
from .texts import ink_of, quiet

__all__ = ["MOST_BARS", "TimelineView"]

MOST_BARS: Final = 500
"""So many attempts are shown, the newest."""
_NAME: Final = 22
_WORDS: Final = 22


class TimelineView(VerticalScroll):
    """Draws bars."""

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("", id="timeline")

    def draw(self, board: Board, now: datetime) -> None:
        """Draw the bars of a run."""
        bars = board.bars(now, MOST_BARS)
        width = max(10, self.scrollable_content_region.width - _NAME - _WORDS - 4)
        text = Text("\n").join(self._line(bar, now, width) for bar in bars) if bars else quiet("Nothing was tried yet.")
        self.query_one("#timeline", Static).update(text)

    def _line(self, bar: TimeBar, now: datetime, width: int) -> Text:
        ink = ink_of(bar.look, dark=is_dark(self))
        begin = min(width - 1, int(bar.left * width))
        length = max(1, min(width - begin, round(bar.width * width)))
        line = Text(no_wrap=True)
        name = Text(plain_text(f"{bar.stage} #{bar.attempt}" if bar.attempt > 1 else bar.stage, 100), "bold")
        name.truncate(_NAME, overflow="ellipsis", pad=True)
        line.append_text(name).append("  ")
        line.append("·" * begin, "dim").append(("━" if bar.attempt else "┄") * length, ink)
        line.append("·" * (width - begin - length), "dim")
        took = duration_text(((bar.ended_at or now) - bar.began_at).total_seconds())
        return line.append(f"  {bar.look.icon} {bar.look.label}", ink).append(f" {took}", "dim")
