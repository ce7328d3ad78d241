"""Serving an application over the network until the process is told to end.

Rules: a server that asks nobody for a key listens on this machine only. On SIGTERM no new work is taken, streams end
with a word, running work goes on for a bounded time, and the rest is released for whoever opens the store next; the
process ends as one that did what it was told.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext

import uvicorn
from fastapi import FastAPI

from agentkit.errors import DefinitionError
from agentkit.service import Service, Serving, Settings, address_of, is_loopback, listening

from .app import create_app
from .door import Door, found_door
from .socket_protocol import SocketProtocol

__all__ = ["serve"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PING_SECONDS = 20
_CONNECTIONS = 2_000
_STREAM_SECONDS = 3
"""How long streams and requests may take to end, before connections are cut."""
_FAREWELL_SECONDS = 1.0


async def serve(
    service: Service,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    settings: Settings | None = None,
    listener: socket.socket | None = None,
    makes_key: bool = True,
    announce: Callable[[Serving], None] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        service: What is served; its orchestrator is opened and closed here.
        host: The address to listen on.
        port: The port; 0 takes one that is free.
        settings: How; without, everything that can be closed is.
        listener: A socket that listens already; then host and port only say what it is.
        makes_key: Whether to make a key for an admin, if no admin has one.
        announce: Called once, when it listens.

    Raises:
        DefinitionError: The settings contradict each other, or would let everybody in.
        OSError: The address is taken, or is none.
        StoreError: The store cannot be opened.
    """
    chosen = settings or Settings()
    if chosen.authentication == "none" and not is_loopback(host):
        raise DefinitionError(
            f"a server that asks nobody for a key listens on this machine only, not on {host!r}: use 127.0.0.1, or keys"
        )
    app = create_app(service, settings=chosen)
    door = found_door(app)
    with listening(host, port) if listener is None else nullcontext(listener) as used:
        await service.orchestrator.open()
        server = _Server(_config(app), door)
        async with door.measured():
            try:
                made = await door.keys.create_first() if makes_key and chosen.authentication == "keys" else None
                if announce is not None:
                    announce(Serving(url=address_of(used), key=made.key if made else None))
                await server.serve(sockets=[used])
            finally:
                await service.orchestrator.close(drain_seconds=server.drain_left())


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # What a proxy says of addresses is believed by nobody unless the proxy is known.
        proxy_headers=False,
        ws=SocketProtocol,
        ws_max_size=found_door(app).settings.max_message,
        ws_per_message_deflate=False,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        timeout_graceful_shutdown=_STREAM_SECONDS,
        limit_concurrency=_CONNECTIONS,
    )


class _Server(uvicorn.Server):
    """A server that tells its streams before it ends, and ends as told."""

    def __init__(self, config: uvicorn.Config, door: Door) -> None:
        super().__init__(config)
        self._door = door
        self._told_at: float | None = None

    def drain_left(self) -> float:
        """How long running work may still go on."""
        seconds = self._door.settings.drain_seconds
        if self._told_at is None:
            return seconds
        return max(0.0, seconds - (asyncio.get_running_loop().time() - self._told_at))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._told_at = asyncio.get_running_loop().time()
        self._door.draining.set()
        # Sockets are closed first thing below: before, each is told why.
        await self._door.silence(_FAREWELL_SECONDS)
        await super().shutdown(sockets=sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Hear signals, and do not send them again: an end that was asked for is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
