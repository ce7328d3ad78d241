"""Hearing of what other processes write, for as long as an orchestrator is open.

Rules: whatever the store answers, it is listened to again, after a pause that grows. What was written meanwhile was not
heard, so once it can be heard again everything is looked at.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing

from agentkit.engines import follow
from agentkit.errors import AgentKitError, Closed
from agentkit.kernel import State, evolve
from agentkit.stores import Store

from .adoption import is_settled

__all__ = ["keep_hearing", "until_settled"]

_log = logging.getLogger("agentkit")

# How long not to listen after the store did not answer, at first and at most.
_FIRST_PAUSE, _LAST_PAUSE = 0.05, 2.0
# By then a store listens, or has said that it cannot.
_LISTENS_SECONDS = 1.0


async def keep_hearing(store: Store, hear: Callable[[Sequence[str]], None], catch_up: Callable[[], None]) -> None:
    """Tell what others write to, until the store is closed.

    Args:
        store: What is listened to.
        hear: Told the names of what others wrote to.
        catch_up: Told that anything may have been written without being heard.
    """
    loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
    timer: asyncio.TimerHandle | None = None
    while True:
        try:
            async with aclosing(store.foreign()) as batches:
                async for names in batches:
                    pause = _FIRST_PAUSE
                    hear(names)
        except Closed:
            return
        except AgentKitError:
            _log.exception("what other processes write cannot be heard now; it is tried again")
        finally:
            if timer is not None:
                timer.cancel()
        await asyncio.sleep(pause)
        pause = min(_LAST_PAUSE, 2 * pause)
        # Not before it listens, or what is written in between would be missed all the same.
        timer = loop.call_later(_LISTENS_SECONDS, catch_up)


async def until_settled(store: Store, state: State, *, or_resting: bool) -> State:
    """Follow an operation until it has ended or is in quarantine; it stands there then.

    Args:
        store: Where it is.
        state: Where it stands.
        or_resting: Whether to wait no longer either once it rests.

    Raises:
        StoreError: The store failed, or the journal is damaged.
    """
    if await _is_over(store, state, or_resting=or_resting):
        return state
    async with aclosing(follow(store, state.operation_id, after=state.version)) as entries:
        async for entry in entries:
            if await _is_over(store, evolve(state, entry.event), or_resting=or_resting):
                break
    return state


async def _is_over(store: Store, state: State, *, or_resting: bool) -> bool:
    if is_settled(state) or not (or_resting and state.is_resting):
        return is_settled(state)
    # What looks like rest may have a driver that lets go of it later, or not at all: the store knows.
    line = await store.get(state.operation_id)
    return line is not None and line.parked and line.version == state.version
