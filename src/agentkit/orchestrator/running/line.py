"""The line of operations that were accepted and found no room for an attempt.

Rules: those that have begun go first, so that what is begun is finished; but once a second some of the line are let
in all the same, lest one large operation keeps all others waiting. In line, an operation costs next to nothing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeAlias

from agentkit.engines import Slots
from agentkit.kernel import Event
from agentkit.stores import Lease

__all__ = ["Line"]

_SECONDS = 1.0

_Waiting: TypeAlias = tuple[Sequence[Event], Lease, asyncio.TimerHandle | None]


class Line:
    """Operations in the order in which they were accepted.

    Args:
        slots: Where room shows.
        let_in: Drives an operation, given its journal so far and its lease.
    """

    def __init__(self, slots: Slots, let_in: Callable[[Sequence[Event], Lease], None]) -> None:
        self._slots = slots
        self._let_in = let_in
        self._loop = asyncio.get_running_loop()
        # Ordered by links: a plain dict would be searched from its start, past all that have left.
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._is_looking = False
        self._timer: asyncio.TimerHandle | None = None
        slots.spare = self._look_soon

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether a new operation need not wait."""
        return not self._waiting and self._slots.free(None, self._look) > 0

    def join(self, events: Sequence[Event], lease: Lease, timeout: float | None = None) -> None:
        """Wait, as the last one, and at most for so long."""
        if self._timer is None:
            self._timer = self._loop.call_later(_SECONDS, self._move)
        timer = None if timeout is None else self._loop.call_later(timeout, self.leave, lease.stream)
        self._waiting[lease.stream] = events, lease, timer
        self._look_soon()

    def leave(self, operation_id: str) -> None:
        """Let one in at once, if it waits here."""
        if operation_id in self._waiting:
            events, lease, timer = self._waiting.pop(operation_id)
            if timer is not None:
                timer.cancel()
            self._let_in(events, lease)

    def dissolve(self) -> list[Lease]:
        """Send all away; their leases."""
        leases = [lease for _, lease, _ in self._waiting.values()]
        for _, _, timer in self._waiting.values():
            if timer is not None:
                timer.cancel()
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._slots.spare = None
        return leases

    def _look_soon(self) -> None:
        """Look when those that have begun have taken what they want."""
        if self._waiting and not self._is_looking:
            self._is_looking = True
            self._loop.call_soon(self._look)

    def _look(self) -> None:
        """Let in as many as there is room for an attempt of each."""
        self._is_looking = False
        self._let_in_some(self._slots.free(None, self._look))

    def _move(self) -> None:
        """Let in some although nothing is spare: from now on they compete with the others."""
        self._let_in_some(max(1, self._slots.total // 4))
        self._timer = self._loop.call_later(_SECONDS, self._move) if self._waiting else None

    def _let_in_some(self, most: int) -> None:
        for operation_id in tuple(islice(self._waiting, most)):
            self.leave(operation_id)
