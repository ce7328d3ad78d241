"""The start of an operation: which workflow, with what input, how soon.

Rules: one press is one operation: until something else is filled in, another press says the same idempotency key, so
nothing is started twice, whatever became of the first answer.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar, Literal, cast

from pydantic import JsonValue
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Select, Static, TabbedContent, TabPane, TextArea

from agentkit.engines import RandomIds, SystemClock
from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Form, plain_text, trouble_of
from agentkit.wire import SubmitRequest, WorkflowLine

from .form_view import FormView
from .link import Link
from .presence import is_shown

__all__ = ["StartScreen"]


class StartScreen(ModalScreen[str | None]):
    """Starts an operation; gives its id, or None if none was started.

    Args:
        link: Who is asked.
        workflows: What can be started.
        chosen: Which of them is chosen at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("ctrl+s", "start", "Start", priority=True),
    ]

    def __init__(self, link: Link, workflows: Sequence[WorkflowLine], chosen: str | None = None) -> None:
        super().__init__()
        self._link, self._workflows = link, workflows
        self._chosen = chosen or (workflows[0].name if len(workflows) == 1 else None)
        self._said, self._key = "", ""

    def compose(self) -> ComposeResult:
        """Make its parts."""
        options = [(Text(plain_text(line.name, 100)), line.name) for line in self._workflows]
        with Vertical(classes="dialog"):
            yield Static(Text("Start an operation", "bold"), classes="dialog-title")
            with Horizontal(classes="line"):
                yield Static("Workflow", classes="name", markup=False)
                if self._chosen is None:
                    yield Select(options, prompt="choose a workflow", id="workflow", compact=True)
                else:
                    yield Select(options, value=self._chosen, allow_blank=False, id="workflow", compact=True)
            yield Static("", id="about", markup=False)
            with TabbedContent(id="ways"):
                with TabPane("Form", id="by-form"):
                    yield VerticalScroll(id="form-holder", can_focus=False)
                with TabPane("JSON", id="by-json"):
                    yield Static("", id="json-wrong", markup=False)
                    yield TextArea("", id="json", tab_behavior="focus", compact=True)
            yield Static("", id="start-wrong", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Start  ^s", variant="primary", compact=True, id="yes")
                yield Button("Back  esc", compact=True, id="no")
                yield Static("Priority", classes="name right", markup=False)
                ways = [(Text(word), word) for word in ("low", "normal", "high")]
                yield Select(ways, value="normal", allow_blank=False, id="priority", compact=True)

    def on_mount(self) -> None:
        """Begin with the workflow that is chosen."""
        if not is_shown(self):
            # It was left before it was there.
            return
        for name in ("#json-wrong", "#start-wrong", "#about"):
            self.query_one(name).display = False
        self.query_one("#workflow").focus()
        if self._chosen is not None:
            self._choose(self._chosen)

    def on_select_changed(self, event: Select.Changed) -> None:
        """Show the form of another workflow."""
        if event.select.id == "workflow":
            event.stop()
            if isinstance(event.value, str) and event.value != self._shown:
                self._choose(event.value)

    _shown: str = ""

    @work(exclusive=True, group="form")
    async def _choose(self, workflow: str) -> None:
        self._shown = workflow
        holder = self.query_one("#form-holder")
        await holder.remove_children()
        self._wrong("")
        await holder.mount(Static(Text("loading …", "dim"), classes="help"))
        try:
            page = await self._link.look(lambda: self._link.client.workflow(workflow))
        except AgentKitError as error:
            self._wrong(trouble_of(error).message)
            return
        if not is_shown(self):
            return
        about = self.query_one("#about", Static)
        about.update(plain_text(page.description, 500))
        about.display = bool(page.description)
        view = FormView(Form.of(page.input))
        await holder.remove_children()
        await holder.mount(view)
        self.query_one("#json", TextArea).text = view.form.text()
        view.begin()

    def _wrong(self, words: str) -> None:
        shown = self.query_one("#start-wrong", Static)
        shown.update(f"✗ {plain_text(words)}" if words else "")
        shown.display = bool(words)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start it, or go back."""
        if event.button.id == "yes":
            event.stop()
            self.action_start()
        elif event.button.id == "no":
            event.stop()
            self.action_back()

    def action_back(self) -> None:
        """Start nothing."""
        self.dismiss(None)

    @work(exclusive=True, group="start")
    async def action_start(self) -> None:
        """Start it."""
        self._wrong("")
        if not self._shown:
            self._wrong("choose a workflow first")
            return
        views = list(self.query(FormView))
        if not views:
            return
        view = views[0]
        try:
            request = SubmitRequest(workflow=self._shown, input=await self._input(view), priority=self._priority)
            page = await self._link.ask(self._link.client.submit(request, key=self._key_of(request)))
        except InputError as error:
            self._tell(view, error)
        except AgentKitError as error:
            trouble = trouble_of(error)
            self._wrong(f"{trouble.message} {trouble.remedy}".strip())
        else:
            self.dismiss(page.id)

    async def _input(self, view: FormView) -> JsonValue:
        if self.query_one("#ways", TabbedContent).active == "by-json":
            return view.form.read_text(self.query_one("#json", TextArea).text)
        return await view.value()

    @property
    def _priority(self) -> Literal["low", "normal", "high"]:
        return cast("Literal['low', 'normal', 'high']", self.query_one("#priority", Select).value)

    def _key_of(self, request: SubmitRequest) -> str:
        said = json.dumps(request.model_dump(mode="json"), sort_keys=True)
        if said != self._said:
            self._said, self._key = said, RandomIds(SystemClock()).operation_id()
        return self._key

    def _tell(self, view: FormView, error: InputError) -> None:
        view.tell_error(error)
        wrong = self.query_one("#json-wrong", Static)
        lines = [f"✗ {plain_text(line)}" for line in view.form.errors_of(error).lines()]
        wrong.update("\n".join(lines))
        wrong.display = bool(lines)
