"""Waiting for what happens to an operation: pictures of its progress as it changes, and its coming to rest.

Rules: a picture is made when the reader is ready for one; between two pictures everything that happened is one
change. A reader that is slow sees fewer pictures and slows nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from agentkit.engines import follow
from agentkit.kernel import OperationAccepted, State, evolve
from agentkit.views import Progress, ProgressFold

from .children import Children
from .running.adoption import is_settled
from .running.runtime import Runtime

__all__ = ["follow_progress", "until_rest"]


async def follow_progress(runtime: Runtime, operation_id: str, seconds: float) -> AsyncGenerator[Progress, None]:
    """Pictures of an operation until it has ended or is in quarantine.

    Args:
        runtime: Where it is looked up.
        operation_id: Which operation.
        seconds: The shortest time between two pictures.

    Raises:
        NotFound: There is no operation of that id.
        Closed: The store was closed before the end.
        StoreError: The store failed, or the journal is damaged.
    """
    journal = await runtime.journal(operation_id)
    first = journal[0]
    assert isinstance(first, OperationAccepted)
    fold = ProgressFold(first)
    for event in journal[1:]:
        fold.apply(event)
    children = Children(runtime)
    changed = runtime.live.listen(operation_id)
    reader = asyncio.get_running_loop().create_task(_read_on(runtime, fold, operation_id, changed))
    try:
        while True:
            changed.clear()
            said = await children.said(fold.state)
            picture = fold.progress(runtime.now(), said, lines=runtime.live.lines(operation_id))
            yield picture
            # Not where it stands by now: whoever was slow is still to see how it ended.
            if picture.is_over or picture.status == "quarantined":
                return
            if reader.done():
                reader.result()
            # The end is told at once, however far apart pictures are to be.
            await asyncio.wait([reader], timeout=seconds)
            with suppress(TimeoutError):
                # Looked at again after a second even if nothing happened: elapsed and remaining time go on.
                async with asyncio.timeout(1.0):
                    await changed.wait()
    finally:
        runtime.live.leave(operation_id, changed)
        reader.cancel()


async def _read_on(runtime: Runtime, fold: ProgressFold, operation_id: str, changed: asyncio.Event) -> None:
    try:
        async with aclosing(follow(runtime.store, operation_id, after=fold.state.version)) as entries:
            async for entry in entries:
                fold.apply(entry.event)
                changed.set()
    finally:
        changed.set()


async def until_rest(runtime: Runtime, operation_id: str) -> State:
    """Where an operation stands once nothing more happens by itself.

    Raises:
        NotFound: There is no operation of that id.
        Closed: The store was closed before.
        StoreError: The store failed, or the journal is damaged.
    """
    state = await runtime.state(operation_id)
    if _is_quiet(state):
        return state
    async with aclosing(follow(runtime.store, operation_id, after=state.version)) as entries:
        async for entry in entries:
            evolve(state, entry.event)
            # What looks like rest in the middle of an append is none.
            if _is_quiet(state) and _is_quiet(newest := await runtime.state(operation_id)):
                return newest
    return state


def _is_quiet(state: State) -> bool:
    """Whether nothing happens until somebody says something, a child ends, or a time comes that a stage waits for."""
    return is_settled(state) or (state.is_resting and bool(state.held or state.asleep))
