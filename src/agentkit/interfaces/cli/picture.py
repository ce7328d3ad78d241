"""The picture of an operation that the live view redraws, and the list of its stages.

Rules: a line never breaks and never reaches over the edge: the width is shared out here, what is longest gives way
first, and a status keeps its sign and its word at any width. A bar is full by its letters, not by its colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar, cast

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from agentkit.kernel import StageStatus
from agentkit.views import PartsProgress, Progress, StageProgress, one_line

from .texts import COLOURS, bar, sign, span

__all__ = ["MOST_SAID", "WIDE", "Picture", "chosen", "cut", "said_lines", "stage_lines"]

_QUIET = "bright_black"
_STATUS = 11
_TIME = 7
WIDE = 70
"""From this many columns on there is room for bars and times beside names and messages."""
MOST_SAID = 3
"""So many lines of what agents said are below the stages."""
_SOON = 0.5
"""Seconds that are worth announcing."""
_URGENT: dict[str, int] = {
    "running": 0,
    "expanded": 0,
    "waiting": 1,
    "in_doubt": 1,
    "retrying": 1,
    "unavailable": 1,
    "failed": 2,
    "pending": 3,
    "completed": 4,
    "skipped": 4,
    "undone": 5,
    "cancelled": 5,
}


class _Stage(Protocol):
    """A stage, of whatever picture."""

    @property
    def status(self) -> str: ...


Stands = TypeVar("Stands", bound=_Stage)


class Picture:
    """An operation as it stands: one line on the whole, and one for every stage that there is room for.

    Args:
        progress: How it stands.
        said: What is to be said below; such a line breaks, since it is there to be copied.
    """

    def __init__(self, progress: Progress, said: Sequence[Text] = ()) -> None:
        self._progress = progress
        self._said = said

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the terminal as it is now."""
        progress, width = self._progress, options.max_width
        yield cut(head_line(progress, width), width)
        # One line for the head, one for what is hidden, one for the prompt behind.
        below = 2 * len(self._said) + min(MOST_SAID, len(progress.lines))
        shown = chosen(progress.stages, max(3, console.height - 3 - below))
        yield from stage_lines(shown, width, always_why=False)
        if len(shown) < len(progress.stages):
            yield cut(_rest(progress, len(progress.stages) - len(shown), width), width)
        yield from said_lines(progress.lines, width)
        yield from self._said


class _Line(Protocol):
    """Something that an agent said, of whatever picture."""

    @property
    def stage(self) -> str: ...

    @property
    def message(self) -> str: ...


def said_lines(lines: Sequence[_Line], width: int) -> list[Text]:
    """What agents said last, a line each."""
    return [
        cut(Text(f"  · {one_line(line.stage, 32)}  {one_line(line.message, 500)}", _QUIET), width)
        for line in lines[-MOST_SAID:]
    ]


def head_line(progress: Progress, width: int) -> Text:
    """One line on the whole operation."""
    colour = COLOURS[progress.status]
    line = Text()
    line.append(f"{sign(progress.status)} {one_line(progress.workflow, max(8, width // 4))}", f"bold {colour}")
    if width >= WIDE:
        line.append(f"  {bar(progress.fraction, min(30, width // 4))}", colour)
    line.append(f" {progress.percent:>3} %")
    line.append(f"  {progress.status}", colour)
    line.append(f"  {span(progress.elapsed_seconds)}", _QUIET)
    if progress.status in ("pending", "running", "compensating") and _only_waits(progress):
        line.append(f"  waits for {_first_wait(progress)}", COLOURS["waiting"])
    elif progress.status == "running" and (progress.remaining_seconds or 0.0) >= _SOON:
        line.append(f"  about {span(progress.remaining_seconds)} left", _QUIET)
    return line


def _only_waits(progress: Progress) -> bool:
    """Whether nothing happens before somebody says something, or a time comes."""
    busy = ("running", "retrying", "unavailable")
    expanded = any(stage.status == "expanded" and stage.waits_for is None for stage in progress.stages)
    return bool(progress.waiting) and not expanded and all(stage.status not in busy for stage in progress.stages)


