"""A signal for an operation: which of those that its stages wait for, or another one, and what is told with it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Select, Static

from agentkit.engines import RandomIds, SystemClock
from agentkit.screens import plain_text
from agentkit.wire import OperationPage, SignalRequest

from .form_view import FormView
from .link import Link
from .presence import is_shown
from .say_screen import SayScreen, any_form

__all__ = ["SignalScreen"]

_OTHER: Final = -1


class SignalScreen(SayScreen):
    """Sends a signal.

    Args:
        link: Who is told.
        page: The operation.
        names: The signals that it waits for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "send", "Send", priority=True)]

    def __init__(self, link: Link, page: OperationPage, names: Sequence[str]) -> None:
        super().__init__(link)
        self._page, self._names = page, names
        self._id = RandomIds(SystemClock()).operation_id()

    def compose(self) -> ComposeResult:
        """Make its parts."""
        options = [(Text(plain_text(name, 60)), number) for number, name in enumerate(self._names)]
        options.append((Text("another one …", "italic"), _OTHER))
        with Vertical(classes="dialog"):
            title = f"Send a signal to {plain_text(self._page.workflow, 60)}"
            yield Static(Text(title, "bold"), classes="dialog-title")
            with VerticalScroll(can_focus=False):
                yield Static(Text("Signal", "bold"), classes="label")
                yield Select(options, value=options[0][1], allow_blank=False, id="signal", compact=True)
                yield Input(placeholder="its name, as the workflow has it", id="other", compact=True, max_length=255)
                yield Static("")
                yield FormView(any_form("Value", "What is told with it; nothing, if you choose no kind."))
            yield self.wrong()
            with Horizontal(classes="buttons"):
                yield Button("Send  ^s", variant="primary", compact=True, id="yes")
                yield Button("Back  esc", compact=True, id="no")

    def on_mount(self) -> None:
        """Begin at the signal."""
        if is_shown(self):
            self.query_one("#other").display = not self._names
            self.query_one("#signal" if self._names else "#other").focus()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Let another name be written, if none of those offered is meant."""
        if event.select.id == "signal":
            event.stop()
            self.query_one("#other").display = event.value == _OTHER

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send it, or go back."""
        match event.button.id:
            case "yes":
                self.action_send()
            case "no":
                self.action_back()
            case _:
                return
        event.stop()

    def action_send(self) -> None:
        """Send it."""
        self.say(self._send)

    async def _send(self) -> OperationPage:
        value = await self.query_one(FormView).value()
        # The same id: pressed again after a lost answer, it counts once.
        said = SignalRequest(name=self._wanted, value=value, id=self._id)
        return await self.link.client.signal(self._page.id, said)

    @property
    def _wanted(self) -> str:
        chosen = self.query_one("#signal", Select).value
        if isinstance(chosen, int) and chosen != _OTHER:
            return self._names[chosen]
        return self.query_one("#other", Input).value.strip()
