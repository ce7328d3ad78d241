"""The page of settings: what whoever looks prefers, and how the service is set, which they can read only.

Rules: a preference holds at once. What is secret is never asked for, so it cannot be shown.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from agentkit.errors import AgentKitError
from agentkit.screens import duration_text, moment_text

from .frame import Here
from .labels import label
from .states import failure
from .tables import fields
from .taste import Taste, keep

__all__ = ["show"]

_SPEEDS: Final = {"twice a second": 0.5, "every second": 1.0, "every 5 seconds": 5.0, "only when I ask": 0.0}
_SIZES: Final = (10, 25, 50, 100, 200)
_ZONES: Final = {"of this browser": "browser", "UTC": "utc"}


def show(here: Here) -> None:
    """Draw the page."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("What you prefer", anchor=False)
        _preferences(here)
    with right:
        st.header("How it is set", anchor=False)
        try:
            _configuration(here)
        except AgentKitError as error:
            failure(error)


def _preferences(here: Here) -> None:
    now = here.taste
    speeds, zones = list(_SPEEDS), list(_ZONES)
    speed = st.selectbox(
        "What runs is drawn anew", speeds, index=list(_SPEEDS.values()).index(now.refresh), key="refresh"
    )
    zone = st.radio("Times by the clock", zones, list(_ZONES.values()).index(now.zone), key="zone", horizontal=True)
    st.caption(f"It is {label(moment_text(here.now, here.zone))}.")
    size = st.selectbox("Runs on a page of the history", _SIZES, _SIZES.index(now.page_size), key="page_size")
    notify = st.toggle("Tell me in a corner of the page when a run ends", now.notify, key="notify")
    chosen = Taste.model_validate(
        {"refresh": _SPEEDS[speed], "zone": _ZONES[zone], "page_size": size, "notify": notify}
    )
    if chosen != now:
        keep(chosen)
        st.rerun()
    st.caption("Kept for this browser until its page is closed. Light or dark: in the menu at the top right.")


def _configuration(here: Here) -> None:
    health = here.client.health()
    known = {
        "Version": health.version,
        "Open for": duration_text(health.uptime_seconds),
        "Agents": ", ".join(agent.name for agent in here.client.agents()) or "none",
        "Workflows": ", ".join(flow.name for flow in here.client.workflows()) or "none",
        "Checks": ", ".join(check.name for check in health.checks),
    }
    fields(known, "How the service is set")
    st.caption("Read only. Keys and other secrets are not shown anywhere.")
