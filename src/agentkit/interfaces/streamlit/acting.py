"""What can be done with a run: cancel it, try it again, run it again with another input.

Rules: what cannot be taken back is asked about first. After a command all is drawn anew, and shows what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

import streamlit as st

from agentkit.errors import AgentKitError
from agentkit.wire import OperationPage

from .frame import Here
from .states import failure

__all__ = ["actions"]

_WRONG: Final = "agentkit.command"


def actions(here: Here, page: OperationPage) -> None:
    """Draw what can be done with a run as it stands."""
    of, wrong = st.session_state.get(_WRONG, ("", None))
    if of == page.id and isinstance(wrong, AgentKitError):
        failure(wrong)
    with st.container(horizontal=True):
        if not page.ended:
            with st.popover("Cancel", icon=":material/cancel:"):
                _cancelling(here, page)
        is_over = page.ended and page.status != "completed"
        if not page.ended and not here.taste.every:
            st.button("Refresh", icon=":material/refresh:", key="refresh_run")
        if (is_over or page.status == "quarantined") and st.button(
            "Try again",
            icon=":material/replay:",
            key="retry",
            help="Goes on where it stopped; what is done is kept.",
        ):
            _command(here, page.id, lambda: here.client.retry(page.id))
        if st.button("Run again with another input", icon=":material/edit:", key="again"):
            here.go("execute", workflow=page.workflow, again=page.id)


def _cancelling(here: Here, page: OperationPage) -> None:
    with st.form("cancelling", enter_to_submit=False, border=False):
        st.text("It stops as soon as it can. What is done stays done.")
        reason = st.text_input("Why (optional)", key="cancel_reason", max_chars=500)
        is_sure = st.form_submit_button("Yes, cancel it", type="primary", key="cancel")
    if is_sure:
        _command(here, page.id, lambda: here.client.cancel(page.id, reason))


def _command(here: Here, operation_id: str, command: Callable[[], OperationPage]) -> NoReturn:
    """Say something; then show the run that it is about, which may be a new one.

    What is wrong with it is kept until something else is said.
    """
    st.session_state.pop(_WRONG, None)
    try:
        found = command().id
    except AgentKitError as error:
        st.session_state[_WRONG] = operation_id, error
        st.rerun()
    if found != operation_id:
        here.go_to_run(found)
    st.rerun()
