"""The one client of a process, for all its sessions.

Rules: what is shared lies in Streamlit's own place for it, never in the state of a session; it outlives every page.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from agentkit.client import BlockingClient
from agentkit.errors import Closed

from .taste import Manner

__all__ = ["Shared", "opened", "share", "shared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the entry script of a process draws.

    Attributes:
        client: Asks the service.
        manner: How its pages behave.
    """

    client: BlockingClient
    manner: Manner


@st.cache_resource(show_spinner=False)
def opened(name: int, _client: BlockingClient) -> BlockingClient:
    """A client, open: by whoever needs it first.

    Args:
        name: Which client: its `id`.
        _client: The client; Streamlit does not look at names that begin so.
    """
    return _client.open()


def share(client: BlockingClient, manner: Manner | None = None) -> None:
    """Have the entry script of this process show this client."""
    _shared.clear()
    _shared(Shared(client=client, manner=manner or Manner()))


def shared() -> Shared:
    """What the entry script shows.

    Raises:
        Closed: Nothing was shared in this process.
    """
    return _shared(None)


@st.cache_resource(show_spinner=False)
def _shared(_what: Shared | None) -> Shared:
    if _what is None:
        raise Closed("these pages have no client: start them with `agentkit streamlit`, or call streamlit_app(client)")
    return _what
