"""What there is to look up of work in doubt, as `show` says it, of a store and of a server alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from agentkit.screens import Board
from agentkit.views import one_line
from agentkit.wire import EventLine

__all__ = ["doubt_lines"]


def doubt_lines(events: Iterable[EventLine]) -> Iterator[Text]:
    """A line for each stage, item, turn or undoing that is in doubt.

    Args:
        events: All events of the operation, in order.
    """
    board = Board(keep=1)
    board.hear(events)
    for stage in board.doubts:
        yield Text(f"{one_line(stage, 60)} is in doubt: {board.doubt_words(stage)}", "yellow")
