"""The answer to a question that waits for people: who asks what, a form, a comment, yes or no."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import ClassVar, cast

from pydantic import JsonValue
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from agentkit.errors import InputError
from agentkit.screens import Form, moment_text, plain_text
from agentkit.wire import ApprovalLine, Decision, OperationPage

from .form_view import FormView
from .link import Link
from .presence import is_shown
from .say_screen import SayScreen
from .texts import block_text

__all__ = ["DecideScreen"]


class DecideScreen(SayScreen):
    """Has somebody agree or refuse.

    Args:
        link: Who is told.
        asked: What is asked.
        zone: The zone of times.
        approve: What the key that led here stands for: where the focus begins.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "approve", "Approve", priority=True),
        Binding("ctrl+x", "refuse", "Refuse", priority=True),
    ]

    def __init__(self, link: Link, asked: ApprovalLine, zone: tzinfo, *, approve: bool) -> None:
        super().__init__(link)
        self._asked, self._zone, self._approve = asked, zone, approve

    def compose(self) -> ComposeResult:
        """Make its parts."""
        asked = self._asked
        stage = " ".join(filter(None, (asked.stage, asked.name)))
        with Vertical(classes="dialog"):
            yield Static(
                Text(f"{plain_text(asked.workflow, 60)} asks at {plain_text(stage, 80)}", "bold"),
                classes="dialog-title",
            )
            with VerticalScroll(can_focus=False):
                yield Static(block_text(asked.question or "May it go on?"), classes="question")
                yield Static(self._facts(), classes="dialog-words")
                yield (
                    FormView(Form.of_kinds(asked.form, proposed=asked.proposed, zone=self._zone))
                    if asked.form
                    else Static("")
                )
                yield Static(Text("Comment", "bold").append("  optional", "not bold dim"), classes="label")
                yield Input(placeholder="why", id="comment", compact=True, max_length=10_000)
            yield self.wrong()
            with Horizontal(classes="buttons"):
                yield Button("✓ Approve  ^s", variant="success", compact=True, id="approve")
                yield Button("✗ Refuse  ^x", variant="error", compact=True, id="refuse")
                yield Button("Back  esc", compact=True, id="no")

    def _facts(self) -> Text:
        asked = self._asked
        who = ", ".join(asked.roles) or "anybody"
        facts = [f"{plain_text(who, 200)} may decide; {len(asked.agreed)} of {asked.quorum} agreed"]
        if asked.agreed:
            facts[0] += f" ({plain_text(', '.join(asked.agreed), 200)})"
        facts.append(f"asked {moment_text(asked.asked_at, self._zone)}")
        if asked.deadline is not None:
            facts.append(f"time decides {moment_text(asked.deadline, self._zone)}")
        if asked.escalated:
            facts.append("nobody decided in time, so that more people may")
        return Text("\n".join(facts), "dim")

    def on_mount(self) -> None:
        """Begin at the form, or at what the key stands for."""
        if not is_shown(self):
            # It was left before it was there.
            return
        if self._approve and self._asked.form:
            self.query_one(FormView).begin()
        else:
            self.query_one("#approve" if self._approve else "#comment").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Say it, or go back."""
        match event.button.id:
            case "approve":
                self.action_approve()
            case "refuse":
                self.action_refuse()
            case "no":
                self.action_back()
            case _:
                return
        event.stop()

    def action_approve(self) -> None:
        """Agree."""
        self.say(lambda: self._decide(approve=True))

    def action_refuse(self) -> None:
        """Refuse."""
        self.say(lambda: self._decide(approve=False))

    async def _decide(self, *, approve: bool) -> OperationPage:
        asked, comment = self._asked, self.query_one("#comment", Input).value
        form = dict(await self._form(approve=approve))
        decision = Decision(stage=asked.stage, name=asked.name, approve=approve, comment=comment, form=form)
        return await self.link.client.decide(asked.operation, decision)

    async def _form(self, *, approve: bool) -> Mapping[str, JsonValue]:
        """What is filled in; who refuses fills in what they like."""
        views = list(self.query(FormView))
        if not views:
            return {}
        if approve:
            return cast("Mapping[str, JsonValue]", await views[0].value())
        try:
            return cast("Mapping[str, JsonValue]", views[0].form.read(await views[0].held()))
        except InputError:
            return {}
