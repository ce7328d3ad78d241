"""Statements that compare: the total, who has most and least of it, and which part that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from .gathering import Gathered, Part
from .measures import counted, percent
from .statements import Figure, Statement, StatementKind, label, say

__all__ = ["extremes", "left_out", "shares", "total"]


def total(found: Gathered) -> Iterator[Statement]:
    """What all values add up to."""
    figures = {
        "value": label(found.config.called or found.config.value),
        "total": found.measure.figure(found.total),
        "rows": counted(len(found.values), "row"),
    }
    yield say("total", "The total of {value} is {total}, from {rows}.", figures, found.behind(list(found.values)))


def left_out(found: Gathered) -> Iterator[Statement]:
    """How many rows could not be looked at."""
    rows = sorted(set(range(len(found.table))) - found.values.keys())
    if rows:
        figures = {"rows": counted(len(rows), "row"), "value": label(found.config.called or found.config.value)}
        yield say("left_out", "Left out: {rows} without a {value} that could be added.", figures, found.behind(rows))


def extremes(found: Gathered) -> Iterator[Statement]:
    """Who has the highest and the lowest totals."""
    for column, groups in found.groups.items():
        if len(groups) < 2 or groups[0].total == groups[-1].total:
            continue
        count = min(found.config.top, len(groups) - 1)
        yield _ranked(found, "top", column, groups, count)
        # Who is among the highest is not named among the lowest too.
        rest = min(found.config.top, len(groups) - count)
        yield _ranked(found, "bottom", column, list(reversed(groups)), rest)


def shares(found: Gathered) -> Iterator[Statement]:
    """Which part of the total the highest have, where parts make sense: nothing is below zero."""
    for column, groups in found.groups.items():
        if len(groups) < 2 or groups[-1].total < 0 or found.total <= 0:
            continue
        first, whole = groups[0], found.total
        figures = {
            "column": label(column),
            "value": label(found.config.called or found.config.value),
            "name": label(first.name),
            "share": percent(Fraction(first.total) / whole),
            "groups": counted(len(groups), "group"),
        }
        text = "By {column}, {name} has {share} of all {value}"
        count = min(found.config.top, len(groups) - 1)
        if count > 1:
            highest = sum(group.total for group in groups[:count])
            figures["count"] = Figure(count, f"{count:,}")
            figures["together"] = percent(Fraction(highest) / whole)
            text += ", and the {count} highest of {groups} have {together} together"
        else:
            text += ", of {groups}"
        yield say("share", f"{text}.", figures, found.behind([row for group in groups for row in group.rows]))


def _ranked(found: Gathered, kind: StatementKind, column: str, groups: Sequence[Part], count: int) -> Statement:
    named = groups[:count]
    figures = {"column": label(column), "value": label(found.config.called or found.config.value)}
    listed: list[str] = []
    for place, group in enumerate(named, start=1):
        figures[f"name_{place}"] = label(group.name)
        figures[f"total_{place}"] = found.measure.figure(group.total)
        listed.append(f"{{name_{place}}} with {{total_{place}}}")
    which = "highest" if kind == "top" else "lowest"
    text = f"By {{column}}, {which} in {{value}}: {_joined(listed)}"
    if ties := sum(1 for group in groups[count:] if group.total == named[-1].total):
        figures["ties"] = Figure(ties, f"{ties:,}")
        text += "; {ties} more have as much as the last of these"
    return say(kind, f"{text}.", figures, found.behind([row for group in named for row in group.rows]))


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
