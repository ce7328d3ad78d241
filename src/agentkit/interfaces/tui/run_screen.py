"""One operation on the whole screen."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from datetime import tzinfo
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from agentkit.wire import OperationLine, OperationPage

from .answering import AnsweringScreen
from .key_bar import KeyBar
from .link import Link
from .place import Place
from .presence import is_shown
from .run_panel import RunPanel
from .stage_table import StageTable
from .top_bar import TopBar

__all__ = ["RunScreen"]


class RunScreen(AnsweringScreen):
    """Follows one operation.

    Args:
        link: Who is asked.
        place: Where that is.
        zone: The zone of times.
        operation_id: Which one.
        lines: How many lines of its journal are kept.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("g", "draw_all", "Draw all", show=False),
    ]

    def __init__(self, link: Link, place: Place, zone: tzinfo, operation_id: str, *, lines: int) -> None:
        super().__init__(link, place)
        self.zone: tzinfo = zone
        self._operation_id = operation_id
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield TopBar(self.place)
        yield RunPanel(self.link, self.zone, lines=self._lines, id="run")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to follow."""
        if not is_shown(self):
            # It was left before it was there.
            return
        self.query_one(TopBar).tell(self.link.answering)
        self.query_one(RunPanel).follow(self._operation_id)
        self.query_one(StageTable).focus()

    @property
    def chosen(self) -> OperationLine | None:
        """The operation that is followed."""
        panels = list(self.query(RunPanel))
        return panels[0].page if panels else None

    def opened(self, operation_id: str) -> None:
        """Follow another operation, or the same one again."""
        self.query_one(RunPanel).follow(operation_id)

    def changed(self, page: OperationPage) -> None:
        """Take note that it may go on."""
        self.refresh_keys()

    def on_run_panel_changed(self, event: RunPanel.Changed) -> None:
        """Have the footer say what can be done now."""
        event.stop()
        self.refresh_keys()

    def action_back(self) -> None:
        """Go back to the operations; this one goes on."""
        self.dismiss()

    def redraw(self, zone: tzinfo) -> None:
        """Draw everything anew, in other colours or times."""
        self.zone = zone
        self.query_one(RunPanel).redraw(zone)

    def action_draw_all(self) -> None:
        """Draw the graph, however large it is."""
        self.query_one(RunPanel).draw_all()
