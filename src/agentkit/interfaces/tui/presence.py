"""Whether a part of the screen is still there when an answer for it comes."""

from __future__ import annotations

from textual.widget import Widget

__all__ = ["is_shown"]


def is_shown(part: Widget) -> bool:
    """Whether a part belongs to a screen that was not left: answers may come while it is taken apart."""
    return part.app.is_running and part.screen in part.app.screen_stack
