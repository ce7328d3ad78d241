"""Progress on a terminal, without any library: `PlainTerminal` writes lines, `VerboseTerminal` redraws a picture.

Rules: text of users moves no cursor; where the letters of the signs are not there, ASCII does; a line never breaks.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import TextIO
from unicodedata import east_asian_width

from agentkit.kernel import SIGNS, OperationStatus, StageStatus
from agentkit.views import Progress, StageProgress, one_line

__all__ = ["PlainTerminal", "VerboseTerminal"]

_RANK = ("running", "expanded", "waiting", "in_doubt", "retrying", "unavailable", "failed", "undone", "cancelled")


class PlainTerminal:
    """A listener that writes a line for each stage that begins or ends, and for each tenth of the whole.

    The lines hold no control characters, so they suit files and logs too.

    Args:
        file: Where to; standard error by default.
        every: Whenever the whole grew by so many percent, there is a line.
    """

    seconds: float = 0.1

    def __init__(self, file: TextIO | None = None, *, every: int = 10) -> None:
        self._file = file
        self._every = max(1, every)
        self._stands: dict[str, StageStatus] = {}
        self._percent = 0
        self._is_over = False

    def __call__(self, progress: Progress) -> None:
        """Write what is new."""
        file = self._file or sys.stderr
        for line in self._lines(progress):
            file.write(_writable(line, file) + "\n")
        file.flush()

    def _lines(self, progress: Progress) -> Iterator[str]:
        start = f"{one_line(progress.workflow, 60)} {progress.percent:>3} %"
        told = False
        for stage in progress.stages:
            if self._stands.get(stage.name, "pending") != stage.status:
                self._stands[stage.name] = stage.status
                told = True
                yield f"{start}  {stage.name} {stage.status}{_said(stage)}"
        if not told and progress.percent >= self._percent + self._every and not progress.is_over:
            busy = next((stage for stage in progress.stages if stage.status in _RANK), None)
            yield start + (f"  {busy.name}{_said(busy)}" if busy is not None else "")
            told = True
        if told:
            self._percent = progress.percent
        if progress.is_over and not self._is_over:
            self._is_over = True
            yield f"{start}  {progress.status} after {progress.elapsed_seconds:.1f} s"


class VerboseTerminal:
    """A listener that redraws a line for the whole and one for every stage; where it cannot, it writes plain lines.

    Args:
        file: Where to; standard error by default.
    """

    seconds: float = 0.1

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._plain = PlainTerminal(file)
        self._drawn = 0

    def __call__(self, progress: Progress) -> None:
        """Draw it over the picture before."""
        file = self._file or sys.stderr
        if not file.isatty():
            self._plain(progress)
            return
        size = shutil.get_terminal_size()
        lines = [_writable(_cut(line, size.columns - 1), file) for line in _picture(progress, size.lines - 2)]
        back = f"\x1b[{self._drawn}F" if self._drawn else ""
        file.write(back + "".join(f"\x1b[2K{line}\n" for line in lines) + "\x1b[J")
        file.flush()
        self._drawn = len(lines)


def _picture(progress: Progress, most: int) -> Iterator[str]:
    """A line for the whole, and one for each stage that there is room for; those at work first."""
    left = progress.remaining_seconds
    about = f", about {left:.0f} s left" if progress.status == "running" and left else ""
    yield (
        f"{_sign(progress.status)} {one_line(progress.workflow, 40)} {_bar(progress.fraction)} {progress.percent:>3} %"
        f" {progress.status}, {progress.elapsed_seconds:.0f} s{about}"
    )
    stages = progress.stages
    hidden = len(stages) - max(1, most - 2)
    if hidden > 0:
        ranked = sorted(range(len(stages)), key=lambda number: (stages[number].status not in _RANK, number))
        stages = tuple(stages[number] for number in sorted(ranked[: max(1, most - 2)]))
    width = max((len(stage.name) for stage in stages), default=0)
    for stage in stages:
        yield f"  {_sign(stage.status)} {stage.name:<{min(width, 32)}}  {stage.status}{_said(stage)}"
    if hidden > 0:
        yield f"  and {hidden} more"


def _said(stage: StageProgress) -> str:
    """What is worth saying of a stage, behind its status."""
    parts = stage.parts
    told = [
        f"{stage.fraction * 100:.0f} %" if stage.status == "running" and stage.fraction else "",
        f"{parts.done} of {parts.total} {parts.kind}" if parts is not None else "",
        f"for {stage.waits_for.words}" if stage.waits_for is not None else "",
        stage.message,
        stage.failure or "" if stage.status in ("failed", "cancelled", "retrying") else "",
    ]
    said = " · ".join(filter(None, told))
    return f"  {said}" if said else ""


def _sign(status: StageStatus | OperationStatus) -> str:
    return SIGNS[status].glyph


def _bar(fraction: float, width: int = 20) -> str:
    filled = int(fraction * width + 1e-9)
    return "━" * filled + "─" * (width - filled)


def _cut(line: str, width: int) -> str:
    """As much of the line as a terminal has cells for."""
    left = width
    for place, letter in enumerate(line):
        left -= 2 if east_asian_width(letter) in "WF" else 1
        if left < 0:
            return line[: max(0, place - 1)] + "…"
    return line


_PLAIN = str.maketrans({sign.glyph: sign.letter for sign in SIGNS.values()} | {"━": "#", "─": "-", "·": "-", "…": "."})


def _writable(line: str, file: TextIO) -> str:
    """The line in letters that the file has."""
    encoding = getattr(file, "encoding", None) or "utf-8"
    try:
        line.encode(encoding)
    except UnicodeError:
        return line.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return line
