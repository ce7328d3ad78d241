"""Live events of one operation as Server-Sent Events.

Rules: a reader pulls, so one that is slow costs nobody anything and nothing is kept for it; the number of an event is
its id, so whoever comes back with `Last-Event-ID` misses nothing and sees nothing twice. A server that ends says so,
and so does one that does not know its reader any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from functools import partial
from typing import TypeAlias

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from agentkit.errors import AgentKitError, Expired
from agentkit.service import Desk
from agentkit.wire import EventLine

from .door import Door
from .entering import until_unknown
from .passage import Passage
from .problems import problem_of

__all__ = ["DRAINING", "event_stream", "last_number"]

DRAINING = "server.draining"
"""The event that says that the server ends: come back with the last id."""

_AnyFuture: TypeAlias = asyncio.Future[EventLine | None] | asyncio.Future[None] | asyncio.Future[AgentKitError]
_SEND_SECONDS = 30
_GRACE_SECONDS = 2


async def event_stream(door: Door, passage: Passage, desk: Desk, operation_id: str, *, after: int) -> Response:
    """The events of an operation after this number, until its end; 204 if there is nothing to come.

    Raises:
        Expired: There are not that many: the journal was restored to an earlier state.
        NotFound: The caller has no operation of that id.
        TooManyRequests: The caller has too many streams.
    """
    page = await desk.operation(operation_id)
    if after > page.events:
        raise Expired(f"operation {operation_id} has {page.events} events and not {after}: begin anew")
    if page.ended and after >= page.events:
        # Browsers come back for ever, unless they are told this.
        return Response(status_code=204)
    stream = _Counted(
        _told(door, passage, desk, operation_id, after),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        ping=door.settings.ping_seconds,
        send_timeout=_SEND_SECONDS,
        shutdown_event=door.draining,
        shutdown_grace_period=_GRACE_SECONDS,
    )
    stream.counting = partial(door.streaming, passage.identity)
    return stream


class _Counted(EventSourceResponse):
    """A stream that counts from before its first byte, so that one too many is refused, however many come at once."""

    counting: Callable[[], AbstractContextManager[None]] = nullcontext

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell it; TooManyRequests is raised before anything is sent."""
        with self.counting():
            await super().__call__(scope, receive, send)


def last_number(text: str | None) -> int:
    """The number behind a `Last-Event-ID`; what cannot be read is no number, since browsers send it by themselves."""
    if text is not None and text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    return 0


async def _told(
    door: Door, passage: Passage, desk: Desk, operation_id: str, after: int
) -> AsyncGenerator[ServerSentEvent, None]:
    draining = asyncio.ensure_future(door.draining.wait())
    unknown = asyncio.ensure_future(until_unknown(door, passage))
    try:
        async with aclosing(desk.events(operation_id, after=after)) as events:
            while (line := await _next(events, draining, unknown)) is not None:
                yield ServerSentEvent(id=str(line.number), event=line.type, data=line.model_dump_json())
                if draining.done() or unknown.done():
                    break
            if draining.done():
                yield ServerSentEvent(event=DRAINING, data="{}")
            elif unknown.done():
                raise unknown.result()
    except AgentKitError as error:
        # The answer has begun: all that is left is to say it in the stream.
        problem = problem_of(passage, error)
        yield ServerSentEvent(event="error", data=f'{{"code": "{problem.code}", "request": "{problem.instance}"}}')
    finally:
        draining.cancel()
        unknown.cancel()


async def _next(
    events: AsyncGenerator[EventLine, None], draining: asyncio.Future[None], unknown: asyncio.Future[AgentKitError]
) -> EventLine | None:
    """The next event; None at the end, or if the server is about to end, or does not know its reader any more."""

    async def one() -> EventLine | None:
        return await anext(events, None)

    coming = asyncio.ensure_future(one())
    try:
        everything: set[_AnyFuture] = {coming, draining, unknown}
        await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        return coming.result() if coming.done() else None
    finally:
        if not coming.done():
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming
