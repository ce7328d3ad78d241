"""The one client of a process, for all its sessions.

Rules: what is shared lies in Streamlit's own place for it, never in the state of a session; it outlives every page.
"""

from __future__ import annotations

import streamlit as st

from agentkit.client import BlockingClient
from agentkit.errors import Closed

__all__ = ["opened", "share", "shared"]


@st.cache_resource(show_spinner=False)
def opened(name: int, _client: BlockingClient) -> BlockingClient:
    """A client, open: by whoever needs it first.

    Args:
        name: Which client: its `id`.
        _client: The client; Streamlit does not look at names that begin so.
    """
    return _client.open()


def share(client: BlockingClient) -> None:
    """Have the entry script of this process show this client."""
    _shared.clear()
    _shared(client)


def shared() -> BlockingClient:
    """The client that the entry script shows.

    Raises:
        Closed: None was shared in this process.
    """
    return _shared(None)


@st.cache_resource(show_spinner=False)
def _shared(_client: BlockingClient | None) -> BlockingClient:
    if _client is None:
        raise Closed("these pages have no client: start them with `agentkit streamlit`, or call streamlit_app(client)")
    return _client
