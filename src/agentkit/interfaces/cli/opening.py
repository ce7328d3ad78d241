"""`serve`: opening what is here to others.

Rules: doors do not know each other, so the command line starts the REST door by its name and by the call below.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import Protocol, cast

from rich.text import Text

from agentkit.service import (
    Service,
    Serving,
    Settings,
    configure_logs,
    inherited,
    read_settings,
)

from .ending import finish, guarded
from .means import Means
from .screen import errors
from .supervising import Worker

__all__ = ["announce_it", "serve_it"]


class _Rest(Protocol):
    def new_loop(self) -> asyncio.AbstractEventLoop: ...
    def serve(
        self,
        service: Service,
        *,
        host: str,
        port: int,
        settings: Settings,
        listener: socket | None,
        makes_key: bool,
        announce: Callable[[Serving], None],
    ) -> Coroutine[None, None, None]: ...


def serve_it(
    workflows: Sequence[Path],
    means: Means,
    *,
    host: str,
    port: int,
    direct: Sequence[str],
    given: Mapping[str, object],
    worker: str | None = None,
) -> None:
    """Serve until told to end.

    Args:
        workflows: The files of what is offered.
        means: With what.
        host: The address to listen on.
        port: The port.
        direct: The agents that may be asked directly.
        given: Settings that go over those of the environment.
        worker: What a parent has handed to this process, if it is one of several.
    """
    rest = cast("_Rest", import_module("agentkit.interfaces.rest"))

    async def work() -> int:
        settings = _settings(**given)
        configure_logs(settings, secrets=means.secrets)
        handed = None if worker is None else Worker.read(worker)
        await rest.serve(
            means.service(workflows, direct=direct),
            host=host,
            port=port,
            settings=settings,
            listener=None if handed is None else inherited(handed.listener),
            makes_key=handed is None or handed.is_first,
            announce=announce_it if handed is None else handed.tell,
        )
        return 0

    finish(guarded(work, rest.new_loop))


def _settings(**given: object) -> Settings:
    """The settings of this process: the command line is where the environment is read."""
    return read_settings(os.environ, **given)


def announce_it(serving: Serving) -> None:
    """Tell where it serves, and the first key, if it was made just now."""
    if serving.key is not None:
        sys.stdout.write(f"{serving.key}\n")
        sys.stdout.flush()
        errors().print(
            "This is the first admin's key, shown once: keep it in a file, and name that file in AGENTKIT_KEY_FILE.",
            soft_wrap=True,
        )
    errors().print(Text(f"serving on {serving.url} (Ctrl-C ends it)"), soft_wrap=True)
