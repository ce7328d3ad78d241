"""The figures at the top of a dashboard, each against the period before; and how the agents are.

Rules: every figure is one that the service computed from real operations (`client.figures`); what is not known is a
dash, and never a zero. Whether a change is good is said in words besides its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal, TypeAlias

from agentkit.wire import AgentFiguresLine, FiguresPage, FiguresQuery

from .states import Look, look_of
from .words import duration_text, percent_text, plain_text

__all__ = ["AgentRow", "Tile", "Trend", "agent_rows", "tiles_of", "today"]

Trend: TypeAlias = Literal["better", "worse", "same", "unknown"]
"""What a change means; more of what is neither good nor bad is `same`."""

_MOST: Final = 1_000
_FAILING: Final = 0.5
_DEGRADED: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One figure.

    Attributes:
        label: What it is.
        value: The figure, in words.
        before: The same in the period before, in words; empty if it has none.
        change: How it changed, in words; empty if nobody knows.
        trend: What that means.
        help: What is counted.
    """

    label: str
    value: str
    before: str = ""
    change: str = ""
    trend: Trend = "unknown"
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """How one agent is.

    Attributes:
        name: Which.
        look: How it is: `healthy`, `degraded`, `failing` or `idle`.
        running: Stages that it works on now.
        done: Stages that it completed or that failed with it, among the newest.
        success: The share of the completed, in words.
        mean: How long those took on average, in words.
    """

    name: str
    look: Look
    running: int
    done: int
    success: str
    mean: str


def today(now: datetime, zone: tzinfo = UTC, *, workflow: str | None = None) -> FiguresQuery:
    """The query of today until now, against yesterday until the same time of day.

    Args:
        now: What time it is.
        zone: Whose midnight counts.
        workflow: Only runs of this workflow.

    Example:
        >>> query = today(datetime(2026, 11, 28, 12, tzinfo=UTC))
        >>> str(query.since), str(query.before)
        ('2026-11-28 00:00:00+00:00', '2026-11-27 00:00:00+00:00')
    """
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    # The day before by the calendar: where clocks are put forward or back, it has another length.
    return FiguresQuery(since=midnight, before=midnight - timedelta(days=1), workflow=workflow)


def tiles_of(page: FiguresPage, *, period: str = "today", previous: str = "yesterday") -> Sequence[Tile]:
    """The figures of a dashboard, in order: active, completed, success rate, mean and p95 duration.

    Args:
        page: What the service says.
        period: What the period is called.
        previous: What the period before is called.

    Example:
        >>> from agentkit.wire import PeriodLine, moment
        >>> def line(completed, seconds):
        ...     return PeriodLine(since=moment(0), until=moment(1), accepted=9, completed=completed, failed=1,
        ...         cancelled=0, success_rate=completed / (completed + 1), mean_seconds=seconds, p95_seconds=seconds)
        >>> page = FiguresPage(at=moment(1), active=2, waiting=1, current=line(9, 60.0), previous=line(3, 90.0))
        >>> for tile in tiles_of(page):
        ...     print(tile.label, "|", tile.value, "|", tile.change, "|", tile.trend)
        Active | 2 | 1 waits for approval | same
        Completed today | 9 | 6 more than yesterday | better
        Success rate | 90 % | 15 points more than yesterday | better
        Mean duration | 1 min 00 s | 30 s less than yesterday | better
        p95 duration | 1 min 00 s | 30 s less than yesterday | better
    """
    now, before = page.current, page.previous
    part = "" if now.is_whole else " There are too many to count all: the newest are counted."
    waits = f"{_counted(page.waiting)} {'waits' if page.waiting == 1 else 'wait'} for approval" if page.waiting else ""
    return (
        Tile(
            label="Active",
            value=_counted(page.active),
            change=waits,
            trend="same",
            help="Operations that have not ended.",
        ),
        Tile(
            label=f"Completed {period}",
            value=f"{now.completed:,}",
            before=f"{before.completed:,}",
            change=_more(now.completed - before.completed, previous),
            trend=_trend(now.completed, before.completed),
            help=f"Operations that were completed {period}; {previous} until the same time.{part}",
        ),
        Tile(
            label="Success rate",
            value=percent_text(now.success_rate),
            before=percent_text(before.success_rate),
            change=(points := _points(now.success_rate, before.success_rate, previous)),
            trend="same" if points.startswith("as ") else _trend(now.success_rate, before.success_rate),
            help=f"The share of the completed among those that were completed or failed.{part}",
        ),
        _duration("Mean duration", now.mean_seconds, before.mean_seconds, previous, f"On average.{part}"),
        _duration(
            "p95 duration", now.p95_seconds, before.p95_seconds, previous, f"Nineteen of twenty took no longer.{part}"
        ),
    )


def agent_rows(lines: Sequence[AgentFiguresLine]) -> Sequence[AgentRow]:
    """How the agents are, by name.

    Example:
        >>> line = AgentFiguresLine(name="reader", running=1, completed=8, failed=2, success_rate=0.8, mean_seconds=3.0)
        >>> [(row.name, str(row.look), row.success) for row in agent_rows([line])]
        [('reader', '↻ degraded', '80 %')]
    """
    return [
        AgentRow(
            name=plain_text(line.name, 120),
            look=look_of(_health(line)),
            running=line.running,
            done=line.completed + line.failed,
            success=percent_text(line.success_rate),
            mean=duration_text(line.mean_seconds),
        )
        for line in lines
    ]


def _health(line: AgentFiguresLine) -> str:
    if line.success_rate is None:
        return "healthy" if line.running else "idle"
    return "failing" if line.success_rate < _FAILING else "degraded" if line.success_rate < _DEGRADED else "healthy"


def _duration(label: str, now: float | None, before: float | None, previous: str, words: str) -> Tile:
    change = ""
    if now is not None and before is not None:
        size = duration_text(abs(now - before))
        same = duration_text(now) == duration_text(before)
        change = f"as {previous}" if same else f"{size} {'more' if now > before else 'less'} than {previous}"
    return Tile(
        label=label,
        value=duration_text(now),
        before=duration_text(before),
        change=change,
        trend="same" if change.startswith("as ") else _trend(before, now),
        help=f"From their acceptance to their end, of those that were completed. {words}",
    )


def _trend(now: float | None, before: float | None) -> Trend:
    if now is None or before is None:
        return "unknown"
    return "same" if now == before else "better" if now > before else "worse"


def _more(more: int, previous: str) -> str:
    if not more:
        return f"as many as {previous}"
    return f"{abs(more):,} {'more' if more > 0 else 'fewer'} than {previous}"


def _points(now: float | None, before: float | None, previous: str) -> str:
    if now is None or before is None:
        return ""
    points = round(100 * (now - before))
    if not points:
        return f"as {previous}"
    return (
        f"{abs(points)} {'point' if abs(points) == 1 else 'points'} {'more' if points > 0 else 'less'} than {previous}"
    )


def _counted(number: int) -> str:
    """A number that was counted up to a bound."""
    return f"{_MOST:,} or more" if number >= _MOST else f"{number:,}"
