"""A Streamlit server in this process, until it is told to end.

Rules: it listens on this machine only, since it asks nobody who they are; it tells nobody of its use; and it ends as
one that did what it was told. Work is the client's: it outlives every page, and this server where the service is far.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from starlette.middleware import Middleware
from streamlit.starlette import App
from streamlit.web.bootstrap import load_config_options

from agentkit.client import BlockingClient
from agentkit.errors import DefinitionError
from agentkit.screens import DoorSettings, Origin
from agentkit.service import Serving, address_of, hearing_signals, is_loopback, listening

from .guarding import OwnPages
from .sharing import share
from .taste import Manner

__all__ = ["ENTRY", "configure", "serve"]

ENTRY: Final = Path(__file__).with_name("entry.py")
"""The script that draws the pages."""

_LAST_SECONDS: Final = 1
"""How long a page may take to be told that the server ends."""

_OPTIONS: Final[Mapping[str, object]] = {
    "browser.gatherUsageStats": False,
    # Pages of others that may show these inside of themselves, and steer them.
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    # It takes the loggers of the server for itself, and would tell of each connection.
    "logger.level": "warning",
    "server.enableAgentApi": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
}
"""What holds whatever somebody's own configuration of Streamlit says."""


async def serve(
    client: BlockingClient,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    settings: DoorSettings | None = None,
    origins: Mapping[str, Origin] | None = None,
    preferences: Path | None = None,
    announce: Callable[[Serving], None] | None = None,
) -> None:
    """Serve the pages of a service until SIGTERM or Ctrl-C.

    Args:
        client: Asks the service, near or far; it is open, and closed by whoever opened it.
        host: The address to listen on: one of this machine's own.
        port: The port; 0 takes one that is free.
        settings: How the pages behave for those who have not chosen on the page of settings.
        origins: Where each setting comes from; what is not in it is as by default.
        preferences: The file that keeps what is chosen there; None keeps it until the page is closed.
        announce: Called once, when it listens.

    Raises:
        DefinitionError: Others could reach the address.
        OSError: The address is taken, or is none.
    """
    if not is_loopback(host):
        raise DefinitionError(
            f"these pages ask nobody who they are, so they listen on this machine only, not on {host!r}: use 127.0.0.1"
        )
    manner = Manner(settings=settings or DoorSettings(), origins=origins or {}, file=preferences)
    share(client, manner)
    app = App(ENTRY, middleware=[Middleware(OwnPages)])
    configure(manner.settings)
    with listening(host, port) as used:
        if announce is not None:
            announce(Serving(url=address_of(used), key=None))
        await _Server(_config(app)).serve(sockets=[used])


def configure(settings: DoorSettings) -> None:
    """Have Streamlit do in this process what the pages promise and their settings say, whatever else it is told."""
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    said: dict[str, object] = {"server.maxUploadSize": max(1, settings.upload_bytes // 1_000_000)}
    if settings.theme != "auto":
        said["theme.base"] = settings.theme
    load_config_options({**_OPTIONS, **said})


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=200_000_000,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )


class _Server(uvicorn.Server):
    """A server that ends as told."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Hear signals, and do not send them again."""
        with hearing_signals(self.handle_exit):
            yield
