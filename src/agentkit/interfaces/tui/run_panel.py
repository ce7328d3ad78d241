"""One operation, live: how far it is, its stages, its graph, its journal, what came of it and its files.

Rules: it shows pictures that a client gave, and does nothing. What costs a call of its own, such as the graph, is asked
for only while somebody looks at it.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime, tzinfo
from typing import Final

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import DataTable, Static, TabbedContent, TabPane

from agentkit.errors import AgentKitError
from agentkit.screens import look_of, look_of_operation, meter_of, moment_text, plain_text, size_text, trouble_of
from agentkit.wire import EventLine, FileLine, OperationPage

from .following import follow_events, follow_pages
from .journal_log import MOST_LINES, JournalLog
from .link import Link
from .outcome_view import OutcomeView
from .stage_table import StageTable
from .texts import bar_text, block_text, line_text, look_text, quiet

__all__ = ["RunPanel"]

_LARGE: Final = 40
"""A graph of more stages is drawn only if somebody asks for it."""
_DRAWN_EVERY: Final = 2.0
_LINES_AT_ONCE: Final = 300


class RunPanel(Vertical):
    """Follows one operation at a time.

    Args:
        link: Who is asked.
        zone: The zone of times.
    """

    class Changed(Message):
        """The operation stands otherwise than before."""

        def __init__(self, page: OperationPage) -> None:
            super().__init__()
            self.page: OperationPage = page

    class Save(Message):
        """A file is to be written down."""

        def __init__(self, page: OperationPage, file: FileLine) -> None:
            super().__init__()
            self.page: OperationPage = page
            self.file: FileLine = file

    def __init__(self, link: Link, zone: tzinfo, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._link, self.zone = link, zone
        self.operation_id: str | None = None
        self.page: OperationPage | None = None
        self._seen_at = datetime.now(UTC)
        self._events: deque[EventLine] = deque()
        self._messages: dict[str, str] = {}
        self._files: dict[str, FileLine] = {}
        self._drawn: tuple[str, int] = ("", -1)
        self._last = 0
        self._wants_graph = False

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("", id="run-head")
        yield Static("", id="run-facts")
        with TabbedContent(id="run-tabs"):
            with TabPane("Stages", id="tab-stages"):
                yield StageTable()
            with TabPane("Graph", id="tab-graph"), VerticalScroll():
                yield Static("", id="graph", expand=True)
            with TabPane("Journal", id="tab-log"):
                yield JournalLog(self.zone)
            with TabPane("Result", id="tab-result"):
                yield OutcomeView()
            with TabPane("Files", id="tab-files"):
                yield Static("", id="no-files")
                yield DataTable[Text](cursor_type="row", id="files")

    def on_mount(self) -> None:
        """Begin empty, and let time pass."""
        table = self.query_one("#files", DataTable)
        for name in ("file", "stage", "size", "kind", "given"):
            table.add_column(name, key=name)
        self.show_empty("Choose an operation.")
        self.set_interval(1.0, self._tick)
        self.set_interval(0.1, self._write_events)
        self.set_interval(_DRAWN_EVERY, self._draw_if_seen)

    # What is followed

    def follow(self, operation_id: str | None) -> None:
        """Follow an operation from here on, and no other; None is none."""
        if operation_id is None:
            self.workers.cancel_group(self, "follow")
            self.operation_id = self.page = None
            self.show_empty("Choose an operation.")
            return
        if operation_id != self.operation_id:
            self._begin(operation_id)
        self._follow(operation_id)

    def _begin(self, operation_id: str) -> None:
        self.operation_id, self.page = operation_id, None
        self._events.clear()
        self._messages, self._files, self._drawn, self._wants_graph = {}, {}, ("", -1), False
        self.query_one(JournalLog).clear()
        self.query_one(StageTable).show([])
        self.query_one("#run-head", Static).update(quiet("loading …"))
        self.query_one("#run-facts", Static).update(quiet(f"operation {plain_text(operation_id, 100)}"))

    def show_empty(self, words: str) -> None:
        """Show that nothing is followed."""
        self.query_one("#run-head", Static).update(quiet(words))
        self.query_one("#run-facts", Static).update("")
        self.query_one("#run-tabs").display = False

    @work(exclusive=True, group="follow")
    async def _follow(self, operation_id: str) -> None:
        try:
            await follow_pages(self._link, operation_id, self._show)
        except AgentKitError as error:
            trouble = trouble_of(error)
            self.show_empty(f"✗ {trouble.title}: {trouble.message}")

    @work(exclusive=True, group="events")
    async def _read_events(self, operation_id: str, after: int) -> None:
        try:
            await follow_events(self._link, operation_id, after, self._hear)
        except AgentKitError as error:
            self.query_one(JournalLog).write_note(f"✗ {trouble_of(error).message}")

    def _hear(self, line: EventLine) -> None:
        self._last = line.number
        self._events.append(line)

    # What is shown

    def _show(self, page: OperationPage) -> None:
        is_first = self.page is None
        before, self.page, self._seen_at = self.page, page, datetime.now(UTC)
        self.query_one("#run-tabs").display = True
        if is_first:
            self._last = max(0, page.events - MOST_LINES)
            if self._last:
                note = f"… {self._last:,} earlier events: agentkit show {page.id} --history"
                self.query_one(JournalLog).write_note(note)
        if is_first or (before is not None and before.status == "quarantined" != page.status):
            self._read_events(page.id, self._last)
        self._show_head()
        self.query_one(StageTable).show(page.stages)
        self._say_messages(page)
        if before is None or (before.status, before.waiting) != (page.status, page.waiting):
            self._show_outcome(page)
            self._list_files(page.id)
            self.post_message(self.Changed(page))
        elif before.events != page.events and self._is_seen("tab-files"):
            self._list_files(page.id)

    def _show_head(self) -> None:
        page = self.page
        if page is None:
            return
        dark = self.app.current_theme.dark
        meter = meter_of(page, seen_at=self._seen_at, now=datetime.now(UTC))
        head = look_text(look_of_operation(page), dark=dark, bold=True)
        head.append("  ").append_text(line_text(page.workflow, 40, style="bold"))
        head.append("  ").append_text(bar_text(meter.fraction, 16 if self.size.width < 100 else 30))
        head.append(f" {meter.percent}").append(f"  {meter.elapsed}", "dim")
        if meter.remaining:
            head.append(f", about {meter.remaining} left", "dim")
        if meter.stages:
            head.append(f"  {meter.stages}", "dim")
        self.query_one("#run-head", Static).update(head)
        self.query_one("#run-facts", Static).update(self._facts(page))

    def _facts(self, page: OperationPage) -> Text:
        facts = [f"operation {page.id}", f"started {moment_text(page.created_at, self.zone)}"]
        facts += [f"by {plain_text(page.requester, 60)}"] if page.requester else []
        facts += [f"continues {page.origin}"] if page.origin else []
        facts += [f"place {page.position} in line"] if page.position else []
        facts += [f"{page.priority} priority"] if page.priority != "normal" else []
        text = quiet(" · ".join(facts))
        if page.failure is not None:
            text.append("\n").append_text(line_text(f"✗ {page.failure.message}", 300, style="bold"))
        elif page.message and not page.ended:
            text.append("\n").append_text(line_text(page.message, 300))
        return text

    def _say_messages(self, page: OperationPage) -> None:
        log = self.query_one(JournalLog)
        for stage in page.stages:
            if stage.message and self._messages.get(stage.name) != stage.message:
                self._messages[stage.name] = stage.message
                if not page.ended:
                    self._write_events()
                    log.write_message(self._seen_at, stage.name, stage.message)

    def _tick(self) -> None:
        """Let time pass on the screen where nothing else happens."""
        if self.page is not None and not self.page.ended:
            self._show_head()

    def _write_events(self) -> None:
        log = self.query_one(JournalLog)
        for _ in range(min(len(self._events), _LINES_AT_ONCE)):
            log.write_event(self._events.popleft())

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

    # Files

    @work(exclusive=True, group="files")
    async def _list_files(self, operation_id: str) -> None:
        try:
            files = await self._link.look(lambda: self._link.client.files(operation_id))
        except AgentKitError:
            # The operation itself says what is wrong.
            return
        table, none = self.query_one("#files", DataTable), self.query_one("#no-files", Static)
        found = {f"{file.stage}/{file.name}": file for file in files}
        none.display, table.display = not found, bool(found)
        none.update(quiet("No stage has given a file." if not found else ""))
        if found == self._files:
            return
        self._files = found
        table.clear()
        for key, file in found.items():
            given = moment_text(file.at, self.zone)
            cells = [line_text(file.name, 60), line_text(file.stage, 40), quiet(size_text(file.size))]
            table.add_row(*cells, quiet(plain_text(file.media_type, 60)), quiet(given), key=key)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Have a file written down."""
        if event.data_table.id == "files" and self.page is not None:
            event.stop()
            self.post_message(self.Save(self.page, self._files[event.row_key.value or ""]))

    # The graph

    def _is_seen(self, tab: str) -> bool:
        tabs = self.query_one("#run-tabs", TabbedContent)
        return tabs.display and tabs.active == tab and self.screen.is_active

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Draw or list what is looked at from now on."""
        event.stop()
        self._draw_if_seen()
        if self.page is not None and event.pane.id == "tab-files":
            self._list_files(self.page.id)

    def draw_all(self) -> None:
        """Draw the graph, however large it is."""
        self._wants_graph, self._drawn = True, ("", -1)
        self.query_one("#run-tabs", TabbedContent).active = "tab-graph"
        self._draw_if_seen()

    def _draw_if_seen(self) -> None:
        page = self.page
        if page is None or not self._is_seen("tab-graph") or self._drawn == (page.id, page.events):
            return
        self._drawn = page.id, page.events
        if len(page.stages) > _LARGE and not self._wants_graph:
            counts = Counter(stage.status for stage in page.stages)
            dark = self.app.current_theme.dark
            lines = [look_text(look_of(word), dark=dark).append(f"  {count:,}") for word, count in counts.most_common()]
            head = Text(f"{len(page.stages):,} stages. Press g to draw them all.\n\n", "bold")
            self.query_one("#graph", Static).update(head.append_text(Text("\n").join(lines)))
        else:
            self._draw(page.id)

    @work(exclusive=True, group="graph")
    async def _draw(self, operation_id: str) -> None:
        try:
            drawing = (await self._link.look(lambda: self._link.client.drawing(operation_id))).drawing
        except AgentKitError as error:
            drawing = trouble_of(error).message
        self.query_one("#graph", Static).update(block_text(drawing))

    def redraw(self, zone: tzinfo) -> None:
        """Draw everything anew, in other colours or times."""
        self.zone = self.query_one(JournalLog).zone = zone
        self._drawn = ("", -1)
        self.query_one(StageTable).redraw()
        self._show_head()
        self._draw_if_seen()
