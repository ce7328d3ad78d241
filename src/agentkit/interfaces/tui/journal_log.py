"""What has happened to an operation, line by line: its events, and between them what its agents say while they work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from rich.text import Text
from textual.widgets import RichLog

from agentkit.screens import clock_text, plain_text
from agentkit.wire import EventLine

__all__ = ["JournalLog"]

MOST_LINES: Final = 5_000
"""So many lines are kept; the whole journal is at `agentkit show --history`."""


class JournalLog(RichLog):
    """Events and messages, the newest last."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__(max_lines=MOST_LINES, wrap=False, markup=False, highlight=False, id="log", min_width=0)
        self.zone: tzinfo = zone

    def write_event(self, line: EventLine) -> None:
        """Add an event."""
        said = line.type.replace(".", " ")
        self._add(line.at, f"{line.number:>5}", line.stage or "", said, details_of(line))

    def write_message(self, at: datetime, stage: str, words: str) -> None:
        """Add what an agent said."""
        self._add(at, "    ·", stage, "", words)

    def write_note(self, words: str) -> None:
        """Add what is said of the log itself."""
        self.write(Text(words, "dim italic"))

    def _add(self, at: datetime, number: str, stage: str, said: str, details: str) -> None:
        text = Text(no_wrap=True)
        text.append(f"{number}  {clock_text(at, self.zone)}  ", "dim")
        if stage:
            text.append(f"{plain_text(stage, 60)}  ", "bold")
        if said:
            text.append(f"{plain_text(said, 60)}  ")
        self.write(text.append(plain_text(details, 500), "dim"))


def details_of(line: EventLine) -> str:
    """What belongs to an event, in a few words."""
    data, found = line.data, list[str]()
    for name in ("agent", "by", "question", "reason", "comment", "name", "decision"):
        if isinstance(told := data.get(name), str) and told:
            found.append(told if name in ("question", "reason", "comment") else f"{name} {told}")
    failure = data.get("failure")
    if isinstance(failure, Mapping) and isinstance(message := failure.get("message"), str):
        found.append(message)
    return " · ".join(found)
