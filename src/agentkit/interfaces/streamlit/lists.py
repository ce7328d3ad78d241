"""Runs as lines that lead to their page: links, so that they open in a tab of their own and by keyboard too."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agentkit.screens import age_text
from agentkit.wire import OperationLine

from .frame import Here
from .labels import label
from .states import badge, standing

__all__ = ["run_links"]


def run_links(here: Here, lines: Sequence[OperationLine]) -> None:
    """Draw a line for each run."""
    for line in lines:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
            st.page_link(here.pages["run"], label=f"**{label(line.workflow)}**", query_params={"op": line.id})
            badge(*standing(line))
            st.caption(label(f"{age_text(line.created_at, here.now)} · {line.id[:12]}"))
