"""Where the page is served: below a path of another application, or by itself until the process is told to end.

Rules: by itself it asks nobody who they are, so it listens on this machine only and answers only under names of it,
and to none but its own pages.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import uvicorn
from anyio import to_thread
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from agentkit.client import BlockingClient, Client
from agentkit.errors import DefinitionError
from agentkit.screens import DoorSettings
from agentkit.service import address_of, hearing_signals, is_loopback, listening

from .app import gradio_app
from .asking import Visitors
from .guarding import Guard, OwnPages
from .theme import Theme, looks
from .untyped import mount

__all__ = ["mount_gradio", "serve"]

_HERE: Final = ("127.0.0.1", "localhost", "[::1]", "::1")
_LAST_SECONDS: Final = 1
_FAREWELL_SECONDS: Final = 0.2
"""How long answers may take to end, before connections are closed."""


def mount_gradio(  # noqa: PLR0913 - each is a choice of its own, and has a default
    app: FastAPI,
    client: Client | BlockingClient | Visitors,
    workflow: str | None = None,
    *,
    path: str = "/gradio",
    zone: tzinfo = UTC,
    title: str = "",
    theme: Theme = "auto",
    upload_bytes: int = 20_000_000,
    refresh_seconds: float = 0.4,
    page_size: int = 10,
    session_seconds: float | None = None,
) -> FastAPI:
    """Put the page below a path of an application.

    Args:
        app: The application.
        client: As for `gradio_app`. What gives each request its own client also guards the page: who has none, is
            answered 401.
        workflow: As for `gradio_app`.
        path: Where.
        zone: In which zone times are shown.
        title: What the page is called.
        theme: Which colours; `auto` follows the reader.
        upload_bytes: The most bytes of a file that is given.
        refresh_seconds: How many lie between two looks at a run; 0 looks once.
        page_size: How many recent runs are shown.
        session_seconds: As for `gradio_app`; who may enter, and for how long, `client` says besides.

    Returns:
        The application.
    """
    page = gradio_app(
        client,
        workflow,
        zone=zone,
        title=title,
        refresh_seconds=refresh_seconds,
        page_size=page_size,
        session_seconds=session_seconds,
    )
    visitors = None if isinstance(client, Client | BlockingClient) else client
    guard = partial(Guard, visitors=visitors, upload_bytes=upload_bytes)
    mount(app, page, guard, path=path, max_file_size=upload_bytes, show_error=False, **looks(theme))
    return app


async def serve(
    client: Client,
    workflow: str | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    settings: DoorSettings | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the page on this machine until SIGTERM or Ctrl-C, or until the task that awaits this is cancelled.

    Args:
        client: Whom the page asks; on the loop of the caller.
        workflow: The workflow; without, people choose.
        host: The address to listen on, of this machine only.
        port: The port; 0 takes one that is free.
        settings: How the page behaves: its zone, colours, pace, sizes, and when it rests.
        announce: Called once with the address, when it listens.

    Raises:
        DefinitionError: Others could reach the address, and nobody would ask who they are.
        OSError: The address is taken.
    """
    if not is_loopback(host):
        raise DefinitionError(
            f"these pages ask nobody who they are, so they are for this machine only, not for {host!r}: use 127.0.0.1,"
            " or mount them in an application that lets people in"
        )
    app = FastAPI(openapi_url=None)
    app.add_middleware(OwnPages)
    # A page of another site could else reach it under a name of its own that leads here.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(_HERE))
    # Gradio reads files to build a page. The client is used on this loop all the same: it is that of the page.
    await to_thread.run_sync(partial(_mount_here, app, client, workflow, settings or DoorSettings()))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    with listening(host, port) as used:
        if announce is not None:
            announce(address_of(used))
        await _served(_Server(config), used)


def _mount_here(app: FastAPI, client: Client, workflow: str | None, settings: DoorSettings) -> None:
    mount_gradio(
        app,
        client,
        workflow,
        path="/",
        zone=ZoneInfo(settings.zone),
        theme=settings.theme,
        upload_bytes=settings.upload_bytes,
        refresh_seconds=settings.refresh_seconds,
        page_size=settings.page_size,
        session_seconds=settings.session_seconds,
    )


async def _served(server: _Server, used: socket.socket) -> None:
    serving = asyncio.create_task(server.serve(sockets=[used]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        # As after SIGTERM: else connections stay open, and whoever watches hears nothing.
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    """A server that ends as it is told: an end that was asked for is no failure."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for one in self.servers:
            one.close()
        await asyncio.sleep(_FAREWELL_SECONDS)
        # A page keeps a stream open as long as it is looked at; it would be waited for, and cut off as an error.
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await super().shutdown(sockets=sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Hear signals, and do not send them again."""
        with hearing_signals(self.handle_exit):
            yield
