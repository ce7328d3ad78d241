"""The feed: numbered events to many readers, from any number on.

Rules: a reader pulls; what it has not asked for is on the journal and nowhere else. So a reader that is slow, stops
or raises costs nobody anything, and the memory of a reader is one batch.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from agentkit.kernel import Event, OperationCancelled, OperationCompleted, OperationFailed, OperationQuarantined
from agentkit.stores import Journal

__all__ = ["Recorded", "follow"]

_ENDS = (OperationCompleted, OperationFailed, OperationCancelled, OperationQuarantined)


class Recorded(NamedTuple):
    """An event and its number in the journal, from 1 without a gap."""

    number: int
    event: Event


async def follow(journal: Journal, stream: str, *, after: int = 0) -> AsyncGenerator[Recorded, None]:
    """The events of a stream after the given number, then new ones as they come, until it ends or is in quarantine.

    Args:
        journal: Where they are.
        stream: Which stream.
        after: The number of the last event that the reader has seen.

    Raises:
        Closed: The store was closed before the end.
        StoreError: The store failed, or the journal is damaged.
    """
    number = after
    if after > 0:
        seen = await journal.read(stream, after=after - 1, limit=2)
        if len(seen) == 1 and isinstance(seen[0], _ENDS):
            # The reader has seen the end, and nothing has followed it.
            return
    async with aclosing(journal.watch(stream, after=after)) as batches:
        async for batch in batches:
            for event in batch:
                number += 1
                yield Recorded(number, event)
            # An end in the middle is none: somebody went on with it, and the batch was cut off there.
            if isinstance(batch[-1], _ENDS) and not await journal.read(stream, after=number, limit=1):
                return
