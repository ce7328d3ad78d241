"""How states look: of operations and stages, and of pages that have nothing to show.

Rules: a state is a sign, a word and a colour, never a colour alone; words come from `agentkit.screens`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import streamlit as st

from agentkit.errors import AgentKitError
from agentkit.screens import Look, Trouble, trouble_of
from agentkit.wire import FailureLine

from .labels import label

__all__ = ["badge", "empty", "failure", "trouble"]

_Colour: TypeAlias = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

_COLOURS: Final[Mapping[str, _Colour]] = {
    "green": "green",
    "red": "red",
    "yellow": "orange",
    "blue": "blue",
    "cyan": "blue",
    "magenta": "violet",
}
"""Streamlit's names of the colours that `Look` names for terminals."""


def badge(look: Look) -> None:
    """Draw a state."""
    st.badge(label(look), color=_COLOURS.get(look.terminal.removeprefix("bright_"), "gray"))


def empty(title: str, words: str, *, icon: str = "inbox") -> None:
    """Draw that there is nothing, and what to do about it."""
    with st.container(border=True, horizontal_alignment="center", gap="xxsmall"):
        st.markdown(f":material/{icon}: **{label(title)}**", text_alignment="center")
        st.text(words, text_alignment="center")


def trouble(error: AgentKitError) -> None:
    """Draw that a page, or a part of it, cannot be shown."""
    _box(trouble_of(error))
    st.button("Try again", icon=":material/refresh:", key="try_again")


def failure(line: FailureLine | AgentKitError) -> None:
    """Draw why something did not go well."""
    _box(trouble_of(line))


def _box(found: Trouble) -> None:
    known = [label(found.message, 2_000), label(found.remedy, 1_000) if found.remedy else ""]
    about = [f"`{found.code}`", f"request {label(found.request_id)}" if found.request_id else ""]
    st.error(
        f"**{label(found.title)}**  \n" + "\n\n".join([*filter(None, known), " · ".join(filter(None, about))]),
        icon=":material/error:",
    )
