"""A limit of time for work that runs without an orchestrator.

Rules: as for the attempts of an operation: the work has a task of its own, which is cancelled once when its time is up;
if it does not end within its grace it is abandoned: kept and counted, and whatever it does later is ignored. Who waits
is never held up by it, and a cancel of the waiting is passed on and never swallowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

__all__ = ["Limiter", "TimeIsUp", "shorter"]

_Told: TypeAlias = tuple[object, BaseException | None]


class TimeIsUp(TimeoutError):
    """The time that work was given is up; told apart from a `TimeoutError` of the work itself."""


class Limiter:
    """Runs work that has so and so many seconds.

    Attributes:
        grace_seconds: How long work that is told to stop is waited for.
    """

    __slots__ = ("_left", "grace_seconds")

    def __init__(self, grace_seconds: float) -> None:
        self.grace_seconds: float = grace_seconds
        self._left: set[asyncio.Task[_Told]] = set()

    @property
    def abandoned(self) -> int:
        """How many tasks still run that nobody waits for any more."""
        return len(self._left)

    async def run(self, work: Callable[[], Awaitable[object]], seconds: float) -> object:
        """Give the work its time, and return what it returns or raise what it raises.

        Raises:
            TimeoutError: Its time was up, as a `TimeIsUp`.
        """
        loop = asyncio.get_running_loop()
        task = loop.create_task(_told(work))
        woken: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _wake, woken)
        task.add_done_callback(partial(_wake, woken))
        try:
            await woken
        except asyncio.CancelledError as cancelled:
            await self._stop(task, *cancelled.args)
            raise
        finally:
            timer.cancel()
        if not task.done():
            await self._stop(task)
            raise TimeIsUp(f"took longer than {round(seconds, 3):g} s")
        value, error = task.result()
        if error is not None:
            raise error
        return value

    async def _stop(self, task: asyncio.Task[_Told], *why: object) -> None:
        # What a cancel says of itself is passed on with it.
        task.cancel(*why)
        try:
            await asyncio.wait([task], timeout=self.grace_seconds)
        finally:
            if not task.done():
                self._left.add(task)
                task.add_done_callback(self._left.discard)


def shorter(one: float | None, other: float | None) -> float | None:
    """The shorter of two limits in seconds; None does not limit."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _wake(woken: asyncio.Future[None], _: object = None) -> None:
    """The work has ended, or its time is up, whatever is first."""
    if not woken.done():
        woken.set_result(None)


async def _told(work: Callable[[], Awaitable[object]]) -> _Told:
    """What came of it, as a value: an error such as `SystemExit` would end the loop if it left a task."""
    try:
        return await work(), None
    except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
        return None, error
