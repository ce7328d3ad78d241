"""Virtual time: an event loop whose clock jumps to the next timer instead of waiting for it.

Rules: time jumps only when nothing is ready to run; callbacks keep the order in which asyncio runs them. While a worker
thread or a subprocess is at work, time passes as it does on the wall, since nobody knows when it will answer; threads
that neither anyio nor asyncio started are not seen. A program in which nothing can ever happen again ends with an error
instead of hanging. With a seed, what is ready at one moment runs in an order that the seed decides: steps of tasks
change places among themselves, and plain callbacks never do, since asyncio promises their order.
"""

from __future__ import annotations

import asyncio
import math
import random
import selectors
import threading
import time
from asyncio import transports
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import Context
from functools import partial
from typing import Any, Never, TypeVar, TypeVarTuple, Unpack, cast

from agentkit.errors import UsageError

__all__ = ["VirtualClock", "VirtualLoop", "run_virtual"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Ready = list[tuple[selectors.SelectorKey, int]]

# The first second of 2024. All times of a run lie between the same two powers of two, so their differences are exact.
_BEGINNING = 1_704_067_200.0
# Coarser than the distance of two floating-point numbers of that size: a timer whose time has come is never missed.
_RESOLUTION = 1e-6
_STILL_SECONDS = 10.0
# How far down the queue a step of a task may come from: all that the seed may mix, at a cost that does not grow.
_MIXED = 16


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time, to be given to `asyncio.Runner` or to pytest's anyio backend as `loop_factory`.

    Args:
        limit_seconds: After how many virtual seconds the loop ends with `UsageError`, so that what polls for ever does
            not go on for ever.
        seed: Decides the order of tasks that are ready at the same moment; None is asyncio's own. With a seed,
            everything stands still while a worker thread is at work, so that the same seed gives the same run; a
            thread that asks this loop for something gives that up.

    Example:
        >>> import asyncio
        >>> async def wait_a_year() -> float:
        ...     began = asyncio.get_running_loop().time()
        ...     await asyncio.sleep(365 * 86_400)
        ...     return asyncio.get_running_loop().time() - began
        >>> with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        ...     runner.run(wait_a_year())
        31536000.0
    """

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, *, limit_seconds: float = math.inf, seed: int | None = None) -> None:
        self._virtual = _BEGINNING
        self._end = _BEGINNING + limit_seconds
        self._pending: set[object] = set()
        self._still = 0
        self._is_seeded = seed is not None
        self._spoken: set[int | None] = set()
        super().__init__(_Selector(self._pass_time))
        self._clock_resolution = _RESOLUTION
        if seed is not None:
            self._ready = _Mixed(seed)

    @contextmanager
    def standing_still(self) -> Generator[None]:
        """Have no time pass: somebody waits for a thread that this loop does not see, such as one of a store."""
        self._still += 1
        try:
            yield
        finally:
            self._still -= 1

    def time(self) -> float:
        """What time it is, in virtual seconds since 1970."""
        return self._virtual

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """See `asyncio.loop.run_in_executor`; until the function has returned, time passes as on the wall."""
        future = super().run_in_executor(executor, func, *args)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    async def _make_subprocess_transport(self, *args: Any, **settings: Any) -> Any:
        """All of asyncio's subprocesses come through here; until one has ended, time passes as on the wall."""
        transport = await cast("Any", super())._make_subprocess_transport(*args, **settings)  # noqa: SLF001 - our own parent
        self._pending.add(transport)
        return transport

    def _pass_time(self, look: Callable[[float | None], Ready], timeout: float | None) -> Ready:
        """Look what is ready; if nothing is, let time pass until the next timer."""
        if self._is_seeded and not self._still and threading.active_count() > 1:
            self._hear_threads(look)
        ready = look(0)
        if ready or timeout == 0:
            return ready
        if self._still:
            return look(_STILL_SECONDS)
        if self._is_busy():
            return self._wait(look, timeout)
        if timeout is None:
            ready = look(_STILL_SECONDS)
            if not ready:
                raise UsageError("nothing will ever happen again on this loop: every task waits, and no timer runs")
            return ready
        if self._virtual > self._end:
            raise UsageError(f"{self._virtual - _BEGINNING:g} virtual seconds have passed, and something still goes on")
        # To the timer itself, not by the timeout: that one was rounded, and asyncio cuts it at a day.
        self._virtual = max(self._virtual, self._scheduled[0].when())
        return ready

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """See `asyncio.loop.call_soon_threadsafe`."""
        self._spoken.add(threading.get_ident())
        return super().call_soon_threadsafe(callback, *args, context=context)

    def _hear_threads(self, look: Callable[[float | None], Ready]) -> None:
        """Wait for the threads that are at work and have said nothing yet; at most for a while, lest one never ends."""
        busy = [thread for thread in threading.enumerate() if _is_at_work(thread, self)]
        self._spoken &= {thread.ident for thread in busy}
        end = time.monotonic() + _STILL_SECONDS
        while (left := end - time.monotonic()) > 0 and any(thread.ident not in self._spoken for thread in busy):
            # What is written meanwhile is seen again by the look that follows.
            look(min(left, 0.001))

    def _wait(self, look: Callable[[float | None], Ready], timeout: float | None) -> Ready:
        """Wait as a real loop does, and let virtual time go along."""
        began = time.monotonic()
        ready = look(timeout)
        passed = self._virtual + time.monotonic() - began
        self._virtual = passed if timeout is None else max(self._virtual, min(passed, self._scheduled[0].when()))
        return ready

    def _is_busy(self) -> bool:
        """Whether a thread or a process is at work for this loop."""
        for item in tuple(self._pending):
            if isinstance(item, transports.SubprocessTransport) and item.get_returncode() is not None:
                self._pending.discard(item)
        return bool(self._pending) or any(_is_at_work(thread, self) for thread in threading.enumerate())


class VirtualClock:
    """The clock port on a virtual loop: what time it is, by the loop that runs.

    Example:
        >>> async def when() -> bool:
        ...     return VirtualClock().now() == asyncio.get_running_loop().time()
        >>> run_virtual(when())
        True
    """

    def now(self) -> float:
        """Virtual seconds since 1970; outside of a loop it is the beginning of 2024."""
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return _BEGINNING


def run_virtual(coroutine: Coroutine[object, Never, T], *, seed: int | None = None) -> T:
    """Run a coroutine in virtual time, as `asyncio.run` does in real time.

    Args:
        coroutine: What to run.
        seed: Decides the order of tasks that are ready at the same moment; None is asyncio's own.

    Raises:
        UsageError: Nothing can ever happen again, and the coroutine has not ended.
    """
    with asyncio.Runner(loop_factory=partial(VirtualLoop, seed=seed)) as runner:
        return runner.run(coroutine)


class _Mixed(deque[asyncio.Handle]):
    """The queue of what is ready: steps of tasks change places, and everything else keeps its turn."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)

    def popleft(self) -> asyncio.Handle:
        if len(self) > 1 and _is_step(self[0]):
            steps = [place for place in range(min(len(self), _MIXED)) if _is_step(self[place])]
            place = self._chance.choice(steps)
            self[0], self[place] = self[place], self[0]
        return super().popleft()


def _is_step(handle: asyncio.Handle) -> bool:
    """Whether this goes on with a task: begins it, or hands it what it waited for."""
    callback: object = getattr(handle, "_callback", None)
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


class _Selector(selectors.DefaultSelector):
    """The selector of the system, which asks the loop how to spend its waiting."""

    def __init__(self, pass_time: Callable[[Callable[[float | None], Ready], float | None], Ready]) -> None:
        super().__init__()
        self._pass_time = pass_time

    def select(self, timeout: float | None = None) -> Ready:
        return self._pass_time(super().select, timeout)


def _is_at_work(thread: threading.Thread, loop: VirtualLoop) -> bool:
    """Whether this is a worker of anyio that has a job of this loop; anyio itself offers no way to ask."""
    if getattr(thread, "loop", None) is not loop:
        return False
    if getattr(thread, "is_busy", False):
        return True
    if getattr(thread, "stopping", True):
        return False
    idle: Sequence[object] = getattr(thread, "idle_workers", ())
    return thread not in idle
