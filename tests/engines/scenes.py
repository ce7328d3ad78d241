"""What tests of threads and processes wait with, since nobody can tell a loop when those are done."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], object]) -> None:
    """Look again and again until it holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
