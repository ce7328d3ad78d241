"""What is open while an orchestrator is open: the drivers of its operations, and what is told to those who wait.

Rules: an operation is driven here only while this owner holds its lease. A new operation that finds no room for an
attempt waits in line, where it costs next to nothing. Whoever waits for an operation waits for its journal: it does not
matter who drives it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from agentkit.agents import AgentRegistry
from agentkit.engines import (
    Abandoned,
    Budgets,
    Clock,
    Driver,
    Drivers,
    Live,
    LocalExecutor,
    Slots,
    summary_of,
)
from agentkit.errors import Closed, LeaseLost, NotFound, StoreUnavailable
from agentkit.kernel import Event, State, Wish, replay
from agentkit.orchestrator.limits import Limits
from agentkit.stores import Lease, Store

from .adoption import Adoption
from .hearing import keep_hearing, until_settled
from .line import Line
from .load import Load, load_of
from .recorder import JournalRecorder
from .resting import Resting, is_doable
from .subflows import Subflows
from .wishing import go_on, stop, write_wish

__all__ = ["Runtime"]

_log = logging.getLogger("agentkit")


class _Driven:
    """An operation that is driven here."""

    __slots__ = ("driver", "error", "is_over", "task")

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.is_over = False
        self.task: asyncio.Task[None] | None = None
        self.error: Exception | None = None


class Runtime:
    """Drives operations on the loop it was opened on."""

    def __init__(
        self, *, store: Store, agents: AgentRegistry, limits: Limits, clock: Clock, slots: Slots, budgets: Budgets
    ) -> None:
        self.store = store
        self.agents = agents
        self._budgets = budgets
        self.live: Live = Live(clock)
        self._limits = limits
        self._clock = clock
        self._executor = LocalExecutor(
            agents,
            self.live,
            recorder=JournalRecorder(store, self._driver_of),
            budgets=budgets,
            max_result=limits.max_result,
            threads=limits.threads,
            processes=limits.processes,
            unavailable_seconds=limits.unavailable_seconds,
        )
        self._subflows = Subflows(self, budgets)
        self.adoption: Adoption = Adoption(
            store=store,
            clock=clock,
            limits=limits,
            is_here=self._is_here,
            prepare=self._subflows.prepare,
            drive=self._take_up,
        )
        self._abandoned = Abandoned()
        self._shared = Drivers(
            store=store,
            executor=self._executor,
            children=self._subflows,
            clock=clock,
            slots=slots,
            abandoned=self._abandoned,
            budgets=budgets,
            grace_seconds=limits.grace_seconds,
            cancel_seconds=limits.cancel_seconds,
            patience_seconds=limits.patience_seconds,
            rest_seconds=limits.rest_seconds,
            stop_child=self._subflows.stop,
            tell_parent=self._subflows.tell_parent,
        )
        self._loop = asyncio.get_running_loop()
        self._driven: dict[str, _Driven] = {}
        self.line: Line = Line(slots, self._let_in)
        self._waiters: dict[str, list[asyncio.Future[_Driven]]] = {}
        self._background: list[asyncio.Task[None]] = []
        self.resting: Resting = Resting(
            store=store,
            clock=clock,
            adoption=self.adoption,
            is_here=self._is_here,
            again_seconds=limits.adopt_seconds,
        )
        self._adopts = False
        self._is_closing = False
        self._idle: asyncio.Future[None] | None = None

    @property
    def active(self) -> int:
        """How many operations are driven here or wait in line to be."""
        return len(self._driven) + len(self.line)

    @property
    def load(self) -> Load:
        """How much there is to do here, and what of the limits is taken."""
        return load_of(self._shared.slots, self.line, driven=len(self._driven))

    def resize(self, resource: str | None, count: int) -> None:
        """Let so many attempts run at once, of a resource or in all."""
        self._shared.slots.resize(resource, count)

    @property
    def max_result(self) -> int:
        """Characters of JSON that an operation's input, or a signal's value, may have."""
        return self._limits.max_result

    @property
    def abandoned(self) -> int:
        """How many attempts are over whose tasks or threads still run."""
        return len(self._abandoned) + self._executor.abandoned

    async def open(self, *, adopt: bool) -> None:
        """Open the store; if so wished, take over what nobody drives, and keep looking.

        Raises:
            StoreError: The store cannot be opened, or does not answer.
        """
        self._adopts = adopt
        await self.store.open()
        self._background.append(self._loop.create_task(keep_hearing(self.store, self._hear, self._catch_up)))
        if adopt:
            try:
                await self.adoption.adopt_orphans()
            except BaseException:
                await self.close(0)
                raise
            self._background.append(self._loop.create_task(self.adoption.keep_looking()))

    async def close(self, drain_seconds: float) -> None:
        """Let what runs go on for a while, release the rest, and close the store."""
        self._is_closing = True
        self.adoption.stop()
        try:
            await self._cancel(self._background)
            await self.resting.stop()
            if self.active and drain_seconds > 0:
                self._idle = self._loop.create_future()
                await asyncio.wait([self._idle], timeout=drain_seconds)
        finally:
            # Whoever interrupts the waiting does not interrupt this.
            await asyncio.shield(self._loop.create_task(self._shut()))

    async def _shut(self) -> None:
        """Release everything, stop what runs, and close the store."""
        for lease in self.line.dissolve():
            await self.adoption.release(lease)
        remaining = tuple(self._driven.values())
        await self._cancel([driven.task for driven in remaining if driven.task is not None])
        await self.adoption.dissolve()
        stopping = [task for driven in remaining for task in driven.driver.tasks]
        if stopping:
            await asyncio.wait(stopping, timeout=self._limits.cancel_seconds)
        await self._executor.close()
        await self._subflows.close()
        await self.store.close()
        for operation_id in tuple(self._waiters):
            self._tell_closed(operation_id)

    def _tell_closed(self, operation_id: str) -> None:
        for waiter in self._waiters.pop(operation_id, ()):
            if not waiter.done():
                waiter.set_exception(
                    Closed(
                        f"the orchestrator was closed; operation {operation_id} goes on where its store is opened next"
                    )
                )

    def launch(self, driver: Driver) -> None:
        """Drive an operation from here on."""
        operation_id = driver.lease.stream
        driven = self._driven[operation_id] = _Driven(driver)
        self.resting.taken_up(operation_id)
        self.live.begin(operation_id)
        driven.task = self._loop.create_task(self._drive(driven))

    async def begin(self, events: Sequence[Event]) -> Sequence[Event]:
        """Put a new operation on the journal and drive it; all that was written with it.

        Raises:
            DefinitionError: Its budget is of another currency than that of its tenant.
            JournalConflict: There is an operation of that id.
            Closed: The orchestrator is closing.
            StoreError: The store failed.
        """
        if self._is_closing:
            raise Closed("the orchestrator is closing: it takes no new operations")
        state = replay(events)
        self._budgets.check(state)
        lease = self.store.fresh(state.operation_id)
        try:
            if self.line.has_room:
                driver = Driver(self._shared, state, lease)
                begun = await driver.begin(events)
                self.launch(driver)
                return begun
            await self.store.append(
                state.operation_id,
                events,
                expected=0,
                lease=lease,
                summary=summary_of(state, self._limits.rest_seconds),
            )
            self.line.join(
                events,
                lease,
                timeout=state.workflow.timeout,
                tenant=state.tenant,
                priority=state.priority,
            )
        except (StoreUnavailable, asyncio.CancelledError):
            # It may be on the journal all the same, and then somebody has to drive it.
            self.adoption.doubt(state.operation_id)
            raise
        return events

    def now(self) -> float:
        """What time it is, in seconds since 1970."""
        return self._clock.now()

    async def journal(self, operation_id: str, *, limit: int | None = None) -> Sequence[Event]:
        """All that happened to an operation, or only so many events from its beginning.

        Raises:
            NotFound: There is none of that id.
        """
        journal = await self.store.read(operation_id, limit=limit)
        if not journal:
            raise NotFound(f"there is no operation {operation_id!r} in this store")
        return journal

    async def state(self, operation_id: str) -> State:
        """Where an operation stands, by its journal.

        Raises:
            NotFound: There is none of that id.
        """
        return replay(await self.journal(operation_id))

    async def settled(self, operation_id: str, *, or_resting: bool = False) -> State:
        """Where an operation stands once it has ended, is in quarantine or, if so asked, rests, wherever it is driven.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or the journal is damaged.
        """
        if self._is_here(operation_id):
            driven = await self._driven_to_the_end(operation_id)
            if driven.is_over:
                return driven.driver.state
            if driven.error is not None and not isinstance(driven.error, LeaseLost):
                raise driven.error
        return await until_settled(self.store, await self.state(operation_id), or_resting=or_resting)

    async def cancel(self, operation_id: str, reason: str) -> None:
        """Put a cancel on the journal; an operation that has ended stays as it is.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed.
        """
        await self.wish(operation_id, partial(stop, reason=reason))

    async def release(self, operation_id: str) -> None:
        """Let a quarantined operation go on.

        Raises:
            StoreError: The store failed.
        """
        await self.wish(operation_id, go_on, drive=True)

    async def wish(self, operation_id: str, wish: Wish, *, drive: bool = False) -> None:
        """Put what somebody wants of an operation on its journal, wherever it is driven.

        If nobody drives the operation it is driven on here; without `drive` only if the agents here suffice for that.

        Raises:
            NotFound: There is none of that id.
            AgentKitError: The wish was refused.
            StoreError: The store failed.
        """
        # What somebody says takes no room.
        self.line.leave(operation_id)
        driven = self._driven.get(operation_id)
        if driven is not None and await driven.driver.ask(wish):
            return
        await self.resting.gone(operation_id)
        read, rest = partial(self.state, operation_id), self._limits.rest_seconds
        state = await write_wish(self.store, wish, read=read, now=self.now, rest_seconds=rest)
        if state is not None and (drive or is_doable(state, self.agents, max(self.now(), state.at))):
            await self.adoption.adopt(operation_id)

    async def _drive(self, driven: _Driven) -> None:
        driver = driven.driver
        operation_id = driver.lease.stream
        try:
            await driver.run()
            driven.is_over = driver.is_settled
        except (LeaseLost, StoreUnavailable, Closed) as error:
            driven.error = error
            if not isinstance(error, LeaseLost):
                _log.exception("operation %s is no longer driven here", operation_id)
        except Exception as error:  # noqa: BLE001 - the border of a driver: whatever it is, those who wait must hear it
            # Driven again it would fail again, so it is left alone until somebody looks.
            driven.error = error
            self.adoption.leave_alone(operation_id)
            _log.exception("operation %s cannot be driven and is left alone", operation_id)
        finally:
            del self._driven[operation_id]
            self.live.drop(operation_id)
            if self._is_closing and not driven.is_over:
                self._tell_closed(operation_id)
            for waiter in self._waiters.pop(operation_id, ()):
                if not waiter.done():
                    waiter.set_result(driven)
            if self._idle is not None and not self.active and not self._idle.done():
                self._idle.set_result(None)
            if not (driven.is_over and driver.state.ended) and not isinstance(driven.error, LeaseLost):
                remember = not (driver.is_settled or driven.error or self._adopts or self._is_closing)
                await self.resting.let_go(driver.lease, wake_at=driver.state.wake_at, remember=remember)
        await self.adoption.over(operation_id)

    async def _driven_to_the_end(self, operation_id: str) -> _Driven:
        waiter: asyncio.Future[_Driven] = self._loop.create_future()
        waiters = self._waiters.setdefault(operation_id, [])
        waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            waiters.remove(waiter)
            raise

    def _driver_of(self, operation_id: str) -> Driver | None:
        driven = self._driven.get(operation_id)
        return None if driven is None else driven.driver

    def _is_here(self, operation_id: str) -> bool:
        """Whether it is driven here, or waits in line to be."""
        return operation_id in self._driven or operation_id in self.line

    def _let_in(self, events: Sequence[Event], lease: Lease) -> None:
        """Drive an operation that has waited in line."""
        self._take_up(replay(events), lease)

    def _take_up(self, state: State, lease: Lease) -> None:
        """Drive an operation that is on the journal."""
        self.launch(Driver(self._shared, state, lease))

    def _hear(self, names: Sequence[str]) -> None:
        """Others wrote to the journals of these operations."""
        for name in names:
            # What somebody wants of it may be to stop, and that takes no room.
            self.line.leave(name)
            if name in self._driven:
                self._driven[name].driver.refresh()
            else:
                self.resting.heard_of(name)

    def _catch_up(self) -> None:
        """Others may have written to any journal; what waits in line reads its own when its turn comes."""
        self._hear((*self._driven, *self.resting))

    @staticmethod
    async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
