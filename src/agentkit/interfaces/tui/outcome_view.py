"""What came of an operation: its output and its values, or why there is none and what to do."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from agentkit.screens import Trouble, percent_text, plain_text
from agentkit.wire import OperationPage, ResultPage

from .presence import is_shown
from .texts import block_text, value_text

__all__ = ["OutcomeView"]


class OutcomeView(VerticalScroll):
    """The result, or the failure."""

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("", id="outcome")

    def show_nothing(self, page: OperationPage) -> None:
        """Say that there is no result yet."""
        waits = f" It waits for {', '.join(page.waiting)}." if page.waiting else ""
        self._show(Text(f"No result yet: the operation is {page.status}.{waits}", "dim"))

    def show_result(self, result: ResultPage) -> None:
        """Show what it gives."""
        text = Text()
        text.append("Output\n", "bold").append_text(value_text(result.output)).append("\n")
        notes = [
            *(f"the optional stage {name} failed, so its value is missing" for name in result.missing),
            *(f"the value of {name} is less than was asked for" for name in result.degraded),
            *(f"{name} was done by its fallback {agent}" for name, agent in result.fallbacks.items()),
        ]
        if result.confidence < 1:
            notes.append(f"it is sure to {percent_text(result.confidence)}")
        if notes:
            text.append("\nNotes\n", "bold")
            for note in notes:
                text.append(f"! {plain_text(note)}\n")
        others = {name: value for name, value in result.values.items() if value != result.output}
        for name, value in others.items():
            text.append(f"\nValue of {plain_text(name, 100)}\n", "bold").append_text(value_text(value)).append("\n")
        self._show(text)

    def show_trouble(self, trouble: Trouble) -> None:
        """Show why there is no result, and what to do."""
        text = Text().append(f"✗ {plain_text(trouble.title)}\n", "bold").append_text(block_text(trouble.message))
        if trouble.remedy:
            text.append("\n\nWhat to do\n", "bold").append_text(block_text(trouble.remedy))
        if trouble.code:
            text.append(f"\n\ncode {plain_text(trouble.code, 60)}", "dim")
        self._show(text)

    def _show(self, text: Text) -> None:
        if is_shown(self):
            self.query_one("#outcome", Static).update(text)
