"""A whole little world under one seed: workflows, agents, people, cancels, store faults and deaths."""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from agentkit.errors import AgentKitError, StoreUnavailable
from agentkit.kernel import (
    OPERATION_ENDS,
    AttemptSucceeded,
    EffectCarried,
    EffectSettled,
    Event,
    OperationAccepted,
    ResultCarried,
    State,
    evolve,
    plan,
    replay,
)
from agentkit.orchestrator import Orchestrator
from agentkit.stores import MemoryStore
from agentkit.testing import Fault, FaultyStore
from agentkit.testing.clock import VirtualLoop
from agentkit.views import ProgressFold
from tests.kernel.rules import broken_rules
from tests.kernel.scenes import picture, plan_picture
from tests.orchestrator.inventing import AGENTS, INPUT, workflow
from tests.orchestrator.playing import Bank, Player, answer_all, answer_one
from tests.orchestrator.scenes import opened

LOUD_SECONDS = 30
CALM_SECONDS = 900


class World:
    """Two or three orchestrators on one memory, some operations, people, and a plan of disasters."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.root = MemoryStore()
        self.faults_on = True
        self.keys: list[str] = []
        self.bank = Bank(self.chance)
        self.agents = [Player(name, self.chance, self.bank) for name in AGENTS]
        self.alive: list[tuple[Orchestrator, FaultyStore]] = []
        self.checked: dict[str, int] = {}

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
            adopt_seconds=1.0,
            rest_seconds=self.chance.choice([0.0, 1.0, 5.0]),
        )
        try:
            await orchestrator.open()
        except StoreUnavailable:
            await orchestrator.open()
        self.alive.append((orchestrator, store))

    def disasters(self) -> Sequence[int]:
        return [n for n in range(4, 200) if self.chance.random() < 0.05] if self.faults_on else []

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
        """Something happens; whoever is told of a failure may ask again, and here nobody does."""
        with suppress(AgentKitError):
            await self.do_something(self.chance.choice(self.alive)[0])

    async def do_something(self, orchestrator: Orchestrator) -> None:
        chance, kind = self.chance, self.chance.random()
        if kind < 0.3 and len(self.keys) < 4:
            key = f"key {len(self.keys)}"
            self.keys.append(key)
            _ = await orchestrator.submit(workflow(chance), INPUT, key=key, by=chance.choice([None, "ann"]))
        elif kind < 0.6:
            await answer_one(orchestrator, chance, self.bank)
        elif kind < 0.68:
            for line in (await orchestrator.list())[:1]:
                await orchestrator.cancel(line.stream, "chance")
        elif kind < 0.78:
            for line in (await orchestrator.list(status=["running"]))[:1]:
                _ = await orchestrator.resume(line.stream, take=chance.random() < 0.7)
        elif kind < 0.81:
            for line in (await orchestrator.list(status=["failed", "cancelled"]))[:1]:
                _ = await orchestrator.resume(line.stream)
        elif kind < 0.9 and len(self.alive) > 1:
            await self.die()
        elif kind < 0.93 and len(self.alive) > 1:
            await self.leave()
        elif len(self.alive) < 3:
            await self.open()

    async def run(self) -> None:
        """Trouble for a while, then calm: everything must come to its end."""
        loop = asyncio.get_running_loop()
        await self.root.open()
        await self.open()
        end = loop.time() + LOUD_SECONDS
        while loop.time() < end:
            await self.act()
            await asyncio.sleep(self.chance.uniform(0, 3))
            self.check()
        await self.calm_down()
        while unfinished := [name for name, journal in self.journals() if not ended(journal)]:
            assert loop.time() < end + CALM_SECONDS, f"never ended: {unfinished}"
            await answer_all(self.alive[0][0], self.chance, self.bank)
            await asyncio.sleep(2)
        self.check()
        check_the_bank(self.bank, dict(self.journals()))
        for name, journal in self.journals():
            check_every_step(name, journal)
        for orchestrator, _ in self.alive:
            await orchestrator.close()

    async def calm_down(self) -> None:
        """From now on nothing breaks."""
        self.faults_on = False
        self.bank.is_reliable = True
        for agent in self.agents:
            agent.hangs = False
        for _, store in self.alive:
            store._faults = ()
        await self.open()

    def journals(self) -> list[tuple[str, list[Event]]]:
        return [(name, kept.events) for name, kept in self.root._memory.streams.items()]

    def check(self) -> None:
        """Check what was written since the last time."""
        for name, journal in self.journals():
            if self.checked.get(name) != len(journal):
                self.checked[name] = len(journal)
                broken = broken_rules(journal)
                assert not broken, f"{name}: {broken}"


def ended(journal: Sequence[Event]) -> bool:
    return type(journal[-1]).__name__ in ("OperationCompleted", "OperationFailed", "OperationCancelled")


def check_the_bank(bank: Bank, journals: dict[str, list[Event]]) -> None:
    """What happened outside, by its own book: under one key, and what is confirmed has happened."""
    for effect, keys in bank.keys.items():
        assert len(keys) <= 1, f"{effect} went by several names: {keys}"
    for name, journal in journals.items():
        confirmed = [
            (event.stage, event.name, event.key)
            for event in journal
            if isinstance(event, EffectSettled) and event.outcome == "confirmed"
        ]
        assert len(confirmed) == len(set(confirmed)), name
        for stage, _, key in confirmed:
            # What came from the operation that this one continues keeps the name that it had there.
            carried = {e.under for e in journal if isinstance(e, EffectCarried) and (e.stage, e.key) == (stage, key)}
            keys = bank.keys.get((name, stage, key), set()) | carried
            assert any(bank.done[one] for one in keys), f"{name}: {stage} has not paid {key}"


def owner(step: str) -> str:
    return step.partition("[")[0]


def check_every_step(name: str, journal: Sequence[Event]) -> None:
    """What holds after every event: progress, context, and that a replay would want the same."""
    first = journal[0]
    assert isinstance(first, OperationAccepted)
    state, fold, best = replay([first]), ProgressFold(first), 0.0
    for number, event in enumerate(journal[1:], start=2):
        evolve(state, event)
        fold.apply(event)
        fraction = fold.progress(event.at).fraction
        assert best <= fraction <= 1, f"{name}: event {number}"
        assert (fraction == 1) == (state.status == "completed"), f"{name}: event {number}"
        best = fraction
        if number % 20 == 0 or number == len(journal):
            again = replay(journal[:number])
            assert picture(again) == picture(state), f"{name}: event {number}"
            assert plan_picture(plan(again, event.at)) == plan_picture(plan(state, event.at)), f"{name}: event {number}"
    assert state.status in OPERATION_ENDS
    check_the_context(name, state, journal)


def check_the_context(name: str, state: State, journal: Sequence[Event]) -> None:
    """Nothing that was written with a success is lost, and nothing else is there."""
    if any(isinstance(event, ResultCarried) for event in journal):
        return
    written = [event.stage for event in journal if isinstance(event, AttemptSucceeded) and '"log"' in event.context]
    assert (state.context["log"].value if "log" in state.context else []) == written, name


def simulate(seed: int) -> int:
    """Run the world of a seed; how many operations there were.

    Everything that goes wrong names the seed, which goes wrong in the same way every time.
    """
    log = logging.getLogger("agentkit")
    heard = log.level
    # Every other world mixes the order in which tasks go on.
    loop = partial(VirtualLoop, limit_seconds=10_000, seed=seed if seed % 2 else None)
    world: World | None = None

    async def live() -> int:
        nonlocal world
        world = World(seed)
        await world.run()
        return len(world.journals())

    with asyncio.Runner(loop_factory=loop) as runner:
        log.setLevel(logging.CRITICAL + 1)
        try:
            return runner.run(live())
        except BaseException as error:
            error.add_note(f"seed {seed}: run tests.orchestrator.simulation.simulate({seed}) to see it again")
            raise
        finally:
            log.setLevel(heard)
