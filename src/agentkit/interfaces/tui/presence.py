"""What a part of the screen asks about where it is."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from textual.widget import Widget

__all__ = ["is_dark", "is_shown"]


def is_shown(part: Widget) -> bool:
    """Whether a part belongs to a screen that was not left: answers may come while it is taken apart."""
    return part.app.is_running and part.screen in part.app.screen_stack


def is_dark(part: Widget) -> bool:
    """Whether it is drawn on a dark background."""
    return part.app.current_theme.dark
