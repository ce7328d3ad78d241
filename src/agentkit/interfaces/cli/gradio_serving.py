"""`gradio`: a page for people, on a store of this machine or on a server.

Rules: doors do not know each other, so the command line starts the Gradio door by its name and by the call below.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import NoReturn, Protocol, cast

from agentkit.client import Client
from agentkit.screens import DoorSettings
from agentkit.service import Caller, Serving, configure_logs, read_settings

from .asking import asked
from .choosing import settings_of
from .ending import finish, guarded
from .means import Means
from .opening import announce_it
from .reaching import Far

__all__ = ["Asker", "show_page"]


class _Gradio(Protocol):
    def serve(
        self,
        client: Client,
        workflow: str | None,
        *,
        port: int,
        settings: DoorSettings,
        announce: Callable[[str], None],
    ) -> Coroutine[None, None, None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who starts and decides, on a store of this machine.

    Attributes:
        name: What they are called.
        roles: Their roles.
    """

    name: str = "local"
    roles: tuple[str, ...] = ()


def show_page(place: Means | Far, workflows: Sequence[str], *, port: int, asker: Asker | None = None) -> NoReturn:
    """Show the page until told to end.

    Args:
        place: What it is of.
        workflows: The files of what is offered; on a server, the name of a workflow, or none.
        port: Where it is.
        asker: Who starts and decides, on a store of this machine.
    """

    async def show(settings: DoorSettings, client: Client) -> int:
        door = cast("_Gradio", import_module("agentkit.interfaces.gradio"))
        name = workflows[0] if isinstance(place, Far) and workflows else None
        await door.serve(client, name, port=port, settings=settings, announce=_announce)
        return 0

    async def work() -> int:
        settings, _ = settings_of("gradio")
        if isinstance(place, Far):
            return await asked(place, partial(show, settings), timeout=settings.timeout)
        async with _near(place, workflows, asker or Asker()) as client:
            return await show(settings, client)

    finish(guarded(work))


def _announce(url: str) -> None:
    announce_it(Serving(url=url, key=None))


@asynccontextmanager
async def _near(means: Means, workflows: Sequence[str], asker: Asker) -> AsyncGenerator[Client, None]:
    configure_logs(read_settings(os.environ), secrets=means.secrets)
    service = means.service(workflows)
    async with service.orchestrator:
        yield Client(service.desk(Caller(name=asker.name, roles=asker.roles)))
