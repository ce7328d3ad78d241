"""The page of the service itself: whether it is well, who works here, what is offered, what happened last."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import streamlit as st

from agentkit.errors import NotAllowed
from agentkit.screens import agent_rows, count_text, duration_text, look_of, size_text, today
from agentkit.wire import HealthPage, QueuePage, ResourcesPage

from .frame import Here, live
from .labels import label
from .lists import run_links
from .states import badge, empty
from .tables import FRACTION, Row, metric, table

__all__ = ["show"]

Number = TypeVar("Number", int, float)


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
        if health.queue is not None:
            st.header("Queue", anchor=False)
            _queue(health.queue)
        if health.resources is not None:
            st.header("Resources", anchor=False)
            _resources(health.resources)
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


def _queue(queue: QueuePage) -> None:
    """Draw who waits, and what runs."""
    with st.container(horizontal=True):
        metric("In line", queue.waiting, f"of at most {queue.most_waiting:,}")
        oldest = "nobody waits" if queue.oldest_seconds is None else duration_text(queue.oldest_seconds)
        metric("Waits longest", oldest)
        metric("Runs at work", queue.driven)
        metric("Attempts at work", queue.running, f"of at most {queue.most_running:,} at once")
    if queue.waiting:
        st.caption(
            label(" · ".join(f"{many:,} of {name} priority" for name, many in queue.by_priority.items() if many))
        )


def _resources(found: ResourcesPage) -> None:
    """Draw what the process takes of its machine."""
    cores = "" if found.cores is None else f"of {count_text(found.cores, 'core')}"
    disk = "" if found.disk_total_bytes is None else f"of {size_text(found.disk_total_bytes)}"
    over = None
    if found.processor_seconds is not None:
        over = f"On average over the last {duration_text(found.processor_seconds)}: how many cores its work kept busy."
    with st.container(horizontal=True):
        metric("Cores busy", _known(found.processor_share, "{:.2f}".format), cores, about=over)
        metric("Memory", _known(found.memory_bytes, size_text))
        metric("Threads", found.threads)
        metric("Free on the disk of the store", _known(found.disk_free_bytes, size_text), disk)
    if found.limited:
        rows: list[Row] = [
            {
                "Resource": one.name,
                "Taken": one.taken / one.total if one.total else 0,
                "How many": f"{one.taken} of {one.total}",
            }
            for one in found.limited
        ]
        table(rows, count_text(len(rows), "limited resource"), Taken=FRACTION)


def _known(found: Number | None, words: Callable[[Number], str]) -> str:
    return "not known" if found is None else words(found)


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
