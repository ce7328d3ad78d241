"""What has happened to an operation, line by line: its events, and between them what its agents say while they work."""

from __future__ import annotations

from collections import deque
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from rich.text import Text
from textual.widgets import RichLog

from agentkit.screens import clock_text, happening_of, plain_text
from agentkit.wire import EventLine

from .pacing import Pace
from .presence import is_dark
from .texts import ink_of

__all__ = ["JournalLog"]

_LOOKED_EVERY: Final = 0.1
_WRITTEN_EVERY: Final = 0.5
_MANY: Final = 1_000
"""So many lines are not held back: whoever opens a long history is to see it at once."""
_AT_ONCE: Final = 300
"""So many lines are written between two looks at the keys."""


class _Message(NamedTuple):
    """What an agent said while it worked."""

    at: datetime
    stage: str
    words: str


class JournalLog(RichLog):
    """Events and messages, the newest last.

    Args:
        zone: The zone of times.
        lines: How many are kept; the whole journal is at `agentkit show --history`.
    """

    def __init__(self, zone: tzinfo, lines: int) -> None:
        super().__init__(max_lines=lines, wrap=True, markup=False, highlight=False, id="log", min_width=0)
        self.zone: tzinfo = zone
        self._heard: deque[EventLine | _Message] = deque(maxlen=lines)
        self._pace = Pace(_WRITTEN_EVERY)

    def on_mount(self) -> None:
        """Write what there is, now and then."""
        self.set_interval(_LOOKED_EVERY, self._write)

    def begin(self) -> None:
        """Begin anew, with another operation."""
        self._heard.clear()
        self.clear()

    def hear(self, line: EventLine) -> None:
        """Add an event, soon."""
        self._heard.append(line)

    def hear_message(self, at: datetime, stage: str, words: str) -> None:
        """Add what an agent said, soon."""
        self._heard.append(_Message(at, stage, words))

    def note(self, words: str) -> None:
        """Add what is said of the log itself."""
        self.write(Text(words, "dim italic"))

    def _write(self) -> None:
        if not self._heard or (len(self._heard) < _MANY and not self._pace.is_due):
            return
        dark = is_dark(self)
        for _ in range(min(len(self._heard), _AT_ONCE)):
            heard = self._heard.popleft()
            if isinstance(heard, _Message):
                self._add(heard.at, "    ·", heard.stage, Text(plain_text(heard.words, 500), "italic"))
                continue
            one = happening_of(heard)
            look = one.look
            words = Text(one.words) if look is None else Text(f"{look.icon} {one.words}", ink_of(look, dark=dark))
            self._add(one.at, f"{one.number:>5}", one.stage, words)
        if not self._heard:
            self._pace.drawn()

    def _add(self, at: datetime, number: str, stage: str, words: Text) -> None:
        text = Text(overflow="fold")
        text.append(f"{number}  {clock_text(at, self.zone)}  ", "dim")
        if stage:
            text.append(f"{plain_text(stage, 60)}  ", "bold")
        self.write(text.append_text(words))
