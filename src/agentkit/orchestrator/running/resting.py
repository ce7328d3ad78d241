"""Operations that were driven here and rest: nothing is due for them, so nobody drives them.

Rules: a resting operation is a row in the store, with neither a task nor a lease. Where somebody looks for what nobody
drives, they find it when it is due or when somebody has said something. Where nobody looks (`adopt=False`), what rested
here is remembered here, and is driven on here; what cannot be woken up when it is due is tried again a little later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from functools import partial

from agentkit.engines import Clock, instruction_values
from agentkit.errors import AgentKitError
from agentkit.kernel import STAGE_ENDS, Stage, State, evolve, open_stage, plan
from agentkit.stores import Lease, Store

from .adoption import Adoption

__all__ = ["Resting", "is_doable"]

_log = logging.getLogger("agentkit")


class Resting:
    """Lets go of operations, and takes them up again.

    Args:
        store: Where they are.
        clock: What time it is.
        adoption: Takes them up.
        is_here: Whether an operation is driven here.
        again_seconds: After how long to try again when one cannot be woken up.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        adoption: Adoption,
        is_here: Callable[[str], bool],
        again_seconds: float,
    ) -> None:
        self._again_seconds = again_seconds
        self._store = store
        self._clock = clock
        self._adoption = adoption
        self._is_here = is_here
        self._loop = asyncio.get_running_loop()
        self._leaving: dict[str, asyncio.Future[None]] = {}
        self._remembered: dict[str, asyncio.TimerHandle | None] = {}
        self._waking: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._remembered)

    def __iter__(self) -> Iterator[str]:
        """What rested here and is remembered."""
        return iter(tuple(self._remembered))

    async def let_go(self, lease: Lease, *, wake_at: float | None = None, remember: bool = False) -> None:
        """Give an operation's lease back.

        Args:
            lease: The right to drive it.
            wake_at: When something is due for it.
            remember: Whether to take it up again here, when something is due or somebody has said something.
        """
        name = lease.stream
        gone = self._leaving[name] = self._loop.create_future()
        if remember:
            # Before the lease is gone, so that nothing that others write meanwhile is missed.
            self._remember(name, wake_at)
        try:
            await self._adoption.release(lease)
        finally:
            del self._leaving[name]
            gone.set_result(None)
        if name in self._remembered:
            # Somebody may have written before anybody here listened.
            self._wake(name)

    async def gone(self, operation_id: str) -> None:
        """Wait until the lease of an operation that is being let go of is given back."""
        if operation_id in self._leaving:
            await asyncio.shield(self._leaving[operation_id])

    def taken_up(self, operation_id: str) -> None:
        """An operation is driven here again."""
        timer = self._remembered.pop(operation_id, None)
        if timer is not None:
            timer.cancel()

    def heard_of(self, operation_id: str) -> None:
        """Somebody else wrote to an operation's journal."""
        if operation_id in self._remembered:
            self._wake(operation_id)

    async def stop(self) -> None:
        """Take up nothing any more."""
        for name in tuple(self._remembered):
            self.taken_up(name)
        tasks = tuple(self._waking.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _remember(self, name: str, wake_at: float | None) -> None:
        self.taken_up(name)
        delay = None if wake_at is None else max(0.0, wake_at - self._clock.now())
        self._remembered[name] = None if delay is None else self._loop.call_later(delay, self._wake, name)

    def _wake(self, name: str) -> None:
        """Look whether there is something to do for it."""
        task = self._waking[name] = self._loop.create_task(self._wake_up(name))
        task.add_done_callback(partial(self._looked, name))

    def _looked(self, name: str, task: asyncio.Task[None]) -> None:
        if self._waking.get(name) is task:
            del self._waking[name]

    async def _wake_up(self, name: str) -> None:
        """Drive an operation again if there is something to do for it and nobody does."""
        try:
            await self.gone(name)
            line = await self._store.get(name)
            if line is None or line.ended:
                self.taken_up(name)
                return
            is_due = line.wake_at is not None and line.wake_at <= self._clock.now()
            if self._is_here(name):
                return
            if is_due or not line.parked:
                await self._adoption.adopt(name)
            elif name in self._remembered:
                # A timer may be early, and who drove it meanwhile may have found another time.
                self._remember(name, line.wake_at)
        except AgentKitError:
            _log.exception("operation %s cannot be woken up now; it is tried again", name)
            if name in self._remembered:
                self._remember(name, self._clock.now() + self._again_seconds)


def is_doable(state: State, agents: Collection[str], at: float) -> bool:
    """Whether these agents are enough for what is left to do of an operation.

    What follows without any agent, such as the end after a refusal, is tried out on the state, which is of no more use
    afterwards.
    """
    if all(agent in agents for agent in _needed(state)):
        return True
    values = instruction_values(state.input)
    while opening := tuple(plan(state, at).opening):
        for number in opening:
            evolve(state, open_stage(state, number, at, values))
    return all(agent in agents for agent in _needed(state))


def _needed(state: State) -> Iterator[str]:
    """The agents of what has not ended; of what is being stopped, those who undo."""
    if state.stop is not None:
        for number in state.undoable:
            yield state.spec(number).undo or ""
        for step in state.steps:
            if step.kind == "undo":
                yield step.stage.agent
        return
    for stage in state.workflow.stages:
        if state.stage(stage.name).status not in STAGE_ENDS:
            yield from _agents_of(stage)


def _agents_of(stage: Stage) -> Iterator[str]:
    yield from stage.agents
    if stage.workflow is not None:
        for inner in stage.workflow.stages:
            yield from _agents_of(inner)
