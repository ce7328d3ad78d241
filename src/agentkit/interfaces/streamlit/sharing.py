"""The clients of a process, for all its sessions: one for all of them, or one for each visitor.

Rules: what is shared lies in this module, never in the state of a session; it outlives every page. It does not lie in
Streamlit's own place for it either, since the browser of any visitor can have that emptied.
Which client a session works with is asked at each run of its script, and never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Final

import streamlit as st

from agentkit.client import BlockingClient
from agentkit.errors import Closed

from .taste import Manner

__all__ = ["TICKET", "Shared", "Visitor", "Visitors", "opened", "share", "shared"]

TICKET: Final = "x-agentkit-pages-client"
"""The header that tells a session's script which client it works with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who may enter.

    Attributes:
        client: Asks the service for them.
        name: What tells them from all others, for good, such as their login: what they prefer is kept under it. With
            an empty one that is kept for their session.
    """

    client: BlockingClient
    name: str = ""


class Visitors:
    """Those who work with the pages, by tickets that are handed out for them."""

    def __init__(self) -> None:
        self._known: dict[str, Visitor] = {}

    def ticket(self, visitor: Visitor) -> str:
        """The ticket of a visitor, the same each time."""
        ticket = f"{id(visitor.client)}.{sha256(visitor.name.encode()).hexdigest()}"
        self._known[ticket] = visitor
        return ticket

    def visitor(self, ticket: str) -> Visitor:
        """Whose ticket that is.

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

    client: BlockingClient | Visitors
    manner: Manner


_kept: list[_Kept] = []
_opening: Final = Lock()


def opened(client: BlockingClient) -> BlockingClient:
    """A client, open: by whoever needs it first."""
    with _opening:
        return client.open()


def share(client: BlockingClient | Visitors, manner: Manner | None = None) -> None:
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
    if not isinstance(kept.client, Visitors):
        return Shared(client=kept.client, manner=kept.manner)
    visitor = kept.client.visitor(st.context.headers.get(TICKET) or "")
    return Shared(client=visitor.client, manner=kept.manner.of_person(visitor.name))
