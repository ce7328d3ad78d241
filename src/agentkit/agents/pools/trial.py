"""One try of a task on a replica, until its work is really over.

Rules: work that does not end when it is told to is abandoned: nobody waits for it, and whatever it gives is ignored. It
still takes the replica's room until it ends, and is counted as long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from agentkit.agents.threads import Threads

from .member import Member

if TYPE_CHECKING:
    from agentkit.agents.registration import AnyTask

__all__ = ["Trial"]


class Trial:
    """One try.

    Args:
        member: The replica.
        has_ended: Is told when work ends that was abandoned.
    """

    def __init__(self, member: Member, has_ended: Callable[[], None]) -> None:
        self._member = member
        self._has_ended = has_ended
        self._is_running = False
        self._is_abandoned = False

    async def run(self, task: AnyTask) -> object:
        """Have the replica work: a coroutine here, a plain function in a thread, which is left alone when cancelled."""
        self._is_running = True
        if self._member.entry.blocking:
            return await self._in_thread(task)
        try:
            return await self._member.entry.body(task)
        finally:
            self._over()

    def leave(self) -> None:
        """Nobody waits any more; work that goes on is abandoned."""
        if self._is_running:
            self._is_abandoned = True
            self._member.abandoned += 1

    async def _in_thread(self, task: AnyTask) -> object:
        loop, threads = asyncio.get_running_loop(), Threads(1)

        def body() -> object:
            try:
                return self._member.entry.body(task)
            finally:
                # On a loop that is gone nobody counts.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._over)

        try:
            return await threads.run(body)
        finally:
            threads.close()
            if not threads.left:
                self._over()

    def _over(self) -> None:
        """It has ended; said once or twice."""
        if not self._is_running:
            return
        self._is_running = False
        if self._is_abandoned:
            self._member.abandoned -= 1
            self._has_ended()
