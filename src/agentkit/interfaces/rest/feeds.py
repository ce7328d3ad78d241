"""Live events of operations, read and written out once for all who listen to the same operation.

Rules: a feed begins where its operation stands when the first listener comes, and ends with its last listener; what was
before, a listener reads from the journal by itself. Kept are the newest events only, up to a size: whoever is slower
than that goes back to the journal, so a slow listener costs nobody else anything, and misses nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, contextmanager
from itertools import islice

import anyio
from sse_starlette import ServerSentEvent

from agentkit.errors import AgentKitError
from agentkit.wire import EventLine, EventTold

__all__ = ["Feed", "Feeds", "Listener", "channel_of", "told", "written"]

_MOST_EVENTS = 256
_MOST_BYTES = 1_000_000

Source = Callable[[str, int], AsyncGenerator[EventLine, None]]
"""The events of an operation after a number, as they happen, until its end."""


class Feed:
    """The newest events of one operation, each written out once.

    Args:
        write: Writes an event as listeners send it.
        after: The number of the event before the first that is told.

    Attributes:
        listeners: Who listens.
        is_over: Whether nothing more comes: the operation has ended, or the server is about to.
        error: Why nothing more comes, if that was a failure.
    """

    def __init__(self, write: Callable[[EventLine], bytes], after: int) -> None:
        self.listeners: set[Listener] = set()
        self.is_over: bool = False
        self.error: AgentKitError | None = None
        self._write = write
        self._before = after
        self._kept: deque[bytes] = deque()
        self._size = 0
        self._joined: tuple[int, int, bytes] = (after, after, b"")

    def begin(self, events: AsyncGenerator[EventLine, None], draining: anyio.Event) -> None:
        """Tell events as they come, until their end or that of the server."""
        telling = asyncio.create_task(self._tell(events))
        self._ending = asyncio.create_task(draining.wait())
        self._ending.add_done_callback(lambda _: telling.cancel())

    def end(self) -> None:
        """Tell nothing more."""
        self._ending.cancel()

    def after(self, number: int) -> bytes | None:
        """All that came after this number, in one piece; None if some of it is only on the journal by now."""
        newest = self._before + len(self._kept)
        if number == newest:
            return b""
        begin, end, text = self._joined
        # Nearly all who listen have seen the same, so what is joined for one is joined for all.
        if begin != number or end != newest:
            if (pieces := self.pieces(number)) is None:
                return None
            text = b"".join(pieces)
            self._joined = (number, newest, text)
        return text

    def pieces(self, number: int) -> Sequence[bytes] | None:
        """All that came after this number, each by itself; None if some of it is only on the journal by now."""
        return tuple(islice(self._kept, number - self._before, None)) if number >= self._before else None

    @property
    def number(self) -> int:
        """The number of the newest event."""
        return self._before + len(self._kept)

    async def _tell(self, events: AsyncGenerator[EventLine, None]) -> None:
        try:
            async with aclosing(events):
                async for line in events:
                    self._keep(self._write(line))
                    self._wake()
        except AgentKitError as error:
            self.error = error
        finally:
            self.is_over = True
            self._wake()
            self._ending.cancel()

    def _keep(self, text: bytes) -> None:
        self._kept.append(text)
        self._size += len(text)
        while len(self._kept) > _MOST_EVENTS or (self._size > _MOST_BYTES and len(self._kept) > 1):
            self._size -= len(self._kept.popleft())
            self._before += 1

    def _wake(self) -> None:
        for listener in self.listeners:
            listener.wake()


class Listener:
    """One who listens to a feed, and is woken by what comes.

    Attributes:
        feed: What it listens to.
        is_due: Whether its alarm has rung since it was set.
    """

    __slots__ = ("_alarm", "_news", "feed", "is_due")

    def __init__(self, feed: Feed) -> None:
        self.feed: Feed = feed
        self.is_due: bool = False
        self._news = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Have it look again."""
        self._news.set()

    def wake_after(self, seconds: float) -> None:
        """Have it look again by then: one alarm for many waits, each of which would pay for its own."""
        self.hush()
        self.is_due = False
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._ring)

    def hush(self) -> None:
        """Take the alarm back."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _ring(self) -> None:
        # Said, and not read off the clock, which may be a hair behind the alarm.
        self.is_due = True
        self.wake()

    async def changed(self) -> None:
        """Wait for the next event, the end, or whoever else wakes it; what came before is not waited for again."""
        self._news.clear()
        await self._news.wait()


class Feeds:
    """The feeds of one application.

    Args:
        source: Where events come from.
        write: Writes an event as listeners send it.
    """

    def __init__(self, source: Source, write: Callable[[EventLine], bytes]) -> None:
        self._source = source
        self._write = write
        self._open: dict[str, Feed] = {}

    @contextmanager
    def listening(self, operation_id: str, *, after: int, draining: anyio.Event) -> Generator[Listener, None, None]:
        """Listen to the feed of an operation; if nobody does yet, it begins after this number."""
        feed = self._open.get(operation_id)
        if feed is None or feed.is_over:
            feed = self._open[operation_id] = Feed(self._write, after)
            feed.begin(self._source(operation_id, after), draining)
        listener = Listener(feed)
        feed.listeners.add(listener)
        try:
            yield listener
        finally:
            listener.hush()
            feed.listeners.remove(listener)
            if not feed.listeners:
                feed.end()
                if self._open.get(operation_id) is feed:
                    del self._open[operation_id]


def written(line: EventLine) -> bytes:
    """An event, as it stands in a stream."""
    return ServerSentEvent(id=str(line.number), event=line.type, data=line.model_dump_json()).encode()


def channel_of(operation_id: str) -> str:
    """The channel of a socket on which the events of an operation are told."""
    return f"operation:{operation_id}"


def told(line: EventLine) -> bytes:
    """An event, as it is told on a socket."""
    return EventTold(channel=channel_of(line.operation), number=line.number, event=line).model_dump_json().encode()
