"""Live events of one operation as Server-Sent Events.

Rules: a reader pulls, so one that is slow costs nobody anything and nothing is kept for it; an event is read and
written out once for all its readers; its number is its id, so whoever comes back with `Last-Event-ID` misses nothing
and sees nothing twice. A server that ends says so, and so does one that does not know its reader any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from math import inf

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from agentkit.errors import AgentKitError, Expired
from agentkit.service import Desk
from agentkit.wire import OperationPage

from .door import Door
from .entering import admit_again
from .feeds import written
from .passage import Passage
from .problems import problem_of

__all__ = ["DRAINING", "event_stream", "last_number"]

DRAINING = "server.draining"
"""The event that says that the server ends: come back with the last id."""

_BATCH = 200
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
        _told(door, passage, desk, page, after),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        ping=door.settings.ping_seconds,
        shutdown_event=door.draining,
        shutdown_grace_period=_GRACE_SECONDS,
    )
    stream.counting = partial(door.streaming, passage.identity)
    return stream


class _Counted(EventSourceResponse):
    """A stream that counts from before its first byte, so that one too many is refused, however many come at once.

    Whether its reader reads is looked at from time to time, instead of by a timer for each thing sent, which takes
    longer than the sending.
    """

    counting: Callable[[], AbstractContextManager[None]] = nullcontext
    _since = inf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell it; TooManyRequests is raised before anything is sent, SendTimeoutError if its reader reads nothing."""
        patience = asyncio.timeout(None)
        with self.counting():
            try:
                async with patience:
                    self._look(patience)
                    await super().__call__(scope, receive, send)
            except TimeoutError as error:
                if patience.expired():
                    raise SendTimeoutError from error
                raise
            finally:
                self._looking.cancel()

    async def _send_with_timeout(self, send: Send, message: Message) -> None:
        # Of two at once, such as a ping beside an event, the earlier one counts.
        self._since = min(self._since, asyncio.get_running_loop().time())
        await send(message)
        self._since = inf

    def _look(self, patience: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now - self._since >= _SEND_SECONDS:
            patience.reschedule(now)
        else:
            self._looking = loop.call_later(_SEND_SECONDS / 4, self._look, patience)


def last_number(text: str | None) -> int:
    """The number behind a `Last-Event-ID`; what cannot be read is no number, since browsers send it by themselves."""
    if text is not None and text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    return 0


async def _told(
    door: Door, passage: Passage, desk: Desk, page: OperationPage, after: int
) -> AsyncGenerator[bytes, None]:
    """The events after a number: first those of the journal, then those that come, as many at once as there are."""
    number, seconds = after, door.settings.recheck_seconds
    try:
        with door.feeds.listening(page.id, after=page.events, draining=door.draining) as listener:
            feed = listener.feed
            listener.wake_after(seconds)
            while not door.draining.is_set():
                if listener.is_due:
                    await admit_again(door, passage)
                    listener.wake_after(seconds)
                if (news := feed.after(number)) is None:
                    past = await desk.history(page.id, after=number, limit=_BATCH)
                    number += len(past)
                    yield b"".join(map(written, past))
                elif news:
                    number = feed.number
                    yield news
                elif not feed.is_over:
                    await listener.changed()
                elif feed.error is not None:
                    raise feed.error
                else:
                    return
            yield ServerSentEvent(event=DRAINING, data="{}").encode()
    except AgentKitError as error:
        # The answer has begun: all that is left is to say it in the stream.
        problem = problem_of(passage, error)
        data = f'{{"code": "{problem.code}", "request": "{problem.instance}"}}'
        yield ServerSentEvent(event="error", data=data).encode()
