"""Statements about time: growth, trend, seasonality, and the best and the worst period.

Rules: only periods with rows are looked at, and gaps are said; a trend is claimed only where chance hardly explains it;
a season only where it came in every full year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from .gathering import Gathered, Part
from .measures import Number, counted, percent
from .periods import MONTHS, PER_YEAR
from .robust import is_monotone, median, slope_of
from .statements import Figure, Statement, label, say

__all__ = ["MOST_PERIODS", "best_and_worst", "growth", "seasonality", "trend"]

MOST_PERIODS: Final = 360
"""How many periods a trend looks back: pairs of all of them are compared."""

FEWEST_FOR_TREND: Final = 6
FEWEST_YEARS: Final = 2
MARKED: Final = Fraction(1, 5)
"""How far from the average a season has to be."""


def growth(found: Gathered) -> Iterator[Statement]:
    """What the last period has more or less than the one before it, and than a year before."""
    if len(found.periods) < 2:
        return
    last, before = found.periods[-1], found.periods[-2]
    yield _grown(found, last, before)
    year_ago = last.place - PER_YEAR[found.config.period]
    for part in found.periods[:-2]:
        if part.place == year_ago:
            yield _grown(found, last, part)


def best_and_worst(found: Gathered) -> Iterator[Statement]:
    """The periods with the highest and the lowest total."""
    periods = found.periods
    if len(periods) < 3:
        return
    best, worst = max(periods, key=_total_of), min(periods, key=_total_of)
    if best.total == worst.total:
        return
    figures = {
        "value": label(found.config.called or found.config.value),
        "period": label(found.config.period),
        "best": label(best.name),
        "best_total": found.measure.figure(best.total),
        "worst": label(worst.name),
        "worst_total": found.measure.figure(worst.total),
    }
    text = "The {period} with the highest {value} is {best} with {best_total}"
    if others := sum(1 for part in periods if part.total == best.total) - 1:
        figures["others"] = Figure(others, f"{others:,}")
        text += " (as much as {others} more)"
    yield say(
        "top",
        f"{text}, and that with the lowest {{worst}} with {{worst_total}}.",
        figures,
        found.behind([*best.rows, *worst.rows]),
    )


def trend(found: Gathered) -> Iterator[Statement]:
    """Whether values rise or fall over the periods."""
    periods = found.periods[-MOST_PERIODS:]
    if len(periods) < FEWEST_FOR_TREND:
        return
    totals = [part.total for part in periods]
    figures = {
        "value": label(found.config.called or found.config.value),
        "period": label(found.config.period),
        "periods": counted(len(periods), found.config.period),
        "first": label(periods[0].name),
        "last": label(periods[-1].name),
    }
    rows = found.behind([row for part in periods for row in part.rows])
    over = "Over the {periods} from {first} to {last}"
    if gaps := periods[-1].place - periods[0].place + 1 - len(periods):
        figures["gaps"] = Figure(gaps, f"{gaps:,}")
        over += " ({gaps} between them have no rows)"
    if len(set(totals)) == 1:
        figures["each"] = found.measure.figure(totals[0])
        yield say("trend", f"{over}, {{value}} is always {{each}}.", figures, rows)
        return
    slope = slope_of([part.place for part in periods], totals)
    if not slope or not is_monotone(totals):
        yield say("trend", f"{over}, {{value}} shows no clear trend.", figures, rows)
        return
    figures["slope"] = Figure(found.measure.exact(slope), found.measure.figure(abs(slope)).shown)
    way = "rises" if slope > 0 else "falls"
    yield say("trend", f"{over}, {{value}} {way} by about {{slope}} a {{period}}.", figures, rows)


def seasonality(found: Gathered) -> Iterator[Statement]:
    """Which part of the year is always above or below the average of its year."""
    each = PER_YEAR[found.config.period]
    years = _full_years(found.periods, each)
    if each == 1 or len(years) < FEWEST_YEARS:
        return
    parts = [[_index(year[part].total, year, each) for year in years.values()] for part in range(each)]
    highest = max(range(each), key=lambda part: median(parts[part]))
    lowest = min(range(each), key=lambda part: median(parts[part]))
    for part, above in ((highest, True), (lowest, False)):
        usual = Fraction(median(parts[part])) - 1
        always = all((index > 1) if above else (index < 1) for index in parts[part])
        if always and abs(usual) >= MARKED:
            name = MONTHS[part] if each == 12 else f"quarter {part + 1}"
            figures = {
                "value": label(found.config.called or found.config.value),
                "part": label(name),
                "period": label(found.config.period),
                "years": counted(len(years), "full year"),
                "difference": Figure(usual, percent(abs(usual)).shown),
            }
            way = "above" if above else "below"
            text = (
                f"In each of {{years}}, {{value}} in {{part}} is {way} that of an average {{period}}, typically by"
                " {difference}."
            )
            yield say(
                "seasonality", text, figures, found.behind([row for year in years.values() for row in year[part].rows])
            )


def _grown(found: Gathered, last: Part, before: Part) -> Statement:
    difference = Fraction(last.total) - before.total
    figures = {
        "value": label(found.config.called or found.config.value),
        "last": label(last.name),
        "last_total": found.measure.figure(last.total),
        "before": label(before.name),
        "before_total": found.measure.figure(before.total),
    }
    text = "In {last}, {value} is {last_total}, "
    if difference:
        figures["difference"] = Figure(found.measure.exact(difference), found.measure.figure(abs(difference)).shown)
        text += "{difference} " + ("more" if difference > 0 else "less") + " than the {before_total} of {before}"
    else:
        text += "as much as in {before} with {before_total}"
    # A part of nothing, or of a loss, says nothing.
    if difference and before.total > 0:
        ratio = Fraction(difference) / before.total
        figures["growth"] = Figure(ratio, f"{'+' if ratio > 0 else '-'}{percent(abs(ratio)).shown}")
        text += " ({growth})"
    if last is found.periods[-1] and found.last_day is not None:
        figures["until"] = Figure(found.last_day, found.last_day.isoformat())
        text += "; its last row is of {until}"
    return say("growth", f"{text}.", figures, found.behind([*last.rows, *before.rows]))


def _full_years(periods: Sequence[Part], each: int) -> Mapping[int, Mapping[int, Part]]:
    """The years of which every part has rows, nothing is below zero and something above it."""
    years: dict[int, dict[int, Part]] = defaultdict(dict)
    for part in periods:
        years[part.place // each][part.place % each] = part
    return {
        year: parts
        for year, parts in years.items()
        if len(parts) == each
        and all(part.total >= 0 for part in parts.values())
        and any(part.total for part in parts.values())
    }


def _index(value: Number, year: Mapping[int, Part], each: int) -> Fraction:
    return Fraction(value * each) / sum(part.total for part in year.values())


def _total_of(part: Part) -> Number:
    return part.total
