"""Serving an application over the network until the process is told to end.

Rules: a server that asks nobody for a key listens on this machine only. On SIGTERM no new work is taken, and whoever
asks is told so as long as running work goes on, which is for a bounded time; streams end with a word, and what is left
is released for whoever opens the store next; the process ends as one that did what it was told.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext

import uvicorn
from fastapi import FastAPI
from uvicorn.loops.auto import auto_loop_factory

from agentkit.errors import DefinitionError
from agentkit.service import Service, Serving, Settings, address_of, hearing_signals, is_loopback, listening

from .app import create_app
from .connections import Connection
from .door import Door, found_door
from .socket_protocol import SocketProtocol

__all__ = ["new_loop", "serve"]

_PING_SECONDS = 20
_LAST_SECONDS = 1
"""How long requests may take to end when running work has, before connections are cut."""
_LOOK_SECONDS = 0.05
_FAREWELL_SECONDS = 1.0
"""How long sockets may take to end with a word."""


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
    """Serve until SIGTERM or Ctrl-C, or until the task that awaits this is cancelled; work has its time to end then.

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
                await _served(server, used)
            finally:
                await service.orchestrator.close(drain_seconds=0 if server.force_exit else door.drain_left())


async def _served(server: _Server, used: socket.socket) -> None:
    serving = asyncio.create_task(_left(server, used))
    try:
        left = await asyncio.shield(serving)
    except asyncio.CancelledError:
        # As after SIGTERM: else whoever watches hears nothing, and the application is not told that it ends.
        server.should_exit = True
        await serving
        raise
    if left is not None:
        raise left


async def _left(server: _Server, used: socket.socket) -> SystemExit | None:
    """Serve; how uvicorn would end the process, if it would, as it does where an application cannot begin.

    It is given back, since a task that raises it ends the loop at once, before anything is closed.
    """
    try:
        await server.serve(sockets=[used])
    except SystemExit as left:
        return left
    return None


def new_loop() -> asyncio.AbstractEventLoop:
    """The fastest event loop that is installed, to serve on."""
    return auto_loop_factory()()


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
        timeout_graceful_shutdown=_LAST_SECONDS,
        http=Connection,
    )


class _Server(uvicorn.Server):
    """A server that tells its streams before it ends, and ends as told."""

    def __init__(self, config: uvicorn.Config, door: Door) -> None:
        super().__init__(config)
        self._door = door

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._door.begin_draining()
        # Each socket is told why; below, all are closed first thing.
        await self._door.silence(_FAREWELL_SECONDS)
        # The port stays open meanwhile, so that whoever asks hears that it ends and not that nobody is there.
        while self._drains():  # noqa: ASYNC110 - nobody tells when the last operation is over
            await asyncio.sleep(_LOOK_SECONDS)
        await super().shutdown(sockets=sockets)

    def _drains(self) -> bool:
        """Whether work runs that may still go on."""
        door, orchestrator = self._door, self._door.orchestrator
        return orchestrator.is_open and orchestrator.active > 0 and door.drain_left() > 0 and not self.force_exit

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Hear signals, and do not send them again."""
        with hearing_signals(self.handle_exit):
            yield
