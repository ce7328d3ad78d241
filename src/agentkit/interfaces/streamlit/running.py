"""The page of one run: how it stands, what it asks, what came out, and what can be done with it.

Rules: the address says which run, so it can be shared and opened again; the page keeps nothing of it. While it runs it
is drawn anew by itself, and costs one question to the service each time, plus what the open tab shows.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from agentkit.errors import NotFound
from agentkit.screens import meter_of, moment_text
from agentkit.wire import OperationPage

from .acting import actions
from .deciding import open_questions
from .frame import Here, live
from .labels import label
from .lists import run_links
from .looking import show_result, views
from .news import news
from .states import badge, empty, failure, standing

__all__ = ["show"]

_FORM_SECONDS: Final = 5.0
_MOST_HEARD: Final = 8


def show(here: Here) -> None:
    """Draw the page."""
    operation_id = st.query_params.get("op", "")
    if not operation_id:
        st.text("Which run? These are the newest.")
        run_links(here, here.client.operations().items[:10])
        return
    try:
        page = here.client.operation(operation_id)
    except NotFound:
        empty("There is no such run", f"Nothing is known here of the run {operation_id[:80]!r}.", icon="search_off")
        st.page_link(here.pages["history"], label="All runs", icon=":material/history:")
        return
    every = None if page.ended else here.taste.every
    if not page.ended:
        news().watch(page.id)
    if every and page.waiting:
        # Somebody may be filling in a form: it is left alone for longer.
        every = max(every, _FORM_SECONDS)
    live(partial(_draw, here, operation_id, is_open=not page.ended, was_waiting=bool(page.waiting)), every=every)


def _draw(here: Here, operation_id: str, *, is_open: bool, was_waiting: bool) -> None:
    page = here.client.operation(operation_id)
    if is_open and not page.ended and bool(page.waiting) != was_waiting:
        # It is drawn at another speed from here on.
        st.rerun()
    if is_open and page.ended:
        # Drawn by itself for the last time: the whole page is drawn once more, and then rests.
        news().end(page, here.taste)
        show_result()
        st.rerun()
    _head(here, page)
    actions(here, page)
    if page.failure is not None:
        failure(page.failure)
    open_questions(here, page)
    views(here, page)


def _head(here: Here, page: OperationPage) -> None:
    meter = meter_of(page)
    # What takes longer than it usually does ends nobody knows when.
    left = f"about {meter.remaining} left" if page.seconds_left else ""
    words = " · ".join(filter(None, (meter.percent, meter.elapsed, left, meter.stages)))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(label(page.workflow), anchor=False, width="content")
        badge(*standing(page))
        st.space("stretch")
        st.code(page.id, language=None, width="content")
    st.progress(page.fraction, text=label(words, 200))
    if page.message and not page.ended:
        st.text(page.message)
    if page.said and not page.ended:
        heard = [f"{one.stage}: {one.message}" for one in page.said[-_MOST_HEARD:]]
        st.code("\n".join(heard), language=None, wrap_lines=True)
    known = [f"started {moment_text(page.created_at, here.zone)}"]
    known += [f"ended {moment_text(page.updated_at, here.zone)}"] if page.ended else []
    known += [f"by {page.requester}"] if page.requester else []
    known += [f"priority {page.priority}"] if page.priority != "normal" else []
    known += [f"place {page.position} in line"] if page.position is not None else []
    known += [f"{name}: {text}" for name, text in page.metadata.items()]
    st.caption(label(" · ".join(known), 500))
    if page.origin:
        st.page_link(here.pages["run"], label=f"Continues run {label(page.origin)}", query_params={"op": page.origin})
