"""Operations as lines of a list, and one operation as a page.

Rules: an id is never cut, since it is there to be copied; where nobody's terminal sets a width, nothing is cut.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from agentkit.kernel import OPERATION_STATUSES, Event, OperationStatus
from agentkit.service import OperationLine, moment
from agentkit.views import Progress, artifacts_of, one_line, origin_words, summary_of

from .picture import head_line, stage_lines
from .texts import COLOURS, sign

__all__ = ["operation_page", "operation_table", "width_of"]

_STALLED = "stalled"
"""In place of a status: nobody runs it, although it has not ended."""
_QUIET = "bright_black"
_LONG = "%Y-%m-%d %H:%M:%S"
_SHORT = "%m-%d %H:%M"
_UNLIMITED = 1_000


def width_of(console: Console) -> int:
    """How wide lines may be: as the terminal, or as they like."""
    return console.width if console.is_terminal else _UNLIMITED


def operation_table(lines: Sequence[OperationLine], left: Collection[str], width: int) -> Iterator[Text]:
    """A title and a line for each operation.

    Args:
        lines: The operations.
        left: The ids of those that nobody runs although they have not ended.
        width: The columns there are.
    """
    if not lines:
        return
    words = [_STALLED if line.id in left else _told(line) for line in lines]
    wide_id = max(len(line.id) for line in lines)
    wide_status = max(6, *map(len, words)) + 2
    names = [one_line(line.workflow, 60) for line in lines]
    room = width - wide_id - wide_status - 6
    moments, has_events, wide_name = _shared(max(8, *map(len, names)), room)
    wide_time = 19 if moments == _LONG else 13
    title = (
        f"{'operation':{wide_id}}  {'workflow':{wide_name}}  {'status':{wide_status}}  {'created (UTC)':{wide_time}}"
    )
    yield Text(title + ("  events" if has_events else ""), _QUIET)
    for line, name, word in zip(lines, names, words, strict=True):
        made = Text(f"{line.id:{wide_id}}  ")
        shown = Text(name)
        shown.truncate(wide_name, overflow="ellipsis", pad=True)
        made.append_text(shown)
        made.append(
            f"  {f'{sign(_status(line))} {word}':{wide_status}}",
            "yellow" if word == _STALLED else COLOURS[_status(line)],
        )
        made.append(f"  {line.created_at:{moments}}" + (f"  {line.events:>6}" if has_events else ""))
        yield made


def _shared(longest: int, room: int) -> tuple[str, bool, int]:
    """How a time is written, whether events are counted, and how wide a name may be: names keep their room longest."""
    for moments, wide, has_events in ((_LONG, 27, True), (_LONG, 19, False), (_SHORT, 13, False)):
        if longest <= room - wide:
            return moments, has_events, longest
    return _SHORT, False, max(8, room - 13)


def operation_page(journal: Sequence[Event], progress: Progress, width: int) -> Iterator[Text]:
    """One operation: where it stands, what it is, its stages, and why it did not end well."""
    summary = summary_of(journal)
    head = head_line(progress, width)
    # What it waits for is told in full below.
    head.truncate(width, overflow="ellipsis")
    yield head
    facts = [f"operation {summary.operation_id}", f"created {moment(summary.created_at):%Y-%m-%d %H:%M:%S} UTC"]
    if summary.key is not None:
        facts.append(f"key {one_line(summary.key, 60)}")
    if summary.origin is not None:
        facts.append(origin_words(summary.origin, summary.forked_at).removeprefix(", "))
    for fact in facts:
        yield Text(f"  {fact}", _QUIET)
    for stage, line in zip(progress.stages, stage_lines(progress.stages, width, always_why=True), strict=True):
        yield line
        if stage.failure is not None and not line.plain.endswith(stage.failure):
            # There was no room for it; whoever looks at one operation wants to know.
            yield Text(f"      {stage.failure}", _QUIET)
    for given in artifacts_of(journal):
        file = given.artifact
        if not file.is_for_people:
            continue
        yield Text(f"  {one_line(given.stage, 60)} gave {one_line(file.name, 200)}, {file.size:,} bytes", _QUIET)
    for waiting in progress.waiting:
        about = f": {one_line(waiting.about)}" if waiting.kind == "approval" and waiting.about else ""
        yield Text(f"  {waiting.stage} waits for {waiting.words}{about}", COLOURS["waiting"])
    for name, lacking in summary.shortfalls.items():
        yield Text(f"  {name}: {lacking}", _QUIET)
    for name in summary.not_undone:
        yield Text(f"  {name} could not be undone: somebody has to look after it", COLOURS["failed"])
    if summary.failure is not None:
        yield Text(f"  {summary.failure}", COLOURS[progress.status])


def _told(line: OperationLine) -> str:
    """Where it stands and, if it goes on, what it waits for."""
    waits = bool(line.waiting) and line.status in ("pending", "running", "compensating")
    return f"{line.status}: {', '.join(line.waiting)}" if waits else line.status


def _status(line: OperationLine) -> OperationStatus:
    return next(word for word in OPERATION_STATUSES if word == line.status)
