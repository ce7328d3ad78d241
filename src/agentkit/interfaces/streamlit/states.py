"""How states look: of operations and stages, and of pages that have nothing to show.

Rules: a state is a sign, a word and a colour, never a colour alone; words come from `agentkit.screens`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Literal, TypeAlias

import streamlit as st

from agentkit.errors import AgentKitError
from agentkit.screens import Look, Trouble, look_of, trouble_of
from agentkit.wire import FailureLine, OperationLine

from .labels import label

__all__ = ["badge", "empty", "failure", "standing", "trouble"]

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


def badge(look: Look, words: str = "") -> None:
    """Draw a state.

    Args:
        look: How it looks.
        words: What it is called, if that is more than its word.
    """
    st.badge(label(words or look), color=_COLOURS.get(look.terminal, "gray"))


def standing(line: OperationLine) -> tuple[Look, str]:
    """How an operation looks, and what that is called: one that waits says for what."""
    if line.status == "running" and line.waiting:
        look = look_of("waiting")
        return look, f"{look.icon} waits for {', '.join(line.waiting)}"
    look = look_of(line.status)
    return look, str(look)


def empty(title: str, words: str, *, icon: str = "inbox") -> None:
    """Draw that there is nothing, and what to do about it."""
    with st.container(border=True, horizontal_alignment="center", gap="xxsmall"):
        st.markdown(f":material/{icon}: **{label(title)}**", text_alignment="center")
        st.text(words, text_alignment="center")


_BUG: Final = Trouble(
    title="This page cannot be drawn",
    message="",
    remedy="Try again; if it stays so, ask whoever runs these pages: their log says why.",
    code="unexpected",
)


def trouble(error: AgentKitError | None) -> None:
    """Draw that a page, or a part of it, cannot be shown.

    Args:
        error: Why; None is a bug, of which nothing is told.
    """
    _box(_BUG if error is None else trouble_of(error))
    st.button("Try again", icon=":material/refresh:", key="try_again")


def failure(line: FailureLine | AgentKitError, lines: Iterable[str] = ()) -> None:
    """Draw why something did not go well.

    Args:
        line: What happened.
        lines: Each thing that is wrong, with its place, in the stead of what the error says itself.
    """
    found = trouble_of(line)
    _box(replace(found, message="", lines=told) if (told := tuple(lines)) else found)


def _box(found: Trouble) -> None:
    known = [
        label(found.message, 2_000) if found.message else "",
        *(label(line, 500) for line in found.lines),
        label(found.remedy, 1_000),
    ]
    about = [f"`{found.code}`", f"request {label(found.request_id)}" if found.request_id else ""]
    st.error(
        f"**{label(found.title)}**  \n" + "\n\n".join([*filter(None, known), " · ".join(filter(None, about))]),
        icon=":material/error:",
    )
