"""What waits for people, and is for whoever looks."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from rich.text import Text

from agentkit.screens import age_text, moment_text
from agentkit.wire import ApprovalLine

from .row_table import RowTable
from .texts import line_text, quiet

__all__ = ["InboxTable"]

_COLUMNS: Final = ("workflow", "stage", "question", "votes", "asked", "until", "operation")


class InboxTable(RowTable):
    """Questions, as lines."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__(id="inbox")
        self.zone: tzinfo = zone
        self._asked: dict[str, ApprovalLine] = {}

    def on_mount(self) -> None:
        """Make the columns."""
        for name in _COLUMNS:
            self.add_column(name, key=name)

    @property
    def selected(self) -> ApprovalLine | None:
        """The question under the cursor."""
        if not self.is_valid_coordinate(self.cursor_coordinate):
            return None
        return self._asked.get(self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value or "")

    def show(self, asked: Sequence[ApprovalLine], now: datetime) -> None:
        """Show what is asked now."""
        found = {"\n".join((one.operation, one.stage, one.name)): one for one in asked}
        selected = self.selected
        if list(found) != list(self._asked):
            self.clear()
            for key, one in found.items():
                self.add_row(*self._cells(one, now), key=key)
        else:
            for key, one in found.items():
                for name, cell in zip(_COLUMNS, self._cells(one, now), strict=True):
                    if self.get_cell(key, name) != cell:
                        self.update_cell(key, name, cell, update_width=True)
        self._asked = found
        for number, one in enumerate(found.values()):
            if selected is not None and (one.operation, one.stage, one.name) == (
                selected.operation,
                selected.stage,
                selected.name,
            ):
                self.move_cursor(row=number, scroll=False)

    def _cells(self, one: ApprovalLine, now: datetime) -> tuple[Text, ...]:
        until = "" if one.deadline is None else moment_text(one.deadline, self.zone)
        return (
            line_text(one.workflow, 30),
            line_text(" ".join(filter(None, (one.stage, one.name))), 30),
            line_text(one.question, 60),
            quiet(f"{len(one.agreed)} of {one.quorum}"),
            quiet(age_text(one.asked_at, now)),
            quiet(until),
            quiet(one.operation),
        )
