"""When a page rests: nobody has clicked on it for as long as a session lasts.

Rules: a page that rests asks nothing of the service, until somebody clicks; work goes on without it. What a page draws
anew by itself is no click. Where the pages are mounted, the sessions are those of the application around them.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from agentkit.engines import SystemClock

__all__ = ["drawing_anew", "is_resting"]

_CLOCK: Final = SystemClock()
_LASTS: Final = "agentkit.session_seconds"
_CLICKED: Final = "agentkit.clicked"
_BY_ITSELF: Final = "agentkit.by_itself"
_DUE: Final = "agentkit.rests"


def is_resting(seconds: float | None) -> bool:
    """Whether the page rests, which is then said; a click has it go on. For the script that draws the whole page.

    Args:
        seconds: How long a session without a click lasts; None is without an end.
    """
    state = st.session_state
    state[_LASTS] = seconds
    if not state.pop(_BY_ITSELF, False) or _CLICKED not in state:
        state[_CLICKED] = _CLOCK.now()
    # Drawn once; whatever runs the script after that is a click, since nothing is drawn by itself any more.
    if not state.pop(_DUE, False):
        return False
    st.info("This page has rested; click to go on. Work has gone on without it.", icon=":material/bedtime:")
    st.button("Go on", type="primary")
    return True


@contextmanager
def drawing_anew() -> Generator[None, None, None]:
    """Around what draws itself anew; the page rests in its place, if nobody has clicked on it for too long."""
    state, by = st.session_state, _drawn_by()
    if by == "click":
        state[_CLICKED] = _CLOCK.now()
    elif by == "time":
        lasts = state.get(_LASTS)
        if lasts is not None and _CLOCK.now() - state[_CLICKED] >= lasts:
            state[_DUE] = True
            st.rerun()
        state[_BY_ITSELF] = True
    yield
    # Not if it has the whole page drawn anew: then that is no click either.
    state[_BY_ITSELF] = False


def _drawn_by() -> Literal["page", "click", "time"]:
    """Why something is drawn: with its page, for a click on it, or because its time has come."""
    context = get_script_run_ctx()
    if context is None or not context.fragment_ids_this_run:
        return "page"
    # Streamlit knows it, and tells a script nothing of it; as long as it does not say so, it was no click.
    asked = getattr(context.script_requests, "_rerun_data", None)
    return "time" if getattr(asked, "is_auto_rerun", True) else "click"
