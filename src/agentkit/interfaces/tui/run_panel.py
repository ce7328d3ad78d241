"""One operation, live: how far it is, its stages, its graph, its times, its journal, what came of it and its files.

Rules: it shows what a client gave, and does nothing. What costs a call of its own, such as the graph, is asked for only
while somebody looks at it.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, TabbedContent, TabPane

from agentkit.errors import AgentKitError
from agentkit.screens import Board, moment_text, plain_text, trouble_of
from agentkit.wire import EventLine, FileLine, LiveLine, OperationPage

from .files_table import FilesTable
from .following import follow_events, follow_pages
from .graph_view import GraphView
from .journal_log import JournalLog
from .link import Link
from .outcome_view import OutcomeView
from .pacing import Pace
from .presence import is_dark, is_shown
from .stage_table import StageTable
from .texts import bar_text, line_text, look_text, operation_look, quiet
from .timeline_view import TimelineView

__all__ = ["RunPanel"]

_LOOKED_EVERY: Final = 0.25
_DRAWN_EVERY: Final = 1.0
_WIDE: Final = 100


class RunPanel(Vertical):
    """Follows one operation at a time.

    Args:
        link: Who is asked.
        zone: The zone of times.
        lines: How many lines of its journal are kept.
    """

    class Changed(Message):
        """The operation stands otherwise than before."""

    class Save(Message):
        """A file is to be written down."""

        def __init__(self, operation_id: str, file: FileLine) -> None:
            super().__init__()
            self.operation_id: str = operation_id
            self.file: FileLine = file

    def __init__(self, link: Link, zone: tzinfo, *, lines: int, id: str | None = None) -> None:
        super().__init__(id=id)
        self._link, self._zone, self._lines = link, zone, lines
        self._operation_id: str | None = None
        self._board = Board(keep=1)
        self._messages: dict[str, str] = {}
        self._fact_lines = 0
        self._pace = Pace(_DRAWN_EVERY)

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("", id="run-head")
        yield Static("", id="run-facts")
        with TabbedContent(id="run-tabs"):
            with TabPane("Stages", id="tab-stages"):
                yield StageTable()
            with TabPane("Graph", id="tab-graph"):
                yield GraphView(self._link)
            with TabPane("Timeline", id="tab-timeline"):
                yield TimelineView()
            with TabPane("Journal", id="tab-log"):
                yield JournalLog(self._zone, self._lines)
            with TabPane("Result", id="tab-result"):
                yield OutcomeView()
            with TabPane("Files", id="tab-files"):
                yield FilesTable()

    def on_mount(self) -> None:
        """Begin empty, and let time pass."""
        if not is_shown(self):
            # It was left before it was there.
            return
        self._show_words("Choose an operation.")
        self.set_interval(_LOOKED_EVERY, self._tick)

    @property
    def page(self) -> OperationPage | None:
        """The operation that is followed, as it stands."""
        return self._board.page

    # What is followed

    def follow(self, operation_id: str | None) -> None:
        """Follow an operation from here on, and no other; None is none."""
        if operation_id is None:
            self.workers.cancel_node(self)
            self._operation_id, self._board = None, Board(keep=1)
            self._show_words("Choose an operation.")
            return
        if operation_id != self._operation_id:
            self._operation_id, self._board, self._messages = operation_id, Board(keep=1), {}
            self.query_one(JournalLog).begin()
            self.query_one(GraphView).begin()
            self.query_one(StageTable).show([])
            self._show_words("loading …", f"operation {plain_text(operation_id, 100)}")
        self._follow(operation_id)
        self._hear_events(operation_id)

    def rest(self) -> None:
        """Follow nothing for now; what is shown stays, and `follow` goes on from there."""
        self.workers.cancel_node(self)

    @work(exclusive=True, group="follow")
    async def _follow(self, operation_id: str) -> None:
        try:
            await follow_pages(self._link, operation_id, self._show)
        except AgentKitError as error:
            trouble = trouble_of(error)
            self._show_words(f"✗ {trouble.title}", trouble.message)

    @work(exclusive=True, group="events")
    async def _hear_events(self, operation_id: str) -> None:
        try:
            await follow_events(self._link, operation_id, self._board.after, self._hear)
        except AgentKitError as error:
            if is_shown(self):
                self.query_one(JournalLog).note(f"✗ {trouble_of(error).message}")

    def _hear(self, line: EventLine) -> None:
        self._board.hear([line])
        if is_shown(self):
            self.query_one(JournalLog).hear(line)

    # What is shown

    def _show_words(self, words: str, more: str = "") -> None:
        """Show that nothing is there, and why."""
        if not is_shown(self):
            return
        self.query_one("#run-head", Static).update(line_text(words))
        self.query_one("#run-facts", Static).update(quiet(plain_text(more)))
        self.query_one("#run-tabs").display = False

    def _show(self, page: OperationPage) -> None:
        if not is_shown(self):
            # The screen was left while the answer was on its way.
            return
        before = self._board.page
        said = self._board.take(page, seen_at=datetime.now(UTC))
        self._say_messages(page, said)
        if before is None or (before.status, before.waiting) != (page.status, page.waiting):
            self.query_one("#run-tabs").display = True
            self._draw()
            self._show_outcome(page)
            self._list_files(page.id)
            self.post_message(self.Changed())

    def _show_head(self) -> None:
        page, meter = self._board.page, self._board.meter(datetime.now(UTC))
        if page is None or meter is None:
            return
        head = Text(no_wrap=True, overflow="ellipsis")
        head.append_text(look_text(operation_look(page), dark=is_dark(self), bold=True))
        head.append("  ").append_text(line_text(page.workflow, 40, style="bold")).append("  ")
        head.append_text(bar_text(meter.fraction, 30 if self.size.width >= _WIDE else 12))
        head.append(f" {meter.percent}").append(f"  {meter.elapsed}", "dim")
        head.append(f", about {meter.remaining} left" if meter.remaining else "", "dim")
        head.append(f"  {meter.stages}" if meter.stages else "", "dim")
        # The first is one line, whatever it says; only where the second grows or shrinks the screen is laid out anew.
        self.query_one("#run-head", Static).update(head, layout=False)
        facts = self._facts(page)
        lines, self._fact_lines = self._fact_lines, len(facts.wrap(self.app.console, max(1, self.size.width - 2)))
        self.query_one("#run-facts", Static).update(facts, layout=lines != self._fact_lines)

    def _facts(self, page: OperationPage) -> Text:
        facts = [f"operation {page.id}", f"started {moment_text(page.created_at, self._zone)}"]
        facts += [f"by {plain_text(page.requester, 60)}"] if page.requester else []
        facts += [f"place {page.position} in line"] if page.position else []
        facts += [f"{page.priority} priority"] if page.priority != "normal" else []
        facts += [f"used {self._board.costs.words}"] if self._board.costs.words else []
        facts += [f"continues {page.origin}"] if page.origin else []
        text = quiet(" · ".join(facts))
        if page.failure is not None:
            text.append("\n").append_text(line_text(f"✗ {page.failure.message}", 300, style="not dim bold"))
        elif page.message and not page.ended:
            text.append("\n").append_text(line_text(page.message, 300, style="not dim"))
        return text

    def _say_messages(self, page: OperationPage, said: Sequence[LiveLine]) -> None:
        log = self.query_one(JournalLog)
        for line in said:
            log.hear_message(datetime.now(UTC), line.stage, line.message)
        for stage in page.stages:
            if stage.message and not page.ended and self._messages.get(stage.name) != stage.message:
                self._messages[stage.name] = stage.message
                log.hear_message(datetime.now(UTC), stage.name, stage.message)

    def _tick(self) -> None:
        """Draw how it stands by now, if that is due; of what has ended nothing changes any more."""
        if self.page is not None and self._pace.is_due:
            if not self.page.ended:
                self._draw()
            self._draw_what_is_seen()

    def _draw(self) -> None:
        """Draw how it stands."""
        if self.page is not None:
            self._show_head()
            self.query_one(StageTable).show(self.page.stages)
            self._pace.drawn()

    def _draw_what_is_seen(self) -> None:
        tabs = self.query_one("#run-tabs", TabbedContent)
        if not (tabs.display and self.display):
            return
        match tabs.active:
            case "tab-graph":
                self.query_one(GraphView).draw(self._board)
            case "tab-timeline":
                self.query_one(TimelineView).draw(self._board, datetime.now(UTC))
            case "tab-files" if self.page is not None and not self.page.ended:
                self._list_files(self.page.id)
            case _:
                pass

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Draw what is looked at from now on."""
        event.stop()
        self._draw_what_is_seen()

    def draw_all(self) -> None:
        """Draw the graph, however large it is."""
        self.query_one(GraphView).begin(wants_all=True)
        self.query_one("#run-tabs", TabbedContent).active = "tab-graph"
        self._draw_what_is_seen()

    def redraw(self, zone: tzinfo) -> None:
        """Draw everything anew, in other colours or times."""
        self._zone = self.query_one(JournalLog).zone = zone
        self.query_one(GraphView).begin()
        self.query_one(StageTable).redraw()
        self._show_head()
        self._draw_what_is_seen()

    # What came of it

    @work(exclusive=True, group="outcome")
    async def _show_outcome(self, page: OperationPage) -> None:
        view = self.query_one(OutcomeView)
        if page.failure is not None:
            view.show_trouble(trouble_of(page.failure))
        elif page.status != "completed":
            view.show_nothing(page)
        else:
            try:
                view.show_result(await self._link.look(lambda: self._link.client.result(page.id)))
            except AgentKitError as error:
                view.show_trouble(trouble_of(error))

    @work(exclusive=True, group="files")
    async def _list_files(self, operation_id: str) -> None:
        try:
            files = await self._link.look(lambda: self._link.client.files(operation_id))
        except AgentKitError:
            # The operation itself says what is wrong.
            return
        if is_shown(self):
            self.query_one(FilesTable).show(files, self._zone)

    def on_files_table_chosen(self, event: FilesTable.Chosen) -> None:
        """Have a file written down."""
        event.stop()
        if self._operation_id is not None:
            self.post_message(self.Save(self._operation_id, event.file))
