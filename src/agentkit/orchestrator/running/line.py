"""The line of operations that were accepted and found no room for an attempt.

Rules: those that have begun go first, so that what is begun is finished; but once a second some of the line are let
in all the same, lest one large operation keeps all others waiting. Whose turn it is follows fair shares: however many
operations a tenant has in line, another one's first is not behind them all, and of one tenant's operations nine of high
priority go to three of normal and one of low, so that none waits for ever. In line, an operation costs next to nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from agentkit.engines import Slots
from agentkit.kernel import Event, Priority
from agentkit.stores import Lease

__all__ = ["Line"]

_SECONDS = 1.0

# What one operation takes of its flow's share: the less, the sooner the next one's turn.
_COSTS: Final[Mapping[Priority, int]] = {"high": 1, "normal": 3, "low": 9}


@dataclass(slots=True)
class _Waiting:
    """One operation in line."""

    turn: tuple[int, int]
    flow: tuple[str | None, Priority]
    events: Sequence[Event]
    lease: Lease
    timer: asyncio.TimerHandle | None


class Line:
    """Operations in the order of their turns.

    The turns are those of start-time fair queueing: a clock stands at the turn that was last called, and each flow, a
    tenant's operations of one priority, is a chain of turns from there on.

    Args:
        slots: Where room shows.
        let_in: Drives an operation, given its journal so far and its lease.
    """

    def __init__(self, slots: Slots, let_in: Callable[[Sequence[Event], Lease], None]) -> None:
        self._slots = slots
        self._let_in = let_in
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, _Waiting] = {}
        self._turns: list[tuple[tuple[int, int], str]] = []
        self._clock = 0
        self._count = 0
        # The last turn of each flow that has somebody in line, and how many it has.
        self._flows: dict[tuple[str | None, Priority], tuple[int, int]] = {}
        self._counts: dict[Priority, int] = dict.fromkeys(_COSTS, 0)
        self._is_looking = False
        self._timer: asyncio.TimerHandle | None = None
        slots.spare = self._look_soon

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def counts(self) -> Mapping[Priority, int]:
        """How many wait, by priority."""
        return dict(self._counts)

    @property
    def oldest_at(self) -> float | None:
        """When the first of those was accepted that wait, in seconds since 1970; None if none does."""
        # They are kept in the order in which they joined.
        first = next(iter(self._waiting.values()), None)
        return None if first is None else first.events[0].at

    @property
    def has_room(self) -> bool:
        """Whether a new operation need not wait."""
        return not self._waiting and self._slots.free(None, self._look) > 0

    def position(self, operation_id: str, *, own: bool = False) -> int | None:
        """Which place it has in line, or among its tenant's, from 1, as things are; None if it does not wait here."""
        found = self._waiting.get(operation_id)
        if found is None:
            return None
        tenant = found.flow[0]
        others = (other for other in self._waiting.values() if not own or other.flow[0] == tenant)
        return sum(other.turn <= found.turn for other in others)

    def join(
        self,
        events: Sequence[Event],
        lease: Lease,
        *,
        timeout: float | None = None,
        tenant: str | None = None,
        priority: Priority = "normal",
    ) -> None:
        """Wait, at most for so long, for a turn in the share of this tenant and priority."""
        if self._timer is None:
            self._timer = self._loop.call_later(_SECONDS, self._move)
        timer = None if timeout is None else self._loop.call_later(timeout, self.leave, lease.stream)
        flow = (tenant, priority)
        last, held = self._flows.get(flow, (self._clock, 0))
        start = max(last, self._clock)
        self._flows[flow] = start + _COSTS[priority], held + 1
        self._counts[priority] += 1
        self._count += 1
        turn = (start + _COSTS[priority], self._count)
        self._waiting[lease.stream] = _Waiting(turn, flow, events, lease, timer)
        heappush(self._turns, (turn, lease.stream))
        self._look_soon()

    def leave(self, operation_id: str) -> None:
        """Let one in at once, if it waits here."""
        found = self._waiting.pop(operation_id, None)
        if found is None:
            return
        if found.timer is not None:
            found.timer.cancel()
        self._counts[found.flow[1]] -= 1
        last, held = self._flows[found.flow]
        if held == 1:
            del self._flows[found.flow]
        else:
            self._flows[found.flow] = last, held - 1
        if not self._waiting:
            # Nobody is compared with anybody any more; turns that were given back go too.
            self._turns.clear()
            self._clock = 0
        self._let_in(found.events, found.lease)

    def dissolve(self) -> list[Lease]:
        """Send all away; their leases."""
        leases = [each.lease for each in self._waiting.values()]
        for each in self._waiting.values():
            if each.timer is not None:
                each.timer.cancel()
        self._waiting.clear()
        self._turns.clear()
        self._flows.clear()
        self._counts = dict.fromkeys(_COSTS, 0)
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
        while most > 0 and self._turns:
            turn, operation_id = heappop(self._turns)
            found = self._waiting.get(operation_id)
            # Who left before its turn has left the turn behind.
            if found is not None and found.turn == turn:
                self._clock = turn[0]
                most -= 1
                self.leave(operation_id)
