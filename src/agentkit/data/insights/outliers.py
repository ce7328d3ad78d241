"""Statements about anomalies: rows far from the others, and periods far from their trend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .gathering import Gathered
from .measures import counted, times
from .robust import far_from_median, median, slope_of
from .statements import Figure, Statement, label, say
from .timing import MOST_PERIODS

__all__ = ["far_periods", "far_rows"]

FEWEST_ROWS: Final = 10
FEWEST_PERIODS: Final = 8


def far_rows(found: Gathered) -> Iterator[Statement]:
    """The rows whose values are far from the others, by the median of deviations from the median."""
    rows, values = list(found.values), list(found.values.values())
    if len(values) < FEWEST_ROWS:
        return
    far = {rows[place]: score for place, score in far_from_median(values, found.config.limit).items()}
    if not far:
        return
    farthest = max(far, key=lambda row: far[row])
    origin = found.table.origins[farthest]
    figures = {
        "value": label(found.config.called or found.config.value),
        "far": Figure(len(far), f"{len(far):,}"),
        "rows": counted(len(rows), "row"),
        "median": found.measure.figure(median(values)),
        "threshold": Figure(found.config.limit, found.config.threshold),
        "farthest": found.measure.figure(found.values[farthest]),
        "score": times(far[farthest]),
        "row": Figure(origin.row, f"{origin.row}"),
        "source": label(origin.source or "the table"),
    }
    text = (
        "In {far} of {rows}, {value} is more than {threshold} usual deviations from the median of {median}; the"
        " farthest, {farthest} in row {row} of {source}, is {score} of them away."
    )
    yield say("anomaly", text, figures, found.behind(list(far)))


def far_periods(found: Gathered) -> Iterator[Statement]:
    """The periods that are far from what their trend lets expect, the farthest first."""
    periods = found.periods[-MOST_PERIODS:]
    if len(periods) < FEWEST_PERIODS:
        return
    slope = slope_of([part.place for part in periods], [part.total for part in periods])
    start = median([part.total - slope * part.place for part in periods])
    expected = [start + slope * part.place for part in periods]
    distances = [part.total - line for part, line in zip(periods, expected, strict=True)]
    far = far_from_median(distances, found.config.limit)
    for place in sorted(far, key=lambda place: (-far[place], place))[: found.config.top]:
        part, line = periods[place], expected[place]
        difference = part.total - line
        figures = {
            "value": label(found.config.called or found.config.value),
            "name": label(part.name),
            "total": found.measure.figure(part.total),
            "difference": Figure(found.measure.exact(difference), found.measure.figure(abs(difference)).shown),
            "expected": found.measure.figure(line),
            "score": times(far[place]),
        }
        way = "above" if difference > 0 else "below"
        text = (
            f"{{name}} stands out: {{value}} is {{total}}, {{difference}} {way} the {{expected}} of its trend, which is"
            " {score} usual deviations."
        )
        yield say("anomaly", text, figures, found.behind(part.rows))
