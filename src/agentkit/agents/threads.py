"""Worker threads for plain functions.

Rules: a thread cannot be killed, so one that is not wanted any more is left alone, gives its place back, and is counted
until it ends. No thread holds up the end of the program: what an agent still does then, a crash could have ended too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

import anyio

__all__ = ["Threads"]

Job: TypeAlias = Callable[[], None]
_IDLE_SECONDS = 10.0
"""How long a thread waits for work before it ends."""


class Threads:
    """Threads that are used again.

    Args:
        most: How many may work at once, those left alone not counted.

    Attributes:
        left: How many work that nobody waits for any more.

    Example:
        >>> asyncio.run(Threads(2).run(lambda: 20 + 1))
        21
    """

    def __init__(self, most: int) -> None:
        self._limiter = anyio.CapacityLimiter(most)
        self._idle: deque[_Worker] = deque()
        self._is_closed = False
        self.left: int = 0

    async def run(self, body: Callable[[], object]) -> object:
        """Run it in a thread and return what it returns, or raise what it raises; when cancelled, leave it alone."""
        async with self._limiter:
            loop = asyncio.get_running_loop()
            worker = self._idle.pop() if self._idle else _Worker(loop)
            answer: asyncio.Future[_Answer] = loop.create_future()
            worker.is_busy = True
            worker.jobs.put(partial(self._work, worker, partial(copy_context().run, body), answer))
            try:
                value, error = await answer
            except asyncio.CancelledError:
                if answer.cancelled():
                    worker.is_left = True
                    self.left += 1
                raise
            if error is not None:
                raise error
            return value

    def close(self) -> None:
        """Let idle threads end, and the others as soon as they can."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().jobs.put(None)

    def _work(self, worker: _Worker, body: Callable[[], object], answer: asyncio.Future[_Answer]) -> None:
        """In the thread: run the body, and tell the loop."""
        try:
            told: _Answer = (body(), None)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again where it is waited for
            told = (None, error)
        try:
            answer.get_loop().call_soon_threadsafe(self._ended, worker, answer, told)
        except RuntimeError:  # the loop is closed: nobody waits, and nobody will have work
            worker.jobs.put(None)

    def _ended(self, worker: _Worker, answer: asyncio.Future[_Answer], told: _Answer) -> None:
        """On the loop: the body is over."""
        worker.is_busy = False
        if worker.is_left:
            worker.is_left = False
            self.left -= 1
        if not answer.done():
            answer.set_result(told)
        if self._is_closed:
            worker.jobs.put(None)
            return
        worker.idle_since = worker.loop.time()
        self._idle.append(worker)
        while self._idle[0].idle_since < worker.idle_since - _IDLE_SECONDS:
            self._idle.popleft().jobs.put(None)


_Answer: TypeAlias = tuple[object, BaseException | None]


class _Worker(Thread):
    """A thread and what it is to do.

    Attributes:
        loop: Where its answers go.
        is_busy: Whether it owes one; the virtual loop of `agentkit.testing` does not pass time meanwhile.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="agentkit agent", daemon=True)
        self.loop = loop
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.is_busy = False
        self.is_left = False
        self.idle_since: float = 0.0
        self.start()

    def run(self) -> None:
        """Do one thing after the other until there is nothing more."""
        while (job := self.jobs.get()) is not None:
            job()
            del job
