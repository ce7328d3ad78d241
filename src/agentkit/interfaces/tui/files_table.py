"""The files that an operation has given."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import DataTable, Static

from agentkit.screens import moment_text, plain_text, size_text
from agentkit.wire import FileLine

from .presence import is_shown
from .row_table import RowTable
from .texts import line_text, quiet

__all__ = ["FilesTable"]

_COLUMNS: Final = ("file", "stage", "size", "kind", "given")


class FilesTable(Vertical):
    """Files, as lines; one that is chosen is to be saved."""

    class Chosen(Message):
        """A file is to be written down."""

        def __init__(self, file: FileLine) -> None:
            super().__init__()
            self.file: FileLine = file

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, FileLine] = {}

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static(quiet("No stage has given a file."), id="no-files")
        yield RowTable(id="files")

    def on_mount(self) -> None:
        """Begin empty."""
        if not is_shown(self):
            # It was left before it was there.
            return
        for name in _COLUMNS:
            self.query_one("#files", DataTable).add_column(name, key=name)
        self.query_one("#files").display = False

    def show(self, files: Sequence[FileLine], zone: tzinfo) -> None:
        """Show these files."""
        found = {f"{file.stage}/{file.name}": file for file in files}
        table, none = self.query_one("#files", DataTable), self.query_one("#no-files", Static)
        none.display, table.display = not found, bool(found)
        if found == self._files:
            return
        self._files = found
        table.clear()
        for key, file in found.items():
            cells = [line_text(file.name, 60), line_text(file.stage, 40), quiet(size_text(file.size))]
            given = quiet(moment_text(file.at, zone))
            table.add_row(*cells, quiet(plain_text(file.media_type, 60)), given, key=key)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Have a file written down."""
        event.stop()
        self.post_message(self.Chosen(self._files[event.row_key.value or ""]))
