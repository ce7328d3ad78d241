"""An operation of a server as a page, and its events in words, as they look where the store is here.

Rules: what a server says is text and never markup; a line that quotes it stays one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from agentkit.screens import happening_of
from agentkit.views import one_line
from agentkit.wire import ApprovalLine, EventLine, OperationPage, StageLine

from .picture import MOST_SAID, WIDE, chosen, cut, said_lines
from .reaching import Far
from .texts import bar, colour_of, sign_of, span

__all__ = ["PagePicture", "page_lines", "words_of"]

_QUIET = "bright_black"
_MOST = 3


class PagePicture:
    """An operation of a server as the live view redraws it: one line on the whole, and one for each stage that fits.

    Args:
        page: How it stands.
    """

    def __init__(self, page: OperationPage) -> None:
        self._page = page

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the terminal as it is now."""
        stages, width = self._page.stages, options.max_width
        yield cut(_head(self._page, width), width)
        # One line for the head, one for what is hidden, one for the prompt behind.
        shown = chosen(stages, max(3, console.height - 3 - min(MOST_SAID, len(self._page.said))))
        for line in _stages(shown, width):
            yield cut(line, width)
        if len(shown) < len(stages):
            yield Text(f"  and {len(stages) - len(shown)} more", _QUIET)
        yield from said_lines(self._page.said, width)


def page_lines(page: OperationPage, asked: list[ApprovalLine], far: Far, width: int) -> Iterator[Text]:
    """One operation: where it stands, what it is, its stages, and the commands that answer what it waits for.

    Args:
        page: The operation.
        asked: What it asks the caller.
        far: Where it is.
        width: The columns there are.
    """
    yield _head(page, width)
    by = f" by {one_line(page.requester, 80)}" if page.requester else ""
    facts = [f"operation {page.id}", f"created {page.created_at:%Y-%m-%d %H:%M:%S} UTC{by}"]
    facts += [f"continues {page.origin}"] if page.origin else []
    facts += [f"place {page.position} in line"] if page.position else []
    for fact in facts:
        yield Text(f"  {fact}", _QUIET)
    yield from _stages(page.stages, width)
    yield from said_lines(page.said, width)
    if page.failure is not None:
        yield Text(f"  {one_line(page.failure.message, 500)}", colour_of(page.status))
    for words in _ways_on(page, asked):
        yield Text(f"  {far.command(*words)}", _QUIET)


def _head(page: OperationPage, width: int) -> Text:
    """One line on the whole operation."""
    colour = colour_of(page.status)
    head = Text(f"{sign_of(page.status)} {one_line(page.workflow, max(8, width // 4))}", f"bold {colour}")
    head.append(f"  {bar(page.fraction, min(30, width // 4))}", colour)
    # Rounded down: 100 means that it is completed.
    head.append(f" {int(100 * page.fraction):>3} %").append(f"  {page.status}", colour)
    return head.append(f"  {span(page.seconds)}", _QUIET)


def _stages(stages: Sequence[StageLine], width: int) -> Iterator[Text]:
    """A line for each stage; those on their way have bars, where there is room."""
    longest = max((len(one_line(stage.name, 60)) for stage in stages), default=0)
    has_bars = width >= WIDE and any(map(_has_bar, stages))
    return (_stage(stage, longest, has_bars=has_bars) for stage in stages)


def _has_bar(stage: StageLine) -> bool:
    return stage.status in ("running", "expanded") and stage.fraction > 0


def _stage(stage: StageLine, longest: int, *, has_bars: bool) -> Text:
    line = Text(f"  {sign_of(stage.status)} ", colour_of(stage.status))
    line.append(f"{one_line(stage.name, 60):{longest}}").append(f"  {stage.status:11}", colour_of(stage.status))
    if has_bars:
        line.append(f"  {bar(stage.fraction, 10) if _has_bar(stage) else ' ' * 10}", colour_of(stage.status))
    line.append(f"{span(stage.seconds) if stage.attempt else '':>9}", _QUIET)
    notes = [
        f"for {one_line(stage.waits_for, 200)}" if stage.waits_for else "",
        "" if stage.required else "optional",
        f"by {one_line(stage.agent, 40)}" if stage.attempt and stage.agent else "",
        f"attempt {stage.attempt}" if stage.attempt > 1 else "",
        one_line(stage.message, 200),
        one_line(stage.failure, 500) if stage.failure else "",
    ]
    said = " · ".join(filter(None, notes))
    return line.append(f"  {said}", _QUIET) if said else line


def _ways_on(page: OperationPage, asked: list[ApprovalLine]) -> Iterator[list[str]]:
    """The commands that answer; what only their user knows is in capitals."""
    for one in asked[:_MOST]:
        yield ["approve", page.id, one.stage, *(["--name", one.name] if one.name else [])]
    if "doubt" in page.waiting:
        yield from (["settle", page.id, stage.name, "DECISION"] for stage in page.stages if stage.status == "in_doubt")
    if "signal" in page.waiting:
        yield ["signal", page.id, "NAME", "--value", "JSON"]
    if page.status in ("failed", "cancelled", "quarantined"):
        yield ["retry", page.id]


def words_of(line: EventLine) -> str:
    """An event in a few words, with the time of day."""
    happening = happening_of(line)
    where = f"{happening.stage}: " if happening.stage else ""
    return f"{line.at:%H:%M:%S} {where}{happening.words}"
