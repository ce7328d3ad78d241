"""The little world of a simulation: one process after the other on the same storage, and people around them.

Rules: everything that is written is heard at once, so nobody has to look again and again: what nobody drives is looked
for when something was written, and when something is due. A process that was killed is buried before the next one
starts.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, Never, cast

from typing_extensions import TypeVar

from agentkit.agents import Agent
from agentkit.errors import AgentKitError, Closed, StoreError, StoreUnavailable, UsageError
from agentkit.kernel import Event, OperationStatus, Workflow
from agentkit.orchestrator import Limits, Operation, Result
from agentkit.stores import MemoryStore, Store, Summary

from .clock import VirtualClock
from .crowd import Crowd
from .faults import Call, Fault
from .outside import Happening, watched
from .people import Line
from .process import Process
from .simulated import Simulated

__all__ = ["Setting", "World"]

Output = TypeVar("Output", default=object)

_KEY = "simulation"
_RESTART_SECONDS = 1.0
_LOOK_SECONDS = 0.25
# A process that is killed on purpose is no reason to leave an operation alone; and plain functions, each in a thread,
# would end in an order that no seed decides.
_LIMITS = Limits(max_deaths=1_000, threads=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a world is given; see `SimulationSettings`."""

    seed: int
    input: object
    people: Sequence[Line]
    faults: Sequence[Fault]
    by: str | None
    limits: Limits | None
    resources: Mapping[str, int] | None
    store: Callable[[], Store] | None
    die: Callable[[Store], None] | None
    longest: float


