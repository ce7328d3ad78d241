"""How wide the columns of a table get on paper, and on which side up, so that numbers never break.

Rules: computed from the texts alone, so that all pages of a long table have the same columns; what does not fit on one
page side by side goes on below, in groups of columns that begin with the same first one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.data.reports.report import ReportColumn
from agentkit.data.tables.kinds import Column

__all__ = ["Group", "groups_of"]

# Points: what is left of A4 between the margins.
_UPRIGHT, _FLIPPED = 493.0, 740.0
_SIDES = ((False, 9.0), (False, 8.0), (True, 8.5), (True, 7.5))
_PADDING = 11.0
_LETTER = 0.58
_LONGEST_WORD = 24
_LONGEST_TEXT = 42
# Texts up to here stay on one line.
_SHORT_TEXT = 18
_BROKEN_KINDS = frozenset({"text", "code"})


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that stand side by side.

    Attributes:
        places: Which columns, counted from 0.
        widths: Their shares of the page.
        size: The size of the letters, in points.
        flipped: Whether the page lies on its side.
    """

    places: tuple[int, ...]
    widths: tuple[float, ...]
    size: float
    flipped: bool


def groups_of(
    shown: Sequence[ReportColumn], kinds: Sequence[Column], heads: Sequence[str], texts: Sequence[Sequence[str]]
) -> list[Group]:
    """How the columns of a table stand on paper: in one group, or in several where they are too many.

    Args:
        shown: How they are shown.
        kinds: What they hold.
        heads: What stands above them.
        texts: What stands in them, by column.
    """
    needs = [_need(kind, head, cells) for kind, head, cells in zip(kinds, heads, texts, strict=True)]
    every = tuple(range(len(needs)))
    for flipped, size in _SIDES:
        if _least(needs, every, size) <= (_FLIPPED if flipped else _UPRIGHT):
            return [_group(shown, needs, every, size, flipped=flipped)]
    groups = _split(needs)
    even = -(-(len(every) - 1) // len(groups))
    level = [(0, *every[begin : begin + even]) for begin in range(1, len(every), even)]
    if all(_least(needs, group, _SIDES[-1][1]) <= _FLIPPED for group in level):
        groups = level
    return [_group(shown, needs, group, _SIDES[-1][1], flipped=True) for group in groups]


def _split(needs: Sequence[tuple[float, float]]) -> list[tuple[int, ...]]:
    """As few groups of columns as there can be, each with as many as fit."""
    groups: list[tuple[int, ...]] = [(0,)]
    for place in range(1, len(needs)):
        wider = (*groups[-1], place)
        if _least(needs, wider, _SIDES[-1][1]) > _FLIPPED and len(groups[-1]) > 1:
            wider = (0, place)
            groups.append(wider)
        groups[-1] = wider
    return groups


def _need(kind: Column, head: str, cells: Sequence[str]) -> tuple[float, float]:
    """The least and the natural width of a column, in letters."""
    word = min(max((len(part) for part in head.split()), default=0), _LONGEST_WORD)
    longest = max(map(len, cells), default=0)
    if kind.kind in _BROKEN_KINDS:
        most = max((len(part) for cell in cells for part in cell.split()), default=0)
        least = float(max(word, min(most, _LONGEST_WORD), min(longest, _SHORT_TEXT)))
        return least, float(max(least, min(max(longest, len(head)), _LONGEST_TEXT)))
    least = float(max(word, longest))
    return least, max(least, float(min(len(head), 14)))


def _least(needs: Sequence[tuple[float, float]], places: Sequence[int], size: float) -> float:
    return sum(needs[place][0] * _LETTER * size + _PADDING for place in places)


def _group(
    shown: Sequence[ReportColumn],
    needs: Sequence[tuple[float, float]],
    places: tuple[int, ...],
    size: float,
    *,
    flipped: bool,
) -> Group:
    if any(shown[place].width is not None for place in places):
        widths = [shown[place].width or 1.0 for place in places]
    else:
        width = _FLIPPED if flipped else _UPRIGHT
        least = [needs[place][0] * _LETTER * size + _PADDING for place in places]
        wished = [(needs[place][1] - needs[place][0]) * _LETTER * size for place in places]
        left = width - sum(least)
        if sum(wished) >= left > 0:
            widths = [low + left * wish / sum(wished) for low, wish in zip(least, wished, strict=True)]
        else:
            natural = [low + wish for low, wish in zip(least, wished, strict=True)]
            widths = [one * width / sum(natural) for one in natural]
    return Group(places, tuple(round(width, 2) for width in widths), size, flipped)
