"""Several optimisers, in one process or in several on one store, move the same limits without undoing each other."""

import asyncio
from pathlib import Path

import pytest

from agentkit import Limits, Orchestrator
from agentkit.errors import UsageError
from agentkit.orchestrator import Change, KnownLever, Lever, Optimizer, Step, TuningPlan, known_levers, limit_levers
from agentkit.orchestrator.context.stream import stream_name
from agentkit.orchestrator.optimising.book import ChangeBook
from agentkit.stores import MemoryStore
from agentkit.testing import VirtualClock
from agentkit.views import Outlook

NOTHING = Outlook(mean_seconds=0, wait_seconds=0, span_seconds=0)


def plan(before: int, after: int, lever: str = "max_parallel") -> TuningPlan:
    step = Step(lever=lever, before=before, after=after)
    return TuningPlan(steps=(step,), bottlenecks=(), advice=(), now=NOTHING, expected=NOTHING)


def workplace(most: int = 2, store: str | MemoryStore = "memory://") -> Orchestrator:
    return Orchestrator(limits=Limits(max_parallel=most), resources={"printer": 1}, clock=VirtualClock(), store=store)


async def test_a_second_optimizer_undoes_what_the_first_one_changed() -> None:
    async with workplace() as orchestrator:
        first = Optimizer(orchestrator)
        await first.apply(plan(2, 8), by="ada")
        await Optimizer(orchestrator).undo(by="bob")
        assert orchestrator.load.most_attempts == 2
        await first.follow()
        assert orchestrator.load.most_attempts == 2


async def test_bounds_stay_as_the_orchestrator_was_made_however_often_an_optimizer_is() -> None:
    async with workplace() as orchestrator:
        await Optimizer(orchestrator).apply(plan(2, 8))
        await Optimizer(orchestrator).apply(plan(1, 4, "resource:printer"))

        found = {lever.name: (lever.least, lever.most, lever.value) for lever in limit_levers(orchestrator)}
        assert found == {"max_parallel": (1, 8, 8), "resource:printer": (1, 4, 4)}
        assert (orchestrator.limits.max_parallel, orchestrator.resources) == (2, {"printer": 1})


async def test_what_was_resized_by_hand_stays_as_long_as_no_change_moves_it_and_comes_back_after() -> None:
    async with workplace() as orchestrator:
        optimizer = Optimizer(orchestrator)
        orchestrator.resize(None, 5)
        await optimizer.follow()
        assert orchestrator.load.most_attempts == 5
        await optimizer.apply(plan(5, 8))
        await optimizer.undo()
        assert orchestrator.load.most_attempts == 5


async def test_a_lever_of_ones_own_that_another_optimizer_moved_goes_back_to_before_it() -> None:
    lever: Lever = KnownLever(name="pool:clerks", value=2, least=1, most=9)
    async with workplace() as orchestrator:
        await Optimizer(orchestrator, levers=[lever]).apply(plan(2, 4, lever.name))
        await Optimizer(orchestrator, levers=[lever]).apply(plan(4, 6, lever.name))
        late = Optimizer(orchestrator, levers=[lever])
        await late.undo()
        assert lever.value == 4
        await late.undo()
        assert lever.value == 2


async def test_a_plan_that_two_processes_made_is_applied_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    async with workplace(store=url) as one, workplace(store=url) as other:
        here, there = Optimizer(one), Optimizer(other)
        await here.apply(plan(2, 8))
        with pytest.raises(UsageError, match="max_parallel is 8 by now, not 2: plan again"):
            await there.apply(plan(2, 8))
        assert len(await there.changes()) == 1
        await here.undo()
        await there.follow()
        assert (one.load.most_attempts, other.load.most_attempts) == (2, 2)


async def test_a_change_is_refused_where_another_was_kept_between_the_look_and_the_write() -> None:
    async with workplace() as orchestrator:
        book = ChangeBook(orchestrator.store, orchestrator.now)

        async def change(before: int, after: int) -> Change:
            return await book.add(plan(before, after).steps, by="ada", seen=seen, before=NOTHING)

        seen = await book.standing()
        await change(2, 4)
        with pytest.raises(UsageError, match="moved by somebody else meanwhile: plan again"):
            await change(2, 8)
        seen = await book.standing()
        await change(4, 8)
        assert [one.steps[0].after for one in await book.changes()] == [4, 8]


async def test_processes_of_unlike_limits_write_once_each_however_often_they_look() -> None:
    store = MemoryStore()
    async with workplace(2, store) as one, workplace(3, store) as other:
        here, there = Optimizer(one), Optimizer(other)
        for _ in range(20):
            await here.follow()
            await there.follow()
        written = await store.read(stream_name(None, "agentkit.optimiser.levers"))
        assert len(written) == 2
        assert {lever.name: lever.value for lever in await known_levers(store)} == {
            "max_parallel": 3,
            "resource:printer": 1,
        }
        # Whoever begins anew has told last.
        await asyncio.sleep(1)
        await Optimizer(one).follow()
        assert {lever.name: lever.most for lever in await known_levers(store)}["max_parallel"] == 8


async def test_a_limit_that_is_put_back_by_hand_is_told_as_it_stands() -> None:
    store = MemoryStore()
    async with workplace(2, store) as one:
        optimizer = Optimizer(one)
        for most in (2, 5, 2):
            one.resize(None, most)
            await asyncio.sleep(1)
            await optimizer.follow()

            known = {lever.name: lever.value for lever in await known_levers(store)}
            assert known["max_parallel"] == most


async def test_settings_that_nobody_has_any_more_are_forgotten_in_the_end() -> None:
    store = MemoryStore()
    clock = VirtualClock()
    for most in range(1, 105):
        async with Orchestrator(limits=Limits(max_parallel=most), clock=clock, store=store) as orchestrator:
            await Optimizer(orchestrator).follow()
            await asyncio.sleep(1)
    book = ChangeBook(store, clock.now)

    assert [lever.value for lever in await book.levers()] == [104]
    assert len(await book._levers.look()) <= 101
