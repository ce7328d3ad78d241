"""The graph of an operation as text; of a large one how many stages stand where, until somebody wants it all."""

from __future__ import annotations

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import ScrollableContainer
from textual.widgets import Static

from agentkit.errors import AgentKitError
from agentkit.screens import Board, count_text, trouble_of

from .link import Link
from .presence import is_dark, is_shown
from .texts import block_text, look_text

__all__ = ["GraphView"]


class GraphView(ScrollableContainer):
    """Draws a graph.

    Args:
        link: Who is asked for it.
    """

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link
        self._drawn: tuple[str, int] | None = None
        self._wants_all = False

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("", id="graph")

    def begin(self, *, wants_all: bool = False) -> None:
        """Draw anew: another operation, or all of a large one."""
        self._drawn, self._wants_all = None, wants_all

    def draw(self, board: Board) -> None:
        """Draw the operation, unless it stands as it was drawn."""
        page = board.page
        if page is None or self._drawn == (page.id, page.events):
            return
        self._drawn = page.id, page.events
        if not board.is_large or self._wants_all:
            self._ask(page.id)
            return
        dark = is_dark(self)
        lines = [look_text(look, dark=dark).append(f"  {number:,}") for look, number in board.counts()]
        text = Text(f"{count_text(len(page.stages), 'stage')}. Press g to draw them all.\n\n", "bold")
        self.query_one("#graph", Static).update(text.append_text(Text("\n").join(lines)))

    @work(exclusive=True, group="graph")
    async def _ask(self, operation_id: str) -> None:
        try:
            drawing = (await self._link.look(lambda: self._link.client.drawing(operation_id))).drawing
        except AgentKitError as error:
            drawing = f"✗ {trouble_of(error).message}"
        if not is_shown(self):
            return
        text = block_text(drawing)
        text.no_wrap = True
        self.query_one("#graph", Static).update(text)
