"""Word of an operation on its way, for those who cannot ask: that stages of it have ended.

Rules: best effort. What happens within a few seconds is one message, one that is not taken is not sent again, and none
is begun after the end. Where nothing happens nothing is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeAlias

from agentkit.errors import NotFound, StoreError
from agentkit.orchestrator import Orchestrator

from .reading import Reader
from .translate import ended_stages, progress_message

__all__ = ["Send", "tell_progress"]

Send: TypeAlias = Callable[[str, bytes], Awaitable[None]]
"""Sends a message: what tells it from others, and what it says."""


async def tell_progress(orchestrator: Orchestrator, operation_id: str, send: Send, *, seconds: float) -> None:
    """Tell of an operation on its way until its end, or until this is cancelled.

    Args:
        orchestrator: Where it is.
        operation_id: Which operation.
        send: Sends a message.
        seconds: How long it is at least from one time to the next.
    """
    changed = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(_listen(orchestrator, operation_id, changed))
        await _tell(Reader(orchestrator, kept=1), operation_id, changed, send, seconds)
        listening.cancel()


async def _listen(orchestrator: Orchestrator, operation_id: str, changed: asyncio.Event) -> None:
    with suppress(StoreError, NotFound):
        async with aclosing((await orchestrator.get(operation_id)).events()) as events:
            async for _ in events:
                changed.set()


async def _tell(reader: Reader, operation_id: str, changed: asyncio.Event, send: Send, seconds: float) -> None:
    known: dict[str, str] = {}
    with suppress(StoreError, NotFound):
        while True:
            await changed.wait()
            changed.clear()
            page = await reader.page(operation_id)
            if page.ended:
                return
            ended = ended_stages(page)
            fresh = {name: status for name, status in ended.items() if name not in known}
            if fresh:
                known |= fresh
                body = progress_message(page, fresh).model_dump_json().encode()
                await send(f"{operation_id} {page.events}", body)
                await asyncio.sleep(seconds)
