"""A whole little world under one seed: workflows, agents, cancels, store faults and deaths."""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from agentkit.errors import AgentKitError, StoreUnavailable
from agentkit.kernel import (
    OPERATION_ENDS,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    OperationAccepted,
    RetryPolicy,
    Stage,
    Workflow,
    evolve,
    plan,
    replay,
)
from agentkit.orchestrator import Orchestrator
from agentkit.stores import MemoryStore
from agentkit.testing import Fault, FaultyStore
from agentkit.testing.agents import Hang, ScriptedAgent, Sleep
from agentkit.testing.clock import VirtualLoop
from agentkit.views import ProgressFold
from tests.kernel.scenes import picture, plan_picture
from tests.orchestrator.scenes import opened

AGENTS = ("ada", "bob", "cyd")
LOUD_SECONDS = 60


class World:
    """Two or three orchestrators on one memory, some operations, and a plan of disasters."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.root = MemoryStore()
        self.faults_on = True
        self.keys: list[str] = []
        self.agents = [ScriptedAgent(name, [lambda _: self.line()]) for name in AGENTS]
        self.alive: list[tuple[Orchestrator, FaultyStore]] = []

    def line(self) -> object:
        """What an attempt does."""
        chance, kind = self.chance, self.chance.random()
        if kind < 0.55:
            return Sleep(chance.uniform(0, 3), chance.randrange(100))
        if kind < 0.75:
            return Sleep(chance.uniform(0, 2), chance.choice([ValueError("no"), ConnectionError("no"), SystemExit(1)]))
        if kind < 0.85:
            return Sleep(chance.uniform(0, 8), 1, swallow_cancel=True)
        if kind < 0.9 and self.faults_on:
            return Hang()
        return chance.choice([None, "value", [1, {"a": 2}], float("nan"), {1: 2}])

    def workflow(self) -> Workflow[object]:
        chance = self.chance
        stages = []
        for number in range(chance.randint(1, 6)):
            earlier = [f"s{n}" for n in range(number)]
            stages.append(
                Stage(
                    f"s{number}",
                    agent=chance.choice(AGENTS),
                    after=chance.sample(earlier, min(number, chance.randint(0, 2))),
                    required=chance.random() < 0.6,
                    timeout=chance.choice([None, 5.0, 20.0]),
                    retry=RetryPolicy(
                        attempts=chance.randint(1, 3),
                        delay=chance.choice([0, 1.0]),
                        attempt_timeout=chance.choice([None, 4.0]),
                    ),
                    fallback=chance.sample(AGENTS, chance.randint(0, 1)),
                    resource=chance.choice([None, None, "printer"]),
                )
            )
        # Whatever hangs is ended by the limit, so that every operation must end.
        return Workflow("flow", stages, timeout=chance.choice([15.0, 40.0]), max_parallel=chance.choice([None, 1, 2]))

    async def open(self) -> None:
        """One more process."""
        faults = [
            Fault(kind=self.chance.choice(["fail_before", "fail_after", "delay"]), number=n) for n in self.disasters()
        ]
        store = FaultyStore(self.root.sibling(), *faults)
        orchestrator = opened(
            *self.agents,
            store=store,
            max_parallel=self.chance.choice([1, 3, 50]),
            resources={"printer": 1},
            max_deaths=50,
        )
        try:
            await orchestrator.open()
        except StoreUnavailable:
            await orchestrator.open()
        self.alive.append((orchestrator, store))

    def disasters(self) -> Sequence[int]:
        return [n for n in range(4, 400) if self.chance.random() < 0.05] if self.faults_on else []

    async def die(self) -> None:
        """Kill one process."""
        orchestrator, store = self.alive.pop(self.chance.randrange(len(self.alive)))
        assert isinstance(store.inner, MemoryStore)
        store.inner.abandon()
        await orchestrator.close(drain_seconds=0)

    async def leave(self) -> None:
        orchestrator, _ = self.alive.pop(self.chance.randrange(len(self.alive)))
        with suppress(StoreUnavailable):
            await orchestrator.close(drain_seconds=self.chance.choice([0, 1]))

    async def act(self) -> None:
        """Something happens."""
        chance = self.chance
        orchestrator, _ = chance.choice(self.alive)
        kind = chance.random()
        try:
            if kind < 0.5 and len(self.keys) < 6:
                key = f"key {len(self.keys)}"
                self.keys.append(key)
                _ = await orchestrator.submit(self.workflow(), {"n": 1}, key=key)
            elif kind < 0.65:
                for line in (await orchestrator.list())[:1]:
                    await orchestrator.cancel(line.stream, "chance")
            elif kind < 0.75:
                for line in (await orchestrator.list(status=["running"]))[:1]:
                    _ = await orchestrator.resume(line.stream, take=True)
            elif kind < 0.85 and len(self.alive) > 1:
                await self.die()
            elif kind < 0.9 and len(self.alive) > 1:
                await self.leave()
            elif len(self.alive) < 3:
                await self.open()
        except AgentKitError:
            # Whoever is told of a failure may ask again; here nobody does.
            pass

    async def run(self) -> None:
        """Trouble for a while, then calm: everything must come to its end."""
        loop = asyncio.get_running_loop()
        await self.root.open()
        await self.open()
        end = loop.time() + LOUD_SECONDS
        while loop.time() < end:
            await self.act()
            await asyncio.sleep(self.chance.uniform(0, 3))
            for name, journal in self.journals():
                check(name, journal)
        self.faults_on = False
        for _, store in self.alive:
            store._faults = ()
        await self.open()
        while unfinished := [name for name, journal in self.journals() if not replay(journal).ended]:
            assert loop.time() < end + 600, f"never ended: {unfinished}"
            await asyncio.sleep(1)
        for name, journal in self.journals():
            check(name, journal)
            check_every_step(name, journal)
        for orchestrator, _ in self.alive:
            await orchestrator.close()

    def journals(self) -> list[tuple[str, list[Event]]]:
        return [(name, kept.events) for name, kept in self.root._memory.streams.items()]


def check(name: str, journal: Sequence[Event]) -> None:
    """What holds at every moment, whatever goes wrong."""
    state = replay(journal)
    ends = [
        event
        for event in journal
        if type(event).__name__ in ("OperationCompleted", "OperationFailed", "OperationCancelled")
    ]
    assert len(ends) == int(state.ended), name
    assert not ends or journal[-1] is ends[0], name
    successes = [event.stage for event in journal if isinstance(event, AttemptSucceeded)]
    assert len(successes) == len(set(successes)), name


def check_every_step(name: str, journal: Sequence[Event]) -> None:
    """What holds after every event: order, progress, and that a replay would want the same."""
    first = journal[0]
    assert isinstance(first, OperationAccepted)
    state, fold, best = replay([first]), ProgressFold(first), 0.0
    finished: set[str] = set()
    for number, event in enumerate(journal[1:], start=2):
        if isinstance(event, AttemptStarted):
            assert set(state.workflow[event.stage].after) <= finished, f"{name}: event {number}"
            assert state.stop is None, f"{name}: event {number}"
        evolve(state, event)
        fold.apply(event)
        finished |= {
            s.name
            for n, s in enumerate(state.workflow.stages)
            if n in state.touched and state.touched[n].status in ("completed", "failed")
        }
        fraction = fold.progress(event.at).fraction
        assert best <= fraction <= 1, f"{name}: event {number}"
        assert (fraction == 1) == (state.status == "completed"), f"{name}: event {number}"
        best = fraction
        if number % 5 == 0 or number == len(journal):
            again = replay(journal[:number])
            assert picture(again) == picture(state), f"{name}: event {number}"
            assert plan_picture(plan(again, event.at)) == plan_picture(plan(state, event.at)), f"{name}: event {number}"
    assert state.status in OPERATION_ENDS


def simulate(seed: int) -> int:
    """Run the world of a seed; how many operations there were.

    Everything that goes wrong names the seed, which goes wrong in the same way every time.
    """
    logging.getLogger("agentkit").setLevel(logging.CRITICAL + 1)
    world = World(seed)
    with asyncio.Runner(loop_factory=partial(VirtualLoop, limit_seconds=2_000)) as runner:
        try:
            runner.run(world.run())
        except BaseException as error:
            error.add_note(f"seed {seed}: run tests.orchestrator.simulation.simulate({seed}) to see it again")
            raise
    return len(world.journals())
