"""A workflow as lines of text, for terminals and logs: one line per stage, step by step.

Rules: a line says its status in words; stages of one step, which may run at the same time, are held by a bracket; a
line has a bounded length, and pure ASCII is a choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .folding import steps
from .lettering import cells, clip, listed, padded
from .picture import Box, Picture
from .signs import SIGNS

__all__ = ["plain", "workflow_text"]

_WIDTH = 110
_LONGEST = 32
_PLAIN = str.maketrans(
    {
        "≥": ">=",
        "≤": "<=",
        "≠": "!=",
        "→": "->",
        "\N{MULTIPLICATION SIGN}": "x",
        "·": "-",
        "…": "...",
        "─": "-",
        "┬": "+",
        "├": "|",
        "└": "`",
    }
    | {sign.glyph: sign.letter for sign in SIGNS.values()}
)


def workflow_text(picture: Picture) -> str:
    """The picture as text, one line for every stage."""
    boxes = picture.boxes
    step = steps(len(boxes), picture.arrows)
    columns: list[list[int]] = [[] for _ in range(max(step) + 1)]
    for number, column in enumerate(step):
        columns[column].append(number)
    after: list[list[str]] = [[] for _ in boxes]
    for source, target in picture.arrows:
        after[target].append(boxes[source].name)
    rows = [_cells(box) for box in boxes]
    widths = [max(cells(row[place]) for row in rows) for place in range(len(rows[0]))]
    digits = len(str(len(columns)))
    lines = list(_heading(picture))
    for position, numbers in enumerate(columns, start=1):
        for bracket, number in zip(_brackets(len(numbers)), numbers, strict=True):
            label = str(position) if number == numbers[0] else ""
            start = f"{label:>{digits}} {bracket} {_joined(rows[number], widths)}"
            lines.append(_with_sources(start, after[number]).rstrip())
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    r"""The text in ASCII alone; a letter outside of it is written as its number.

    Example:
        >>> plain("Künstler → Label")
        'K\\xfcnstler -> Label'
    """
    return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")


def _heading(picture: Picture) -> Iterator[str]:
    title = picture.title
    if picture.status:
        title += f" · {SIGNS[picture.status].glyph} {picture.status}"
    yield f"{title} · {picture.summary}"
    yield from (clip(line, _WIDTH) for line in (picture.description, picture.note) if line)
    yield ""


def _cells(box: Box) -> list[str]:
    row = [clip(box.name, _LONGEST), clip(box.work, _LONGEST)]
    if box.status:
        sign = SIGNS[box.status].glyph
        row = [f"{sign} {row[0]}", row[1], clip(box.words, _LONGEST)]
    return [*row, clip(" · ".join(box.badges), 2 * _LONGEST)]


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True) if width)


def _with_sources(start: str, names: list[str]) -> str:
    if not names:
        return start
    shown = [clip(name, _LONGEST) for name in names]
    return f"{start}  after {listed(shown, _WIDTH - cells(start) - 8)}"


def _brackets(count: int) -> Iterator[str]:
    if count == 1:
        yield "─"
        return
    yield "┬"
    yield from "├" * (count - 2)
    yield "└"
