"""Who may ask pages that ask nobody who they are: browsers of this machine, and of no page but these.

Rules: plain ASGI, around everything, http and sockets alike. A name that somebody else's name server leads to this
machine is none of its own; a page of another origin may not open a socket, nor show these inside of itself.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from agentkit.service import is_loopback

__all__ = ["OwnPages", "foreign_origin", "refuse", "unframed"]

_Why: TypeAlias = str
_HARMLESS: Final = ("GET", "HEAD", "OPTIONS")


class OwnPages:
    """Lets in this machine's own browsers, asking from these pages.

    Args:
        app: What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 403."""
        send = unframed(send, by="'none'")
        if scope["type"] == "lifespan" or not (why := _fault(scope)):
            await self._app(scope, receive, send)
        else:
            await refuse(why, scope, receive, send)


def unframed(send: Send, *, by: Literal["'none'", "'self'"]) -> Send:
    """What sends answers that say which pages may show them in a frame.

    Args:
        send: Sends them.
        by: No page, or those of the same origin.
    """

    async def telling(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = f"frame-ancestors {by}"
            headers["X-Frame-Options"] = "DENY" if by == "'none'" else "SAMEORIGIN"
        await send(message)

    return telling


async def refuse(why: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that somebody may not ask, with 403."""
    if scope["type"] == "websocket":
        await WebSocketClose(code=1008, reason=why)(scope, receive, send)
    else:
        await PlainTextResponse(why, status_code=403)(scope, receive, send)


def _fault(scope: Scope) -> _Why:
    """Why somebody may not ask; empty if they may."""
    host = Headers(scope=scope).get("host", "")
    if not is_loopback(urlsplit(f"//{host}").hostname or ""):
        return "these pages answer this machine only, under its own name"
    return foreign_origin(scope)


def foreign_origin(scope: Scope) -> _Why:
    """Why a page may not ask, which is not of the host that it asks; empty if it may."""
    headers = Headers(scope=scope)
    host, origin = headers.get("host", ""), headers.get("origin")
    if scope["type"] == "http" and scope["method"] in _HARMLESS:
        return ""
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return "pages of another origin may not ask here"
    return ""
