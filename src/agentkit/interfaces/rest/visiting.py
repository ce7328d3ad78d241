"""Visitors of pages that are mounted in the application: each is served as whoever their browser says they are.

Rules: they are let in as callers are, by the session of their browser, a key or a token. A page loads in many requests,
so they are not counted, but whoever shows what opens nothing is, by their address, as everywhere; what changes
something has to come from a page of this server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.requests import Request

from agentkit.client import Client
from agentkit.errors import NotAllowed, Unauthenticated

from .door import found_door
from .entering import caller_of, proof_of
from .origins import check_origin

__all__ = ["visitors"]

_HARMLESS = ("GET", "HEAD", "OPTIONS")


def visitors(app: FastAPI) -> Callable[[Request], Awaitable[Client | None]]:
    """Says who visits a page that is mounted in an application: their client, or None if nobody knows them.

    Args:
        app: What `create_app` gave.

    Example:
        >>> from agentkit import Orchestrator
        >>> from agentkit.interfaces.rest import create_app
        >>> callable(visitors(create_app(Orchestrator())))
        True
    """
    door = found_door(app)

    async def visitor(request: Request) -> Client | None:
        proof = proof_of(request)
        try:
            caller = await caller_of(door, proof)
            if request.method not in _HARMLESS and not proof.credential:
                check_origin(request.headers, door.settings, by_itself=True, required=proof.is_by_cookie)
        except Unauthenticated:
            if proof.credential or proof.cookie:
                await door.limiter.hit(f"address {proof.address}")
            return None
        except NotAllowed:
            return None
        return Client(door.service.desk(caller))

    return visitor
