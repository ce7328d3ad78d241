"""The page of all runs: found by the server, among all there are, however many those be.

Rules: what is chosen stands in the address, so a view can be shared and kept as a bookmark. A page of runs costs one
question, and a page further on one more. A click means the run that was drawn, wherever that stands by now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from agentkit.screens import OPERATION_WORDS, count_text
from agentkit.wire import OperationLine, OperationQuery

from .frame import Here
from .states import empty, standing
from .tables import SECONDS, Row, pick, picked

__all__ = ["show"]

_AGES: Final = {"last hour": 1, "last 24 hours": 24, "last 7 days": 168, "last 30 days": 720, "last year": 8_760}
_CURSOR: Final = "agentkit.history"
_DRAWN: Final = "agentkit.history.drawn"
_TABLE: Final = "runs"


def show(here: Here) -> None:
    """Draw the page."""
    _open_picked(here)
    query = _filters(here)
    chosen = query.model_dump_json()
    pages: list[str | None] = [None]
    kept = st.session_state.get(_CURSOR)
    if kept is not None and kept[0] == chosen:
        pages = kept[1]
    found = here.client.operations(query.model_copy(update={"cursor": pages[-1]}))
    if not found.items:
        empty("No run is like that", "Choose less above, or start one.", icon="search_off")
        st.page_link(here.pages["execute"], label="Execute a workflow", icon=":material/play_circle:")
        return
    _table(here, found.items)
    _paging(chosen, pages, found.next_cursor, len(found.items))


def _open_picked(here: Here) -> None:
    """Show the run that was clicked: its row is counted among those drawn then, not among those there are now."""
    row, drawn = picked(_TABLE), st.session_state.get(_DRAWN, ())
    if row is not None and row < len(drawn):
        here.go_to_run(drawn[row])


def _filters(here: Here) -> OperationQuery:
    """Draw what is looked for; the question it comes to."""
    workflows = [line.name for line in here.client.workflows()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Text",
            key="text",
            bind="query-params",
            type="search",
            live="400ms",
            placeholder="Id or workflow",
            max_chars=255,
            width=180,
        )
        states = st.multiselect(
            "State",
            OPERATION_WORDS,
            key="status",
            bind="query-params",
            placeholder="Any",
            width=165,
        )
        workflow = st.selectbox(
            "Workflow",
            workflows,
            index=None,
            key="workflow",
            bind="query-params",
            placeholder="Any",
            width=150,
        )
        age = st.selectbox(
            "Started in the", list(_AGES), index=None, key="age", bind="query-params", placeholder="Any time", width=130
        )
        waits = st.selectbox(
            "Waits for",
            ["approval", "doubt", "signal", "timer"],
            index=None,
            key="waiting",
            bind="query-params",
            placeholder="Anything",
            width=125,
        )
    since = None if age is None else _full_minute(here.now) - timedelta(hours=_AGES[age])
    said = {
        "text": text or None,
        "status": tuple(states),
        "workflow": workflow,
        "waiting": waits,
        "created_after": since,
    }
    return OperationQuery.model_validate({**said, "limit": here.taste.page_size})


def _table(here: Here, lines: Sequence[OperationLine]) -> None:
    """Draw runs as a table, which sorts by any column; a click on a run opens it."""
    started, changed = f"Started, {here.zone}", f"Changed, {here.zone}"
    rows: list[Row] = [
        {
            "State": standing(line)[1],
            "Workflow": line.workflow,
            started: _face(line.created_at, here),
            "Took": (line.updated_at - line.created_at).total_seconds(),
            "Events": line.events,
            "Run": line.id,
            changed: _face(line.updated_at, here),
        }
        for line in lines
    ]
    st.session_state[_DRAWN] = [line.id for line in lines]
    pick(rows, count_text(len(rows), "run"), key=_TABLE, Took=SECONDS)


def _paging(chosen: str, pages: list[str | None], following: str | None, many: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(pages) > 1 and st.button("Newer", icon=":material/chevron_left:", key="newer"):
            st.session_state[_CURSOR] = (chosen, pages[:-1])
            st.rerun()
        if following is not None and st.button("Older", icon=":material/chevron_right:", key="older"):
            st.session_state[_CURSOR] = (chosen, [*pages, following])
            st.rerun()
        st.caption(
            f"Page {len(pages)}, {count_text(many, 'run')}. A click on a run opens it; a click on a column sorts."
        )


def _face(at: datetime, here: Here) -> str:
    """A time as it sorts; the head of its column says by which clock it is."""
    return f"{at.astimezone(here.zone):%Y-%m-%d %H:%M:%S}"


def _full_minute(at: datetime) -> datetime:
    """A time that stays the same for a while, so that the pages of one question belong together."""
    return at.replace(second=0, microsecond=0)
