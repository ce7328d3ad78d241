"""From a chart to its drawing, and to the sentence that tells it to those who do not see it."""

from __future__ import annotations

from dataclasses import dataclass

from agentkit.data.reports.words import Words
from agentkit.money import Locale, format_decimal

from .bars import draw_bars
from .canvas import Canvas
from .chart import Chart, Figures, figures_of
from .frame import draw_nothing
from .lines import draw_lines
from .pies import draw_pie

__all__ = ["Drawing", "draw"]

_MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn chart.

    Attributes:
        svg: The drawing, self-contained.
        description: What it shows, in words.
        texts: Everything that is written in it.
    """

    svg: str
    description: str
    texts: tuple[str, ...]


def draw(chart: Chart, locale: Locale, words: Words) -> Drawing:
    """Draw a chart.

    Args:
        chart: The chart.
        locale: How its numbers are written.
        words: What it says by itself.
    """
    figures = figures_of(chart, words.others)
    told = _told(chart, figures, locale, words)
    texts = (*figures.labels, *(series.name for series in figures.series), words.no_data, figures.unit)
    return Drawing(_canvas(chart, figures, locale, words).svg(told), told, texts)


def _canvas(chart: Chart, figures: Figures, locale: Locale, words: Words) -> Canvas:
    if figures.is_empty or (chart.kind == "pie" and not any(figures.series[0].values)):
        canvas = Canvas(80.0)
        draw_nothing(canvas, words.no_data)
        return canvas
    if chart.kind == "bar":
        return draw_bars(figures, locale)
    return draw_lines(figures, locale) if chart.kind == "line" else draw_pie(figures, locale)


def _told(chart: Chart, figures: Figures, locale: Locale, words: Words) -> str:
    lines: list[str] = []
    for series in figures.series:
        filled = [
            f"{label} {format_decimal(value, locale=locale)}"
            for label, value in zip(figures.labels, series.values, strict=True)
            if value is not None
        ]
        shown = filled[:_MOST_TOLD]
        if left := len(filled) - len(shown):
            shown.append(words.others.replace("{count}", str(left)))
        unit = f" ({figures.unit})" if figures.unit else ""
        lines.append(f"{series.name}{unit}: {'; '.join(shown) or words.no_data}")
    return f"{chart.title}. {'. '.join(lines)}."
