"""When a page rests: nobody has clicked on it for as long as a session lasts.

Rules: a page that rests asks nothing of the service, until somebody clicks; work goes on without it. What a page draws
anew by itself is no click. Where the pages are mounted, the sessions are those of the application around them.
"""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from agentkit.engines import SystemClock

__all__ = ["is_resting", "rest_if_due"]

_CLOCK: Final = SystemClock()
_LASTS: Final = "agentkit.session_seconds"
_CLICKED: Final = "agentkit.clicked"
_DUE: Final = "agentkit.rests"


def is_resting(seconds: float | None) -> bool:
    """Whether the page rests, which is then said; a click has it go on. For the script that draws the whole page.

    Args:
        seconds: How long a session without a click lasts; None is without an end.
    """
    state = st.session_state
    state[_LASTS], state[_CLICKED] = seconds, _CLOCK.now()
    # Drawn once; whatever runs the script after that is a click, since nothing is drawn by itself any more.
    if not state.pop(_DUE, False):
        return False
    st.info("This page has rested; click to go on. Work has gone on without it.", icon=":material/bedtime:")
    st.button("Go on", type="primary")
    return True


def rest_if_due() -> None:
    """Have the page rest, if nobody has clicked on it for too long. For what draws itself anew."""
    state, now = st.session_state, _CLOCK.now()
    lasts, clicked = state.get(_LASTS), state.get(_CLICKED, now)
    if not _is_by_itself():
        state[_CLICKED] = now
    elif lasts is not None and now - clicked >= lasts:
        state[_DUE] = True
        st.rerun()


def _is_by_itself() -> bool:
    """Whether what is drawn now is drawn because its time has come, and not for a click."""
    context = get_script_run_ctx()
    # Streamlit knows it, and tells a script nothing of it; as long as it does not say so, it was no click.
    asked = getattr(getattr(context, "script_requests", None), "_rerun_data", None)
    return bool(getattr(asked, "is_auto_rerun", True))
