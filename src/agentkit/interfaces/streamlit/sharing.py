"""The clients of a process, for all its sessions: one for all of them, or one for each visitor.

Rules: what is shared lies in this module, never in the state of a session; it outlives every page. It does not lie in
Streamlit's own place for it either, since the browser of any visitor can have that emptied.
Which client a session works with is asked at each run of its script, and never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Final

import streamlit as st

from agentkit.client import BlockingClient
from agentkit.errors import Closed

from .taste import Manner

__all__ = ["TICKET", "Clients", "Shared", "opened", "share", "shared"]

TICKET: Final = "x-agentkit-pages-client"
"""The header that tells a session's script which client it works with."""


class Clients:
    """The clients of visitors, by tickets that are handed out for them."""

    def __init__(self) -> None:
        self._known: dict[str, BlockingClient] = {}

    def ticket(self, client: BlockingClient) -> str:
        """The ticket of a client, the same each time."""
        ticket = str(id(client))
        self._known[ticket] = client
        return ticket

    def client(self, ticket: str) -> BlockingClient:
        """The client of a ticket.

        Raises:
            Closed: There is no such ticket.
        """
        if ticket not in self._known:
            raise Closed("nobody said with which client this session works: open the page anew")
        return self._known[ticket]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the entry script of a process draws.

    Attributes:
        client: Asks the service.
        manner: How its pages behave.
    """

    client: BlockingClient
    manner: Manner


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What a process shares: a client, or those of visitors, and how its pages behave."""

    client: BlockingClient | Clients
    manner: Manner


_kept: list[_Kept] = []
_opening: Final = Lock()


def opened(client: BlockingClient) -> BlockingClient:
    """A client, open: by whoever needs it first."""
    with _opening:
        return client.open()


def share(client: BlockingClient | Clients, manner: Manner | None = None) -> None:
    """Have the entry script of this process show this client, or to each visitor their own."""
    _kept[:] = [_Kept(client=client, manner=manner or Manner())]


def shared() -> Shared:
    """What the entry script shows to whoever looks.

    Raises:
        Closed: Nothing was shared in this process, or nothing with them.
    """
    if not _kept:
        raise Closed("these pages have no client: start them with `agentkit streamlit`, or call streamlit_app(client)")
    kept = _kept[0]
    client = kept.client
    if isinstance(client, Clients):
        client = client.client(st.context.headers.get(TICKET) or "")
    return Shared(client=client, manner=kept.manner)
