"""How an attempt reaches the loop on which its operation is driven, from wherever its code runs.

Rules: a coroutine of that loop just awaits; a plain function in its thread blocks until it is done; a loop of its own
in that thread waits without blocking. The loop itself is never blocked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

from agentkit.errors import LeaseLost, UsageError

__all__ = ["check_blocking", "finish", "relay", "running_loop"]

T = TypeVar("T")


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs here, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def relay(
    loop: asyncio.AbstractEventLoop | None,
    call: Callable[[], Coroutine[object, None, T]],
    operation_id: str,
    *,
    blocking: bool,
) -> T:
    """Have a coroutine run on the loop, and give what it gives.

    Args:
        loop: Where it runs; None if it does not matter.
        call: Makes the coroutine.
        operation_id: Whose it is, for errors.
        blocking: Whether the caller is a plain function, whose thread may wait.

    Raises:
        LeaseLost: The loop is closed.
    """
    if loop is None or loop is running_loop():
        return await call()
    if loop.is_closed():
        raise LeaseLost(f"operation {operation_id} is not driven here any more")
    # From a thread, or from a loop that a plain function runs there.
    done = asyncio.run_coroutine_threadsafe(call(), loop)
    return done.result() if blocking else await asyncio.wrap_future(done)


def check_blocking(loop: asyncio.AbstractEventLoop | None, advice: str) -> None:
    """Refuse to block the loop.

    Raises:
        UsageError: This is the loop; the advice says what to call instead.
    """
    running = running_loop()
    if running is not None and (loop is None or running is loop):
        raise UsageError(advice)


def finish(coroutine: Coroutine[object, None, T]) -> T:
    """Run a coroutine that never waits for a loop, as those of blocking calls.

    Raises:
        UsageError: It has waited all the same.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise UsageError("this cannot wait here: await it in a coroutine")
