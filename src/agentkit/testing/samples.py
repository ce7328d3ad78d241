"""Events and summaries that checks of stores write."""

from __future__ import annotations

from agentkit.kernel import CancelRequested, Event
from agentkit.stores import Summary

__all__ = ["notes", "summary_of"]


def notes(first: int, last: int) -> list[Event]:
    """Events that are easy to tell apart: their times are their numbers."""
    return [CancelRequested(at=float(number), reason=f"note {number}") for number in range(first, last + 1)]


def summary_of(stream: str, *, name: str = "flow", status: str = "running", at: float = 1.0) -> Summary:
    """A summary with nothing special about it."""
    return Summary(stream=stream, name=name, status=status, ended=False, created_at=at, updated_at=at)
