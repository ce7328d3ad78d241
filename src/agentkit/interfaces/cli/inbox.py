"""What waits for people, as lines of an inbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from agentkit.views import form_words, moment_text, one_line
from agentkit.wire import ApprovalLine

__all__ = ["approval_table"]

_QUIET = "bright_black"
_LEAST = 30
"""Columns that a question needs to be understood; where there are fewer, it gets a line of its own."""


def approval_table(requests: Sequence[ApprovalLine], width: int) -> Iterator[Text]:
    """A title and a line for each question; one that finds no room gets a line of its own, as what it proposes does."""
    if not requests:
        return
    columns = {
        "operation": [one.operation for one in requests],
        "stage": [" ".join(filter(None, (one_line(one.stage, 60), one_line(one.name, 60)))) for one in requests],
        "who": [one_line(", ".join(one.roles), 30) or "anybody" for one in requests],
        "votes": [f"{len(one.agreed)} of {one.quorum}" for one in requests],
        "until": ["" if one.deadline is None else moment_text(one.deadline.timestamp()) for one in requests],
    }
    if not any(columns["until"]):
        del columns["until"]
    wide = [max(len(title), *map(len, cells)) for title, cells in columns.items()]
    room = width - sum(wide) - 2 * len(wide)
    is_below = room < _LEAST and any(len(one.question) > room for one in requests)
    title = "  ".join(f"{title:{size}}" for title, size in zip(columns, wide, strict=True))
    yield Text(title.rstrip() if is_below else f"{title}  question", _QUIET)
    for one, *cells in zip(requests, *columns.values(), strict=True):
        line = Text("  ".join(f"{cell:{size}}" for cell, size in zip(cells, wide, strict=True)))
        question = Text(one_line(one.question, 200))
        question.truncate(width - 2 if is_below else max(8, room), overflow="ellipsis")
        if is_below:
            yield line
            yield Text("  ").append_text(question)
        else:
            yield line.append("  ").append_text(question)
        if one.proposed:
            yield Text(f"  proposed: {form_words(one.proposed)}", _QUIET)
