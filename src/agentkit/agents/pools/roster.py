"""The replicas of a pool: who gets the next task, who is taken out, and who comes back.

Rules: a slot is taken before it is handed to whoever waited for it, so nobody can come in between; a replica that
failed too often is taken out for a while, and longer each time; it comes back by its check, or by one task that it is
given. Failures alone never take out more than the allowed share: a wrong judgement must not stop everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from operator import index
from statistics import median

from agentkit.errors import Closed, DefinitionError, NotFound, Overloaded

from .balancing import Balancing
from .ejection import Ejection
from .lines import Line
from .loads import Chance, ReplicaLoad
from .member import Member

__all__ = ["Roster"]

_LONGEST = 10
"""A replica stays out for at most so many times as long as at first."""


class Roster:
    """The replicas and the line of tasks that wait for one.

    Args:
        name: The pool's name, for errors.
        strategy: Chooses.
        chance: The dice.
        ejection: When a replica is taken out.
        max_waiting: How many tasks may wait; None is as many as come.

    Attributes:
        members: The replicas, in order.
        refused: How many tasks were refused.
        probe: Begins the check of a replica that may come back.
    """

    def __init__(
        self,
        name: str,
        *,
        strategy: Balancing,
        chance: Chance,
        ejection: Ejection,
        max_waiting: int | None,
    ) -> None:
        self._name = name
        self._strategy = strategy
        self._chance = chance
        self._ejection = ejection
        self._max_waiting = max_waiting
        self.probe: Callable[[Member], None] | None = None
        self._line: Line[Collection[Member], Member] = Line(self._hand_back)
        self._is_draining = False
        self._drains: list[tuple[asyncio.Event, Sequence[Member]]] = []
        self.members: list[Member] = []
        self.refused: int = 0

    @property
    def waiting(self) -> int:
        """How many tasks wait."""
        return len(self._line)

    def find(self, name: str) -> Member:
        """The replica of that name.

        Raises:
            NotFound: There is none.
        """
        for member in self.members:
            if member.name == name:
                return member
        known = ", ".join(member.name for member in self.members)
        raise NotFound(f"pool {self._name!r} has no replica {name!r}; it has: {known}")

    async def enter(self, tried: Collection[Member]) -> Member:
        """A replica for a task, which has been started in its counters; waits in line until there is one.

        Args:
            tried: Those that lost the task: the others are chosen if there are any.

        Raises:
            Closed: The pool is drained.
            Overloaded: Too many wait, or no replica is there.
            DefinitionError: The strategy raised, or chose none of them.
        """
        if self._is_draining:
            raise self._closed()
        self._probe_due()
        # Who waits already cannot use what is free, or it would have been handed to them.
        member = self._take(tried)
        if member is not None:
            return member
        self._refuse_if_in_vain()
        return await self._line.wait(tried)

    def leave(self, member: Member, how: str, seconds: float, problem: str = "") -> None:
        """A task is over; see `Member.end`."""
        now = _now()
        was_out = member.ejected_until is not None
        known = [] if how == "succeeded" else [one.latency for one in self.members if one.latency is not None]
        member.end(how, seconds=seconds, now=now, usual=median(known) if known else None, problem=problem)
        is_probe, member.is_probing = member.is_probing, False
        if how == "lost" and (is_probe or (not was_out and self._is_enough(member))):
            self.eject(member, problem)
        self.serve()

    def eject(self, member: Member, problem: str) -> None:
        """Take a replica out for a while."""
        seconds = self._ejection.seconds * min(_LONGEST, 2**member.times_out)
        until = _now() + seconds
        member.eject(until, problem)
        asyncio.get_running_loop().call_at(until, self._come_back, member, until)

    def serve(self) -> None:
        """Hand free replicas to those who wait, and tell those who wait for an end."""
        self._line.serve(self._take, is_over=lambda: not any(self._is_open(member) for member in self.members))
        for drained, members in tuple(self._drains):
            if not any(member.in_flight for member in members):
                drained.set()

    def drain(self, members: Sequence[Member], *, whole: bool) -> asyncio.Event:
        """Have these begin nothing new; the event comes when they work on nothing any more."""
        drained = asyncio.Event()
        self._drains.append((drained, members))
        for member in members:
            member.is_draining = True
        if whole:
            self._is_draining = True
            self._line.refuse(self._closed)
        elif all(member.is_draining for member in self.members):
            # Those who wait would wait for ever.
            self.refused += len(self._line)
            self._line.refuse(self._nobody)
        self.serve()
        return drained

    def begin_leaving(self, member: Member) -> None:
        """Promise that it leaves: who leaves after it must not be the last.

        Raises:
            DefinitionError: All others leave already, or there are none.
        """
        if all(one.is_leaving for one in self.members if one is not member):
            raise DefinitionError(
                f"pool {self._name!r}: {member.name!r} is its only replica, or all others are being removed; drain the"
                " pool instead"
            )
        member.is_leaving = True

    def leave_for_good(self, member: Member) -> None:
        """It is a replica no more, if it still was one."""
        if member in self.members:
            self.members.remove(member)

    def drained(self, event: asyncio.Event) -> None:
        """Whoever waited for this event does not any more."""
        self._drains = [one for one in self._drains if one[0] is not event]

    def resume(self, members: Sequence[Member], *, whole: bool) -> None:
        """Have these begin new work again."""
        if whole:
            self._is_draining = False
        for member in members:
            member.is_draining = False
        self.serve()

    def _take(self, tried: Collection[Member]) -> Member | None:
        """Choose among those who are free, and take the slot."""
        # Those who are only full are waited for, before the task goes back to where it was lost.
        there = [member for member in self.members if member not in tried and self._is_there(member)]
        free = [member for member in there or self.members if self._is_open(member)]
        if not free:
            return None
        now = _now()
        member = free[self._chosen([one.load(now) for one in free])]
        member.is_probing = member.ejected_until is not None
        member.start()
        return member

    def _chosen(self, loads: Sequence[ReplicaLoad]) -> int:
        """What the strategy chooses: whatever it does, it is the task's error whose replica it was to choose."""
        what = f"pool {self._name!r}: its strategy {type(self._strategy).__name__}"
        try:
            place = index(self._strategy.choose(loads, self._chance))
        except Exception as error:
            raise DefinitionError(f"{what} raised {type(error).__name__}: {error}") from error
        if not 0 <= place < len(loads):
            raise DefinitionError(f"{what} chose {place!r}, which is no place among {len(loads)} loads")
        return place

    def _is_there(self, member: Member) -> bool:
        """Whether it would get work, now or when it is less full."""
        if member.is_draining:
            return False
        if member.ejected_until is None:
            return True
        # Without a check, one task decides, once its time is over.
        return member.check is None and not member.is_probing and member.ejected_until <= _now()

    def _is_open(self, member: Member) -> bool:
        return not member.is_full and self._is_there(member)

    def _is_enough(self, member: Member) -> bool:
        if member.failures < self._ejection.after:
            return False
        out = sum(one.ejected_until is not None for one in self.members)
        return out + 1 <= self._ejection.most * len(self.members)

    def _come_back(self, member: Member, until: float) -> None:
        """The time is over that a replica was taken out for, unless something else has decided since."""
        if member.ejected_until == until:
            # A timer of asyncio's may be early by less than its clock can tell.
            member.ejected_until = min(until, _now())
            self._probe_due()
            self.serve()

    def _probe_due(self) -> None:
        """Begin the checks of those whose time is over; also of those whose timer went with the loop it was on."""
        if self.probe is None or self._is_draining:
            return
        for member in self.members:
            is_due = member.ejected_until is not None and member.ejected_until <= _now()
            if is_due and member.check is not None and not member.is_probing:
                self.probe(member)

    def _hand_back(self, member: Member) -> None:
        self.leave(member, "cancelled", 0.0)

    def _refuse_if_in_vain(self) -> None:
        there = [member for member in self.members if not member.is_draining]
        if there and (any(self._is_there(member) or member.is_probing for member in there)):
            if self._max_waiting is None or len(self._line) < self._max_waiting:
                return
            why = f"{len(self._line)} tasks wait already; ask again later, or add replicas"
        else:
            self.refused += 1
            raise self._nobody()
        self.refused += 1
        raise self._overloaded(why)

    def _nobody(self) -> Exception:
        return self._overloaded("no replica is there: all are out or drained; ask again later")

    def _overloaded(self, why: str) -> Exception:
        now = _now()
        there = [member for member in self.members if not member.is_draining]
        back = [member.ejected_until - now for member in there if member.ejected_until is not None]
        return Overloaded(f"pool {self._name!r}: {why}", retry_after=max(0.0, min(back, default=1.0)))

    def _closed(self) -> Exception:
        return Closed(f"pool {self._name!r} is drained and begins nothing new; call resume() to have it work again")


def _now() -> float:
    return asyncio.get_running_loop().time()
