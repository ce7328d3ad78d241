"""Pictures of progress: `Progress` and `StageProgress`, as values and as a notebook shows them.

Rules: text of users is text, never markup; a status is sign and word, and colour only underlines them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

from agentkit.kernel import OPERATION_ENDS, SIGNS, OperationStatus, StageStatus

from .plain import one_line
from .waits import Waiting

__all__ = ["LogLine", "PartsProgress", "Progress", "StageProgress"]

_ROWS = 100
"""A notebook shows so many stages; those that have something to say come first."""
_QUIET = ("pending", "completed", "skipped")


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something that an attempt said with `task.log`, or what its model said or called.

    Attributes:
        number: Counted from 1 within the operation, as long as one process drives it.
        stage: Whose attempt said it.
        message: What.
    """

    number: int
    stage: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsProgress:
    """How far the items of a map are, or the turns of a loop.

    Attributes:
        kind: What they are.
        done: How many have ended.
        failed: How many of these failed.
        total: How many there are; of turns, how many there may be.
    """

    kind: Literal["items", "turns"]
    done: int
    failed: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProgress:
    """How far one stage is.

    Attributes:
        name: Which stage.
        status: Where it stands.
        fraction: From 0 to 1; 1 once nothing more will come of it and the operation goes on.
        message: What its running attempt said last, on one line.
        agent: Who works on it, or did last, or will; or the workflow that it runs; empty if nobody has to.
        attempt: The number of its newest attempt; 0 before the first.
        seconds: How long it has been worked on, waits included.
        failure: Why its newest attempt failed, or its undoing, on one line.
        required: Whether the operation fails with it.
        parts: Its items or turns, once it has some.
        waits_for: What it waits for, or the first of its items that does.
        undoing: Whether its work is being undone.
    """

    name: str
    status: StageStatus
    fraction: float
    message: str
    agent: str
    attempt: int
    seconds: float
    failure: str | None
    required: bool
    parts: PartsProgress | None = None
    waits_for: Waiting | None = None
    undoing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an operation is.

    Attributes:
        operation_id: Which operation.
        workflow: The workflow's name.
        status: Where it stands.
        fraction: The done share of the stages' weights, from 0 to 1; 1 only when completed.
        elapsed_seconds: Operating time since the acceptance.
        remaining_seconds: An estimate out of the speed so far; None while nothing is known.
        done: How many stages have ended.
        total: How many stages there are.
        stages: Each stage, in the order of the workflow; empty where nobody asked for them.
        number: The number of the newest event, or change, in it: a later picture has a higher one, or the same.
        waiting: What it waits for, the first hundred.
        lines: What its attempts said, the newest hundred lines; live only, so of an operation that has ended, or that
            another process drives, there are none.
    """

    operation_id: str
    workflow: str
    status: OperationStatus
    fraction: float
    elapsed_seconds: float
    remaining_seconds: float | None
    done: int
    total: int
    stages: tuple[StageProgress, ...]
    number: int = 0
    waiting: tuple[Waiting, ...] = ()
    lines: tuple[LogLine, ...] = ()

    @property
    def percent(self) -> int:
        """The fraction as a whole number from 0 to 100, rounded down; 100 only when completed."""
        # The sums are floats: what is 29 percent must not be told as 28.
        return 100 if self.status == "completed" else min(99, int(self.fraction * 100 + 1e-9))

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.status in OPERATION_ENDS

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        return _html(self)


def _html(progress: Progress) -> str:
    stages = progress.stages
    if len(stages) > _ROWS:
        ranked = sorted(range(len(stages)), key=lambda number: (stages[number].status in _QUIET, number))
        stages = tuple(stages[number] for number in sorted(ranked[:_ROWS]))
    hidden = len(progress.stages) - len(stages)
    left = progress.remaining_seconds if progress.status == "running" else None
    times = f"{progress.elapsed_seconds:.0f} s" + (f", about {left:.0f} s left" if left else "")
    rows = "".join(map(_row, stages)) + (f"<tr><td colspan=4>and {hidden:,} more</td></tr>" if hidden else "")
    return (
        '<div class="agentkit-progress" style="font-family:system-ui,sans-serif;font-size:13px">'
        f"<div><b>{escape(one_line(progress.workflow, 100))}</b> {_sign(progress.status)} {progress.percent} % "
        f'<span style="opacity:.7">{times}</span></div>'
        f'{_bar(progress.fraction, 24)}<table style="border-collapse:collapse">{rows}</table></div>'
    )


def _row(stage: StageProgress) -> str:
    cells = (escape(stage.name), _sign(stage.status), _bar(stage.fraction, 8), escape(" · ".join(_notes(stage))))
    return "<tr>" + "".join(f'<td style="text-align:left;padding:1px 8px">{cell}</td>' for cell in cells) + "</tr>"


def _notes(stage: StageProgress) -> Iterator[str]:
    if stage.parts is not None:
        yield f"{stage.parts.done} of {stage.parts.total} {stage.parts.kind}"
    if stage.waits_for is not None:
        yield f"for {stage.waits_for.words}"
    if stage.message:
        yield one_line(stage.message)
    if stage.failure is not None and stage.status not in _QUIET:
        yield stage.failure


def _sign(status: StageStatus | OperationStatus) -> str:
    return f'<span style="white-space:nowrap">{SIGNS[status].glyph} {status}</span>'


def _bar(fraction: float, width: int) -> str:
    """A bar that the page's own colours draw, so that it fits light and dark."""
    return (
        f'<div style="width:{width}em;height:.5em;border:1px solid;border-radius:3px;opacity:.8">'
        f'<div style="width:{fraction * 100:.1f}%;height:100%;background:currentColor"></div></div>'
    )
