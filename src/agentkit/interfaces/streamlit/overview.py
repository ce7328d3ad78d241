"""The first page."""

from agentkit.interfaces.streamlit.frame import Here

from .lists import run_links

__all__ = ["show"]


def show(here: Here) -> None:
    run_links(here, here.client.operations().items[:8])
