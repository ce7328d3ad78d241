"""The terminal: one application over a client, near or far.

Rules: work never belongs to the screen. Whoever leaves leaves the operations where they are; only where they are driven
by this very process is it asked first, since they pause then.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import ClassVar, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.text import Text
from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType

from agentkit.client import Client
from agentkit.errors import AgentKitError, DefinitionError
from agentkit.screens import OPERATION_WORDS, STAGE_WORDS, DoorSettings, look_of

from .dialogs import AskScreen, HelpScreen
from .link import Link
from .main_screen import MainScreen
from .place import Answering, Place
from .resting import Resting
from .run_screen import RunScreen
from .style import DARK, LIGHT, RULES
from .texts import look_text
from .top_bar import TopBar

__all__ = ["TerminalApp", "run_terminal"]

_KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "Operations": {
        "n": "start a new one",
        "Enter": "open it",
        "a  x": "approve, refuse",
        "d": "say what happened",
        "w": "send a signal",
        "c": "cancel it",
        "r": "try it again",
        "e": "run it again, edited",
        "/": "filter, Esc clears",
        "o": "which come first",
        "1  2": "operations, approvals",
    },
    "A run": {
        "← →": "other tabs, on them",
        "g": "draw the whole graph",
        "Enter": "save a file, in Files",
        "Esc": "back",
    },
    "Everywhere": {
        "Tab": "next part of the screen",
        "s": "show or hide the sidebar",
        "t": "light or dark",
        "z": "times in UTC or here",
        "?": "this page",
        "q": "leave",
    },
}


class TerminalApp(App[None]):
    """Operations, runs and approvals on a full screen.

    Args:
        client: Who is asked; it is open as long as the application runs.
        place: Where that is.
        settings: How it looks and how often; without, as by default.

    Raises:
        DefinitionError: There is no such time zone.
    """

    TITLE: str | None = "agentkit"
    CSS: ClassVar[str] = RULES
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - an instance variable in the base class
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-low"), (32, "-high")]  # noqa: RUF012 - an instance variable in the base class
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "show_keys", "Help", key_display="?"),
        Binding("q", "leave", "Quit"),
        Binding("ctrl+q,ctrl+c", "leave", "Quit", show=False),
        Binding("t", "toggle_theme", "Light or dark", show=False),
        Binding("z", "toggle_zone", "UTC or here", show=False),
    ]

    def __init__(self, client: Client, place: Place, *, settings: DoorSettings | None = None) -> None:
        super().__init__()
        self._link = Link(client, self._turned)
        self._place = place
        self._settings = settings or DoorSettings()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = LIGHT.name if self._settings.theme == "light" else DARK.name
        self._zones: tuple[tzinfo, tzinfo] = _zones(self._settings.zone)
        self._resting = Resting(self, self._link, self._settings.session_seconds)

    def get_default_screen(self) -> MainScreen:
        """The screen to begin with."""
        return MainScreen(self._link, self._place, self._zones[0], self._settings)

    def on_mount(self) -> None:
        """Rest, if nobody is there."""
        self._resting.begin()

    async def on_event(self, event: events.Event) -> None:
        """Take note of keys and clicks."""
        self._resting.saw(event)
        await super().on_event(event)

    def _turned(self, answering: Answering, why: str) -> None:
        for screen in self.screen_stack:
            for bar in screen.query(TopBar):
                bar.tell(answering)

    # Keys

    def action_show_keys(self) -> None:
        """Say what the keys do, and what the signs mean."""
        dark = self.current_theme.dark
        words = dict.fromkeys((*OPERATION_WORDS, *STAGE_WORDS))
        self.push_screen(HelpScreen(_KEYS, [look_text(look_of(word), dark=dark) for word in words]))

    def action_toggle_theme(self) -> None:
        """Draw on the other background."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name
        self._redraw()

    def action_toggle_zone(self) -> None:
        """Write times in UTC, or as clocks go here."""
        self._zones = (self._zones[1], self._zones[0])
        self._redraw()

    def _redraw(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen | RunScreen):
                screen.redraw(self._zones[0])

    @work(exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """Leave; where work is driven by this process, ask first."""
        if isinstance(self.screen, AskScreen):
            self.screen.dismiss(None)
            return
        words = await self._warning()
        if words is not None:
            ask = AskScreen("Leave?", Text(words), yes="Leave", no="Stay")
            if await self.push_screen_wait(ask) is None:
                return
        self.exit()

    async def _warning(self) -> str | None:
        """What to think of before leaving; None if nothing is lost or held up."""
        if not self._place.is_near:
            return None
        try:
            active = (await self._link.client.health()).active
        except AgentKitError:
            active = 0
        if not active:
            return None
        work = "1 operation is" if active == 1 else f"{active} operations are"
        if not self._place.is_kept:
            return f"{work} driven by this process and kept in its memory only: leaving loses them."
        return (
            f"{work} driven by this process. If you leave, they pause where they are, and nothing is lost: they go on"
            f" when agentkit is started again with {self._place.name}, by `agentkit tui`, `agentkit resume` or"
            " `agentkit serve`."
        )


async def run_terminal(client: Client, place: Place, *, settings: DoorSettings | None = None) -> None:
    """Show the terminal until its user leaves.

    Args:
        client: Who is asked; open.
        place: Where that is.
        settings: How it looks and how often; without, as by default.

    Raises:
        DefinitionError: There is no such time zone.
    """
    await TerminalApp(client, place, settings=settings).run_async()


def _zones(name: str) -> tuple[tzinfo, tzinfo]:
    """The zone of that name, and the one to change to: that of this machine, or UTC.

    Raises:
        DefinitionError: There is none.
    """
    if name == "UTC":
        return UTC, datetime.now().astimezone().tzinfo or UTC
    try:
        return ZoneInfo(name), UTC
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DefinitionError(f"there is no time zone {name!r}; write one such as Europe/Berlin") from error
