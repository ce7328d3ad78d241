"""Who asks, and on which loop: handlers run on the loop of the pages, a client may live on another one.

Rules: everything here is asked through `Desks`, near and far alike. A handler that is dropped, since its browser left,
takes back what it asked; operations never notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from typing import Final, TypeAlias, TypeVar

import gradio as gr
from anyio import current_time
from starlette.requests import Request

from agentkit.client import BlockingClient, Client
from agentkit.errors import Unauthenticated
from agentkit.wire import OperationPage

from .resting import Clicks

__all__ = ["Desks", "Visitors"]

Answer = TypeVar("Answer")
Item = TypeVar("Item")

Visitors: TypeAlias = Callable[[Request], Awaitable[Client | None]]
"""Gives each request the client of whoever asks; None if nobody knows them."""

_SECONDS = 0.4
_KNOWN_SECONDS: Final = 10.0
"""How long a follower is taken for who they were."""


class Desks:
    """Has things asked for whoever looks at a page.

    Args:
        client: One client for all, or what gives each request its own.
        session_seconds: How long a session without a click lasts; None is without an end.

    Attributes:
        clicks: When somebody clicked last.
    """

    def __init__(self, client: Client | BlockingClient | Visitors, *, session_seconds: float | None = None) -> None:
        self._client = client
        self.clicks: Clicks = Clicks(session_seconds)
        # A client that awaits belongs to the loop on which it was made; made outside of any, to that of the pages.
        self._home: asyncio.AbstractEventLoop | None = None
        if isinstance(client, Client):
            try:
                self._home = asyncio.get_running_loop()
            except RuntimeError:
                self._home = None

    async def ask(self, request: gr.Request, work: Callable[[Client], Coroutine[object, None, Answer]]) -> Answer:
        """Have something done with the client of whoever clicked.

        Raises:
            AgentKitError: What the client raised.
            Unauthenticated: Nobody knows who asks.
        """
        self.clicks.clicked(request)
        return await self.look(request, work)

    async def look(self, request: gr.Request, work: Callable[[Client], Coroutine[object, None, Answer]]) -> Answer:
        """The same for what a page asks by itself.

        Raises:
            AgentKitError: What the client raised.
            Unauthenticated: Nobody knows who asks.
        """
        match self._client:
            case BlockingClient() as blocking:
                return await asyncio.wrap_future(blocking.hand(work))
            case Client() as client:
                return await self._at_home(work(client))
            case visitors:
                return await work(await _visitor(visitors, request))

    async def pictures(
        self, request: gr.Request, operation_id: str, seconds: float = _SECONDS
    ) -> AsyncGenerator[OperationPage, None]:
        """An operation as it stands, again and again until its end.

        Args:
            request: Who asks.
            operation_id: Which operation.
            seconds: How many lie between two looks.

        Raises:
            NotFound: The caller has no operation of that id.
            Unauthenticated: Nobody knows who asks, or not any more.
        """

        async def begin(client: Client) -> AsyncGenerator[OperationPage, None]:
            return client.progress(operation_id, seconds=seconds)

        pages = await self.look(request, begin)
        async with aclosing(self._each(pages, request)) as each:
            async for page in each:
                yield page

    async def _each(self, items: AsyncGenerator[Item, None], request: gr.Request) -> AsyncGenerator[Item, None]:
        """Take a stream across, from its own loop to this one, as long as who asks is known."""
        asked = current_time()
        coming: asyncio.Task[tuple[Item] | None] | None = None
        try:
            while True:
                coming = coming or asyncio.create_task(self._across(_next(items)))
                if not isinstance(self._client, Client | BlockingClient):
                    await asyncio.wait({coming}, timeout=max(0, asked + _KNOWN_SECONDS - current_time()))
                    if current_time() >= asked + _KNOWN_SECONDS:
                        await _visitor(self._client, request)
                        asked = current_time()
                    if not coming.done():
                        continue
                found, coming = await coming, None
                if found is None:
                    return
                yield found[0]
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await self._across(items.aclose())

    async def _across(self, work: Coroutine[object, None, Answer]) -> Answer:
        if isinstance(self._client, BlockingClient):

            async def same(_: Client) -> Answer:
                return await work

            return await asyncio.wrap_future(self._client.hand(same))
        return await self._at_home(work)

    async def _at_home(self, work: Coroutine[object, None, Answer]) -> Answer:
        home = self._home
        if home is None or home is asyncio.get_running_loop():
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, home))


async def _visitor(visitors: Visitors, request: gr.Request) -> Client:
    asks = request.request
    visitor = None if asks is None else await visitors(asks)
    if visitor is None:
        raise Unauthenticated("your session is over: log in again, then load this page anew")
    return visitor


async def _next(items: AsyncGenerator[Item, None]) -> tuple[Item] | None:
    """The next of a stream; None at its end."""
    try:
        return (await anext(items),)
    except StopAsyncIteration:
        return None
