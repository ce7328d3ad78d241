"""The page of approvals: everything that waits for whoever looks."""

from __future__ import annotations

from functools import partial

import streamlit as st

from agentkit.screens import count_text

from .deciding import approval
from .frame import Here, live
from .states import empty

__all__ = ["show"]

_MOST = 20


def show(here: Here) -> None:
    """Draw the page."""
    live(partial(_draw, here), every=here.taste.every and max(here.taste.every, 5))


def _draw(here: Here) -> None:
    found = here.client.approvals()
    if not found:
        empty(
            "Nothing waits for you", "When a run asks for an approval that you may give, it is here.", icon="task_alt"
        )
        return
    st.caption(count_text(len(found), "question") + (f", the first {_MOST} are shown" if len(found) > _MOST else ""))
    for one in found[:_MOST]:
        approval(here, one, with_link=True)
