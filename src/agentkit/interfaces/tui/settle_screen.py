"""What became of work of which nobody knows whether it happened: it did, it did not, or it is given up."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import JsonValue
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from agentkit.screens import plain_text
from agentkit.wire import OperationPage, Settlement

from .form_view import FormView
from .link import Link
from .presence import is_shown
from .say_screen import SayScreen, any_form

__all__ = ["SettleScreen"]


class SettleScreen(SayScreen):
    """Has somebody say what happened.

    Args:
        link: Who is told.
        page: The operation.
        stage: The stage, item or undoing that is in doubt.
        usual: The JSON Schema of what its agent gives.
        about: What there is to look up.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "settle('done')", "It happened", priority=True),
        Binding("ctrl+r", "settle('redo')", "Do it", priority=True),
        Binding("ctrl+x", "settle('abort')", "Give it up", priority=True),
    ]

    def __init__(self, link: Link, page: OperationPage, stage: str, usual: JsonValue, *, about: str) -> None:
        super().__init__(link)
        self._page, self._stage, self._usual, self._about = page, stage, usual, about

    def compose(self) -> ComposeResult:
        """Make its parts."""
        stage = plain_text(self._stage, 80)
        with Vertical(classes="dialog"):
            yield Static(Text(f"Did {stage} happen?", "bold"), classes="dialog-title")
            with VerticalScroll(can_focus=False):
                words = (
                    f"{plain_text(self._page.workflow, 60)} was cut off while it worked on {stage}, and nobody knows"
                    " whether that happened outside. Look there, then say so."
                )
                yield Static(Text(words), classes="question")
                yield Static(Text(self._about), classes="question")
                about = "Only if it happened: the value of the stage, or of its effect."
                yield FormView(any_form("What came of it", about, usual=self._usual))
                yield Static(Text("Comment", "bold").append("  optional", "not bold dim"), classes="label")
                yield Input(placeholder="how you know", id="comment", compact=True, max_length=10_000)
            yield self.wrong()
            with Horizontal(classes="buttons"):
                yield Button("✓ It happened  ^s", variant="success", compact=True, id="done")
                yield Button("↻ It did not: do it  ^r", compact=True, id="redo")
                yield Button("✗ Give it up  ^x", variant="error", compact=True, id="abort")
                yield Button("Back  esc", compact=True, id="no")

    def on_mount(self) -> None:
        """Begin at the comment: nothing is said by a press too many."""
        if is_shown(self):
            self.query_one("#comment").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Say it, or go back."""
        match event.button.id:
            case "done" | "redo" | "abort" as decision:
                self.action_settle(decision)
            case "no":
                self.action_back()
            case _:
                return
        event.stop()

    def action_settle(self, decision: Literal["done", "redo", "abort"]) -> None:
        """Say it."""
        self.say(lambda: self._settle(decision))

    async def _settle(self, decision: Literal["done", "redo", "abort"]) -> OperationPage:
        value = await self.query_one(FormView).value() if decision == "done" else None
        comment = self.query_one("#comment", Input).value
        said = Settlement(stage=self._stage, decision=decision, value=value, comment=comment)
        return await self.link.client.settle(self._page.id, said)
