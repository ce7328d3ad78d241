"""Feeds of live events: read once for all who listen, and bounded whatever they do."""

import asyncio
from collections.abc import AsyncGenerator

import anyio
from pydantic import JsonValue

from agentkit.interfaces.rest import feeds
from agentkit.interfaces.rest.feeds import Feeds, Listener, written
from agentkit.wire import EventLine, moment


class Source:
    """Events as they are told, and how often somebody began to read them."""

    def __init__(self, data: str = "") -> None:
        self.readings = 0
        self.ended = 0
        self.news: asyncio.Queue[int | None] = asyncio.Queue()
        self._data = data

    async def __call__(self, operation: str, after: int) -> AsyncGenerator[EventLine, None]:
        self.readings += 1
        try:
            while (number := await self.news.get()) is not None:
                data: dict[str, JsonValue] = {"text": self._data}
                yield EventLine(operation=operation, number=number, at=moment(0), type="told", stage=None, data=data)
        finally:
            self.ended += 1


async def told(source: Source, *numbers: int | None) -> None:
    """Have a source tell these events."""
    for number in numbers:
        source.news.put_nowait(number)
    await asyncio.sleep(0.01)


def ids(text: bytes | None) -> list[int]:
    """The numbers of the events in a piece of a stream."""
    return [int(line[4:]) for line in (text or b"").split(b"\r\n") if line.startswith(b"id: ")]


async def test_all_who_listen_share_one_reading_which_ends_with_the_last_of_them() -> None:
    source, draining = Source(), anyio.Event()
    shared = Feeds(source, written)
    with shared.listening("a", after=4, draining=draining) as one:
        with shared.listening("a", after=5, draining=draining) as other:
            await told(source, 5, 6)
            feed = one.feed
            assert feed is other.feed
            assert (ids(feed.after(4)), ids(feed.after(5)), ids(feed.after(6))) == ([5, 6], [6], [])
        assert (source.readings, source.ended) == (1, 0)
    await asyncio.sleep(0.01)
    assert source.ended == 1


async def test_whoever_is_behind_what_is_kept_is_sent_to_the_journal() -> None:
    source = Source()
    with Feeds(source, written).listening("a", after=0, draining=anyio.Event()) as listener:
        feed = listener.feed
        await told(source, *range(1, 301))
        assert feed.after(43) is None
        assert ids(feed.after(44)) == list(range(45, 301))


async def test_p15_large_events_are_kept_up_to_a_size_and_the_newest_always() -> None:
    source = Source("a" * 2 * feeds._MOST_BYTES)
    with Feeds(source, written).listening("a", after=0, draining=anyio.Event()) as listener:
        feed = listener.feed
        await told(source, 1, 2, 3)
        assert (feed.after(1), ids(feed.after(2))) == (None, [3])


async def test_a_listener_wakes_at_an_event_at_the_end_and_when_the_server_is_about_to_end() -> None:
    source, draining = Source(), anyio.Event()

    async def woken(listener: Listener) -> bool:
        with anyio.fail_after(5):
            await listener.changed()
        return listener.feed.is_over

    shared = Feeds(source, written)
    with shared.listening("a", after=0, draining=draining) as listener:
        await asyncio.sleep(0.01)
        source.news.put_nowait(1)
        assert not await woken(listener)
        source.news.put_nowait(None)
        assert await woken(listener)
        # Over, though somebody is still busy with the rest of it: whoever comes now gets a new one.
        with shared.listening("a", after=1, draining=draining) as another:
            await asyncio.sleep(0.01)
            assert another.feed is not listener.feed
            draining.set()
            assert await woken(another)


async def test_an_alarm_wakes_one_listener_once_and_goes_with_it() -> None:
    feeds = Feeds(Source(), written)
    with feeds.listening("a", after=0, draining=anyio.Event()) as listener:
        listener.wake_after(60)
        listener.wake_after(0.01)
        with anyio.fail_after(5):
            await listener.changed()
        assert listener.is_due
        with anyio.move_on_after(0.05) as patience:
            await listener.changed()
        assert patience.cancelled_caught
        listener.wake_after(0.01)
    await asyncio.sleep(0.05)

    assert not listener.is_due
