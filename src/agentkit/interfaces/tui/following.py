"""Following one operation: its pictures and its events, through lost connections, until its end.

Rules: whoever follows owns nothing: the number of the last event is all that is kept, and the stream goes on behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

from agentkit.errors import AgentKitError
from agentkit.screens import Board
from agentkit.wire import EventLine, OperationPage

from .link import Link, is_passing

__all__ = ["follow_events", "follow_pages", "read_board"]

_PAUSE: Final = 0.5
_SECONDS: Final = 1.0
"""The shortest time between two pictures: who looks must not slow down what runs on the same loop."""
_STAGES: Final = 400
"""So many stages are drawn as often; of more, pictures are taken less often."""
_AT_ONCE: Final = 200
_PER_READ: Final = 1_000


async def follow_pages(link: Link, operation_id: str, show: Callable[[OperationPage], None]) -> None:
    """Show how an operation stands, again and again until its end.

    Raises:
        AgentKitError: It cannot be followed, for a reason that no other try helps.
    """
    page = await link.look(lambda: link.client.operation(operation_id))
    show(page)
    seconds = _SECONDS * max(1.0, len(page.stages) / _STAGES)
    while not page.ended and page.status != "quarantined":
        try:
            async with link.while_awake(), aclosing(link.client.progress(operation_id, seconds=seconds)) as pages:
                async for page in pages:
                    link.heard()
                    show(page)
                return
        except TimeoutError:
            # The terminal rests: the next look waits until it goes on.
            pass
        except AgentKitError as error:
            link.failed(error)
            if not is_passing(error):
                raise
        await asyncio.sleep(_PAUSE)
        page = await link.look(lambda: link.client.operation(operation_id))
        show(page)


async def follow_events(link: Link, operation_id: str, after: int, show: Callable[[EventLine], None]) -> None:
    """Show the events of an operation after this number, each once and in order, until its end.

    Raises:
        AgentKitError: It cannot be followed, for a reason that no other try helps.
    """
    last = after
    while True:
        try:
            async with link.while_awake(), aclosing(link.client.events(operation_id, after=last)) as lines:
                async for line in lines:
                    last = line.number
                    show(line)
                    if last % _AT_ONCE == 0:
                        # A long history is there at once: keys are not to wait for it.
                        await asyncio.sleep(0)
            return
        except TimeoutError:
            # The terminal rests: the stream is taken up again when it goes on.
            pass
        except AgentKitError as error:
            link.failed(error)
            if not is_passing(error):
                raise
        await asyncio.sleep(_PAUSE)
        # The stream may have nothing to say for days: that somebody answers again is found out by asking.
        await link.look(lambda: link.client.operation(operation_id))


async def read_board(link: Link, operation_id: str) -> Board:
    """An operation as it stands, with all its events.

    Raises:
        AgentKitError: It cannot be read.
    """
    page, board = await link.ask(link.client.operation(operation_id)), Board(keep=1)
    board.take(page, seen_at=datetime.now(UTC))
    while board.after < page.events:
        lines = await link.ask(link.client.history(operation_id, after=board.after, limit=_PER_READ))
        if not lines:
            break
        board.hear(lines)
    return board
