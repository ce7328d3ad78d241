"""Putting what somebody wants of an operation on its journal when nobody here drives it.

Rules: a wish is weighed on what the journal says at the moment at which it is written; whoever was first may have
changed everything, so it is weighed again. A write that got no answer may have happened, and is not to be said twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from agentkit.engines import check_storable, summary_of
from agentkit.errors import JournalConflict, StoreUnavailable
from agentkit.kernel import CancelRequested, Event, OperationReleased, State, Wish, evolve
from agentkit.stores import Store

__all__ = ["go_on", "stop", "write_wish"]


def stop(state: State, at: float, *, reason: str) -> Sequence[Event]:
    """The wish that an operation stops; nothing, if it has ended or is stopping."""
    return () if state.ended or state.stop is not None else (CancelRequested(at=at, reason=reason),)


def go_on(state: State, at: float) -> Sequence[Event]:
    """The wish that an operation in quarantine goes on; nothing, if it is in none."""
    return (OperationReleased(at=at),) if state.status == "quarantined" else ()


async def write_wish(
    store: Store, wish: Wish, *, read: Callable[[], Awaitable[State]], now: Callable[[], float], rest_seconds: float
) -> State | None:
    """Write what follows from a wish.

    Args:
        store: Where the journal is.
        wish: Makes the events, given where the operation stands and the time.
        read: Tells where the operation stands, by its journal.
        now: What time it is.
        rest_seconds: How long there must be nothing to do for nobody to drive it.

    Returns:
        Where the operation stands with it; None if there was nothing to write.

    Raises:
        AgentKitError: The wish was refused.
        StoreError: The store failed.
    """
    while True:
        state = await read()
        version, operation_id = state.version, state.operation_id
        events = [*wish(state, max(now(), state.at))]
        if not events:
            return None
        check_storable(events)
        for event in events:
            evolve(state, event)
        try:
            summary = summary_of(state, rest_seconds)
            await store.append(operation_id, events, expected=version, summary=summary)
        except JournalConflict:
            continue
        except StoreUnavailable:
            if [*await store.read(operation_id, after=version, limit=len(events))] != events:
                raise
        return state
