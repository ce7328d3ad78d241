"""The start of an operation: which workflow, with what input, how soon.

Rules: one press is one operation: until something else is filled in, another press says the same idempotency key, so
nothing is started twice, whatever became of the first answer.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import ClassVar, Literal, cast

from pydantic import BaseModel, JsonValue
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Select, Static, TabbedContent, TabPane, TextArea

from agentkit.engines import RandomIds, SystemClock
from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Form, StageAgents, plain_text, stage_agents
from agentkit.wire import OperationPage, SubmitRequest, WorkflowLine, WorkflowPage

from .form_view import FormView
from .link import Link
from .presence import is_shown
from .say_screen import SayScreen

__all__ = ["StartScreen"]


class StartScreen(SayScreen):
    """Starts an operation; gives it, or None if none was started.

    Args:
        link: Who is asked.
        workflows: What can be started.
        zone: The zone of times that are filled in without one.
        chosen: Which of them is chosen at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "start", "Start", priority=True)]
    HEADING: ClassVar[str] = "Start an operation"
    OFFERS_AGENTS: ClassVar[bool] = True

    def __init__(self, link: Link, workflows: Sequence[WorkflowLine], zone: tzinfo, chosen: str | None = None) -> None:
        super().__init__(link)
        self._workflows, self._zone = workflows, zone
        self._chosen = chosen or (workflows[0].name if len(workflows) == 1 else None)
        self._shown = ""
        self._way = "by-form"
        self._staff: Sequence[StageAgents] = ()
        self._asked, self._key = "", ""

    # What it is made of

    def compose(self) -> ComposeResult:
        """Make its parts."""
        with Vertical(classes="dialog"):
            yield Static(Text(self.HEADING, "bold"), classes="dialog-title")
            yield from self.choice()
            yield Static("", id="about", markup=False)
            with TabbedContent(id="ways"):
                with TabPane("Form", id="by-form"):
                    yield VerticalScroll(id="form-holder", can_focus=False)
                with TabPane("JSON", id="by-json"):
                    yield Static("", id="json-wrong", markup=False)
                    yield TextArea("", id="json", tab_behavior="focus", compact=True)
                if self.OFFERS_AGENTS:
                    with TabPane("Agents", id="by-agents"):
                        yield VerticalScroll(id="agents-holder", can_focus=False)
            yield self.wrong()
            with Horizontal(classes="buttons"):
                yield Button("Start  ^s", variant="primary", compact=True, id="yes")
                yield Button("Back  esc", compact=True, id="no")
                yield from self.options()

    def choice(self) -> ComposeResult:
        """What says which workflow is started."""
        options = [(Text(plain_text(line.name, 100)), line.name) for line in self._workflows]
        with Horizontal(classes="line"):
            yield Static("Workflow", classes="name", markup=False)
            if self._chosen is None:
                yield Select(options, prompt="choose a workflow", id="workflow", compact=True)
            else:
                yield Select(options, value=self._chosen, allow_blank=False, id="workflow", compact=True)

    def options(self) -> ComposeResult:
        """What says how it is started."""
        yield Static("Priority", classes="name right", markup=False)
        ways = [(Text(word), word) for word in ("low", "normal", "high")]
        yield Select(ways, value="normal", allow_blank=False, id="priority", compact=True)

    def first(self, form: Form) -> tuple[Mapping[str, object], str]:
        """What the fields hold at first, and the same as JSON text."""
        return form.blank(), form.text()

    async def offered(self, workflow: str) -> WorkflowPage | None:
        """The workflow; None if it is not offered, and may be started all the same.

        Raises:
            AgentKitError: It cannot be had.
        """
        return await self.link.look(lambda: self.link.client.workflow(workflow))

    # Choosing

    def on_mount(self) -> None:
        """Begin with the workflow that is chosen."""
        if not is_shown(self):
            # It was left before it was there.
            return
        for name in ("#json-wrong", "#about"):
            self.query_one(name).display = False
        for choice in self.query("#workflow").results(Select):
            choice.focus()
        if self._chosen is not None:
            self._choose(self._chosen)

    def on_select_changed(self, event: Select.Changed) -> None:
        """Show the form of another workflow."""
        if event.select.id == "workflow":
            event.stop()
            if isinstance(event.value, str) and event.value != self._shown:
                self._choose(event.value)

    @work(exclusive=True, group="form")
    async def _choose(self, workflow: str) -> None:
        self._shown = workflow
        self.tell("")
        holder = self.query_one("#form-holder")
        await holder.remove_children()
        await holder.mount(Static(Text("loading …", "dim"), classes="help"))
        try:
            page = await self.offered(workflow)
            agents = await self.link.look(self.link.client.agents) if self.OFFERS_AGENTS else ()
        except AgentKitError as error:
            self.tell_error(error)
            return
        if not is_shown(self):
            return
        about = self.query_one("#about", Static)
        about.update(plain_text(page.description, 500) if page else "")
        about.display = bool(page and page.description)
        form = Form.of(page.input if page else None, zone=self._zone)
        values, text = self.first(form)
        view = FormView(form, values)
        await holder.remove_children()
        await holder.mount(view)
        self.query_one("#json", TextArea).text = text
        if page is not None and self.OFFERS_AGENTS:
            await self._offer_agents(stage_agents(page, agents))
        view.begin()

    async def _offer_agents(self, staff: Sequence[StageAgents]) -> None:
        """Let those stages be done by others that others can do."""
        holder, self._staff = self.query_one("#agents-holder"), [row for row in staff if len(row.choices) > 1]
        await holder.remove_children()
        for row in self._staff:
            names = [(Text(plain_text(name, 60)), name) for name in row.choices]
            names[0][0].append("  as usual", "dim")
            await holder.mount(
                Static(Text(plain_text(row.stage, 60), "bold"), classes="label"),
                Select(names, value=row.usual, allow_blank=False, classes="agent", compact=True),
            )
        if not self._staff:
            await holder.mount(Static("Each stage has one agent that can do it.", classes="help", markup=False))

    @property
    def agents(self) -> dict[str, str]:
        """Who does a stage that is not done as usual."""
        values = [select.value for select in self.query("#agents-holder .agent").results(Select)]
        # A list that was not drawn yet has no value.
        return {
            row.stage: value
            for row, value in zip(self._staff, values, strict=False)
            if isinstance(value, str) and value != row.usual
        }

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Remember by which way the input is given, whoever does it."""
        event.stop()
        if event.pane.id in ("by-form", "by-json"):
            self._way = event.pane.id

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start it, or go back."""
        if event.button.id == "yes":
            event.stop()
            self.action_start()
        elif event.button.id == "no":
            event.stop()
            self.action_back()

    # Starting

    def action_start(self) -> None:
        """Start it."""
        if not self._shown:
            self.tell("choose a workflow first")
        elif self.query(FormView):
            self.say(self._start)

    async def _start(self) -> OperationPage:
        view = self.query_one(FormView)
        if self._way == "by-json":
            return await self.submit(view.form.read_text(self.query_one("#json", TextArea).text))
        return await self.submit(await view.value())

    async def submit(self, given: JsonValue) -> OperationPage:
        """Start it with an input.

        Raises:
            AgentKitError: It is refused.
        """
        priority = cast("Literal['low', 'normal', 'high']", self.query_one("#priority", Select).value)
        request = SubmitRequest(workflow=self._shown, input=given, priority=priority, agents=self.agents)
        return await self.link.client.submit(request, key=self.key_of(request))

    def key_of(self, request: BaseModel) -> str:
        """The idempotency key of a request: the same as long as the same is asked."""
        asked = json.dumps([type(request).__name__, request.model_dump(mode="json")], sort_keys=True)
        if asked != self._asked:
            self._asked, self._key = asked, RandomIds(SystemClock()).operation_id()
        return self._key

    def tell_error(self, error: AgentKitError) -> None:
        """Tell what is wrong: of an input, at its fields and above its text."""
        super().tell_error(error)
        lines = list[str]()
        if isinstance(error, InputError):
            lines = [line for view in self.query(FormView) for line in view.form.errors_of(error).lines()]
        for wrong in self.query("#json-wrong").results(Static):
            wrong.update("\n".join(f"✗ {plain_text(line)}" for line in lines))
            wrong.display = bool(lines)
