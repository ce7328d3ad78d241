"""Lines: how figures went, with a gap where none is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from agentkit.data.reports.fonts.glyphs import width_of
from agentkit.money import Locale, format_decimal

from .canvas import FAINT, PALE, WIDTH, Canvas, fitted
from .chart import Figures
from .frame import DASHES, colour_of, draw_legend, legend_rows, shown_labels, unit_text
from .scale import Scale, scale_of, tick_text

__all__ = ["draw_lines"]

_SIZE = 10.0
_PLOT_HEIGHT = 220.0
_MOST_DOTS = 40


def draw_lines(figures: Figures, locale: Locale) -> Canvas:
    """Draw the lines of a chart that is not empty."""
    rows = legend_rows(figures, WIDTH)
    top = 18.0 * len(rows) + 26
    canvas = Canvas(top + _PLOT_HEIGHT + 26)
    draw_legend(canvas, figures, rows, lines=True)
    values = [value for series in figures.series for value in series.values if value is not None]
    scale = scale_of(values, from_zero=False)
    left = _draw_levels(canvas, figures, scale, locale, top)
    right = canvas.width - 18
    places = [left + 10 + (right - left - 10) * share for share in _shares(figures.labels)]
    for number, series in enumerate(figures.series):
        _draw_line(canvas, places, series.values, scale, (top, number))
    _name_single(canvas, figures, places, scale, locale, top)
    for place in shown_labels(figures.labels, places, most=120.0):
        name = fitted(figures.labels[place], 120.0, _SIZE)
        half = width_of(name, _SIZE) / 2
        at = (max(half, min(places[place], canvas.width - half)), top + _PLOT_HEIGHT + 18)
        canvas.write(at, name, size=_SIZE, anchor="middle", colour=FAINT)
    return canvas


def _draw_levels(canvas: Canvas, figures: Figures, scale: Scale, locale: Locale, top: float) -> float:
    texts = [tick_text(scale, tick, locale) for tick in scale.ticks]
    left = max(width_of(text, _SIZE) for text in texts) + 10
    for tick, text in zip(scale.ticks, texts, strict=True):
        y = _height(scale, tick, top)
        canvas.line((left, y), (canvas.width, y), PALE if tick else FAINT)
        canvas.write((left - 6, y + 3.5), text, size=_SIZE, anchor="end", colour=FAINT)
    canvas.write((0, top - 12), unit_text(figures, scale.power), size=_SIZE, colour=FAINT)
    return left


def _draw_line(
    canvas: Canvas,
    places: Sequence[float],
    values: Sequence[Decimal | None],
    scale: Scale,
    which: tuple[float, int],
) -> None:
    top, number = which
    steps: list[str] = []
    points: list[tuple[float, float]] = []
    pen = "M"
    for x, value in zip(places, values, strict=True):
        if value is None:
            pen = "M"
            continue
        y = _height(scale, value, top)
        steps.append(f"{pen}{x:.2f} {y:.2f}")
        points.append((x, y))
        pen = "L"
    canvas.path("".join(steps), stroke=colour_of(number), width=2.0, dash=DASHES[number])
    if len(places) <= _MOST_DOTS:
        for point in points:
            canvas.dot(point, 3.2, colour_of(number))
    else:
        # A figure between two gaps is no line; it would not be seen.
        for place in _alone(values):
            canvas.dot((places[place], _height(scale, values[place] or Decimal(), top)), 3.2, colour_of(number))


def _alone(values: Sequence[Decimal | None]) -> list[int]:
    around = [None, *values, None]
    return [
        place
        for place, value in enumerate(values)
        if value is not None and around[place] is None and around[place + 2] is None
    ]


def _name_single(
    canvas: Canvas, figures: Figures, places: Sequence[float], scale: Scale, locale: Locale, top: float
) -> None:
    """Write the figure beside its point where there is one point only."""
    for series in figures.series:
        filled = [(place, value) for place, value in zip(places, series.values, strict=True) if value is not None]
        if len(filled) == 1:
            x, value = filled[0]
            canvas.write((x + 8, _height(scale, value, top) - 6), format_decimal(value, locale=locale), size=_SIZE)


def _shares(labels: Sequence[str]) -> list[float]:
    """Where the points lie, from 0 to 1: days at their distance in time, everything else evenly."""
    if len(labels) == 1:
        return [0.5]
    try:
        days = [date.fromisoformat(label).toordinal() for label in labels if len(label) == 10]
    except ValueError:
        days = []
    if len(days) == len(labels) and all(before < after for before, after in pairwise(days)):
        return [(day - days[0]) / (days[-1] - days[0]) for day in days]
    return [place / (len(labels) - 1) for place in range(len(labels))]


def _height(scale: Scale, value: Decimal, top: float) -> float:
    return top + _PLOT_HEIGHT * (1 - scale.share(value))
