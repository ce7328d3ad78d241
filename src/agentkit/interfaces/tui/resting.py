"""When the terminal rests: nobody has touched a key for as long as a session lasts.

Rules: a terminal that rests asks nothing, until somebody touches a key; work goes on without it. Nothing on the screen
is lost: what was open is there again, and what was written too.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications and screens are of.

from __future__ import annotations

import asyncio
from typing import Final

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from .link import Link

__all__ = ["RestScreen", "Resting"]

_TOUCHES: Final = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)


class RestScreen(ModalScreen[None]):
    """Says that the terminal rests, until a key is touched or something is clicked."""

    def compose(self) -> ComposeResult:
        """Make its parts."""
        with Vertical(classes="dialog small"):
            yield Static("This page has rested", classes="dialog-title", markup=False)
            words = "Touch a key, or click, to go on. Nothing was asked meanwhile; work went on without it."
            yield Static(words, classes="dialog-words", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Go on; the key is for nothing else."""
        event.stop()
        event.prevent_default()
        self.dismiss(None)

    def on_click(self) -> None:
        """Go on."""
        self.dismiss(None)


class Resting:
    """Has a terminal rest.

    Args:
        app: What is shown.
        link: Who is asked.
        seconds: How long a session without a key lasts.
    """

    def __init__(self, app: App[None], link: Link, seconds: float) -> None:
        self._app = app
        self._link = link
        self._seconds = seconds
        self._touched_at = 0.0

    def begin(self) -> None:
        """Wait from now on."""
        self._touched_at = _now()
        self._app.set_timer(self._seconds, self._look)

    def saw(self, event: events.Event) -> None:
        """Take note of a key, or of a click."""
        if isinstance(event, _TOUCHES):
            self._touched_at = _now()

    def _look(self) -> None:
        left = self._touched_at + self._seconds - _now()
        if left > 0:
            self._app.set_timer(left, self._look)
            return
        self._link.rest()
        self._app.push_screen(RestScreen(), self._go_on)

    def _go_on(self, _: None) -> None:
        self._link.go_on()
        self.begin()


def _now() -> float:
    return asyncio.get_running_loop().time()
