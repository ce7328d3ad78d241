"""The page of the service itself: whether it is well, who works here, what is offered, what happened last."""

from __future__ import annotations

from functools import partial

import streamlit as st

from agentkit.errors import NotAllowed
from agentkit.screens import agent_rows, count_text, duration_text, look_of, today
from agentkit.wire import HealthPage

from .frame import Here, live
from .labels import label
from .lists import run_links
from .states import badge, empty
from .tables import Row, metric, table

__all__ = ["show"]


def show(here: Here) -> None:
    """Draw the page."""
    live(partial(_draw, here), every=here.taste.every and max(here.taste.every, 5))


def _draw(here: Here) -> None:
    try:
        health = here.client.health()
    except NotAllowed:
        st.caption("How the server itself is, is shown to whoever sees all tenants.")
    else:
        _figures(health)
        _checks(health)
    st.header("Agents", anchor=False)
    _agents(here)
    st.header("Workflows", anchor=False)
    _workflows(here)
    st.header("What happened last", anchor=False)
    run_links(here, here.client.operations().items[:8])


def _figures(health: HealthPage) -> None:
    with st.container(horizontal=True):
        metric("Service", "well" if health.ok else "needs attention")
        metric("Runs at work or in line", health.active)
        metric("Agents", health.agents)
        metric("Open for", duration_text(health.uptime_seconds))
        metric("Version", health.version)


def _checks(health: HealthPage) -> None:
    with st.container(border=True, gap="xsmall"):
        for check in health.checks:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                badge(look_of("ok" if check.ok else "failing"))
                st.markdown(f"**{label(check.name)}**", width="content")
                st.text(check.detail)


def _agents(here: Here) -> None:
    found = here.client.agents()
    if not found:
        empty("No agents work here", "Name modules with agents when you start the service.", icon="person_off")
        return
    known = {row.name: row for row in agent_rows(here.client.figures(today(here.now, here.zone)).agents)}
    rows: list[Row] = []
    for one in found:
        row = known.get(one.name)
        rows.append(
            {
                "State": str(look_of("idle") if row is None else row.look),
                "Agent": one.name,
                "Success": "" if row is None else row.success,
                "Takes": "" if row is None else row.mean,
                "Done": 0 if row is None else row.done,
                "Role": one.role,
                "Knows": ", ".join(one.expertise),
            }
        )
    table(rows, count_text(len(rows), "agent"))


def _workflows(here: Here) -> None:
    found = here.client.workflows()
    if not found:
        empty("No workflow is offered", "Name workflow files when you start the service.", icon="block")
        return
    rows: list[Row] = [{"Workflow": one.name, "Stages": one.stages, "What it does": one.description} for one in found]
    table(rows, count_text(len(rows), "workflow"))
