"""Those who want to hear of progress, each behind a letterbox of its own: `Post`.

Rules: a letterbox holds one notice, that there is news, and the newest picture is made when the listener is ready for
it; so one that is slow sees fewer pictures, and what it missed is in the next one. It has a thread of its own, so one
that blocks holds up nobody; what it raises is logged once and harms nobody.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from inspect import isawaitable
from typing import Generic, Protocol, TypeAlias, TypeVar

from agentkit.errors import AgentKitError
from agentkit.views import Progress

__all__ = ["Post", "ProgressListener", "close_posts", "loop_here", "tell"]

ProgressListener: TypeAlias = Callable[[Progress], object]
"""Whatever takes a `Progress`: a function, async or plain, or an object that can be called. Its attribute `seconds`, if
it has one, is the shortest time between two pictures that it wants."""

News = TypeVar("News")
_SECONDS = 0.1
_PATIENCE = 5.0
_IDLE = 2.0
_log = logging.getLogger("agentkit.progress")


class Post(Generic[News]):
    """The letterbox of one listener.

    Args:
        listener: Who is told.
        newest: Makes the newest picture.
        loop: The loop on which an async listener runs; without one it gets a loop in its thread.
    """

    def __init__(
        self,
        listener: Callable[[News], object],
        newest: Callable[[], News],
        *,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._listener = listener
        self._newest = newest
        self._loop = loop
        self._seconds = float(getattr(listener, "seconds", _SECONDS))
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._has_news = self._is_busy = self._hurries = self._is_closed = self._has_complained = False

    def ring(self, *, hurry: bool = False) -> None:
        """There is news; with `hurry` the listener is told as soon as it is ready. It costs next to nothing."""
        with self._changed:
            if self._is_closed:
                return
            self._has_news = True
            self._hurries = self._hurries or hurry
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="agentkit-progress", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = _PATIENCE) -> bool:
        """Wait until the listener has been told everything, but not for ever; whether it has."""
        with self._changed:
            self._hurries = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not (self._has_news or self._is_busy), timeout=seconds)

    def retire(self) -> None:
        """Nothing new comes any more: what was not told yet is told, and then the thread ends."""
        with self._changed:
            self._is_closed = self._hurries = True
            self._changed.notify_all()

    def close(self, seconds: float = _PATIENCE) -> None:
        """Tell the listener what is new, and end; a listener that takes longer is left alone."""
        self.retire()
        self.flush(seconds)

    def _work(self) -> None:
        while self._wait():
            try:
                self._hand_over()
            except BaseException as error:  # noqa: BLE001 - a border: what a listener raises is its own trouble
                if not self._has_complained:
                    self._has_complained = True
                    _log.warning("progress listener %r failed: %r; it is told no more of that", self._listener, error)
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()
                # The listener wants to be left alone for a while, unless it is urgent.
                self._changed.wait_for(lambda: self._hurries or self._is_closed, timeout=self._seconds)

    def _wait(self) -> bool:
        """Wait for news; whether there is any. A thread that has long had nothing to do ends, and begins again."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_news or self._is_closed, timeout=_IDLE)
            if not self._has_news:
                self._thread = None
                return False
            self._is_busy, self._has_news, self._hurries = True, False, self._is_closed
            return True

    def _hand_over(self) -> None:
        answer = self._listener(self._newest())
        if not isawaitable(answer):
            return
        loop = self._loop
        if loop is None or not loop.is_running():
            asyncio.run(_awaited(answer))
            return
        future = asyncio.run_coroutine_threadsafe(_awaited(answer), loop)
        # Should the loop end first, nobody would ever answer.
        while loop.is_running():
            with suppress(TimeoutError):
                future.result(timeout=0.5)
                return


async def _awaited(answer: Awaitable[object]) -> None:
    await answer


def loop_here() -> asyncio.AbstractEventLoop | None:
    """The running loop, if there is one."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def close_posts(posts: Sequence[Post[News]], seconds: float = _PATIENCE) -> None:
    """Close all of them, each in its own time."""
    for post in posts:
        post.flush(0)
    for post in posts:
        post.close(seconds)


class Followed(Protocol):
    """What can be followed: an `Operation`."""

    async def progress(self) -> Progress:
        """How far it is now."""
        ...

    def follow(self, *, seconds: float = 0.1) -> AsyncGenerator[Progress, None]:
        """How far it is, again and again until its end."""
        ...


@asynccontextmanager
async def tell(operation: Followed, listeners: Sequence[ProgressListener]) -> AsyncGenerator[None, None]:
    """While the body runs, tell listeners how far an operation is; at the end, where it stands then."""
    newest = await operation.progress()
    posts = [Post(listener, lambda: newest, loop=loop_here()) for listener in listeners]

    async def read() -> None:
        nonlocal newest
        async with aclosing(operation.follow()) as pictures:
            async for newest in pictures:
                for post in posts:
                    post.ring(hurry=newest.is_over)

    reading = asyncio.get_running_loop().create_task(read())
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.wait([reading])
        # A store that is closed by now has nothing more to say.
        with suppress(AgentKitError):
            newest = await operation.progress()
        for post in posts:
            post.ring(hurry=True)
        await asyncio.to_thread(close_posts, posts)
