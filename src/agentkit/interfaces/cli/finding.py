"""Finding what a command looks at: a store that exists, and an operation by the beginning of its id."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from agentkit.errors import InputError, NotFound
from agentkit.orchestrator import Orchestrator
from agentkit.stores import Store, open_store

__all__ = ["existing", "find_operation"]

_LOOKED_AT = 1_000


def existing(address: str) -> Store:
    """The store at an address, for commands that only make sense where there is one: looking must not make a file.

    Raises:
        NotFound: There is no such file.
        DefinitionError: The address names no known kind of store, no place, or an unknown setting.
    """
    store = open_store(address)
    parts = urlsplit(address)
    if parts.scheme == "sqlite" and not Path(unquote(parts.path[1:])).exists():
        raise NotFound(f"there is no store {address}; name another with --store, or begin one with: agentkit run")
    return store


async def find_operation(orchestrator: Orchestrator, beginning: str) -> str:
    """The id of the one operation that it names: its whole id, or a beginning that only one of the newest thousand has.

    Raises:
        NotFound: None has it.
        InputError: Several have it.
    """
    try:
        return (await orchestrator.get(beginning)).id
    except NotFound:
        lines = await orchestrator.list(limit=_LOOKED_AT)
    found = [line.stream for line in lines if beginning and line.stream.startswith(beginning)]
    if not found:
        raise NotFound(f"there is no operation {beginning!r} in this store; see: agentkit list")
    if len(found) > 1:
        shown = ", ".join(found[:5])
        raise InputError(f"{beginning!r} is the beginning of {len(found)} operations: {shown}; write more of it")
    return found[0]
