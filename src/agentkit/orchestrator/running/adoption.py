"""Taking over operations that nobody living drives.

Rules: an operation is taken only from the dead, unless somebody says to take it. Its change of hands is on its journal
before it is driven. What two processes have died of is a suspect: suspects are driven one at a time, so that the next
death takes no innocent one with it, and after too many deaths an operation is quarantined. What cannot be read or
driven is left alone until somebody looks; the others go on. A suspect waits for its children, so they share its turn.
What may be held here without our knowing, since a write or a release got no answer, is looked at together with what
nobody drives.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from agentkit.engines import Clock, summary_of
from agentkit.errors import AgentKitError, Closed, JournalConflict, LeaseLost, StoreError, StoreUnavailable
from agentkit.kernel import Event, OperationAdopted, OperationQuarantined, State, evolve, replay
from agentkit.orchestrator.limits import Limits
from agentkit.stores import Lease, Store

__all__ = ["Adoption", "is_settled"]

_log = logging.getLogger("agentkit")


class Adoption:
    """Finds operations that nobody living drives, and hands them over to be driven here.

    Args:
        store: Where they are.
        clock: What time it is.
        limits: How often to look, and how many deaths are too many.
        is_here: Whether an operation is driven here already.
        prepare: Told of an operation before its change of hands, or its quarantine, is written.
        drive: Drives an operation from here on; when it is over, `over` has to be told.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        limits: Limits,
        is_here: Callable[[str], bool],
        prepare: Callable[[State, Event], Awaitable[None]],
        drive: Callable[[State, Lease], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._is_here = is_here
        self._prepare = prepare
        self._drive = drive
        self._suspects: deque[tuple[Lease, State]] = deque()
        self._suspect: str | None = None
        self._left_alone: set[str] = set()
        self._doubtful: set[str] = set()
        self._is_stopped = False

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._limits.adopt_seconds)
            try:
                await self.adopt_orphans()
            except AgentKitError:
                _log.exception("looking for abandoned operations failed; it is tried again")

    async def adopt_orphans(self) -> Sequence[str]:
        """Drive everything that nobody living drives; the ids of what is driven here since.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        adopted: list[str] = []
        looked_at = set(self._left_alone)
        while not self._is_stopped:
            found = [
                *self._doubtful,
                *await self._store.orphans(now=self._clock.now(), limit=100 + len(self._left_alone)),
            ]
            new = [operation_id for operation_id in dict.fromkeys(found) if operation_id not in looked_at]
            if not new:
                break
            for operation_id in new:
                looked_at.add(operation_id)
                if await self._adopt_or_leave(operation_id):
                    adopted.append(operation_id)
        return adopted

    async def adopt(self, operation_id: str, *, take: bool = False) -> bool:
        """Drive an operation that nobody living drives, or take it; whether it is driven here, or will be.

        A suspect will be, when its turn comes: until then it is held here.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        if self._is_here(operation_id):
            return True
        # What may be ours without our knowing has to be asked for as such, since a claim refuses what its owner holds.
        doubtful = operation_id in self._doubtful
        try:
            lease = await self._store.claim(operation_id, take=take, own=doubtful)
        except StoreUnavailable:
            self.doubt(operation_id)
            raise
        self._doubtful.discard(operation_id)
        if lease is None:
            return False
        try:
            state = replay(await self._store.read(operation_id))
        except StoreUnavailable:
            await self.release(lease)
            raise
        except AgentKitError:
            # Damage stays with the one operation: it is not tried again, and the others go on.
            _log.exception("operation %s cannot be read and is left alone", operation_id)
            self.leave_alone(operation_id)
            await self.release(lease)
            return False
        if is_settled(state):
            await self.release(lease)
            return False
        if _deaths(state, lease) >= 2 and not take:
            self._suspects.append((lease, state))
            await self._next_suspect()
            # Even if its turn has come to quarantine: whoever asked for it has to hear of that.
            return True
        return await self._take_over(state, lease)

    async def over(self, operation_id: str) -> None:
        """An operation is no longer driven here; if it was a suspect, the next one has its turn."""
        if self._suspect == operation_id:
            self._suspect = None
            try:
                await self._next_suspect()
            except AgentKitError:
                _log.exception("the next suspect cannot be taken over now; it is looked at again")

    async def release(self, lease: Lease) -> None:
        """Give a lease back; where that fails, the operation is looked at again with those that nobody drives."""
        try:
            await self._store.release(lease)
        except (StoreError, Closed):
            self.doubt(lease.stream)

    def doubt(self, operation_id: str) -> None:
        """An operation may be held here without our knowing: look at it when looking for what nobody drives."""
        self._doubtful.add(operation_id)

    def leave_alone(self, operation_id: str) -> None:
        """Never take up an operation by itself again: what failed here would fail again."""
        self._left_alone.add(operation_id)

    def stop(self) -> None:
        """Take up nothing more."""
        self._is_stopped = True

    async def dissolve(self) -> None:
        """Give back what waits for its turn."""
        while self._suspects:
            lease, _ = self._suspects.popleft()
            await self.release(lease)

    async def _adopt_or_leave(self, operation_id: str) -> bool:
        """Adopt it; trouble with one operation is no trouble for the others."""
        try:
            return not self._is_stopped and await self.adopt(operation_id)
        except StoreUnavailable:
            raise
        except AgentKitError:
            _log.exception("operation %s cannot be taken over and is left alone", operation_id)
            self.leave_alone(operation_id)
            return False

    async def _next_suspect(self) -> None:
        """Drive the next operation that may have killed a process, if none is driven now."""
        # Again and again: what is parked or was taken by others makes room for the one behind it.
        while (found := self._whose_turn()) is not None:
            lease, state = found
            # Its turn begins here, lest another has one while the store is asked.
            leads = self._suspect is None
            if leads:
                self._suspect = lease.stream
            is_driven = False
            try:
                is_driven = await self._take_over(state, lease)
            finally:
                if leads and not is_driven:
                    self._suspect = None

    def _whose_turn(self) -> tuple[Lease, State] | None:
        """The next suspect that may be driven now: the first one, or what descends from the one that is driven."""
        if self._is_stopped:
            return None
        for place, suspect in enumerate(self._suspects):
            if self._suspect is None or suspect[0].stream.startswith(f"{self._suspect}~"):
                del self._suspects[place]
                return suspect
        return None

    async def _take_over(self, state: State, lease: Lease) -> bool:
        """Write the change of hands and drive, or park what has killed too many processes."""
        event: Event
        at = max(self._clock.now(), state.at)
        deaths = _deaths(state, lease)
        if deaths > state.deaths and deaths >= self._limits.max_deaths:
            event = OperationQuarantined(at=at, deaths=deaths)
        else:
            event = OperationAdopted(at=at, owner=self._store.owner, after_death=lease.orphaned)
        version = state.version
        evolve(state, event)
        try:
            await self._prepare(state, event)
            await self._store.append(
                state.operation_id,
                [event],
                expected=version,
                lease=lease,
                summary=summary_of(state, self._limits.rest_seconds),
            )
        except (JournalConflict, LeaseLost):
            await self.release(lease)
            return False
        except StoreUnavailable:
            await self.release(lease)
            raise
        if isinstance(event, OperationQuarantined):
            _log.error("operation %s is quarantined: %d processes died while they ran it", lease.stream, event.deaths)
            await self.release(lease)
            return False
        self._drive(state, lease)
        return True


def _deaths(state: State, lease: Lease) -> int:
    """How many processes have died of an operation, with the one that held it last."""
    return state.deaths + (lease.orphaned and not state.only_awaits_children)


def is_settled(state: State) -> bool:
    """Whether nobody is to drive an operation: it has ended, or is in quarantine."""
    return state.ended or state.status == "quarantined"
