"""Connections to the server: how many there may be, and what is asked of those who open one.

Rules: uvicorn speaks HTTP; here is what it leaves unbounded. A connection more than there may be is told so and closed,
so that those who are connected go on; the head of a request has a size, and comes within a time, counted from the
connection or from the answer before, whatever drips in meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["MOST_CONNECTIONS", "Connection", "cut"]

HEAD_SECONDS: Final = 30.0
HEAD_BYTES: Final = 65_536
"""How large the head of a request may be; what comes with it in one piece is let through."""

_CUT: Final = "agentkit.cut"


def _most_connections() -> int:
    """Two thousand, or what the system lets this process open, with a quarter left for files."""
    if sys.platform == "win32":
        return 2_000
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2_000 if files == resource.RLIM_INFINITY else max(16, min(2_000, files * 3 // 4))


MOST_CONNECTIONS: Final = _most_connections()


def cut(scope: Scope) -> None:
    """Cut the connection of a request without waiting for what was sent on it to be read."""
    if _CUT in scope:
        scope[_CUT]()


class Connection(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._late: asyncio.TimerHandle | None = None
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, unless there are too many already."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(b"503 Service Unavailable", b"retry-after: 5\r\n")
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._head_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head of a request has become too large."""
        self._head += len(data)
        super().data_received(data)
        if self._late is not None and self._head > HEAD_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """Lay beside the request how its connection is cut."""
        super().on_message_begin()
        cast("Scope", self.scope)[_CUT] = self.transport.abort

    def on_headers_complete(self) -> None:
        """Take the request."""
        self._head_is_here()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, if it is not here already."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._await_head()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: what a client asks for in vain is no trouble of the server."""

    def _await_head(self) -> None:
        self._head_is_here()
        self._head = 0
        self._late = self.loop.call_later(HEAD_SECONDS, self._refuse, b"408 Request Timeout")

    def _head_is_here(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: bytes, more: bytes = b"") -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 %b\r\n%bconnection: close\r\ncontent-length: 0\r\n\r\n" % (status, more))
            self.transport.close()
