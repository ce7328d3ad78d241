"""The channels of one socket: what it has subscribed to, and what it is told of each.

Rules: the events of an operation are read and written out once for all sockets that are told them, and by a client that
is slower than that from the journal, when it is ready for them: so nothing is dropped and nothing is kept for it; where
it breaks off, it goes on behind the last number. What changes among all operations has no
numbers: the client is told how each stands now, and that it missed some if it did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial

from agentkit.errors import AgentKitError, TooManyRequests
from agentkit.wire import (
    OPERATIONS,
    ChannelEnded,
    ChannelExpired,
    ChannelLagging,
    OperationPage,
    OperationTold,
    Problem,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
)

from .conversation import Conversation
from .door import Door
from .feeds import channel_of, told

__all__ = ["Channels"]

_PREFIX = channel_of("")
_BATCH = 200


class Channels:
    """What a socket has subscribed to.

    Args:
        talk: Who is told.
        door: What all sockets share.
    """

    def __init__(self, talk: Conversation, door: Door) -> None:
        self._talk = talk
        self._door = door
        self._most = door.settings.channels_per_socket
        self._open: dict[str, asyncio.Task[None]] = {}

    async def subscribe(self, asked: Subscribe) -> None:
        """Have a channel told, or tell why not."""
        talk, channel = self._talk, asked.channel
        try:
            if channel in self._open:
                await talk.refuse(talk.problem("subscribed_already", 409, "this channel is told already"), channel)
            elif len(self._open) >= self._most:
                detail = f"{self._most} channels of this socket are open: unsubscribe one"
                await talk.refuse(TooManyRequests(detail, retry_after=1), channel)
            elif channel == OPERATIONS:
                await self._subscribe_all(asked)
            elif channel.startswith(_PREFIX):
                await self._subscribe_one(channel.removeprefix(_PREFIX), asked)
            else:
                await talk.refuse(self._unknown(), channel)
        except AgentKitError as error:
            await talk.refuse(error, channel)

    async def unsubscribe(self, asked: Unsubscribe) -> None:
        """Have a channel not told any more."""
        talk, channel = self._talk, asked.channel
        if channel != OPERATIONS and not channel.startswith(_PREFIX):
            await talk.refuse(self._unknown(), channel)
            return
        task = self._open.pop(channel, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        # One that has just ended is not told any more either.
        await talk.tell(Unsubscribed(channel=channel))

    async def _subscribe_one(self, operation_id: str, asked: Subscribe) -> None:
        page = await self._talk.desk.operation(operation_id)
        if asked.after > page.events:
            await self._talk.tell(ChannelExpired(channel=asked.channel, after=0))
            return
        await self._talk.tell(Subscribed(channel=asked.channel, after=asked.after))
        self._start(asked.channel, partial(self._tell_events, page, asked.after))

    async def _subscribe_all(self, asked: Subscribe) -> None:
        if asked.after:
            detail = "/after: this channel has no numbers: subscribe without one, then list the operations"
            await self._talk.refuse(self._talk.problem("input_invalid", 422, detail), asked.channel)
            return
        self._start(asked.channel, self._tell_changes)

    async def _tell_events(self, page: OperationPage, number: int) -> None:
        """The events after a number: first those of the journal, then those that come."""
        talk, draining = self._talk, self._door.draining
        with self._door.socket_feeds.listening(page.id, after=page.events, draining=draining) as listener:
            feed = listener.feed
            while True:
                if (news := feed.pieces(number)) is None:
                    news = [told(line) for line in await talk.desk.history(page.id, after=number, limit=_BATCH)]
                for text in news:
                    await talk.tell_text(text.decode())
                number += len(news)
                if news or number < feed.number:
                    continue
                if feed.error is not None:
                    raise feed.error
                if feed.is_over:
                    break
                await listener.changed()
        if not draining.is_set():
            await talk.tell(ChannelEnded(channel=channel_of(page.id), after=number))

    async def _tell_changes(self) -> None:
        talk = self._talk
        async with aclosing(talk.desk.changes()) as changes:
            # The first answer is empty, and nothing is missed from then on.
            await anext(changes)
            await talk.tell(Subscribed(channel=OPERATIONS))
            async for changed in changes:
                if changed.missed:
                    await talk.tell(ChannelLagging(channel=OPERATIONS))
                for line in changed.lines:
                    await talk.tell(OperationTold(channel=OPERATIONS, operation=line))

    def _start(self, channel: str, work: Callable[[], Awaitable[None]]) -> None:
        self._open[channel] = self._talk.start(partial(self._told, channel, work))

    async def _told(self, channel: str, work: Callable[[], Awaitable[None]]) -> None:
        own = asyncio.current_task()
        try:
            await work()
        except AgentKitError as error:
            # The channel broke off; the others go on.
            await self._talk.refuse(error, channel)
        finally:
            if self._open.get(channel) is own:
                del self._open[channel]

    def _unknown(self) -> Problem:
        return self._talk.problem(
            "channel_unknown", 404, f"there is no such channel: use `{OPERATIONS}`, or `{_PREFIX}ID` for one operation"
        )
