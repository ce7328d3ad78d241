"""`serve` and `keys`: opening what is here to others.

Rules: doors do not know each other, so the command line starts the REST door by its name and by the call below.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import Protocol, cast

from rich.text import Text

from agentkit.engines import SystemClock
from agentkit.errors import DefinitionError
from agentkit.service import (
    ApiKeys,
    Scope,
    Service,
    Serving,
    Settings,
    configure_logs,
    load_agents,
    load_workflow,
    read_settings,
)
from agentkit.stores import open_store
from agentkit.views import one_line
from agentkit.wire import KeyLine

from .ending import finish, guarded
from .finding import existing
from .means import Means
from .screen import errors
from .supervising import Worker

__all__ = ["NewcomerKey", "announce_it", "create_key", "revoke_key", "serve_it", "show_keys"]

_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class NewcomerKey:
    """The key that somebody is to get.

    Attributes:
        name: Who.
        tenant: Whose things it shows.
        scopes: What it may do.
        roles: The roles it has.
        days: How long it opens anything.
    """

    name: str
    tenant: str | None
    scopes: Sequence[str]
    roles: Sequence[str]
    days: float | None


class _Serve(Protocol):
    def __call__(
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

    async def work() -> int:
        settings = _settings(**given)
        configure_logs(settings, secrets=means.secrets)
        serve = cast("_Serve", import_module("agentkit.interfaces.rest").serve)
        handed = None if worker is None else Worker.read(worker)
        offered = [load_workflow(path) for path in workflows]
        orchestrator = means.orchestrator(adopt=True)
        modules = {module: [member.name for member in load_agents([module])] for module in means.agents}
        service = Service(orchestrator, offered, direct=direct, modules=modules)
        for flow in offered:
            means.check_resources(flow)
        await serve(
            service,
            host=host,
            port=port,
            settings=settings,
            listener=None if handed is None else socket(fileno=handed.listener),
            makes_key=handed is None or handed.is_first,
            announce=announce_it if handed is None else handed.tell,
        )
        return 0

    finish(guarded(work))


def create_key(wanted: NewcomerKey, store: str, *, as_json: bool) -> None:
    """Make a key, and show it once."""

    async def work() -> int:
        async with _Keys(store) as keys:
            made = await keys.create(
                wanted.name,
                tenant=wanted.tenant,
                scopes=cast("Sequence[Scope]", wanted.scopes),
                roles=wanted.roles,
                seconds=None if wanted.days is None else wanted.days * _DAY_SECONDS,
            )
        if as_json:
            _write_json(made)
        else:
            sys.stdout.write(f"{made.key}\n")
            errors().print(f"This is shown once. Its id is {made.id}: agentkit keys revoke {made.id}", soft_wrap=True)
        return 0

    finish(guarded(work))


def show_keys(store: str, *, as_json: bool) -> None:
    """List the keys."""

    async def work() -> int:
        async with _Keys(store, is_there=True) as keys:
            found = await keys.listed()
        for line in found:
            _show(line, as_json=as_json)
        if not found and not as_json:
            errors().print("no keys: `agentkit keys create NAME` makes one")
        return 0

    finish(guarded(work))


def revoke_key(key_id: str, store: str, *, as_json: bool) -> None:
    """Revoke a key."""

    async def work() -> int:
        async with _Keys(store, is_there=True) as keys:
            _show(await keys.revoke(key_id), as_json=as_json)
        return 0

    finish(guarded(work))


class _Keys:
    """The keys of a store that is open for a while."""

    def __init__(self, address: str, *, is_there: bool = False) -> None:
        if address.startswith("memory:"):
            raise DefinitionError(f"--store {address}: keys of a store in memory would be gone at once; name a file")
        self._store = existing(address) if is_there else open_store(address)

    async def __aenter__(self) -> ApiKeys:
        await self._store.open()
        return ApiKeys(self._store, now=SystemClock().now, pepper=_settings().pepper.get_secret_value())

    async def __aexit__(self, *_: object) -> None:
        await self._store.close()


def _settings(**given: object) -> Settings:
    """The settings of this process: the command line is where the environment is read."""
    return read_settings(os.environ, **given)


def announce_it(serving: Serving) -> None:
    """Tell where it serves, and the first key, if it was made just now."""
    if serving.key is not None:
        sys.stdout.write(f"{serving.key}\n")
        sys.stdout.flush()
        errors().print("This is the first admin's key, shown once: AGENTKIT_KEY in your shell, say.", soft_wrap=True)
    errors().print(Text(f"serving on {serving.url} (Ctrl-C ends it)"), soft_wrap=True)


def _write_json(line: KeyLine) -> None:
    sys.stdout.write(line.model_dump_json(exclude_none=True) + "\n")


def _show(line: KeyLine, *, as_json: bool) -> None:
    if as_json:
        _write_json(line)
        return
    state = "active" if line.active else "revoked" if line.revoked_at else "expired"
    words = [line.id, line.name, line.tenant or "-", ",".join(line.scopes), ",".join(line.roles) or "-", state]
    sys.stdout.write("  ".join(one_line(word, 100) for word in words) + "\n")