def _first_wait(progress: Progress) -> str:
    """What is waited for: the first of it, and how much more there is."""
    first, more = progress.waiting[0], len(progress.waiting) - 1
    return first.words + (f", and {more} more" if more else "")


def stage_lines(stages: Sequence[StageProgress], width: int, *, always_why: bool) -> list[Text]:
    """A line for each stage.

    Args:
        stages: Which.
        width: The columns there are.
        always_why: Whether to say who worked on it, and what went wrong even where all is well again.
    """
    longest = max((len(one_line(stage.name, 32)) for stage in stages), default=0)
    name_width = min(longest, 32, max(8, width // 4))
    has_bars = width >= WIDE and any(map(_has_bar, stages))
    return [cut(_stage(stage, name_width, has_bars, width, always_why), width) for stage in stages]


def _stage(stage: StageProgress, name_width: int, has_bars: bool, width: int, always_why: bool) -> Text:
    colour = COLOURS[stage.status]
    line = Text()
    line.append(f"  {sign(stage.status)} ", colour)
    line.append_text(_padded(one_line(stage.name, 100), name_width))
    line.append_text(_padded(f"  {stage.status}", _STATUS + 3, colour))
    if has_bars:
        line.append(bar(stage.fraction, 10) if _has_bar(stage) else " " * 10, colour)
    if width >= WIDE:
        is_timed = stage.attempt or stage.seconds >= _SOON
        line.append(f"{span(stage.seconds) if is_timed else '':>{_TIME}}", _QUIET)
    note = _note(stage, always_why)
    if note:
        line.append(f"  {note}", _QUIET)
    return line


def _has_bar(stage: StageProgress) -> bool:
    return stage.status in ("running", "expanded") and (stage.fraction > 0 or stage.parts is not None)


def _note(stage: StageProgress, always_why: bool) -> str:
    """What is worth saying beside the status, the most important first."""
    parts = [
        "being undone" if stage.undoing else "",
        _parts(stage.parts, is_over=stage.status != "expanded") if stage.parts is not None else "",
        f"for {stage.waits_for.words}" if stage.waits_for is not None else "",
        "" if stage.required else "optional",
        f"by {one_line(stage.agent, 40)}" if always_why and stage.attempt and stage.agent else "",
        f"attempt {stage.attempt}" if stage.attempt > 1 else "",
        stage.message,
        stage.failure or "" if always_why or stage.status != "completed" else "",
    ]
    return " · ".join(part for part in parts if part)


def _parts(parts: PartsProgress, *, is_over: bool) -> str:
    """How many items are done, or which turn it is: `12/40`, `turn 2/5`."""
    if parts.kind == "turns":
        return f"{parts.done} of {parts.total} turns" if is_over else f"turn {parts.done + 1}/{parts.total}"
    return f"{parts.done}/{parts.total}" + (f", {parts.failed} failed" if parts.failed else "")


def chosen(stages: Sequence[Stands], most: int) -> Sequence[Stands]:
    """What fits on the screen: what runs first, then what is in trouble, then what comes next; in their own order."""
    if len(stages) <= most:
        return stages
    ranked = sorted(range(len(stages)), key=lambda number: (_URGENT.get(stages[number].status, 0), number))
    return [stages[number] for number in sorted(ranked[:most])]


def _rest(progress: Progress, hidden: int, width: int) -> Text:
    """How many are hidden, and how all of them stand; in words where there is room for them."""
    counts = Counter(stage.status for stage in progress.stages)
    present: list[StageStatus] = [cast("StageStatus", status) for status in _URGENT if status in counts]
    lines = [Text(f"  and {hidden} more, in all:", _QUIET) for _ in range(2)]
    for status in present:
        lines[0].append(f"  {sign(status)} {counts[status]} {status}", COLOURS[status])
        lines[1].append(f"  {sign(status)} {counts[status]}", COLOURS[status])
    return lines[lines[0].cell_len > width]


def _padded(text: str, width: int, style: str = "") -> Text:
    made = Text(text, style)
    made.truncate(width, overflow="ellipsis", pad=True)
    return made


def cut(line: Text, width: int) -> Text:
    """The line without what there is no room for."""
    line.no_wrap = True
    line.truncate(width, overflow="ellipsis")
    return line
