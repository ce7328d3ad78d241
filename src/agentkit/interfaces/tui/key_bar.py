"""The line at the bottom: what the keys do now.

Rules: it is one text, drawn anew when keys change. A footer of widgets is taken apart for that, and is empty meanwhile.
"""
# pyright: reportUnknownMemberType=false
# Textual leaves open what its applications are of.

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.screen import Screen
from textual.widgets import Static

__all__ = ["KeyBar"]


class KeyBar(Static):
    """Keys and what they do; those that mean nothing for what is chosen are dimmed, or left out for want of room."""

    def on_mount(self) -> None:
        """Follow what the keys of the screen do."""
        self.screen.bindings_updated_signal.subscribe(self, self._draw)
        self._draw(self.screen)

    def on_resize(self) -> None:
        """Draw as much as there is room for."""
        self._draw(self.screen)

    def _draw(self, screen: Screen[object]) -> None:
        found = dict[str, tuple[Text, bool]]()
        for one in screen.active_bindings.values():
            binding = one.binding
            if binding.show and binding.action not in found:
                key = self.app.get_key_display(binding)
                text = Text(f" {key} ", f"bold {self.app.current_theme.primary}" if one.enabled else "bold dim")
                found[binding.action] = (
                    text.append(f"{binding.description} ", "" if one.enabled else "dim"),
                    one.enabled,
                )
        self.update(_fitting(list(found.values()), self.size.width))


def _fitting(parts: Sequence[tuple[Text, bool]], width: int) -> Text:
    """Those that fit: without room for all, only what does something; without room for that, the last are kept."""
    texts = [text for text, _ in parts]
    if sum(text.cell_len for text in texts) > width > 0:
        texts = [text for text, is_enabled in parts if is_enabled]
    while len(texts) > 1 and sum(text.cell_len for text in texts) > width > 0:
        # The way back and the help are the last, and the help says the others.
        del texts[max(0, len(texts) - 4)]
    return Text("", no_wrap=True, overflow="ellipsis").join(texts)
