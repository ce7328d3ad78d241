"""The first screen: the operations with their filter, what waits for people, and the run under the cursor.

Rules: it looks by itself, at bounded costs: each second at two pages of the list, and at one more while the cursor
is on its last row; now and then at what is beside it.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, tzinfo
from typing import ClassVar, Final

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Static, TabbedContent, TabPane

from agentkit.errors import AgentKitError, NotAllowed
from agentkit.screens import DoorSettings, today, trouble_of
from agentkit.wire import ApprovalLine, OperationLine, OperationPage, OperationQuery

from .answering import AnsweringScreen
from .filter_bar import FilterBar
from .inbox_table import InboxTable
from .key_bar import KeyBar
from .link import Link
from .listing import Listing, News
from .operation_table import OperationTable
from .place import Place
from .presence import is_shown
from .run_panel import RunPanel
from .run_screen import RunScreen
from .sidebar import Sidebar
from .texts import quiet
from .top_bar import TopBar

__all__ = ["MainScreen"]

_BESIDE_EVERY: Final = 4
"""What is beside the list is looked at with every so manieth look."""
_OFFERS_EVERY: Final = 60
_RESTS: Final = 0.15
"""So many seconds without a key, and the cursor rests."""


class MainScreen(AnsweringScreen):
    """Operations and approvals.

    Args:
        link: Who is asked.
        place: Where that is.
        zone: The zone of times.
        settings: How often it looks, and at how much.
    """

    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("o", "sort", "Order", show=False),
        Binding("1", "show_tab('tab-operations')", "Operations", show=False),
        Binding("2", "show_tab('tab-inbox')", "Approvals", show=False),
        Binding("s", "toggle_sidebar", "Sidebar", show=False),
        Binding("g", "draw_all", "Draw all", show=False),
        Binding("escape", "clear_filter", "Clear filter", show=False),
    ]

    def __init__(self, link: Link, place: Place, zone: tzinfo, settings: DoorSettings) -> None:
        super().__init__(link, place)
        self.zone: tzinfo = zone
        self._settings = settings
        self._listing = self._list(OperationQuery())
        self._questions = 0
        self._seen = asyncio.Event()
        """Not set while an operation has the whole screen: what nobody sees is to cost nothing."""
        self._seen.set()
        self._is_told_health = True
        """Whether this person may be told how the service is; a server tells it to nobody of a tenant."""

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield TopBar(self.place)
        with Horizontal(id="body"):
            yield Sidebar()
            with Vertical(id="main"), TabbedContent(id="main-tabs"):
                with TabPane("1 Operations", id="tab-operations"):
                    yield FilterBar()
                    yield Static("", id="filter-words", markup=False)
                    yield Static(quiet("loading …"), id="list-state")
                    yield OperationTable(self.zone, id="operations")
                    yield RunPanel(self.link, self.zone, lines=self._settings.event_lines, id="preview")
                with TabPane("2 Approvals", id="tab-inbox"):
                    yield Static(quiet("loading …"), id="inbox-state")
                    yield InboxTable(self.zone)
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to look."""
        if not is_shown(self):
            # It was left before it was there.
            return
        self.query_one(TopBar).tell(self.link.answering)
        for name in ("#filter-words", "FilterBar", "#operations", "#inbox"):
            self.query_one(name).display = False
        self._watch()

    def _list(self, query: OperationQuery) -> Listing:
        return Listing(self.link.client, query.model_copy(update={"limit": self._settings.page_size}))

    # Looking

    @work(exclusive=True, group="watch")
    async def _watch(self) -> None:
        number = 0
        while True:
            await self._seen.wait()
            await self._look_at_list()
            if number % _BESIDE_EVERY == 0:
                await self._look_at_inbox()
                await self._look_beside(offers=number % _OFFERS_EVERY == 0)
            number += 1
            if not self._settings.refresh_seconds:
                return
            await asyncio.sleep(self._settings.refresh_seconds)

    async def _look_at_list(self) -> None:
        """Look at the list, and show what has changed."""
        listing = self._listing
        try:
            news = await self.link.look(listing.look)
        except AgentKitError as error:
            self._say_of_list(f"✗ {trouble_of(error).message}")
            return
        if listing is not self._listing:
            return
        self._show_news(news)
        if is_shown(self) and not listing.is_whole:
            table = self.query_one(OperationTable)
            if table.cursor_row == table.row_count - 1:
                # What is new may come behind the last row, from which no key leads on.
                self.on_operation_table_near_end()

    def _show_news(self, news: News) -> None:
        if not is_shown(self):
            # The screen was left while the answer was on its way.
            return
        table = self.query_one(OperationTable)
        table.apply(news, self._listing.order)
        self._say_of_list("" if self._listing.lines else self._nothing)
        table.display = bool(self._listing.lines)
        if table.display and self.focused is None and not self._is_at_inbox:
            table.focus()
        self.query_one(RunPanel).set_class(not self._listing.lines, "-idle")
        chosen = table.selected_id
        self.refresh_keys()
        if chosen is not None and chosen in news.lines:
            panel = self.query_one(RunPanel)
            if panel.page is not None and panel.page.status == "quarantined" != news.lines[chosen].status:
                # Somebody elsewhere has it go on.
                panel.follow(chosen)

    @property
    def _nothing(self) -> str:
        if self.query_one(FilterBar).is_narrow:
            return "Nothing fits this filter. Esc clears it."
        return "No operations yet. Press n to start one."

    def _say_of_list(self, words: str) -> None:
        if not is_shown(self):
            return
        state = self.query_one("#list-state", Static)
        state.update(quiet(words))
        state.display = bool(words)

    @work(exclusive=True, group="more")
    async def on_operation_table_near_end(self) -> None:
        """Read older operations."""
        listing = self._listing
        if listing.is_whole or not listing.lines:
            return
        try:
            news = await self.link.look(listing.more)
        except AgentKitError as error:
            self.say_error(error)
            return
        if listing is self._listing:
            self._show_news(news)

    async def _look_at_inbox(self) -> None:
        try:
            asked = await self.link.look(self.link.client.approvals)
        except AgentKitError as error:
            asked = []
            words = f"✗ {trouble_of(error).message}"
        else:
            words = "" if asked else "Nothing waits for you."
        if not is_shown(self):
            return
        state, table = self.query_one("#inbox-state", Static), self.query_one(InboxTable)
        state.update(quiet(words))
        state.display, table.display = bool(words), bool(asked)
        table.show(asked, datetime.now(UTC))
        if len(asked) != self._questions:
            self._questions = len(asked)
            label = f"2 Approvals ({len(asked)})" if asked else "2 Approvals"
            self.query_one("#main-tabs", TabbedContent).get_tab("tab-inbox").label = label
        self.refresh_keys()

    async def _look_beside(self, *, offers: bool) -> None:
        client = self.link.client
        try:
            figures = await self.link.ask(client.figures(today(datetime.now(UTC), self.zone)))
            workflows = await self.link.ask(client.workflows()) if offers else None
        except AgentKitError:
            # The line at the top says whether anybody answers; the next look may tell more.
            return
        if not is_shown(self):
            return
        side = self.query_one(Sidebar)
        side.show_figures(figures)
        if workflows is not None:
            side.show_workflows(workflows)
            self.query_one(FilterBar).offer([line.name for line in workflows])
        if self._is_told_health:
            await self._look_at_health()

    async def _look_at_health(self) -> None:
        """Show how busy the service is; a server that does not tell it is not asked again."""
        try:
            health = await self.link.ask(self.link.client.health())
        except NotAllowed:
            self._is_told_health = False
            return
        except AgentKitError:
            # As above: the next look may tell more.
            return
        if is_shown(self):
            self.query_one(Sidebar).show_health(health)

    # What is chosen

    @property
    def chosen(self) -> OperationLine | None:
        """The operation under the cursor."""
        tables = list(self.query(OperationTable))
        if not tables or self._is_at_inbox:
            return None
        chosen = self._listing.lines.get(tables[0].selected_id or "")
        page = self.query_one(RunPanel).page
        # The picture is newer than the list.
        return page if page is not None and chosen is not None and page.id == chosen.id else chosen

    @property
    def chosen_question(self) -> ApprovalLine | None:
        """The question under the cursor."""
        return self.query_one(InboxTable).selected if self._is_at_inbox else None

    @property
    def _is_at_inbox(self) -> bool:
        return any(tabs.active == "tab-inbox" for tabs in self.query("#main-tabs").results(TabbedContent))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Follow the operation under the cursor."""
        if event.data_table.id == "operations":
            self._preview()
        self.refresh_keys()

    @work(exclusive=True, group="preview")
    async def _preview(self) -> None:
        """Follow what is chosen, once the cursor rests."""
        await asyncio.sleep(_RESTS)
        if not is_shown(self) or not self._seen.is_set():
            return
        panel, chosen = self.query_one(RunPanel), self.query_one(OperationTable).selected_id
        panel.follow(chosen if panel.display and chosen in self._listing.lines else None)

    def on_resize(self) -> None:
        """Show or hide the run under the cursor, as there is room."""
        self._preview()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Open what is chosen."""
        if event.data_table.id == "operations" and event.row_key.value is not None:
            self._open(event.row_key.value)
        elif event.data_table.id == "inbox":
            self.action_approve()

    def on_sidebar_start(self, event: Sidebar.Start) -> None:
        """Start the workflow that was chosen."""
        self.action_start(event.workflow)

    def opened(self, operation_id: str) -> None:
        """Open an operation that was started, or goes on."""
        self._open(operation_id)

    @work(exclusive=True, group="open")
    async def _open(self, operation_id: str) -> None:
        screen = RunScreen(self.link, self.place, self.zone, operation_id, lines=self._settings.event_lines)
        self._seen.clear()
        self.query_one(RunPanel).rest()
        try:
            await self.app.push_screen_wait(screen)
        finally:
            self._seen.set()
        self._preview()
        await self._look_at_list()
        if is_shown(self):
            self.query_one(OperationTable).choose(operation_id)

    @work(exclusive=True, group="changed")
    async def on_change(self) -> None:
        """Look at once."""
        await self._look_at_list()
        await self._look_at_inbox()

    def changed(self, page: OperationPage) -> None:
        """Look at once, since something was said."""
        self.on_change()

    def on_run_panel_changed(self, event: RunPanel.Changed) -> None:
        """Have the footer say what can be done now."""
        event.stop()
        self.refresh_keys()

    # Filter, tabs, sidebar

    def action_filter(self) -> None:
        """Open the filter."""
        self.action_show_tab("tab-operations")
        bar = self.query_one(FilterBar)
        bar.display = True
        self.query_one("#filter-words").display = False
        # At once, and not as a message: what is typed next belongs to it.
        self.set_focus(bar.query_one("#filter-text"))

    def action_sort(self) -> None:
        """Have other operations come first."""
        self.action_show_tab("tab-operations")
        bar = self.query_one(FilterBar)
        bar.turn()
        self._say_filter(bar)

    def action_clear_filter(self) -> None:
        """Show everything again."""
        self.query_one(FilterBar).clear()
        self.query_one("#filter-words").display = False

    def on_filter_bar_left(self) -> None:
        """Close the filter; it stays in force, and is told."""
        bar = self.query_one(FilterBar)
        bar.display = False
        self._say_filter(bar)
        self.query_one(OperationTable).focus()

    def _say_filter(self, bar: FilterBar) -> None:
        words = self.query_one("#filter-words", Static)
        words.update(Text(f"{bar.words}  (Esc clears)"))
        words.display = bool(bar.words) and not bar.display

    @work(exclusive=True, group="filter")
    async def on_filter_bar_wanted(self, event: FilterBar.Wanted) -> None:
        """Show other operations, once nobody types any more."""
        await asyncio.sleep(_RESTS)
        if not is_shown(self):
            return
        self._listing = self._list(event.wanted)
        self.query_one(OperationTable).clear()
        self._say_of_list("loading …")
        await self._look_at_list()

    def action_show_tab(self, tab: str) -> None:
        """Show operations, or approvals."""
        self.query_one("#main-tabs", TabbedContent).active = tab
        self.set_focus(self.query_one("#operations" if tab == "tab-operations" else "#inbox"))
        self.refresh_keys()
        self.on_change()

    def action_toggle_sidebar(self) -> None:
        """Show or hide what is beside the list."""
        self.query_one(Sidebar).toggle_class("-toggled")

    def action_draw_all(self) -> None:
        """Draw the graph, however large it is."""
        self.query_one(RunPanel).draw_all()

    def redraw(self, zone: tzinfo) -> None:
        """Draw everything anew, in other colours or times."""
        self.zone = self.query_one(OperationTable).zone = self.query_one(InboxTable).zone = zone
        self.query_one(OperationTable).redraw(list(self._listing.lines.values()))
        self.query_one(RunPanel).redraw(zone)
        self.query_one(Sidebar).redraw()
