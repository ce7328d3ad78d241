"""What carries calls: the far transport, and what any of them may need besides.

Rules: httpx2 is asked for where a client is made, so that one which is near does without.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from agentkit.errors import MissingExtra

from .settings import ClientSettings

if TYPE_CHECKING:
    from .http import HttpCalls

__all__ = ["Opens", "closed", "far"]

Item = TypeVar("Item")

with suppress(ImportError):
    # With this module, and not when a client is made: that is on an event loop, and would hold it up.
    import_module("httpx2")


@runtime_checkable
class Opens(Protocol):
    """A transport that has to be opened and closed."""

    async def open(self) -> None:
        """Be ready to ask."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Closes(Protocol):
    """A stream that can be closed."""

    async def aclose(self) -> None:
        """Let go of what it holds."""
        ...


def far(settings: ClientSettings) -> HttpCalls:
    """The transport to a server.

    Raises:
        MissingExtra: httpx2 is not installed.
    """
    try:
        from .http import HttpCalls
    except ImportError as error:
        if error.name != "httpx2":
            raise
        raise MissingExtra("client", "httpx2") from error
    return HttpCalls(settings)


async def closed(stream: AsyncIterator[Item]) -> AsyncGenerator[Item, None]:
    """A stream that is closed when its reader goes, if it can be closed."""
    try:
        async for item in stream:
            yield item
    finally:
        if isinstance(stream, Closes):
            await stream.aclose()
