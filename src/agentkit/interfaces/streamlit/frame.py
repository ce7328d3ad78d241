"""The frame of all pages: which there are, what they share, and what is shown in place of one that cannot be.

Rules: a script is run from top to bottom for every click, so nothing here outlives a run but the client. Pages are
files, since only those can be switched to; each asks `here()` for what it needs, once, and hands it on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final, Literal, NoReturn
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.navigation.page import Page

from agentkit.client import BlockingClient
from agentkit.errors import AgentKitError, Closed
from agentkit.screens import DoorSettings, Origin, plain_text

from .knocking import knock
from .labels import label
from .news import EVERY_SECONDS, News, news
from .resting import drawing_anew, is_resting
from .sharing import Shared, opened
from .states import trouble
from .taste import BROWSER, Manner, Taste, taste

__all__ = ["Here", "draw_app", "guarded", "here", "live", "streamlit_app"]

_LOG: Final = logging.getLogger("agentkit.streamlit")
_PAGES: Final = Path(__file__).parent / "app_pages"
_SHOWN: Final = "agentkit.shown"
_COUNT: Final = " ("
"""Between the name of a page and how much waits there."""

_LETTERS: Final = 8
"""How much of a run's id stands above the window."""

_STYLE: Final = "<style>.stApp [role=tab][aria-selected=true] p {color: light-dark(#1f5fbf, #8ab8ff)}</style>"
"""The colour of links for the tab that is chosen: that of buttons is too dark for letters on a dark page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What a page works with.

    Attributes:
        client: Asks the service.
        pages: All pages, by the name of their file.
        manner: How the pages behave.
        taste: What whoever looks prefers.
    """

    client: BlockingClient
    pages: Mapping[str, Page]
    manner: Manner
    taste: Taste

    @property
    def now(self) -> datetime:
        """What time it is."""
        return datetime.now(UTC)

    @property
    def zone(self) -> tzinfo:
        """The time zone that times are shown in."""
        name = st.context.timezone if self.taste.zone == BROWSER else self.taste.zone
        try:
            return ZoneInfo(name or "UTC")
        except (KeyError, OSError, ValueError):
            # A zone that Python does not know is a KeyError.
            return UTC

    def go(self, page: str, **query: str) -> NoReturn:
        """Show another page."""
        st.switch_page(self.pages[page], query_params=query)

    def go_to_run(self, operation_id: str) -> NoReturn:
        """Show the page of an operation."""
        self.go("run", op=operation_id)


_here: Final[ContextVar[Here]] = ContextVar("here")


def here() -> Here:
    """What the page that is being drawn works with.

    Raises:
        Closed: No page is being drawn.
    """
    found = _here.get(None)
    if found is None:
        raise Closed("no page is being drawn: call streamlit_app(client) in a script of `streamlit run`")
    return found


def streamlit_app(client: BlockingClient, *, title: str = "agentkit", settings: DoorSettings | None = None) -> None:
    """Draw the pages of a service: the whole of a script that `streamlit run` runs.

    Work never belongs to a page: whoever closes it, opens it twice or ends its process finds all runs as they stand.

    Args:
        client: Asks the service, near or far. Make it once per process, with `st.cache_resource`; it is opened if it
            is not.
        title: What the pages are called in the browser.
        settings: How they behave for those who have not chosen on the page of settings, for their session.
    """
    manner = Manner() if settings is None else Manner(settings=settings, origins={"zone": Origin(kind="option")})
    draw_app(lambda: Shared(client=client, manner=manner), title=title)


def draw_app(find: Callable[[], Shared], *, title: str = "agentkit") -> None:
    """Draw the pages of what a process shares with its sessions.

    Args:
        find: Finds the client, and how its pages behave; where it raises an error, that is drawn.
        title: What the pages are called in the browser.
    """
    # Before the pages, whose icon the browser would fetch from elsewhere; their name is known after them only.
    st.set_page_config(page_icon="🧭", layout="wide")
    told = news()
    pages = _all_pages(told.approvals or 0)
    shown = st.navigation(
        {
            "Work": [pages[name] for name in ("dashboard", "execute", "report", "history", "approvals", "run")],
            "Service": [pages[name] for name in ("status", "settings")],
        }
    )
    if st.session_state.get(_SHOWN) != shown.url_path:
        # Several pages have it, and what was chosen on one is not meant for another.
        st.session_state.pop("workflow", None)
        st.session_state[_SHOWN] = shown.url_path
    heading = shown.title.partition(_COUNT)[0]
    about = plain_text(st.query_params.get("op", ""), _LETTERS) if shown is pages["run"] else ""
    window = " ".join(filter(None, (heading, about)))
    st.set_page_config(page_title=f"{window} · {title}")
    st.html(_STYLE)
    st.title(heading, anchor=False)

    def draw() -> None:
        what = find()
        if is_resting(what.manner.session_seconds):
            return
        client = opened(what.client)
        all_of_it = Here(client=client, pages=pages, manner=what.manner, taste=taste(what.manner))
        _here.set(all_of_it)
        shown.run()
        _tell(all_of_it, told)

    guarded(draw)


def _tell(here: Here, told: News) -> None:
    """Tell what is new, now and as long as the page is open."""
    if not here.taste.tells:
        return

    def draw() -> None:
        before = told.approvals or 0
        told.ask(here.client, here.taste, here.now)
        if (told.approvals or 0) != before:
            # Their number stands beside the name of a page. What is drawn before a rerun is gone with it.
            st.rerun()
        while (words := told.next_note()) is not None:
            st.toast(label(words, 300), icon=":material/notifications:")
        if here.taste.browser:
            knock(told.told)

    live(draw, every=here.taste.every and EVERY_SECONDS)


def _all_pages(approvals: int) -> Mapping[str, Page]:
    """All pages; beside the name of one how many approvals wait."""

    def page(name: str, title: str, icon: str, *, is_first: bool = False, is_hidden: bool = False) -> Page:
        path = None if is_first else name
        how: Literal["hidden", "visible"] = "hidden" if is_hidden else "visible"
        icon = f":material/{icon}:"
        return st.Page(_PAGES / f"{name}.py", title=title, icon=icon, url_path=path, default=is_first, visibility=how)

    return {
        "dashboard": page("dashboard", "Dashboard", "dashboard", is_first=True),
        "execute": page("execute", "Execute workflow", "play_circle"),
        "report": page("report", "Generate report", "lab_profile"),
        "history": page("history", "History", "history"),
        "approvals": page("approvals", f"Approvals{_COUNT}{approvals})" if approvals else "Approvals", "how_to_reg"),
        "run": page("run", "Run", "account_tree", is_hidden=True),
        "status": page("status", "System status", "monitor_heart"),
        "settings": page("settings", "Settings", "tune"),
    }


def guarded(body: Callable[[], None]) -> None:
    """Draw something; where the service has no answer, or there is a bug, say what is wrong and what to do."""
    try:
        body()
    except AgentKitError as error:
        trouble(error)
    except Exception:  # noqa: BLE001 - the border: a bug costs one page, and is in the log
        # What it was is for the log: it may name what whoever looks must not see.
        _LOG.exception("a page could not be drawn")
        trouble(None)


def live(body: Callable[[], None], *, every: float | None) -> None:
    """Draw something, and draw it anew every so many seconds, without the rest of its page.

    Args:
        body: Draws it.
        every: How many seconds lie between; None draws it once.
    """

    def draw() -> None:
        with drawing_anew():
            guarded(body)

    st.fragment(draw, run_every=every)()
