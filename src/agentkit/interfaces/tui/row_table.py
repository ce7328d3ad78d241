"""What all tables of the terminal have in common: a cursor on whole rows, and keys to the first and the last one."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

__all__ = ["RowTable"]


class RowTable(DataTable[Text]):
    """Rows, one of which is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # There is no cursor in a row that could go to its begin and end.
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, cursor_type="row", cursor_foreground_priority="renderable")
