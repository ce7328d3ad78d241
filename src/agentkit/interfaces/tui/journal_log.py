"""What has happened to an operation, line by line: its events, and between them what its agents say while they work."""

from __future__ import annotations

from collections import deque
from datetime import datetime, tzinfo
from typing import Final

from rich.text import Text
from textual.widgets import RichLog

from agentkit.screens import clock_text, happening_of, plain_text
from agentkit.wire import EventLine

from .presence import is_dark
from .texts import ink_of

__all__ = ["JournalLog"]

_AT_ONCE: Final = 300
"""So many lines are written between two looks at the keys."""


class JournalLog(RichLog):
    """Events and messages, the newest last.

    Args:
        zone: The zone of times.
        lines: How many are kept; the whole journal is at `agentkit show --history`.
    """

    def __init__(self, zone: tzinfo, lines: int) -> None:
        super().__init__(max_lines=lines, wrap=True, markup=False, highlight=False, id="log", min_width=0)
        self.zone: tzinfo = zone
        self._events: deque[EventLine] = deque(maxlen=lines)

    def on_mount(self) -> None:
        """Write what there is, now and then."""
        self.set_interval(0.1, self._write)

    def begin(self) -> None:
        """Begin anew, with another operation."""
        self._events.clear()
        self.clear()

    def hear(self, line: EventLine) -> None:
        """Add an event, soon."""
        self._events.append(line)

    def hear_message(self, at: datetime, stage: str, words: str) -> None:
        """Add what an agent said."""
        while self._events:
            self._write()
        self._add(at, "    ·", stage, Text(plain_text(words, 500), "italic"))

    def note(self, words: str) -> None:
        """Add what is said of the log itself."""
        self.write(Text(words, "dim italic"))

    def _write(self) -> None:
        dark = is_dark(self)
        for _ in range(min(len(self._events), _AT_ONCE)):
            one = happening_of(self._events.popleft())
            look = one.look
            words = Text(one.words) if look is None else Text(f"{look.icon} {one.words}", ink_of(look, dark=dark))
            self._add(one.at, f"{one.number:>5}", one.stage, words)

    def _add(self, at: datetime, number: str, stage: str, words: Text) -> None:
        text = Text(overflow="fold")
        text.append(f"{number}  {clock_text(at, self.zone)}  ", "dim")
        if stage:
            text.append(f"{plain_text(stage, 60)}  ", "bold")
        self.write(text.append_text(words))
