"""The first page: how much, how well and how fast, against the period before; what happened last; where to go.

Rules: every figure is counted by the service from real runs, and none is made up where there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, Literal

import streamlit as st

from agentkit.screens import Tile, tiles_of, today
from agentkit.wire import OperationQuery

from .frame import Here, live
from .lists import run_links
from .states import empty
from .tables import metric

__all__ = ["show"]

_COLOURS: Final[Mapping[str, Literal["green", "red"]]] = {"better": "green", "worse": "red"}
_NEWEST: Final = 8


def show(here: Here) -> None:
    """Draw the page."""
    with st.container(horizontal=True):
        for page, words, icon in (
            ("execute", "Execute a workflow", "play_circle"),
            ("report", "Generate a report", "lab_profile"),
            ("approvals", "What waits for you", "how_to_reg"),
            ("history", "All runs", "history"),
        ):
            st.page_link(here.pages[page], label=words, icon=f":material/{icon}:")
    live(partial(_draw, here), every=here.taste.every and max(here.taste.every, 5))


def _draw(here: Here) -> None:
    found = here.client.figures(today(here.now, here.zone))
    with st.container(horizontal=True):
        for tile in tiles_of(found):
            _tile(tile)
    st.header("What happened last", anchor=False)
    newest = here.client.operations(OperationQuery(limit=_NEWEST)).items
    if not newest:
        empty("Nothing has run yet", "Start a workflow, and it is here.", icon="rocket_launch")
        return
    run_links(here, newest)


def _tile(tile: Tile) -> None:
    """Draw a figure, and below it what became of it: the words say how much, the colour whether that is good."""
    is_known = tile.trend in ("better", "worse", "same")
    change = tile.change if is_known else ""
    metric(tile.label, tile.value, change, colour=_COLOURS.get(tile.trend, "off"), about=tile.help)
