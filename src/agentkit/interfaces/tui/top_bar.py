"""The line at the top: what this is, where it looks, and whether it is answered."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from agentkit.screens import plain_text

from .place import Answering, Place

__all__ = ["TopBar"]

_CLASSES = {answering: f"-{answering.name.lower()}" for answering in Answering}


class TopBar(Horizontal):
    """Name, place and connection."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static(" agentkit ", id="brand", markup=False)
        yield Static(Text(plain_text(self._place.name, 200), no_wrap=True, overflow="ellipsis"), id="place")
        yield Static("", id="answering", markup=False)

    def tell(self, answering: Answering) -> None:
        """Show whether it is answered; before it is drawn there is nothing to show it with, and its screen says it."""
        for shown in self.query("#answering").results(Static):
            shown.update(f"{answering.sign} {answering.word} ")
            for one, name in _CLASSES.items():
                shown.set_class(one is answering, name)
