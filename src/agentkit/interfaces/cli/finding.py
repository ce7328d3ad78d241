"""Finding an operation by the beginning of its id."""

from __future__ import annotations

from agentkit.errors import InputError, NotFound
from agentkit.orchestrator import Orchestrator

__all__ = ["find_operation"]

_LOOKED_AT = 1_000


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
        raise NotFound(f"there is no operation {beginning!r} in this store")
    if len(found) > 1:
        shown = ", ".join(found[:5])
        raise InputError(f"{beginning!r} is the beginning of {len(found)} operations: {shown}; write more of it")
    return found[0]
