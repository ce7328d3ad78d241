"""What there is beside the operations: how many stand how, the workflows that can be started, the agents that work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agentkit.screens import OPERATION_WORDS, look_of
from agentkit.wire import AgentLine, WorkflowLine

from .texts import line_text, look_text, quiet

__all__ = ["Sidebar", "Standing"]

_SHOWN: Final = tuple(dict.fromkeys(("running", "waiting", "in_doubt", *OPERATION_WORDS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many operations stand how.

    Attributes:
        counts: Those that have not ended, and those of the last day that have, by where they stand.
        is_least: Whether there may be more than were counted.
    """

    counts: Counter[str]
    is_least: bool = False


class Sidebar(VerticalScroll, can_focus=False):
    """Counts, workflows and agents."""

    class Start(Message):
        """A workflow is to be started."""

        def __init__(self, workflow: str) -> None:
            super().__init__()
            self.workflow: str = workflow

    def __init__(self) -> None:
        super().__init__()
        self._workflows: Sequence[str] = ()
        self._standing: Standing | None = None
        self._agents: Sequence[AgentLine] = ()

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("Now and last 24 h", classes="title", markup=False)
        yield Static(quiet("…"), id="counts")
        yield Static("Workflows", classes="title", markup=False)
        yield Static(quiet("…"), id="no-workflows")
        yield OptionList(id="workflows", markup=False, compact=True)
        yield Static("Agents", classes="title", markup=False)
        yield Static(quiet("…"), id="agents")

    def on_mount(self) -> None:
        """Begin without a list."""
        self.query_one("#workflows").display = False

    def show_standing(self, standing: Standing) -> None:
        """Show how many operations stand how."""
        self._standing = standing
        dark = self.app.current_theme.dark
        more = "+" if standing.is_least else ""
        lines: list[Text] = []
        for word in _SHOWN:
            if count := standing.counts.get(word):
                lines.append(look_text(look_of(word), dark=dark).append(f"  {count}{more}"))
        self.query_one("#counts", Static).update(Text("\n").join(lines) if lines else quiet("no operations"))

    def show_workflows(self, workflows: Sequence[WorkflowLine]) -> None:
        """Show what can be started."""
        names = [line.name for line in workflows]
        offered = self.query_one("#workflows", OptionList)
        empty = self.query_one("#no-workflows", Static)
        empty.update(quiet("none is offered here"))
        empty.display, offered.display = not names, bool(names)
        if names != self._workflows:
            self._workflows = names
            offered.clear_options()
            offered.add_options([Option(line_text(name, 60)) for name in names])

    def show_agents(self, agents: Sequence[AgentLine]) -> None:
        """Show who can work."""
        self._agents = agents
        lines = [line_text(line.name, 60) for line in agents]
        self.query_one("#agents", Static).update(Text("\n").join(lines) if lines else quiet("nobody works here"))

    def redraw(self) -> None:
        """Draw everything anew, in other colours."""
        if self._standing is not None:
            self.show_standing(self._standing)
        self.show_agents(self._agents)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask for a start."""
        event.stop()
        self.post_message(self.Start(self._workflows[event.option_index]))
