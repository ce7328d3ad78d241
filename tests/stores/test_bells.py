"""Whoever waits for something new sleeps until the bell rings, and looks once for each ring."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from agentkit.kernel import CancelRequested, Event
from agentkit.stores.bells import Bells, follow


async def test_nobody_looks_before_the_bell_rings() -> None:
    bells, events = Bells(), list[Event]()
    looks: list[int] = []

    async def read(stream: str, after: int) -> Sequence[Event]:
        looks.append(after)
        return events[after:]

    async with aclosing(follow(bells, "flow", 0, read)) as batches:
        for number in range(3):
            waiting = asyncio.ensure_future(anext(batches))
            for _ in range(10):
                await asyncio.sleep(0)
            bells.ring("another flow")
            events.append(CancelRequested(at=float(number)))
            bells.ring("flow")
            assert list(await waiting) == events[-1:]

    assert looks == [0, 0, 1, 1, 2, 2]
    assert not bells
