"""What is beside the operations: how many stand how, what can be started, who works, and how busy the service is."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agentkit.screens import AgentRow, agent_rows, duration_text, look_of, size_text, tiles_of, wait_text
from agentkit.wire import FiguresPage, HealthPage, WorkflowLine

from .presence import is_dark, is_shown
from .texts import line_text, look_text, quiet

__all__ = ["Sidebar"]


class Sidebar(VerticalScroll, can_focus=False):
    """Counts, workflows, agents, and the service's own state where it is told."""

    class Start(Message):
        """A workflow is to be started."""

        def __init__(self, workflow: str) -> None:
            super().__init__()
            self.workflow: str = workflow

    def __init__(self) -> None:
        super().__init__()
        self._workflows: Sequence[str] = ()
        self._figures: FiguresPage | None = None

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("Today", classes="title", markup=False)
        yield Static(quiet("…"), id="counts")
        yield Static("Workflows", classes="title", markup=False)
        yield Static(quiet("…"), id="no-workflows")
        yield OptionList(id="workflows", markup=False, compact=True)
        yield Static("Agents", classes="title", markup=False)
        yield Static(quiet("…"), id="agents")
        yield Static("Service", classes="title", markup=False, id="service-title")
        yield Static("", id="service")

    def on_mount(self) -> None:
        """Begin without a list."""
        if not is_shown(self):
            # It was left before it was there.
            return
        for name in ("#workflows", "#service-title", "#service"):
            self.query_one(name).display = False

    def show_figures(self, page: FiguresPage) -> None:
        """Show how much there is to do, how well it goes, and how the agents are."""
        self._figures = page
        dark = is_dark(self)
        figures = _figures()
        figures.add_row("Active", Text(f"{page.active:,}", "bold"))
        for word, count in _counts(page).items():
            look = look_of(word)
            if word == "waiting":
                look = replace(look, label=wait_text("approval"))
            figures.add_row(look_text(look, dark=dark), Text(f"{count:,}", "bold"))
        for tile in tiles_of(page)[2:4]:
            figures.add_row(tile.label, Text(tile.value, "bold"))
        self.query_one("#counts", Static).update(figures)
        lines = [
            look_text(replace(row.look, label=row.name), dark=dark).append(f"  {_said(row)}", "dim")
            for row in agent_rows(page.agents)
        ]
        text = Text("\n").join(lines) if lines else quiet("nobody works here")
        text.no_wrap, text.overflow = True, "ellipsis"
        self.query_one("#agents", Static).update(text)

    def show_health(self, page: HealthPage) -> None:
        """Show how busy the service is, if whoever looks is told."""
        rows = list(_busy(page))
        table = _figures()
        for name, words in rows:
            table.add_row(line_text(name, 60), Text(words, "bold"))
        self.query_one("#service", Static).update(table)
        for name in ("#service-title", "#service"):
            self.query_one(name).display = bool(rows)

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

    def redraw(self) -> None:
        """Draw everything anew, in other colours."""
        if self._figures is not None:
            self.show_figures(self._figures)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask for a start."""
        event.stop()
        self.post_message(self.Start(self._workflows[event.option_index]))


def _figures() -> Table:
    """A table of names and figures."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=1)
    table.add_column(justify="right")
    return table


def _busy(page: HealthPage) -> Iterator[tuple[str, str]]:
    """What waits and runs in the service, and what it takes of its machine, as far as that is known."""
    if (queue := page.queue) is not None:
        yield "In line", f"{queue.waiting:,}"
        if queue.oldest_seconds is not None:
            yield "Waits longest", duration_text(queue.oldest_seconds)
        yield "Attempts", f"{queue.running:,} of {queue.most_running:,}"
    if (found := page.resources) is not None:
        if found.processor_share is not None:
            yield "Cores busy", f"{found.processor_share:.1f}" + (f" of {found.cores}" if found.cores else "")
        if found.memory_bytes is not None:
            yield "Memory", size_text(found.memory_bytes)
        if found.disk_free_bytes is not None:
            yield "Disk free", size_text(found.disk_free_bytes)
        for one in found.limited:
            yield one.name, f"{one.taken} of {one.total}"


def _counts(page: FiguresPage) -> Mapping[str, int]:
    """How many operations stand where: those that wait now, and those that ended today."""
    now = page.current
    found = {"waiting": page.waiting, "completed": now.completed, "failed": now.failed, "cancelled": now.cancelled}
    return {word: count for word, count in found.items() if count}


def _said(row: AgentRow) -> str:
    """How an agent is, in words; how much it does now, or how well it did."""
    return f"{row.look.label}, {row.running} now" if row.running else row.look.label
