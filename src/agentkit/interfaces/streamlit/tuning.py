"""The page of settings: what whoever looks prefers, and how the door and the service are set, which they can read only.

Rules: a preference holds at once. What is secret is never asked for, so it cannot be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from agentkit.errors import AgentKitError, NotAllowed
from agentkit.screens import duration_text, moment_text, setting_lines

from .frame import Here
from .knocking import may_knock
from .labels import label
from .news import news
from .states import failure
from .tables import fields, table
from .taste import BROWSER, Manner, Taste, Tells, is_begun_anew, keep, taste

__all__ = ["show"]

_SPEEDS: Final = (0.5, 1.0, 2.0, 5.0, 0.0)
_SIZES: Final = (10, 25, 50, 100, 200)
_TELLS: Final[Mapping[Tells, str]] = {
    "mine": "that a run has ended which I started or looked at",
    "failed": "that any run has failed",
    "approvals": "that an approval waits for me, and how many do",
}
_OBEYED: Final = ("theme", "zone", "timeout", "refresh_seconds", "page_size", "event_lines", "upload_bytes")
"""The settings that say something of these pages."""


def show(here: Here) -> None:
    """Draw the page."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("What you prefer", anchor=False)
        _preferences(here)
    with right:
        st.header("The service", anchor=False)
        try:
            _service(here)
        except AgentKitError as error:
            failure(error)
    st.header("How these pages are set", anchor=False)
    _settings(here)
    st.header("How the server is set", anchor=False)
    try:
        _server(here)
    except AgentKitError as error:
        failure(error)


def _preferences(here: Here) -> None:
    now = here.taste
    if is_begun_anew():
        st.warning("What you had chosen could not be read, so it begins anew.", icon=":material/warning:")
    for key, value in _held(now).items():
        # What widgets hold comes from here alone, or Streamlit warns of two who say it.
        st.session_state.setdefault(key, value)

    def choose(name: str) -> None:
        _choose(here, **{name: st.session_state[name]})

    speeds = list(dict.fromkeys([*_SPEEDS, now.refresh]))
    words = "What runs is drawn anew"
    st.selectbox(words, speeds, format_func=_often, key="refresh", on_change=choose, args=("refresh",))
    zones = list(dict.fromkeys([BROWSER, "UTC", here.manner.settings.zone, now.zone]))
    words = "Times by the clock"
    st.radio(words, zones, format_func=_whose, key="zone", horizontal=True, on_change=choose, args=("zone",))
    st.caption(f"It is {label(moment_text(here.now, here.zone))}.")
    sizes = sorted({*_SIZES, now.page_size})
    st.selectbox("Runs on a page of the history", sizes, key="page_size", on_change=choose, args=("page_size",))
    _news(here)
    st.caption(f"Kept {label(_kept(here.manner), 300)}. Light or dark: in the menu at the top right.")


def _news(here: Here) -> None:
    """Draw what is told."""

    def choose() -> None:
        tells = tuple(one for one in _TELLS if st.session_state[f"tells/{one}"])
        _choose(here, tells=tells)
        if "approvals" not in tells:
            news().approvals = None

    def choose_browser() -> None:
        _choose(here, browser=st.session_state["browser"])

    st.markdown("Tell me, on whichever page I am,")
    for one, words in _TELLS.items():
        st.checkbox(words, key=f"tells/{one}", on_change=choose)
    if here.taste.tells:
        about = "While you look at something else; the page has to be open."
        if st.checkbox("by a note of this browser too", key="browser", help=about, on_change=choose_browser):
            may_knock()


def _held(now: Taste) -> Mapping[str, object]:
    """What widgets hold, by their keys."""
    held: dict[str, object] = {"refresh": now.refresh, "zone": now.zone, "page_size": now.page_size}
    return {**held, "browser": now.browser, **{f"tells/{one}": one in now.tells for one in _TELLS}}


def _choose(here: Here, **chosen: object) -> None:
    """Keep what was chosen, and have all widgets show what that comes to: another tab may have chosen as well."""
    kept = keep(taste(here.manner).model_copy(update=chosen), here.manner)
    for key, value in _held(kept).items():
        st.session_state[key] = value


def _kept(manner: Manner) -> str:
    if manner.file is None:
        return "until this page is closed"
    return f"in {manner.file}" if manner.folder is None else "for you, by whoever serves these pages"


def _often(seconds: float) -> str:
    if not seconds:
        return "only when I ask"
    return "every second" if seconds == 1 else f"every {seconds:g} seconds"


def _whose(zone: str) -> str:
    return "of this browser" if zone == BROWSER else zone


def _service(here: Here) -> None:
    health = here.client.health()
    known = {
        "Version": health.version,
        "Open for": duration_text(health.uptime_seconds),
        "Agents": ", ".join(agent.name for agent in here.client.agents()) or "none",
        "Workflows": ", ".join(flow.name for flow in here.client.workflows()) or "none",
        "Checks": ", ".join(check.name for check in health.checks),
    }
    fields(known, "How the service is set")


def _server(here: Here) -> None:
    try:
        lines = here.client.settings().items
    except NotAllowed:
        st.caption("How the server is set, is shown to whoever sees all tenants.")
        return
    if not lines:
        st.caption("No server serves here: these pages open the store by themselves.")
        return
    rows = [
        {"Setting": line.name, "Value": line.value, "From": line.origin, "What it says": line.help} for line in lines
    ]
    table(rows, "How the server is set")
    st.caption("Read only: from its environment, its file and its options. Secrets are masked before they leave it.")


def _settings(here: Here) -> None:
    lines = setting_lines(here.manner.settings, here.manner.origins)
    rows = [
        {"Setting": line.name, "Value": line.value, "From": str(line.origin), "What it says": line.help}
        for line in lines
        if line.name in _OBEYED or (line.name == "session_seconds" and here.manner.has_sessions)
    ]
    table(rows, "How these pages are set")
    st.caption("Read only: from the environment and agentkit.toml. Keys and other secrets are not shown anywhere.")
