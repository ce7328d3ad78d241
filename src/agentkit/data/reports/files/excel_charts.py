"""The charts of a report as charts of Excel, each beside the figures that it draws."""

from __future__ import annotations

from decimal import Decimal

from agentkit.data.reports.charts.canvas import COLOURS, OTHERS
from agentkit.data.reports.charts.chart import Chart, Figures, figures_of, is_time
from agentkit.data.reports.report import Report
from agentkit.data.reports.texts import is_runnable, plain
from agentkit.data.reports.words import Words

from .workbook import Book, Drawn, Formats, Sheet

__all__ = ["add_charts"]

_FEWEST_ROWS = 19
_LETTERS = {"name": "Calibri", "size": 9, "color": "#1f2933"}


def add_charts(book: Book, sheet: Sheet, report: Report, words: Words, formats: Formats) -> None:
    """Write the figures of all charts below each other, and their charts beside them."""
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 8, 14)
    sheet.hide_gridlines(2)
    row = 0
    for chart in report.charts:
        figures = figures_of(chart, words.others)
        sheet.write_string(row, 0, plain(chart.title), formats.get(bold=True, font_size=13, font_color="#1f4e79"))
        _write_figures(sheet, row + 1, figures, formats)
        height = max(_FEWEST_ROWS, min(len(figures.labels) + 6, 40))
        last = row + 1 + len(figures.labels)
        if figures.is_empty:
            sheet.write_string(last + 1, 0, words.no_data)
        else:
            drawn = _drawn(book, sheet.get_name(), chart, figures, row + 1)
            drawn.set_size({"width": 760, "height": 20 * (height - 2)})
            sheet.insert_chart(row + 1, len(figures.series) + 2, drawn, {"description": plain(chart.title)})
        row = max(last + 1, row + height) + 2


def _write_figures(sheet: Sheet, row: int, figures: Figures, formats: Formats) -> None:
    head = formats.get(bold=True, bottom=1, align="right")
    sheet.write_string(row, 0, figures.unit, formats.get(bold=True, bottom=1))
    for place, series in enumerate(figures.series, start=1):
        sheet.write_string(row, place, plain(series.name), head)
    number = formats.get(num_format="#,##0.00" if _has_places(figures) else "#,##0")
    for at, label in enumerate(figures.labels):
        text = plain(label)
        sheet.write_string(row + 1 + at, 0, text, formats.get(quote_prefix=True) if is_runnable(text) else None)
        for place, series in enumerate(figures.series, start=1):
            if (value := series.values[at]) is not None:
                # A chart is drawn, not added up: a float is near enough, and the tables have the exact amounts.
                sheet.write_number(row + 1 + at, place, _near(value), number)


def _near(value: Decimal) -> float:
    near = float(value)
    return near if abs(near) < 1e300 else 1e300


def _drawn(book: Book, name: str, chart: Chart, figures: Figures, row: int) -> Drawn:
    lying = chart.kind == "bar" and not is_time(figures.labels) and len(figures.labels) > 6
    kind = "column" if chart.kind == "bar" and not lying else chart.kind
    drawn = book.add_chart({"type": kind})
    first, last = row + 1, row + len(figures.labels)
    for place in range(len(figures.series)):
        series: dict[str, object] = {
            "name": [name, row, place + 1],
            "categories": [name, first, 0, last, 0],
            "values": [name, first, place + 1, last, place + 1],
            **_looks(chart, figures, place),
        }
        drawn.add_series(series)
    drawn.set_title({"none": True})
    if chart.kind == "pie":
        drawn.set_legend({"position": "right", "font": _LETTERS})
        return drawn
    drawn.set_legend({"none": True} if len(figures.series) == 1 else {"position": "top", "font": _LETTERS})
    shape = "#,##0.##" if lying else "#,##0"
    values = {"major_gridlines": {"visible": True, "line": {"color": "#dde3ea"}}, "num_format": shape}
    values |= {
        "line": {"none": True},
        "num_font": _LETTERS,
        "name": figures.unit,
        "name_font": {**_LETTERS, "bold": False},
    }
    names: dict[str, object] = {"num_font": _LETTERS, "label_position": "low", "line": {"color": "#5b6773"}}
    if lying:
        # The first bar is on top, as it is in the table.
        drawn.set_y_axis({**names, "reverse": True, "interval_unit": 1})
        drawn.set_x_axis({**values, "num_format": "#,##0"})
    else:
        drawn.set_x_axis(names)
        drawn.set_y_axis({**values, "num_format": "#,##0"})
    return drawn


def _looks(chart: Chart, figures: Figures, place: int) -> dict[str, object]:
    colour = COLOURS[place % len(COLOURS)]
    if chart.kind == "line":
        marker = {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": "#ffffff"}}
        return {
            "line": {"color": colour, "width": 2},
            "marker": marker if len(figures.labels) <= 40 else {"type": "none"},
        }
    points = [{"fill": {"color": COLOURS[at % len(COLOURS)]}} for at in range(len(figures.labels))]
    if figures.others:
        points[-1] = {"fill": {"color": OTHERS}}
    if chart.kind == "pie":
        return {"points": points, "data_labels": {"percentage": True, "leader_lines": True, "font": _LETTERS}}
    looks: dict[str, object] = {"fill": {"color": colour}, "gap": 45}
    if figures.others and len(figures.series) == 1:
        looks["points"] = [*[None] * (len(figures.labels) - 1), {"fill": {"color": OTHERS}}]
    return looks


def _has_places(figures: Figures) -> bool:
    return any(
        value is not None and value != value.to_integral_value() for one in figures.series for value in one.values
    )
