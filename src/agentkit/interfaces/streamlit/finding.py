"""The page of all runs: found by the server, among all there are, however many those be.

Rules: what is chosen stands in the address, so a view can be shared and kept as a bookmark. A page of runs costs one
question, and a page further on one more. A click means the run that was drawn, wherever that stands by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from agentkit.screens import OPERATION_WORDS, count_text
from agentkit.wire import OperationLine, OperationQuery, OperationSort

from .frame import Here
from .states import empty, standing
from .tables import LINK, SECONDS, Row, pick, picked

__all__ = ["show"]

_AGES: Final = {"last hour": 1, "last 24 hours": 24, "last 7 days": 168, "last 30 days": 720, "last year": 8_760}
_ORDERS: Final[Mapping[str, OperationSort]] = {
    "newest first": "newest",
    "oldest first": "oldest",
    "last changed first": "changed",
}
_PLACE: Final = "agentkit.history"
_DRAWN: Final = "agentkit.history.drawn"
_TABLE: Final = "runs"
_LINK: Final = "Run"
_ENDED: Final = ("completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class _Place:
    """How far somebody has gone among the runs that they looked for.

    Attributes:
        chosen: What they looked for, in their words: "the last hour" is another one every minute.
        since: The time that "the last hour" was at first, so that all pages are of one question.
        cursors: Where each page begins that they have been on.
    """

    chosen: str
    since: datetime | None
    cursors: tuple[str | None, ...] = (None,)


def show(here: Here) -> None:
    """Draw the page."""
    _open_picked(here)
    age, query = _filters(here)
    place = _Place(f"{age} {query.model_dump_json(exclude={'created_after'})}", query.created_after)
    kept = st.session_state.get(_PLACE)
    if isinstance(kept, _Place) and kept.chosen == place.chosen and len(kept.cursors) > 1:
        place = kept
    found = here.client.operations(query.model_copy(update={"created_after": place.since, "cursor": place.cursors[-1]}))
    if found.items:
        _table(here, found.items)
    elif len(place.cursors) > 1:
        empty("No run is left on this page", "Go back to the page before.", icon="search_off")
    else:
        empty("No run is like that", "Choose less above, or start one.", icon="search_off")
        st.page_link(here.pages["execute"], label="Execute a workflow", icon=":material/play_circle:")
        return
    _paging(place, found.next_cursor, len(found.items))


def _open_picked(here: Here) -> None:
    """Show the run that was clicked: its row is counted among those drawn then, not among those there are now."""
    cell, drawn = picked(_TABLE), st.session_state.get(_DRAWN, ())
    # The link opens the run in a window of its own.
    if cell is not None and cell[1] != _LINK and cell[0] < len(drawn):
        here.go_to_run(drawn[cell[0]])


def _filters(here: Here) -> tuple[str | None, OperationQuery]:
    """Draw what is looked for; how long ago that may be, in words, and the question it comes to."""
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
            placeholder="Any, or write one",
            width=165,
            # Runs of what is not offered any more are found by its name.
            accept_new_options=True,
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
        order = st.selectbox("Order", list(_ORDERS), key="sort", bind="query-params", width=175)
    since = None if age is None else here.now - timedelta(hours=_AGES[age])
    said = {
        "text": text or None,
        "status": tuple(states),
        "workflow": workflow,
        "waiting": waits,
        "created_after": since,
        "sort": _ORDERS[order],
    }
    return age, OperationQuery.model_validate({**said, "limit": here.taste.page_size})


def _table(here: Here, lines: Sequence[OperationLine]) -> None:
    """Draw runs as a table, in the order of the server; a click on a run opens it."""
    started, changed = f"Started, {here.zone}", f"Changed, {here.zone}"
    now = here.now
    rows: list[Row] = [
        {
            "State": standing(line)[1],
            "Workflow": line.workflow,
            started: _face(line.created_at, here),
            "Took": ((line.updated_at if line.status in _ENDED else now) - line.created_at).total_seconds(),
            "Events": line.events,
            # Behind the address of the page that asks, wherever the pages are mounted.
            _LINK: f"run?op={line.id}",
            changed: _face(line.updated_at, here),
        }
        for line in lines
    ]
    st.session_state[_DRAWN] = [line.id for line in lines]
    pick(rows, count_text(len(rows), "run"), key=_TABLE, Took=SECONDS, Run=LINK)


def _paging(place: _Place, following: str | None, many: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(place.cursors) > 1 and st.button("Page before", icon=":material/chevron_left:", key="before"):
            st.session_state[_PLACE] = replace(place, cursors=place.cursors[:-1])
            st.rerun()
        if following is not None and st.button("Next page", icon=":material/chevron_right:", key="next"):
            st.session_state[_PLACE] = replace(place, cursors=(*place.cursors, following))
            st.rerun()
        where = f"Page {len(place.cursors)}, {count_text(many, 'run')}"
        st.caption(f"{where}. A click on a run opens it, one on its id in a window of its own.")


def _face(at: datetime, here: Here) -> str:
    """A time as it sorts; the head of its column says by which clock it is."""
    return f"{at.astimezone(here.zone):%Y-%m-%d %H:%M:%S}"
