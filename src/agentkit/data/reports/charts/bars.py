"""Bars: lying where names are long, standing where they are short or are times."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from agentkit.data.reports.fonts.glyphs import width_of
from agentkit.money import Locale, format_decimal

from .canvas import FAINT, INK, OTHERS, PALE, WIDTH, Canvas, fitted
from .chart import Figures, is_time
from .frame import colour_of, draw_legend, legend_rows, shown_labels, unit_text
from .scale import Scale, scale_of, tick_text

__all__ = ["draw_bars"]

_SIZE = 10.0
_MOST_STANDING = 12
_WIDEST_NAME = 210.0
_PLOT_HEIGHT = 210.0
_WIDEST_BAR = 46.0


def draw_bars(figures: Figures, locale: Locale) -> Canvas:
    """Draw the bars of a chart that is not empty."""
    slot = (WIDTH - 70) / max(len(figures.labels), 1)
    short = all(width_of(label, _SIZE) <= slot - 6 for label in figures.labels)
    if is_time(figures.labels) or (short and len(figures.labels) <= _MOST_STANDING):
        return _standing(figures, locale)
    return _lying(figures, locale)


def _standing(figures: Figures, locale: Locale) -> Canvas:
    rows = legend_rows(figures, WIDTH)
    top = 18.0 * len(rows) + 26
    canvas = Canvas(top + _PLOT_HEIGHT + 26)
    draw_legend(canvas, figures, rows, lines=False)
    scale = scale_of(_values(figures))
    left = _draw_levels(canvas, figures, scale, locale, top)
    slot = (canvas.width - left - 4) / len(figures.labels)
    bar = min(slot * 0.72 / len(figures.series), _WIDEST_BAR)
    zero = top + _PLOT_HEIGHT * (1 - scale.share(Decimal()))
    for number, series in enumerate(figures.series):
        for place, value in enumerate(series.values):
            if value is None:
                continue
            x = left + slot * (place + 0.5) + bar * (number - len(figures.series) / 2)
            y = top + _PLOT_HEIGHT * (1 - scale.share(value))
            canvas.box((x, min(y, zero)), (bar - 1, abs(zero - y)), _colour(figures, number, place))
            told = format_decimal(value, locale=locale)
            if len(figures.series) == 1 and width_of(told, 9.0) <= slot - 3:
                canvas.write((x + bar / 2, y - 4 if value >= 0 else y + 11), told, size=9.0, anchor="middle")
    canvas.line((left, zero), (canvas.width, zero), FAINT, 1.2)
    places = [left + slot * (place + 0.5) for place in range(len(figures.labels))]
    for place in shown_labels(figures.labels, places, most=120.0):
        name = fitted(figures.labels[place], 120.0, _SIZE)
        half = width_of(name, _SIZE) / 2
        at = (max(half, min(places[place], canvas.width - half)), top + _PLOT_HEIGHT + 18)
        canvas.write(at, name, size=_SIZE, anchor="middle", colour=FAINT)
    return canvas


def _draw_levels(canvas: Canvas, figures: Figures, scale: Scale, locale: Locale, top: float) -> float:
    """Draw the lines across at the ticks, and what they stand for; return where the plot begins."""
    texts = [tick_text(scale, tick, locale) for tick in scale.ticks]
    left = max(width_of(text, _SIZE) for text in texts) + 10
    for tick, text in zip(scale.ticks, texts, strict=True):
        y = top + _PLOT_HEIGHT * (1 - scale.share(tick))
        canvas.line((left, y), (canvas.width, y), PALE)
        canvas.write((left - 6, y + 3.5), text, size=_SIZE, anchor="end", colour=FAINT)
    canvas.write((0, top - 12), unit_text(figures, scale.power), size=_SIZE, colour=FAINT)
    return left


def _lying(figures: Figures, locale: Locale) -> Canvas:
    rows = legend_rows(figures, WIDTH)
    many = len(figures.series)
    bar = 15.0 if many == 1 else 11.0
    pitch = bar * many + 8
    top = 18.0 * len(rows) + (6 if rows else 0)
    canvas = Canvas(top + pitch * len(figures.labels) + 28)
    draw_legend(canvas, figures, rows, lines=False)
    names = [fitted(label, _WIDEST_NAME, _SIZE) for label in figures.labels]
    scale = scale_of(_values(figures))
    begin, end = _sides(figures, names, scale, locale)
    bottom = canvas.height - 26
    for tick in scale.ticks:
        x = begin + (end - begin) * scale.share(tick)
        canvas.line((x, top), (x, bottom), PALE)
    _mark(canvas, figures, scale, locale, (begin, end, bottom))
    zero = begin + (end - begin) * scale.share(Decimal())
    for place, name in enumerate(names):
        y = top + pitch * place + 4
        canvas.write((0, y + bar * many / 2 + 3.5), name, size=_SIZE)
        for number, series in enumerate(figures.series):
            if (value := series.values[place]) is None:
                continue
            x = begin + (end - begin) * scale.share(value)
            at = y + bar * number
            canvas.box((min(x, zero), at), (abs(x - zero), bar - 1), _colour(figures, number, place))
            told = format_decimal(value, locale=locale)
            side = (x + 4, at + bar / 2 + 3) if value >= 0 else (x - 4, at + bar / 2 + 3)
            canvas.write(side, told, size=9.0, anchor="start" if value >= 0 else "end", colour=INK)
    canvas.line((zero, top), (zero, bottom), FAINT, 1.2)
    return canvas


def _sides(figures: Figures, names: Sequence[str], scale: Scale, locale: Locale) -> tuple[float, float]:
    """Where the plot of lying bars begins and ends, with room for names and for what is written beside the bars."""
    values = _values(figures)
    wide = {value: width_of(format_decimal(value, locale=locale), 9.0) + 8 for value in values}
    names_end = max(width_of(name, _SIZE) for name in names) + 12
    span = WIDTH - names_end
    begin, end = names_end, WIDTH
    # What is written beside a bar may lie over free places of the plot, and takes room only beyond it.
    for value, width in wide.items():
        share = scale.share(value)
        if value < 0:
            begin = max(begin, names_end + max(0.0, width - share * span))
        else:
            end = min(end, WIDTH - max(0.0, width - (1 - share) * span))
    return begin, max(end, begin + 60)


def _mark(canvas: Canvas, figures: Figures, scale: Scale, locale: Locale, edges: tuple[float, float, float]) -> None:
    begin, end, bottom = edges
    texts = [tick_text(scale, tick, locale) for tick in scale.ticks]
    places = [begin + (end - begin) * scale.share(tick) for tick in scale.ticks]
    for place in shown_labels(texts, places, most=120.0):
        anchor_end = places[place] + width_of(texts[place], _SIZE) / 2 > canvas.width
        at = (canvas.width if anchor_end else places[place], bottom + 15)
        canvas.write(at, texts[place], size=_SIZE, anchor="end" if anchor_end else "middle", colour=FAINT)
    unit = unit_text(figures, scale.power)
    first = places[0] - width_of(texts[0], _SIZE) / 2
    if unit and width_of(unit, _SIZE) < first - 6:
        canvas.write((0, bottom + 15), unit, size=_SIZE, colour=FAINT)
    elif unit:
        canvas.write((0, bottom + 26), unit, size=_SIZE, colour=FAINT)


def _values(figures: Figures) -> list[Decimal]:
    return [value for series in figures.series for value in series.values if value is not None]


def _colour(figures: Figures, number: int, place: int) -> str:
    summed = figures.others and len(figures.series) == 1 and place == len(figures.labels) - 1
    return OTHERS if summed else colour_of(number)
