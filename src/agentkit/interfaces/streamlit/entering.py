"""How the input of a start is given: as fields, as JSON, out of a file, or of what an address gives.

Rules: what was typed in one way is there in the others, and when somebody comes back. What is wrong stands beside its
field, and where that is not drawn, above with its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from pydantic import JsonValue

from agentkit.errors import AgentKitError
from agentkit.screens import FormErrors

from .drafts import Draft
from .filling import Filling
from .gathering import from_address, from_file
from .states import failure

__all__ = ["enter"]

_WAYS: Final = ("Form", "JSON", "File", "API")
_WAY: Final = "way"


def enter(draft: Draft, wrong: AgentKitError | None) -> Callable[[], JsonValue]:
    """Draw what is filled in; what reads it, and raises what is wrong with it.

    Args:
        draft: What was filled in so far.
        wrong: What was wrong with it when it was sent last.
    """
    way = _chosen_way(draft)
    errors = draft.form.errors_of(wrong) if wrong is not None else FormErrors()
    if wrong is not None and way != "Form":
        # Not every field of what is wrong is drawn.
        failure(wrong, errors.lines())
    elif wrong is not None and (errors.general or not errors):
        failure(wrong)
    if draft.is_unread and way != "JSON":
        st.warning("What is written as JSON cannot be read, so it is not in these fields.", icon=":material/warning:")
    filling = Filling(draft.key, errors, draft.typed)
    match way:
        case "JSON":
            return _json(draft)
        case "File":
            return from_file(draft, filling)
        case "API":
            return from_address(draft, filling)
        case _:
            held = filling.draw(draft.form, draft.begun)
            return lambda: draft.form.read(held)


def _chosen_way(draft: Draft) -> str:
    """Draw the choice of the way, and bring into it what was typed in the one before."""
    if _WAY not in st.session_state and _WAY not in st.query_params and draft.way:
        # Somebody comes back.
        st.session_state[_WAY] = draft.way
    way = st.radio("Input", _WAYS, key=_WAY, bind="query-params", horizontal=True)
    was, draft.way = draft.way, way
    if way == "JSON" and was not in ("", way):
        # The fields are drawn once more, since only then they say what they hold.
        with (once := st.empty()).container():
            held = Filling(draft.key, FormErrors(), draft.typed).draw(draft.form, draft.begun)
        once.empty()
        draft.write(held)
    elif was == "JSON" and way != was:
        draft.fill()
    return way


def _json(draft: Draft) -> Callable[[], JsonValue]:
    key = f"{draft.key}#json"

    def heard() -> None:
        draft.text = st.session_state[key]

    text = st.text_area("Input as JSON", draft.text, key=key, height=260, on_change=heard)
    return lambda: draft.form.read_text(text)
