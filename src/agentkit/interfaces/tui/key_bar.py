"""The line at the bottom: what the keys do now.

Rules: it is one text, drawn anew when keys change. A footer of widgets is taken apart for that, and is empty meanwhile.
"""
# pyright: reportUnknownMemberType=false
# Textual leaves open what its applications are of.

from __future__ import annotations

from rich.text import Text
from textual.screen import Screen
from textual.widgets import Static

__all__ = ["KeyBar"]


class KeyBar(Static):
    """Keys and what they do; those that mean nothing for what is chosen are dimmed."""

    def on_mount(self) -> None:
        """Follow what the keys of the screen do."""
        self.screen.bindings_updated_signal.subscribe(self, self._draw)
        self._draw(self.screen)

    def _draw(self, screen: Screen[object]) -> None:
        text = Text(no_wrap=True, overflow="ellipsis")
        shown = set[str]()
        for one in screen.active_bindings.values():
            binding = one.binding
            if binding.show and binding.action not in shown:
                shown.add(binding.action)
                key = self.app.get_key_display(binding)
                text.append(f" {key} ", f"bold {self.app.current_theme.primary}" if one.enabled else "bold dim")
                text.append(f"{binding.description} ", "" if one.enabled else "dim")
        self.update(text)
