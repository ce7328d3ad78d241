"""The table of an operation's stages.

Rules: a row is known by its stage's name; of a new picture only the rows that differ are drawn, so a thousand stages
cost what changes of them.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from agentkit.screens import duration_text, look_of, plain_text
from agentkit.wire import StageLine

from .presence import is_dark
from .row_table import RowTable
from .texts import bar_text, line_text, look_text, quiet

__all__ = ["StageTable"]

_COLUMNS: Final = ("status", "stage", "done", "time", "agent", "says")
_WIDTH: Final = 8
"""Columns of a bar."""


class StageTable(RowTable):
    """Stages, in their order."""

    def __init__(self) -> None:
        super().__init__(id="stages")
        self._shown: dict[str, StageLine] = {}

    def on_mount(self) -> None:
        """Make the columns."""
        for name in _COLUMNS:
            self.add_column(name, key=name)

    @property
    def selected(self) -> StageLine | None:
        """The stage under the cursor."""
        if not self.is_valid_coordinate(self.cursor_coordinate):
            return None
        return self._shown.get(self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value or "")

    def show(self, stages: Sequence[StageLine]) -> None:
        """Show how the stages stand now."""
        names = [line.name for line in stages]
        if names[: len(self._shown)] != list(self._shown):
            # Another operation, or steps that came in between.
            self.clear()
            self._shown = {}
        for line in stages:
            before = self._shown.get(line.name)
            self._shown[line.name] = line
            if before is None:
                self.add_row(*self._cells(line), key=line.name)
            elif before != line:
                for key, cell, old in zip(_COLUMNS, self._cells(line), self._cells(before), strict=True):
                    if cell != old or cell.style != old.style:
                        self.update_cell(line.name, key, cell, update_width=cell.cell_len > old.cell_len)

    def redraw(self) -> None:
        """Draw all rows anew, in other colours."""
        stages, self._shown = list(self._shown.values()), {}
        self.clear()
        self.show(stages)

    def _cells(self, line: StageLine) -> tuple[Text, ...]:
        dark = is_dark(self)
        is_worked_on = 0 < line.fraction < 1
        name = line_text(line.name, 60)
        if line.status in ("failed", "in_doubt"):
            name.stylize("bold")
        return (
            look_text(look_of(line.status), dark=dark),
            name,
            bar_text(line.fraction, _WIDTH) if is_worked_on else Text(""),
            quiet(duration_text(line.seconds) if line.attempt else ""),
            line_text(line.agent, 30),
            Text(_said(line), no_wrap=True),
        )


def _said(line: StageLine) -> str:
    """What is worth saying beside the status, the most important first."""
    parts = [
        line.failure or "",
        f"waits for {line.waits_for}" if line.waits_for else "",
        "" if line.required else "optional",
        f"attempt {line.attempt}" if line.attempt > 1 else "",
        line.message,
    ]
    return plain_text(" · ".join(filter(None, parts)), 300)
