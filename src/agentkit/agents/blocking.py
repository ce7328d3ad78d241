"""Running something async from code that is not.

Rules: the loop runs in a thread of its own, so it does not matter whether a loop runs here; the caller gets its answer
as soon as there is one. What an abandoned agent leaves behind goes on in that thread, and the end of the program does
not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

__all__ = ["run_blocking"]

T = TypeVar("T")


def run_blocking(work: Callable[[], Coroutine[None, None, T]]) -> T:
    """Run it to its end and return what it returns, or raise what it raises; an interrupt cancels it first."""
    loop = asyncio.new_event_loop()
    main = loop.create_task(work())
    answer: Future[T] = Future()
    Thread(target=_serve, args=(loop, main, answer), name="agentkit runs", daemon=True).start()
    try:
        return answer.result()
    except KeyboardInterrupt:
        loop.call_soon_threadsafe(main.cancel)
        answer.exception()
        raise


def _serve(loop: asyncio.AbstractEventLoop, main: asyncio.Task[T], answer: Future[T]) -> None:
    asyncio.set_event_loop(loop)
    try:
        value = loop.run_until_complete(main)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again where it was asked for
        answer.set_exception(error)
    else:
        answer.set_result(value)
    left = asyncio.all_tasks(loop)
    if left:
        loop.run_until_complete(asyncio.wait(left))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
