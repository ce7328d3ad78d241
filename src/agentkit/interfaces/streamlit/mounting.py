"""The pages inside another application, behind a login of its own: each visitor works with a client of their own.

Rules: whoever mounts the pages says who somebody is; agentkit asks before anything is answered, http and sockets alike,
and lets nobody in whom they do not know. Which client a session works with is told to its script by a header that only
this guard writes; what a visitor sends under its name is thrown away. A page of another origin may not ask. Whoever
has signed out, or is somebody else by now, acts no more in a page that is still open.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

from anyio import current_time
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from agentkit.client import BlockingClient
from agentkit.screens import DoorSettings, Origin

from .guarding import foreign_origin, refuse, unframed
from .serving import ENTRY, configure
from .sharing import TICKET, Visitor, Visitors, share
from .taste import Manner

__all__ = ["Who", "streamlit_pages"]

Who: TypeAlias = Callable[[HTTPConnection], Awaitable[BlockingClient | Visitor | None]]
"""Who a visitor is, or at least the client that they work with, by their request; None is nobody who may enter."""

_ASK_SECONDS: Final = 10.0
"""How long what was said of who somebody is holds for an open page."""


def streamlit_pages(who: Who, *, settings: DoorSettings | None = None, preferences: Path | None = None) -> App:
    """The pages as an ASGI application, to be mounted in another one, whose lifespan has to enter that of this one.

    Streamlit has one such application per process.

    Args:
        who: Says with which client a visitor works, which is asked for each request and each session, and again while
            somebody works in an open page: it is closed to them when the answer is another one. Clients are opened when
            they are first needed, and closed by whoever made them; give the same one to the same visitor.
        settings: How the pages behave for those who have not chosen on the page of settings. How long a session lasts,
            `who` says.
        preferences: The folder that keeps what is chosen there, in a small file for each `Visitor` who has a name,
            called by a digest of that; None keeps it for their session.

    Example:
        >>> from contextlib import asynccontextmanager
        >>> from fastapi import FastAPI
        >>> client = BlockingClient.at("http://127.0.0.1:8000")
        >>> async def who(visitor: HTTPConnection) -> BlockingClient | None:
        ...     return client if visitor.cookies.get("login") == "ada" else None
        >>> pages = streamlit_pages(who)
        >>> @asynccontextmanager
        ... async def lifespan(shop: FastAPI):
        ...     async with pages.lifespan()(shop):
        ...         yield
        >>> shop = FastAPI(lifespan=lifespan)
        >>> shop.mount("/pages", pages)
    """
    origins = {} if settings is None else {"zone": Origin(kind="option")}
    manner = Manner(settings=settings or DoorSettings(), origins=origins, folder=preferences, has_sessions=False)
    visitors = Visitors()
    share(visitors, manner)
    # Streamlit reads its configuration when an application is made, and what is said here goes over that.
    app = App(ENTRY, middleware=[Middleware(_Entrance, who=who, visitors=visitors)])
    configure(manner.settings)
    return app


class _Entrance:
    """Lets in whom somebody knows."""

    def __init__(self, app: ASGIApp, who: Who, visitors: Visitors) -> None:
        self._app = app
        self._who = who
        self._visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 403."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = unframed(send, by="'self'")
        if why := foreign_origin(scope):
            await refuse(why, scope, receive, send)
            return
        visitor = await _asked(self._who, scope)
        if visitor is None:
            await refuse("sign in first", scope, receive, send)
            return
        MutableHeaders(scope=scope)[TICKET] = self._visitors.ticket(visitor)
        if scope["type"] == "websocket":
            page = _OpenPage(self._who, visitor, scope, receive, send)
            await self._app(scope, page.receive, page.send)
        else:
            await self._app(scope, receive, send)


class _OpenPage:
    """The socket of a page that is open: it is closed once whoever works in it is not who they were."""

    def __init__(self, who: Who, visitor: Visitor, scope: Scope, receive: Receive, send: Send) -> None:
        self._who = who
        self._visitor = visitor
        self._scope = scope
        self._receive = receive
        self._send = send
        self._asked_at = current_time()
        self._is_closed = False

    async def receive(self) -> Message:
        """What somebody sends, if it is still them."""
        message = await self._receive()
        if message["type"] != "websocket.receive" or await self._are_they():
            return message
        self._is_closed = True
        await self._send({"type": "websocket.close", "code": 1008, "reason": "sign in first"})
        return {"type": "websocket.disconnect", "code": 1008, "reason": "sign in first"}

    async def send(self, message: Message) -> None:
        """Tell them; nothing once it is closed."""
        if not self._is_closed:
            await self._send(message)

    async def _are_they(self) -> bool:
        now = current_time()
        if self._is_closed or now - self._asked_at < _ASK_SECONDS:
            return not self._is_closed
        self._asked_at = now
        return await _asked(self._who, self._scope) == self._visitor


async def _asked(who: Who, scope: Scope) -> Visitor | None:
    """Who somebody is, by now."""
    found = await who(HTTPConnection(scope))
    return Visitor(client=found) if isinstance(found, BlockingClient) else found
