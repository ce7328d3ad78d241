"""The live view of an operation, and its plain form for pipes and logs; both on standard error.

Rules: what users wrote is text and never markup; nothing is redrawn more often than ten times a second; a status is a
sign, a word and a colour, never a colour alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from agentkit.orchestrator import Operation
from agentkit.service import event_line
from agentkit.views import Progress, StageProgress, describe, one_line

from .texts import COLOURS, sign, span

__all__ = ["errors", "show_json", "show_live", "show_plain"]

_MOST_STAGES = 20


def errors() -> Console:
    """Standard error, for people."""
    return Console(stderr=True, highlight=False)


async def show_live(operation: Operation) -> None:
    """Redraw stages and bars until the operation has ended."""
    console = errors()
    with Live(console=console, refresh_per_second=10, transient=False) as live:
        async for progress in operation.follow(seconds=0.1):
            live.update(_picture(progress, console.height - 4))


async def show_plain(operation: Operation) -> None:
    """Write a line for each event."""
    console = errors()
    async for entry in operation.events():
        clock = event_line(operation.id, entry.number, entry.event).at.strftime("%H:%M:%S")
        console.print(Text(f"{clock} {describe(entry.event)}"), soft_wrap=True)


async def show_json(operation: Operation) -> None:
    """Write each event as one line of JSON to standard output."""
    async for entry in operation.events():
        sys.stdout.write(event_line(operation.id, entry.number, entry.event).model_dump_json(exclude_none=True) + "\n")
        sys.stdout.flush()


def _picture(progress: Progress, height: int) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=False)
    for ratio in (None, None, None, None, None, None):
        table.add_column(ratio=ratio, no_wrap=True)
    for stage in _chosen(progress.stages, max(3, min(_MOST_STAGES, height))):
        table.add_row(*_row(stage))
    hidden = len(progress.stages) - table.row_count
    lines: list[RenderableType] = [_head(progress), table]
    if hidden:
        lines.append(
            Text(f"  and {hidden} more stages, {progress.done} of {progress.total} have ended", "bright_black")
        )
    return Group(*lines)


def _head(progress: Progress) -> RenderableType:
    head = Table.grid(padding=(0, 1))
    colour = COLOURS[progress.status]
    left = "" if progress.status == "completed" else span(progress.remaining_seconds)
    head.add_row(
        Text(f"{sign(progress.status)} {one_line(progress.workflow, 40)}", f"bold {colour}"),
        ProgressBar(total=1.0, completed=progress.fraction, width=30),
        Text(f"{progress.percent:>3} %"),
        Text(str(progress.status), colour),
        Text(span(progress.elapsed_seconds), "bright_black"),
        Text(f"about {left} left" if left and progress.status == "running" else "", "bright_black"),
    )
    return head


def _chosen(stages: tuple[StageProgress, ...], most: int) -> Iterator[StageProgress]:
    """What fits on the screen: what runs first, then what went wrong, then the rest, in the order of the definition."""
    if len(stages) <= most:
        yield from stages
        return
    order = {"running": 0, "retrying": 1, "unavailable": 1, "failed": 2, "completed": 3, "pending": 4, "cancelled": 5}
    ranked = sorted(range(len(stages)), key=lambda number: (order[stages[number].status], number))
    for number in sorted(ranked[:most]):
        yield stages[number]


def _row(stage: StageProgress) -> tuple[RenderableType, ...]:
    colour = COLOURS[stage.status]
    note = stage.message if stage.status == "running" else stage.failure or ""
    attempt = f"attempt {stage.attempt}" if stage.attempt > 1 else ""
    return (
        Text(f"  {sign(stage.status)}", colour),
        Text(one_line(stage.name, 32)),
        Text(stage.status if stage.required else f"{stage.status} (optional)", colour),
        ProgressBar(total=1.0, completed=stage.fraction, width=12) if stage.status == "running" else Text(""),
        Text(span(stage.seconds) if stage.attempt else "", "bright_black"),
        Text(" ".join(part for part in (attempt, one_line(note, 60)) if part), "bright_black"),
    )
