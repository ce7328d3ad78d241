"""Who may ask the page, and how much they may send.

Rules: plain ASGI, in front of every route, those that Gradio leaves open included. Who asks is asked by headers alone,
before anything of a body is read; a body is bounded whoever sends it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .asking import Visitors

__all__ = ["Guard", "OwnPages"]

_MOST_BYTES: Final = 1_000_000
"""Of a body that holds no file; and what a body that holds one has besides."""
_UPLOAD: Final = "/gradio_api/upload"
_HARMLESS: Final = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Lets visitors in, and bodies of limited size.

    Args:
        app: What is guarded.
        visitors: Who is known; None lets everybody in.
        upload_bytes: The most bytes of a file that is given.
    """

    def __init__(self, app: ASGIApp, visitors: Visitors | None, *, upload_bytes: int) -> None:
        self._app = app
        self._visitors = visitors
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 401 or 413."""
        if scope["type"] != "http":
            # The page opens none.
            await WebSocketClose(code=1008)(scope, receive, send)
            return
        request = Request(scope)
        if self._visitors is not None and await self._visitors(request) is None:
            await _refuse(401, "nobody knows you here: log in, then load this page anew", scope, receive, send)
            return
        most = _MOST_BYTES + (self._upload_bytes if scope["path"].endswith(_UPLOAD) else 0)
        if _told_size(request) > most:
            await _refuse(413, _too_large(most), scope, receive, send)
            return
        await self._app(scope, _bounded(receive, most), send)


class OwnPages:
    """Lets nobody ask from a page of another site.

    Args:
        app: What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 403."""
        if scope["type"] == "http" and scope["method"] not in _HARMLESS:
            headers = Request(scope).headers
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
                await _refuse(403, "pages of another origin may not ask here", scope, receive, send)
                return
        await self._app(scope, receive, send)


def _bounded(receive: Receive, most: int) -> Receive:
    """A body that ends with an error where it is too large, whatever size its sender told."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, _too_large(most), headers={"Connection": "close"})
        return message

    return bounded


def _told_size(request: Request) -> int:
    told = request.headers.get("content-length", "")
    return int(told[:20]) if told.isascii() and told.isdigit() else 0


def _too_large(most: int) -> str:
    return f"the body has more than {most:,} bytes"


async def _refuse(status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
    # The rest of a body is not waited for.
    answer = JSONResponse({"detail": why}, status_code=status, headers={"Connection": "close"})
    await answer(scope, receive, send)
