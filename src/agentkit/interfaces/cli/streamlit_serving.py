"""`streamlit`: pages for people, on a store of this machine or on a server.

Rules: doors do not know each other, so the command line starts the Streamlit door by its name and by the call below.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import NoReturn, Protocol, cast

from agentkit.client import BlockingClient, ClientSettings
from agentkit.screens import DoorSettings, Origin
from agentkit.service import Caller, Desk, Serving, configure_logs, read_settings

from .choosing import settings_of
from .ending import finish, guarded
from .means import Means
from .opening import announce_it
from .reaching import Far

__all__ = ["show_pages"]


class _Pages(Protocol):
    def serve(
        self,
        client: BlockingClient,
        *,
        port: int,
        settings: DoorSettings,
        origins: Mapping[str, Origin],
        preferences: Path,
        announce: Callable[[Serving], None],
    ) -> Coroutine[None, None, None]: ...


def show_pages(
    place: Means | Far,
    *,
    port: int,
    workflows: Sequence[Path] = (),
    by: str = "local",
    roles: Sequence[str] = (),
) -> NoReturn:
    """Show pages until told to end.

    Args:
        place: What they are of.
        port: Where they are.
        workflows: The files of what is offered.
        by: Who starts and decides, on a store of this machine.
        roles: Their roles.
    """

    async def work() -> int:
        pages = cast("_Pages", import_module("agentkit.interfaces.streamlit"))
        settings, origins = settings_of("streamlit")
        if isinstance(place, Far):
            far = ClientSettings(url=place.url, key_file=place.key_file, timeout=settings.timeout)
            client = BlockingClient.from_settings(far)
        else:
            configure_logs(read_settings(os.environ), secrets=place.secrets)
            client = _near(place, workflows, Caller(name=by, roles=roles))
        # In a thread: a client that blocks would hold up the loop.
        await asyncio.to_thread(client.open)
        try:
            await pages.serve(
                client,
                port=port,
                settings=settings,
                origins=origins,
                preferences=_home() / "streamlit.json",
                announce=announce_it,
            )
        finally:
            await asyncio.to_thread(client.close)
        return 0

    finish(guarded(work))


def _home() -> Path:
    """Where what somebody prefers is kept."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "agentkit"


def _near(means: Means, workflows: Sequence[Path], caller: Caller) -> BlockingClient:
    service = means.service(workflows)

    @asynccontextmanager
    async def opening() -> AsyncGenerator[Desk, None]:
        async with service.orchestrator:
            # It is open from now on, and not from when somebody first asks how long.
            _ = service.uptime_seconds
            yield service.desk(caller)

    return BlockingClient(opening)
