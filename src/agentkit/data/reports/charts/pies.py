"""Pies: the parts of a whole, with the figures of each beside them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import cos, pi, sin

from agentkit.data.reports.fonts.glyphs import width_of
from agentkit.money import Locale, allocate_steps, format_decimal

from .canvas import COLOURS, FAINT, INK, OTHERS, PALE, Canvas, fitted
from .chart import Figures
from .frame import colour_of, unit_text

__all__ = ["draw_pie", "percent_texts"]

_RADIUS = 104.0
_SIZE = 10.5
_ROW = 21.0
# A slice that is smaller has no room for its percentage.
_SMALLEST_TOLD = 0.07
# On these, white letters would be hard to read.
_LIGHT = {OTHERS, COLOURS[1], COLOURS[4]}


def draw_pie(figures: Figures, locale: Locale) -> Canvas:
    """Draw the slices of a chart that is not empty, and the list of them."""
    values = [value or Decimal() for value in figures.series[0].values]
    shares = _shares(values)
    canvas = Canvas(max(2 * _RADIUS + 20, _ROW * (len(values) + 1) + 24))
    centre = (_RADIUS + 8, canvas.height / 2)
    told = percent_texts(values, locale)
    begin = 0.0
    for place, share in enumerate(shares):
        colour = _colour(figures, place)
        _draw_slice(canvas, centre, (begin, begin + share), colour)
        begin += share
    begin = 0.0
    for place, (share, text) in enumerate(zip(shares, told, strict=True)):
        if share >= _SMALLEST_TOLD:
            x, y = _on_circle(centre, 0.70 * _RADIUS, begin + share / 2) if share < 1 else centre
            ink = INK if _colour(figures, place) in _LIGHT else "#ffffff"
            canvas.write((x, y + 4), text, size=10.0, anchor="middle", colour=ink, bold=True)
        begin += share
    _list(canvas, figures, values, told, locale)
    return canvas


def percent_texts(values: Sequence[Decimal], locale: Locale) -> list[str]:
    """The percentages of parts with one decimal, which sum to exactly 100."""
    tenths = allocate_steps(1000, [Fraction(value) for value in values])
    sign = "%" if locale.tag.split("-")[0] in ("en", "ja", "zh", "hi", "pt", "it", "nl") else "\u00a0%"
    texts: list[str] = []
    for value, tenth in zip(values, tenths, strict=True):
        number = format_decimal(Decimal(tenth).scaleb(-1), locale=locale, places=1)
        least = format_decimal(Decimal("0.1"), locale=locale)
        texts.append(f"< {least}{sign}" if value and not tenth else f"{number}{sign}")
    return texts


def _draw_slice(canvas: Canvas, centre: tuple[float, float], span: tuple[float, float], colour: str) -> None:
    begin, end = span
    if end - begin >= 0.999999:
        canvas.dot(centre, _RADIUS, colour)
        return
    start, stop = _on_circle(centre, _RADIUS, begin), _on_circle(centre, _RADIUS, end)
    large = 1 if end - begin > 0.5 else 0
    steps = (
        f"M{centre[0]:.2f} {centre[1]:.2f}L{start[0]:.2f} {start[1]:.2f}"
        f"A{_RADIUS:.2f} {_RADIUS:.2f} 0 {large} 1 {stop[0]:.2f} {stop[1]:.2f}Z"
    )
    # The rim of a thin slice would be wider than the slice.
    canvas.path(steps, fill=colour, stroke="#ffffff" if end - begin > 0.01 else colour, width=1.0)


def _list(canvas: Canvas, figures: Figures, values: Sequence[Decimal], told: Sequence[str], locale: Locale) -> None:
    left = 2 * _RADIUS + 48
    numbers = [format_decimal(value, locale=locale) for value in values]
    percent_end = canvas.width - 4
    number_end = percent_end - max(width_of(text, _SIZE) for text in told) - 18
    name_end = number_end - max(width_of(text, _SIZE) for text in (*numbers, figures.unit)) - 14
    top = (canvas.height - _ROW * (len(values) + 1)) / 2 + 12
    if unit := unit_text(figures):
        canvas.write((number_end, top), unit, size=_SIZE, anchor="end", colour=FAINT)
    canvas.line((left, top + 6), (percent_end, top + 6), PALE)
    for place, label in enumerate(figures.labels):
        y = top + _ROW * (place + 1)
        canvas.box((left, y - 9), (11, 11), _colour(figures, place))
        canvas.write((left + 19, y), fitted(label, name_end - left - 19, _SIZE), size=_SIZE)
        canvas.write((number_end, y), numbers[place], size=_SIZE, anchor="end", colour=INK)
        canvas.write((percent_end, y), told[place], size=_SIZE, anchor="end", colour=INK)


def _shares(values: Sequence[Decimal]) -> list[float]:
    parts = [Fraction(value) for value in values]
    whole = sum(parts, Fraction())
    return [float(part / whole) for part in parts]


def _on_circle(centre: tuple[float, float], radius: float, share: float) -> tuple[float, float]:
    """The point at a share of the way round, from the top and clockwise."""
    return centre[0] + radius * sin(2 * pi * share), centre[1] - radius * cos(2 * pi * share)


def _colour(figures: Figures, place: int) -> str:
    return OTHERS if figures.others and place == len(figures.labels) - 1 else colour_of(place)
