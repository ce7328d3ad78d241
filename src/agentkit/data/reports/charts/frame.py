"""What bar and line charts have in common: a legend above, a unit, and the names below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agentkit.data.reports.fonts.glyphs import width_of

from .canvas import COLOURS, FAINT, INK, Canvas, fitted
from .chart import Figures

__all__ = ["DASHES", "colour_of", "draw_legend", "draw_nothing", "legend_rows", "shown_labels", "unit_text"]

# Each line has a pattern of its own, so that a print without colour can be read.
DASHES: Final = ("", "7 4", "2 4", "9 4 2 4", "", "7 4", "2 4", "9 4 2 4")

_SMALL = 10.0
_ROW = 18.0
_LONGEST_NAME = 200.0
_SUPERSCRIPT = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def colour_of(place: int) -> str:
    """The colour of a series or a slice."""
    return COLOURS[place % len(COLOURS)]


def unit_text(figures: Figures, power: int = 0) -> str:
    """What an axis counts: a currency, a power of ten, both or nothing."""
    factor = f"\u00d7 10{str(power).translate(_SUPERSCRIPT)}" if power else ""
    return " ".join(word for word in (figures.unit, factor) if word)


def legend_rows(figures: Figures, width: float) -> list[list[tuple[int, str]]]:
    """The series of a legend with their places, in rows no wider than this; none for a single series."""
    if len(figures.series) < 2:
        return []
    rows: list[list[tuple[int, str]]] = [[]]
    left = width
    for place, series in enumerate(figures.series):
        name = fitted(series.name, _LONGEST_NAME, _SMALL)
        needed = _entry_width(name)
        if rows[-1] and needed > left:
            rows.append([])
            left = width
        rows[-1].append((place, name))
        left -= needed
    return rows


def draw_legend(canvas: Canvas, figures: Figures, rows: Sequence[Sequence[tuple[int, str]]], *, lines: bool) -> float:
    """Draw the legend and the unit at the top; return how high they are."""
    top = 0.0
    for row in rows:
        x = 0.0
        for place, name in row:
            if lines:
                steps = f"M{x:.2f} {top + 8:.2f}L{x + 22:.2f} {top + 8:.2f}"
                canvas.path(steps, stroke=colour_of(place), width=2.5, dash=DASHES[place % len(DASHES)])
            else:
                canvas.box((x, top + 3), (10, 10), colour_of(place))
            canvas.write((x + (28 if lines else 16), top + 12), name, size=_SMALL, colour=INK)
            x += _entry_width(name)
        top += _ROW
    return top + (4 if rows else 0)


def shown_labels(labels: Sequence[str], places: Sequence[float], *, most: float, size: float = _SMALL) -> list[int]:
    """Which labels fit below their places without touching each other: all, or every second, third and so on."""
    if not labels:
        return []
    widths = [min(width_of(label, size), most) for label in labels]
    for step in (1, 2, 3, 4, 6, 12, 24, 60, 120):
        kept = range(0, len(labels), step)
        ends = [places[at] + widths[at] / 2 for at in kept]
        begins = [places[at] - widths[at] / 2 for at in kept]
        if all(begin > end + 5 for begin, end in zip(begins[1:], ends, strict=False)):
            return list(kept)
    return [0]


def draw_nothing(canvas: Canvas, text: str) -> None:
    """Say that there is nothing to show."""
    canvas.write((canvas.width / 2, canvas.height / 2 + 4), text, size=12.0, anchor="middle", colour=FAINT)


def _entry_width(name: str) -> float:
    return width_of(name, _SMALL) + 44
