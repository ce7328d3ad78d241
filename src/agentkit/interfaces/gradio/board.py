"""A run as it stands, as a page: its state, how far it is, its stages, and why it did not end well.

Rules: everything is computed from what the client gave; every time is shown with its zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from agentkit.screens import (
    count_text,
    duration_text,
    look_of,
    meter_of,
    moment_text,
    trouble_of,
    wait_text,
)
from agentkit.wire import LiveLine, OperationLine, OperationPage, StageLine

from .markup import badge, bar, cell, line, page, told, trouble

__all__ = ["board", "recent"]

_MOST_STAGES: Final = 100
_MOST_HEARD: Final = 8
_FINISHED: Final = frozenset({"completed", "skipped", "undone"})
_ORDER: Final = ("failed", "in_doubt", "waiting", "running", "expanded", "retrying", "stopping", "compensating")
"""What is shown first where there are too many stages to show all."""


def board(found: OperationPage, zone: tzinfo, *, notice: str = "") -> str:
    """A run as it stands.

    Args:
        found: The run.
        zone: In which zone times are shown.
        notice: What is to be said above it, as HTML.
    """
    meter = meter_of(found)
    left = f"about {meter.remaining} left" if meter.remaining else ""
    spent = f"took {meter.elapsed}" if found.ended else f"{meter.elapsed} so far"
    figures = [meter.percent, spent, left, meter.stages]
    title = f"<h2>Run <code>{line(found.id)}</code></h2>"
    return page(
        notice,
        f'<div class="ak-between">{title}<span class="ak-row">{_states(found)}</span></div>',
        bar(int(100 * found.fraction), of=f"Progress of {found.workflow}"),
        f'<p class="ak-row"><span>{line(" · ".join(filter(None, figures)))}</span></p>',
        _said(found),
        _failure(found),
        _stages(found.stages),
        _heard(found.said[-_MOST_HEARD:]),
        _about(found, zone),
    )


def _states(found: OperationPage) -> str:
    words = [badge(look_of("waiting"), wait_text(one)) for one in found.waiting]
    if found.position is not None and not found.ended:
        words.append(badge(look_of("pending"), f"number {found.position} in line"))
    return "".join([badge(look_of(found.status)), *words])


def _said(found: OperationPage) -> str:
    return f'<p aria-live="polite">{line(found.message)}</p>' if found.message and not found.failure else ""


def _heard(lines: Sequence[LiveLine]) -> str:
    """What agents said last, while they work."""
    if not lines:
        return ""
    rows = "<br>".join(f"<b>{line(one.stage)}</b> {line(one.message, 500)}" for one in lines)
    return f'<section aria-label="What agents say"><p class="ak-quiet">{rows}</p></section>'


def _failure(found: OperationPage) -> str:
    return trouble(trouble_of(found.failure)) if found.failure is not None else ""


def _about(found: OperationPage, zone: tzinfo) -> str:
    facts = [f"workflow {found.workflow}", f"started {moment_text(found.created_at, zone)}"]
    if found.ended:
        facts.append(f"ended {moment_text(found.updated_at, zone)}")
    elif found.estimated_at is not None:
        facts.append(f"likely done {moment_text(found.estimated_at, zone)}")
    if found.wake_at is not None:
        facts.append(f"goes on {moment_text(found.wake_at, zone)}")
    if found.requester:
        facts.append(f"asked for by {found.requester}")
    if found.origin:
        facts.append(f"continues {found.origin}")
    return f'<p class="ak-quiet">{line(" · ".join(facts), 1_000)}</p>'


def _stages(stages: Sequence[StageLine]) -> str:
    if not stages:
        return ""
    shown = list(stages) if len(stages) <= _MOST_STAGES else sorted(stages, key=_weight)[:_MOST_STAGES]
    rows = "".join(map(_stage, shown))
    rest = len(stages) - len(shown)
    more = (
        f'<p class="ak-quiet">and {count_text(rest, "more stage")}; those that need a look come first</p>'
        if rest
        else ""
    )
    head = "<th>Stage</th><th>State</th><th>Agent</th><th>What it says</th><th class='ak-figure'>Time</th>"
    return (
        f'<div class="ak-scroll ak-stages" tabindex="0" role="region" aria-label="Stages"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>{more}"
    )


def _weight(stage: StageLine) -> int:
    return _ORDER.index(stage.status) if stage.status in _ORDER else len(_ORDER) + (stage.status in _FINISHED)


def _stage(stage: StageLine) -> str:
    says = [stage.waits_for or "", stage.failure or "", stage.message if stage.status not in _FINISHED else ""]
    under_way = stage.status not in ("pending", *_FINISHED) and stage.fraction > 0
    how_far = bar(int(100 * stage.fraction), of=f"Progress of {stage.name}", is_thin=True) if under_way else ""
    tries = f" (attempt {stage.attempt})" if stage.attempt > 1 else ""
    is_missed = not stage.required and stage.status == "failed"
    return (
        f"<tr><th scope='row'>{line(stage.name)}</th>"
        + cell(badge(look_of(stage.status)) + (" optional" if is_missed else "") + how_far)
        + cell(line(f"{stage.agent}{tries}"), label="Agent")
        + cell("<br>".join(line(one) for one in dict.fromkeys(says) if one))
        + cell(line(duration_text(stage.seconds)) if stage.attempt else "", label="Time", is_figure=True)
        + "</tr>"
    )


def recent(lines: Sequence[OperationLine], zone: tzinfo) -> str:
    """The newest runs, each with a link to its page."""
    if not lines:
        empty = told("No runs yet", "The first one that is started is listed here.")
        return page("<h2>Recent runs</h2>", empty)
    rows = "".join(
        f"<tr><th scope='row'><a href='?operation={line(one.id)}'>{line(one.id)}</a></th>"
        + cell(
            badge(look_of(one.status))
            + (" " + line(", ".join(wait_text(each) for each in one.waiting)) if one.waiting else "")
        )
        + cell(line(one.workflow))
        + cell(line(moment_text(one.created_at, zone)))
        + "</tr>"
        for one in lines
    )
    head = "<th>Run</th><th>State</th><th>Workflow</th><th>Started</th>"
    return page(
        "<h2>Recent runs</h2>",
        '<div class="ak-scroll ak-stages" tabindex="0" role="region" aria-label="Recent runs"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>",
    )
