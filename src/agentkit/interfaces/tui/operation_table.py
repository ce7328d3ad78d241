"""The table of operations.

Rules: a row is known by its operation's id, so the cursor stays on its operation whatever comes above it. Older
operations are read when the cursor comes near the end.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets.data_table import RowKey

from agentkit.screens import moment_text
from agentkit.wire import OperationLine

from .listing import News
from .presence import is_dark
from .row_table import RowTable
from .texts import line_text, look_text, operation_look, quiet

__all__ = ["OperationTable"]

_SOON: Final = 10
"""So many rows before the end older operations are asked for."""


class OperationTable(RowTable):
    """Operations, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]

    class NearEnd(Message):
        """The cursor comes near the last row."""

    def __init__(self, zone: tzinfo, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.zone: tzinfo = zone

    def on_mount(self) -> None:
        """Make the columns."""
        for key, title in (("status", "status"), ("workflow", "workflow"), ("started", "started"), ("id", "operation")):
            self.add_column(title, key=key)

    @property
    def selected_id(self) -> str | None:
        """The operation under the cursor."""
        if not self.is_valid_coordinate(self.cursor_coordinate):
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    def apply(self, news: News, order: Sequence[str]) -> None:
        """Show what has changed.

        Args:
            news: What is new or gone.
            order: All ids, in the order in which they are to stand.
        """
        selected, known = self.selected_id, {key.value or "" for key in self.rows}
        for one in news.gone:
            if one in known:
                self.remove_row(one)
        added = [one for one in order if one in news.lines and one not in known]
        for one in added:
            self.add_row(*self._cells(news.lines[one]), key=one)
        for one in known & news.lines.keys():
            self.update_cell(one, "status", self._cells(news.lines[one])[0], update_width=True)
        if news.lines and [key.value for key in map(self._key_at, range(self.row_count))] != list(order):
            place = {one: number for number, one in enumerate(order)}
            self.sort("id", key=lambda cell: place[cell.plain])
        if selected is not None and selected in self.rows and self.selected_id != selected:
            self.move_cursor(row=self.get_row_index(selected), scroll=self.scroll_y > 0)

    def _key_at(self, row: int) -> RowKey:
        return self.coordinate_to_cell_key(Coordinate(row, 0)).row_key

    def redraw(self, lines: Sequence[OperationLine]) -> None:
        """Draw all rows anew, in other colours or times."""
        for line in lines:
            for key, cell in zip(("status", "workflow", "started", "id"), self._cells(line), strict=True):
                self.update_cell(line.id, key, cell)

    def choose(self, operation_id: str) -> None:
        """Put the cursor on an operation, if it is here."""
        if operation_id in self.rows:
            self.move_cursor(row=self.get_row_index(operation_id))

    def watch_cursor_coordinate(self, old_coordinate: Coordinate, new_coordinate: Coordinate) -> None:
        """Ask for more near the end."""
        super().watch_cursor_coordinate(old_coordinate, new_coordinate)
        if self.row_count - self.cursor_row <= _SOON:
            self.post_message(self.NearEnd())

    def _cells(self, line: OperationLine) -> tuple[Text, Text, Text, Text]:
        return (
            look_text(operation_look(line), dark=is_dark(self)),
            line_text(line.workflow, 40),
            quiet(moment_text(line.created_at, self.zone)),
            Text(line.id, no_wrap=True),
        )
