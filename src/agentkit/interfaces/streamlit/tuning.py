"""The page of settings: what whoever looks prefers, and how the door and the service are set, which they can read only.

Rules: a preference holds at once. What is secret is never asked for, so it cannot be shown.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from agentkit.errors import AgentKitError
from agentkit.screens import duration_text, moment_text, setting_lines

from .frame import Here
from .labels import label
from .states import failure
from .tables import fields, table
from .taste import BROWSER, Taste, keep

__all__ = ["show"]

_SPEEDS: Final = (0.5, 1.0, 2.0, 5.0, 0.0)
_SIZES: Final = (10, 25, 50, 100, 200)
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


def _preferences(here: Here) -> None:
    now = here.taste
    speeds = list(dict.fromkeys([*_SPEEDS, now.refresh]))
    speed = st.selectbox(
        "What runs is drawn anew", speeds, index=speeds.index(now.refresh), format_func=_often, key="refresh"
    )
    zones = list(dict.fromkeys([BROWSER, "UTC", here.manner.settings.zone, now.zone]))
    zone = st.radio("Times by the clock", zones, zones.index(now.zone), format_func=_whose, key="zone", horizontal=True)
    st.caption(f"It is {label(moment_text(here.now, here.zone))}.")
    sizes = sorted({*_SIZES, now.page_size})
    size = st.selectbox("Runs on a page of the history", sizes, sizes.index(now.page_size), key="page_size")
    notify = st.toggle("Tell me in a corner of the page when a run ends", now.notify, key="notify")
    chosen = Taste(zone=zone, refresh=speed, page_size=size, notify=notify)
    if chosen != now:
        keep(chosen, here.manner)
        st.rerun()
    kept = "until this page is closed" if here.manner.file is None else f"in {here.manner.file}"
    st.caption(f"Kept {label(kept, 300)}. Light or dark: in the menu at the top right.")


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


def _settings(here: Here) -> None:
    lines = setting_lines(here.manner.settings, here.manner.origins)
    rows = [
        {"Setting": line.name, "Value": line.value, "From": str(line.origin), "What it says": line.help}
        for line in lines
        if line.name in _OBEYED or (line.name == "session_seconds" and here.manner.has_sessions)
    ]
    table(rows, "How these pages are set")
    st.caption("Read only: from the environment and agentkit.toml. Keys and other secrets are not shown anywhere.")
