"""What agents said while somebody looked on: the lines of a picture that were not in the ones before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

__all__ = ["Numbered", "news_of"]


class Numbered(Protocol):
    """A line with its number."""

    @property
    def number(self) -> int:
        """Counted from 1 within an operation, as long as one process works on it."""
        ...


Line = TypeVar("Line", bound=Numbered)


def news_of(lines: Sequence[Line], last: int) -> Sequence[Line]:
    """Those of these lines, in order, that came after the one of this number.

    If even the newest has a lower number, another process works on the operation by now, and counts anew.

    Example:
        >>> from agentkit.wire import LiveLine
        >>> lines = [LiveLine(number=number, stage="ask", message="...") for number in (4, 5, 6)]
        >>> [[line.number for line in news_of(lines, last)] for last in (0, 5, 6, 90)]
        [[4, 5, 6], [6], [], [4, 5, 6]]
    """
    if lines and lines[-1].number < last:
        last = 0
    return [line for line in lines if line.number > last]
