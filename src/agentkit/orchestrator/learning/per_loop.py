"""A learner on several event loops, such as those of `run_sync`, of which each call has a new one.

Rules: what waits for a stream, and a store that is open, belong to one loop. So each loop has a stream of its own and,
where the learner is given an address, a store of its own, which is closed when the loop ends. What one loop writes the
others read, as other processes would.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from agentkit.stores import MemoryStore, Store, open_store

from .stream import LearningStream

__all__ = ["StreamPerLoop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What one loop has.

    Attributes:
        store: Where the stream is.
        stream: The stream.
        end: Ended by the loop, as the last thing that it does.
    """

    store: Store
    stream: LearningStream
    end: AsyncGenerator[None, None]


class StreamPerLoop:
    """The stream of a learner, on whichever loop it is asked for.

    Args:
        store: An address, or a store, which whoever made it opens for each loop and closes.
        make: Makes a stream in a store.

    Raises:
        DefinitionError: It is no address of a store.
    """

    def __init__(self, store: Store | str, make: Callable[[Store], LearningStream]) -> None:
        self._address = store if isinstance(store, str) else None
        self._origin = open_store(store) if isinstance(store, str) else store
        self._make = make
        self._places: dict[asyncio.AbstractEventLoop, _Place] = {}

    async def here(self) -> LearningStream:
        """The stream on this loop; its store is opened when it is first used."""
        return (await self._place()).stream

    async def open(self) -> LearningStream:
        """The same, and its store is open, also if it was closed on this loop.

        Raises:
            StoreError: The store cannot be opened.
        """
        place = await self._place()
        await place.store.open()
        return place.stream

    async def close(self) -> None:
        """Close the store of this loop, if it was made here; those of other loops are closed when these end."""
        place = self._places.get(asyncio.get_running_loop())
        if place is not None and self._address is not None:
            await place.store.close()

    async def _place(self) -> _Place:
        loop = asyncio.get_running_loop()
        place = self._places.get(loop)
        if place is None:
            for other in [one for one in self._places if one.is_closed()]:
                # It was closed without ending its generators first.
                left = self._places.pop(other)
                if self._address is not None:
                    await left.store.close()
            store = self._store()
            end = self._until_the_end(loop, store)
            await anext(end)
            place = self._places[loop] = _Place(store=store, stream=self._make(store), end=end)
        return place

    def _store(self) -> Store:
        if self._address is None:
            return self._origin
        if isinstance(self._origin, MemoryStore):
            return self._origin.sibling()
        return open_store(self._address)

    async def _until_the_end(self, loop: asyncio.AbstractEventLoop, store: Store) -> AsyncGenerator[None, None]:
        """Waits at its `yield`: a loop that ends goes on with every generator that does."""
        try:
            yield
        finally:
            self._places.pop(loop, None)
            if self._address is not None:
                await store.close()
