"""Where those who look after a service ask: a store of this machine, or a server; the words are the same.

Rules: a store is asked through a service of this process, as whoever owns it; a server through its API, as the key
says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import NoReturn

from agentkit.client import Client
from agentkit.errors import DefinitionError
from agentkit.orchestrator import Orchestrator
from agentkit.service import LOCAL, Caller, Service, Webhooks, WebhookSettings, read_settings

from .asking import ask
from .ending import finish, guarded
from .finding import existing
from .reaching import Far

__all__ = ["Place", "ask_at"]


@dataclass(frozen=True, slots=True)
class Place:
    """A store or a server, as the options say it.

    Attributes:
        store: The address of the store.
        far: The server, if one is to be asked in place of the store.
    """

    store: str
    far: Far | None = None

    @property
    def words(self) -> str:
        """What it is called in a message."""
        return self.store if self.far is None else self.far.url


def ask_at(
    place: Place, work: Callable[[Client], Coroutine[None, None, int]], *, announces: bool = False, by: str = ""
) -> NoReturn:
    """Have work done with a client of a place, and end with its exit code.

    Args:
        place: Where.
        work: What to do.
        announces: Whether a store is asked with the secrets for webhooks that are in the environment.
        by: Who asks a store; by default whoever owns it. A server knows by the key.
    """
    if place.far is not None:
        ask(place.far, work)

    async def run() -> int:
        orchestrator = Orchestrator(store=existing(place.store), adopt=False)
        service = Service(orchestrator)
        if announces:
            service.webhooks = _webhooks(orchestrator)
        await orchestrator.open()
        try:
            return await work(Client(service.desk(Caller(name=by) if by else LOCAL)))
        finally:
            # What was begun anew is for the server that runs on this store: nobody waits for it here.
            await orchestrator.close(drain_seconds=0)

    finish(guarded(run))


def _webhooks(orchestrator: Orchestrator) -> Webhooks:
    settings = read_settings(os.environ)
    secrets = [one.get_secret_value() for one in settings.webhook_secrets]
    if not secrets:
        raise DefinitionError("set AGENTKIT_WEBHOOK_SECRETS, or AGENTKIT_WEBHOOK_SECRETS_FILE, as for the server")
    return Webhooks(orchestrator, WebhookSettings(secrets=secrets))
