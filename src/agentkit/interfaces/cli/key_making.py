"""`keys`: the keys of a store, or of a server."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

from pydantic import ValidationError

from agentkit.client import Client
from agentkit.engines import SystemClock
from agentkit.errors import DefinitionError
from agentkit.service import ApiKeys, Scope, read_settings
from agentkit.stores import open_store
from agentkit.views import one_line
from agentkit.wire import KeyLine, KeyRequest, NewKey

from .ending import finish, guarded, misfit
from .finding import existing
from .places import Place, ask_at
from .screen import errors

__all__ = ["NewcomerKey", "create_key", "revoke_key", "show_keys"]

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

    @property
    def seconds(self) -> float | None:
        """The same in seconds."""
        return None if self.days is None else self.days * _DAY_SECONDS


def create_key(wanted: NewcomerKey, place: Place, *, as_json: bool) -> None:
    """Make a key, and show it once."""
    if place.far is not None:
        _create_afar(wanted, place, as_json=as_json)

    async def work() -> int:
        async with _Keys(place.store) as keys:
            made = await keys.create(
                wanted.name,
                tenant=wanted.tenant,
                scopes=cast("Sequence[Scope]", wanted.scopes),
                roles=wanted.roles,
                seconds=wanted.seconds,
            )
        _show_new(made, as_json=as_json)
        return 0

    finish(guarded(work))


def _create_afar(wanted: NewcomerKey, place: Place, *, as_json: bool) -> NoReturn:
    async def work(client: Client) -> int:
        try:
            request = KeyRequest.model_validate(
                {
                    "name": wanted.name,
                    "tenant": wanted.tenant,
                    "scopes": list(wanted.scopes),
                    "roles": list(wanted.roles),
                    "seconds": wanted.seconds,
                }
            )
        except ValidationError as error:
            raise misfit(error) from error
        _show_new(await client.create_key(request), as_json=as_json)
        return 0

    ask_at(place, work)


def show_keys(place: Place, *, as_json: bool) -> None:
    """List the keys."""

    async def near() -> int:
        async with _Keys(place.store, is_there=True) as keys:
            return _show_all(await keys.listed(), as_json=as_json)

    async def far(client: Client) -> int:
        return _show_all(await client.keys(), as_json=as_json)

    if place.far is not None:
        ask_at(place, far)
    finish(guarded(near))


def revoke_key(key_id: str, place: Place, *, as_json: bool) -> None:
    """Revoke a key."""

    async def near() -> int:
        async with _Keys(place.store, is_there=True) as keys:
            _show(await keys.revoke(key_id), as_json=as_json)
        return 0

    async def far(client: Client) -> int:
        _show(await client.revoke_key(key_id), as_json=as_json)
        return 0

    if place.far is not None:
        ask_at(place, far)
    finish(guarded(near))


class _Keys:
    """The keys of a store that is open for a while."""

    def __init__(self, address: str, *, is_there: bool = False) -> None:
        if address.startswith("memory:"):
            raise DefinitionError(f"--store {address}: keys of a store in memory would be gone at once; name a file")
        self._store = existing(address) if is_there else open_store(address)

    async def __aenter__(self) -> ApiKeys:
        await self._store.open()
        return ApiKeys(self._store, now=SystemClock().now, pepper=read_settings(os.environ).pepper.get_secret_value())

    async def __aexit__(self, *_: object) -> None:
        await self._store.close()


def _show_new(made: NewKey, *, as_json: bool) -> None:
    if as_json:
        _write_json(made)
    else:
        sys.stdout.write(f"{made.key}\n")
        errors().print(f"This is shown once. Its id is {made.id}: agentkit keys revoke {made.id}", soft_wrap=True)


def _show_all(found: Sequence[KeyLine], *, as_json: bool) -> int:
    for line in found:
        _show(line, as_json=as_json)
    if not found and not as_json:
        errors().print("no keys: `agentkit keys create NAME` makes one")
    return 0


def _write_json(line: KeyLine) -> None:
    sys.stdout.write(line.model_dump_json(exclude_none=True) + "\n")


def _show(line: KeyLine, *, as_json: bool) -> None:
    if as_json:
        _write_json(line)
        return
    state = "active" if line.active else "revoked" if line.revoked_at else "expired"
    words = [line.id, line.name, line.tenant or "-", ",".join(line.scopes), ",".join(line.roles) or "-", state]
    sys.stdout.write("  ".join(one_line(word, 100) for word in words) + "\n")