class World(Generic[Output]):
    """Runs one operation until it has ended, or nothing will ever happen again.

    Args:
        workflow: What it does.
        agents: Who can work.
        setting: Everything else.
    """

    def __init__(self, workflow: Workflow[Output], agents: Sequence[Agent[Never, object]], setting: Setting) -> None:
        self.faults: Sequence[Fault] = setting.faults
        self.counts: Counter[Call | None] = Counter()
        self.calls: Counter[str] = Counter()
        self.happened: list[Happening] = []
        self._workflow = workflow
        self._setting = setting
        self._agents = [watched(agent, lambda: self._process) for agent in agents]
        self._make = setting.store or MemoryStore().sibling
        self._kill: Callable[[Store], None] = setting.die or _abandon
        self._journals: dict[str, list[Event]] = {}
        self._summaries: dict[str, Summary] = {}
        self._crowd = Crowd(setting.people, self._speak)
        self._operation_id = ""
        self._deaths = 0
        self._is_open = False
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._process = self._new_process()

    async def run(self) -> Simulated[Output]:
        """Run it, and tell what happened."""
        with _silence():
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._setting.longest):
                        await self._go_on()
                return await self._tell()
            finally:
                await self._crowd.leave()
                if self._timer is not None:
                    self._timer.cancel()
                for task in tuple(self._tasks):
                    task.cancel()
                await self._process.bury()

    # Told by processes.

    def kill(self, store: Store) -> None:
        """Have an owner die."""
        self._deaths += 1
        self._is_open = False
        self._kill(store)
        self._changed.set()

    def heard(self, stream: str, events: Sequence[Event], summary: Summary | None) -> None:
        """Something was written."""
        journal = self._journals.setdefault(stream, [])
        journal.extend(events)
        if summary is not None:
            self._summaries[stream] = summary
        self._crowd.hear(stream, journal, events)
        self._changed.set()

    def let_go(self) -> None:
        """Something may have been given back, so that nobody drives it."""
        self._look_after(_LOOK_SECONDS)

    # The life of the processes.

    def _new_process(self) -> Process:
        limits = self._setting.limits or _LIMITS
        return Process(self, self._make(), self._agents, limits=limits, resources=self._setting.resources)

    async def _go_on(self) -> None:
        while not self._is_over():
            if self._process.is_dead:
                await self._process.bury()
                await asyncio.sleep(_RESTART_SECONDS)
                self._process = self._new_process()
            if not self._is_open:
                await self._start()
            self._changed.clear()
            if not self._is_over() and not self._process.is_dead:
                await self._changed.wait()

    async def _start(self) -> None:
        """Open the process, and ask for the operation; the same key leads to the same one."""
        process = self._process
        while not process.is_dead:
            try:
                operation = await process.until_death(self._ask(process))
                if operation is not None:
                    self._operation_id = operation.id
                    # It may have died just after that.
                    self._is_open = not process.is_dead
                    self._look_after(_LOOK_SECONDS)
                return
            except StoreUnavailable:
                await asyncio.sleep(_RESTART_SECONDS)

    async def _ask(self, process: Process) -> Operation[Output]:
        await process.orchestrator.open()
        return await process.orchestrator.submit(self._workflow, self._setting.input, key=_KEY, by=self._setting.by)

    def _is_over(self) -> bool:
        lines = self._summaries.values()
        if not self._is_open or self._operation_id not in self._summaries:
            return False
        if all(line.ended for line in lines):
            return True
        if self._crowd.is_waiting or self._timer is not None or self._tasks:
            return False
        return all(line.ended or (line.parked and line.wake_at is None) for line in lines)

    # What nobody drives.

    def _look_after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self._adopt())
        self._tasks.add(task)
        task.add_done_callback(self._looked)

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()

    async def _adopt(self) -> None:
        process = self._process
        if not self._is_open:
            return
        try:
            await process.until_death(process.orchestrator.adopt())
        except (StoreError, Closed):
            self._look_after(_RESTART_SECONDS)
            return
        now = VirtualClock().now()
        due = [line.wake_at for line in self._summaries.values() if line.parked and line.wake_at is not None]
        if due and self._timer is None:
            self._look_after(max(_LOOK_SECONDS, min(due) - now))

    # What people say.

    async def _speak(self, line: Line, stream: str, stage: str) -> None:
        """Say it, again after a death or a failure of the store, until it is heard or refused."""
        while True:
            process = self._process
            if self._is_open:
                with suppress(StoreUnavailable, Closed):
                    await process.until_death(self._say(process, line, stream, stage))
                    if not process.is_dead:
                        return
            await asyncio.sleep(_LOOK_SECONDS)

    @staticmethod
    async def _say(process: Process, line: Line, stream: str, stage: str) -> None:
        await line.say(await process.orchestrator.get(stream), stage)

    async def _tell(self) -> Simulated[Output]:
        summary = self._summaries.get(self._operation_id)
        if summary is None:
            raise UsageError("the store failed so often that the operation never came to be; give it fewer faults")
        events = self._journals[self._operation_id]
        result: Result[Output] | None = None
        error: AgentKitError | None = None
        if summary.ended or summary.status == "quarantined":
            operation = await self._process.orchestrator.get(self._operation_id)
            try:
                result = cast("Result[Output]", await operation.result())
            except AgentKitError as raised:
                error = raised
        return Simulated(
            operation_id=self._operation_id,
            status=cast("OperationStatus", summary.status),
            error=error,
            events=tuple(events),
            journals={name: tuple(journal) for name, journal in self._journals.items()},
            seconds=events[-1].at - events[0].at,
            calls=dict(self.calls),
            happened=tuple(self.happened),
            refused=tuple(self._crowd.refused),
            deaths=self._deaths,
            writes=self.counts["append"],
            waiting="" if summary.ended else summary.waiting,
            seed=self._setting.seed,
            faults=self._setting.faults,
            ended=result,
        )


def _abandon(store: Store) -> None:
    assert isinstance(store, MemoryStore)
    store.abandon()


@contextmanager
def _silence() -> Generator[None]:
    """What goes wrong in a simulation goes wrong on purpose: it is told, and not logged."""
    logger = logging.getLogger("agentkit")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
