"""What holds work up is found, with evidence; what is changed is kept, helps as was said, and can be undone."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agentkit import Limits, Orchestrator, RetryPolicy, Stage, Workflow
from agentkit.errors import DefinitionError, InputError, StoreUnavailable, UsageError
from agentkit.orchestrator import (
    KnownLever,
    MachineReading,
    Optimizer,
    Step,
    known_levers,
    limit_levers,
    read_machine,
)
from agentkit.stores import MemoryStore
from agentkit.testing import Fault, FaultyStore, ScriptedAgent, Sleep, VirtualClock
from agentkit.views import BottleneckKind, Outlook, Performance, Thresholds

ONE = Workflow("one", [Stage("only", agent="clerk")])
PRINTED = Workflow("printed", [Stage("print", agent="clerk", resource="printer")])
THREE = Workflow(
    "three",
    [
        Stage("read", agent="quick"),
        Stage("think", agent="clerk", after=["read"]),
        Stage("write", agent="quick", after=["think"]),
    ],
)


def workplace(
    *,
    most: int = 2,
    seconds: float = 10.0,
    script: Sequence[object] | None = None,
    printers: int = 1,
    store: str | MemoryStore | FaultyStore = "memory://",
) -> Orchestrator:
    clerk, quick = ScriptedAgent("clerk", script or [Sleep(seconds)]), ScriptedAgent("quick", [Sleep(1)])
    return Orchestrator(
        [clerk, quick],
        limits=Limits(max_parallel=most),
        resources={"printer": printers},
        clock=VirtualClock(),
        store=store,
    )


async def work(orchestrator: Orchestrator, flow: Workflow[object], count: int = 8) -> list[str]:
    operations = [await orchestrator.submit(flow) for _ in range(count)]
    for operation in operations:
        await operation.result()
    return [operation.id for operation in operations]


async def kinds(optimizer: Optimizer) -> list[BottleneckKind]:
    return [one.kind for one in await optimizer.bottlenecks()]


async def test_nothing_is_found_where_nothing_is_wrong() -> None:
    async with workplace(most=100, seconds=1) as orchestrator:
        await work(orchestrator, THREE, 20)
        optimizer = Optimizer(orchestrator)
        plan = await optimizer.plan()

        assert await kinds(optimizer) == []
        assert (plan.steps, plan.advice) == ((), ())
        with pytest.raises(InputError, match="moves nothing"):
            await optimizer.apply(plan)


async def test_nothing_is_found_where_nothing_was_done() -> None:
    async with workplace() as orchestrator:
        optimizer = Optimizer(orchestrator)

        assert (await optimizer.performance()).operations == 0
        assert await kinds(optimizer) == []
        assert await optimizer.report() is None


async def test_a_full_limit_and_the_queue_behind_it_are_found() -> None:
    async with workplace() as orchestrator:
        ids = await work(orchestrator, ONE)
        limit, queue = await Optimizer(orchestrator).bottlenecks()

        # Two at once, ten seconds each: 0, 0, 10, 10, 20, 20, 30 and 30 seconds of waiting, 80 of work.
        assert (limit.kind, limit.name, limit.severity) == ("full_limit", "max_parallel", "high")
        assert limit.share == pytest.approx(120 / 200, abs=0.01)
        assert (len(limit.operations), set(limit.operations) - set(ids[2:])) == (5, set())
        assert queue.kind == "long_queue"
        assert queue.share == pytest.approx(0.6, abs=0.01)
        assert "15.0 s for each operation" in queue.words


async def test_the_same_journals_in_sqlite_tell_the_same(tmp_path: Path) -> None:
    async with (
        workplace() as orchestrator,
        workplace(store=f"sqlite:///{tmp_path / 'runs.db'}") as other,
    ):
        await work(orchestrator, ONE)
        for line in await orchestrator.store.find():
            events = await orchestrator.store.read(line.stream)
            await other.store.append(line.stream, events, expected=0, summary=line)

        there, here = Optimizer(other), Optimizer(orchestrator)
        assert await there.bottlenecks() == await here.bottlenecks() != []
        assert await there.plan() == await here.plan()


async def test_a_resource_that_is_too_scarce_is_found_and_no_other_limit_is_blamed() -> None:
    async with workplace(most=100) as orchestrator:
        await work(orchestrator, PRINTED, 5)
        optimizer = Optimizer(orchestrator)
        found = {one.name: one for one in await optimizer.bottlenecks() if one.kind == "full_limit"}
        plan = await optimizer.plan()

        assert list(found) == ["resource:printer"]
        assert found["resource:printer"].share == pytest.approx(100 / 150)
        assert plan.steps == (Step(lever="resource:printer", before=1, after=4),)


async def test_a_slow_stage_is_found_with_advice_and_no_step() -> None:
    async with workplace(most=100, seconds=30) as orchestrator:
        ids = await work(orchestrator, THREE, 6)
        optimizer = Optimizer(orchestrator)
        (slow,) = await optimizer.bottlenecks()
        plan = await optimizer.plan()

        assert (slow.kind, slow.name, slow.severity) == ("slow_stage", "three/think", "high")
        assert slow.share == pytest.approx(30 / 32)
        assert set(slow.operations) < set(ids)
        assert plan.steps == ()
        assert "three/think" in plan.advice[0]


async def test_retries_that_cost_are_found_in_the_operations_that_had_them() -> None:
    flow = Workflow("flaky", [Stage("try", agent="clerk", retry=RetryPolicy(attempts=2, delay=5, jitter=0))])
    script = [*[Sleep(4, ValueError("no")), Sleep(1)] * 2, Sleep(1)]
    async with workplace(most=100, script=script) as orchestrator:
        ids = [one for _ in range(6) for one in await work(orchestrator, flow, 1)]
        (costly,) = await Optimizer(orchestrator).bottlenecks()

        # Two failed tries of four seconds and two pauses of five, beside six seconds of work.
        assert (costly.kind, costly.name) == ("costly_retries", "flaky/try")
        assert costly.share == pytest.approx(18 / 24)
        assert set(costly.operations) == set(ids[:2])


class Tellers:
    """A pool with two places."""

    name = "tellers"
    capacity: int | None = 2
    in_flight = 2
    waiting = 3

    def metrics(self) -> "Tellers":
        return self


async def test_a_full_pool_is_found_and_one_with_room_is_not() -> None:
    pool = Tellers()
    async with workplace() as orchestrator:
        optimizer = Optimizer(orchestrator, pools=[pool])
        (full,) = await optimizer.bottlenecks()
        assert (full.kind, full.name, full.share) == ("full_pool", "tellers", 0.6)
        assert "tellers" in (await optimizer.plan()).advice[0]
        pool.waiting = 0
        assert await kinds(optimizer) == []


async def test_a_pool_whose_replicas_are_all_out_is_an_outage_that_more_room_does_not_mend() -> None:
    pool = Tellers()
    pool.capacity = pool.in_flight = 0
    lever = KnownLever(name="pool:tellers", value=3, least=1, most=5)
    async with workplace() as orchestrator:
        plan = await Optimizer(orchestrator, levers=[lever], pools=[pool]).plan()
        (out,) = plan.bottlenecks

        assert (out.kind, out.severity) == ("pool_outage", "high")
        assert out.words == "no replica of the pool tellers is ready, and 3 tasks wait"
        assert plan.steps == ()
        assert plan.advice[0].startswith("look at why no replica of the pool tellers is ready")


async def test_a_lever_of_a_pool_or_a_tier_is_moved_by_one_step_at_a_time() -> None:
    pool = KnownLever(name="pool:tellers", value=3, least=1, most=5)
    tier = KnownLever(name="tier:three/think", value=0, least=0, most=1)
    async with workplace(most=100, seconds=30) as orchestrator:
        await work(orchestrator, THREE, 6)
        optimizer = Optimizer(orchestrator, levers=[pool, tier], pools=[Tellers()])
        plan = await optimizer.plan()
        await optimizer.apply(plan)

        assert {(step.lever, step.before, step.after) for step in plan.steps} == {
            ("pool:tellers", 3, 5),
            ("tier:three/think", 0, 1),
        }
        assert plan.advice == ()
        assert (pool.value, tier.value) == (5, 1)
        again = await optimizer.plan()
        assert again.steps == ()
        assert "tellers" in again.advice[0]


async def test_operations_that_wait_long_to_begin_are_found_while_they_do() -> None:
    async with workplace(most=1, seconds=50) as orchestrator:
        optimizer = Optimizer(orchestrator)
        operations = [await orchestrator.submit(ONE) for _ in range(200)]
        assert await kinds(optimizer) == []
        await asyncio.sleep(60)
        found = {one.name: one for one in await optimizer.bottlenecks()}
        line = found["line"]

        assert (line.kind, line.severity) == ("long_queue", "high")
        assert "wait in line to begin, the first of them for 60.0 s" in line.words
        assert line.operations
        assert set(line.operations) <= {operation.id for operation in operations[1:]}


async def test_a_busy_machine_is_found_and_no_limit_is_raised_on_it() -> None:
    seen = MachineReading(processor=1.3, memory=0.95)
    async with workplace() as orchestrator:
        await work(orchestrator, ONE)
        optimizer = Optimizer(orchestrator, gauge=lambda: seen)
        plan = await optimizer.plan()

        assert [one.kind for one in plan.bottlenecks[:2]] == ["processor", "memory"]
        assert plan.steps == ()
        seen = MachineReading(processor=0.2)
        assert (await optimizer.plan()).steps != ()


def test_this_machine_can_be_read() -> None:
    seen = read_machine()

    assert seen.processor is None or seen.processor >= 0
    assert seen.memory is None or 0 < seen.memory < 1


async def test_what_was_expected_comes_after_a_plan_was_applied() -> None:
    async with workplace() as orchestrator:
        await work(orchestrator, ONE)
        optimizer = Optimizer(orchestrator)
        plan = await optimizer.plan()
        change = await optimizer.apply(plan, by="ada")
        await work(orchestrator, ONE)
        report = await optimizer.report()

        assert plan.now.mean_seconds == pytest.approx(25, abs=0.5)
        assert orchestrator.load.most_attempts == 8
        assert report is not None
        assert (report.change, report.operations, change.by) == (change, 8, "ada")
        assert report.after is not None
        assert (report.change.before, report.change.expected) == (plan.now, plan.expected)
        assert report.after.mean_seconds == pytest.approx(plan.expected.mean_seconds, rel=0.02)
        assert report.after.wait_seconds == pytest.approx(plan.expected.wait_seconds, abs=0.1)
        assert report.after.mean_seconds < change.before.mean_seconds / 2
        # The old queue is no evidence any more.
        assert await kinds(optimizer) == []


@pytest.mark.parametrize(("most", "count"), [(3, 12), (5, 12), (9, 12), (16, 120)])
async def test_a_playback_under_other_limits_tells_what_really_happens_under_them(most: int, count: int) -> None:
    async def run(limit: int) -> tuple[Outlook, Performance]:
        async with workplace(most=limit, seconds=7) as orchestrator:
            await work(orchestrator, THREE, count)
            levers = [KnownLever(name="max_parallel", value=most, least=1, most=99)]
            optimizer = Optimizer(orchestrator, levers=levers)
            return (await optimizer.plan()).now, await optimizer.performance()

    told, _ = await run(2)
    _, came = await run(most)

    assert told.span_seconds == pytest.approx(came.span_seconds, rel=0.1)
    assert told.mean_seconds == pytest.approx(came.mean_seconds, rel=0.15)


async def test_more_begin_at_once_when_a_plan_is_applied_to_work_that_waits() -> None:
    clerk = ScriptedAgent("clerk", [Sleep(10)])
    async with Orchestrator([clerk], limits=Limits(max_parallel=1), clock=VirtualClock()) as orchestrator:
        await work(orchestrator, ONE, 5)
        optimizer = Optimizer(orchestrator)
        waiting = [await orchestrator.submit(ONE) for _ in range(8)]
        await asyncio.sleep(1)
        assert clerk.working == 1
        await optimizer.apply(await optimizer.plan())
        await asyncio.sleep(2)
        assert clerk.working == 4
        await optimizer.undo()
        await asyncio.sleep(10)
        assert clerk.working == 1
        for operation in waiting:
            await operation.result()
        assert orchestrator.load.attempts == 0


async def test_undo_puts_back_what_was_before_change_after_change() -> None:
    async with workplace() as orchestrator:
        optimizer = Optimizer(orchestrator)
        plan = await optimizer.plan()
        for before, after in [(2, 4), (4, 8)]:
            step = Step(lever="max_parallel", before=before, after=after)
            await optimizer.apply(replace(plan, steps=(step,)))
        undone = await optimizer.undo(by="bob")
        assert (undone.number, undone.undone_by, optimizer.levers["max_parallel"]) == (2, "bob", 4)
        await optimizer.undo()
        assert orchestrator.load.most_attempts == 2
        with pytest.raises(UsageError, match="no change to undo"):
            await optimizer.undo()


@pytest.mark.parametrize(
    ("step", "error", "words"),
    [
        (Step(lever="max_parallel", before=2, after=9), InputError, "from 1 to 8, not 9"),
        (Step(lever="max_parallel", before=2, after=0), InputError, "from 1 to 8, not 0"),
        (Step(lever="doors", before=2, after=3), InputError, "no lever 'doors'"),
        (Step(lever="max_parallel", before=3, after=4), UsageError, "plan again"),
    ],
)
async def test_a_step_that_does_not_fit_is_refused_and_nothing_changes(
    step: Step, error: type[Exception], words: str
) -> None:
    async with workplace() as orchestrator:
        optimizer = Optimizer(orchestrator)
        good = Step(lever="resource:printer", before=1, after=2)
        with pytest.raises(error, match=words):
            await optimizer.apply(replace(await optimizer.plan(), steps=(good, step)))

        assert optimizer.levers == {"max_parallel": 2, "resource:printer": 1}
        assert await optimizer.changes() == []


async def test_a_change_that_could_not_be_kept_moves_nothing() -> None:
    # The work takes 22 writes before, and telling of the levers one.
    store = FaultyStore(MemoryStore(), Fault(kind="fail_before", number=24, call="append"))
    async with workplace(store=store) as orchestrator:
        await work(orchestrator, ONE)
        optimizer = Optimizer(orchestrator)
        plan = await optimizer.plan()
        with pytest.raises(StoreUnavailable):
            await optimizer.apply(plan)

        assert optimizer.levers["max_parallel"] == 2


async def test_a_crash_after_the_write_leaves_the_whole_change_for_who_comes_next(tmp_path: Path) -> None:
    class Stuck(KnownLever):
        def set(self, value: int) -> None:
            raise SystemError("the process died here")

    url = f"sqlite:///{tmp_path / 'runs.db'}"
    async with workplace(store=url) as orchestrator:
        first, *others = limit_levers(orchestrator)
        stuck = Stuck(name=first.name, value=2, least=1, most=8)
        optimizer = Optimizer(orchestrator, levers=[stuck, *others])
        steps = (Step(lever="max_parallel", before=2, after=4), Step(lever="resource:printer", before=1, after=3))
        with pytest.raises(SystemError):
            await optimizer.apply(replace(await optimizer.plan(), steps=steps))
    async with workplace(store=url) as orchestrator:
        optimizer = Optimizer(orchestrator)
        assert optimizer.levers == {"max_parallel": 2, "resource:printer": 1}
        await optimizer.follow()
        assert optimizer.levers == {"max_parallel": 4, "resource:printer": 3}
        await optimizer.undo()
        assert optimizer.levers == {"max_parallel": 2, "resource:printer": 1}


async def test_a_change_from_elsewhere_is_followed_within_the_bounds_that_are_kept_here() -> None:
    async with workplace() as orchestrator:
        here = Optimizer(orchestrator, levers=limit_levers(orchestrator, {"max_parallel": (2, 3)}))
        await here.follow()
        (known, _) = sorted(await known_levers(orchestrator.store), key=lambda one: one.name)
        assert (known.value, known.least, known.most) == (2, 2, 3)
        known.most = 99
        there = Optimizer(orchestrator, levers=[known])
        step = Step(lever="max_parallel", before=2, after=50)
        await there.apply(replace(await there.plan(), steps=(step,)))
        assert orchestrator.load.most_attempts == 2
        await here.follow()
        assert orchestrator.load.most_attempts == 3


async def test_the_automatic_mode_grows_under_load_and_shrinks_where_more_at_once_only_takes_longer() -> None:
    places = [100]
    clerk: ScriptedAgent = ScriptedAgent("clerk", [lambda task: Sleep(max(1.0, clerk.working / places[0]))])
    stood: list[int] = []
    async with Orchestrator([clerk], limits=Limits(max_parallel=8), clock=VirtualClock()) as orchestrator:
        optimizer = Optimizer(orchestrator, levers=limit_levers(orchestrator, {"max_parallel": (3, 16)}))
        for places[0] in [100] * 5 + [4] * 15:
            await work(orchestrator, ONE, 60)
            await optimizer.adapt()
            stood.append(orchestrator.load.most_attempts)
        (change,) = await optimizer.changes()
        await optimizer.undo()

        assert stood[:5] == [10, 12, 15, 16, 16]
        assert min(stood) >= 3
        assert min(stood[5:]) <= 6
        assert (change.by, change.steps[0].before) == ("automatic", 8)
        assert orchestrator.load.most_attempts == 8


async def test_the_automatic_mode_leaves_a_limit_alone_that_nobody_waits_for() -> None:
    async with workplace(most=50) as orchestrator:
        optimizer = Optimizer(orchestrator)
        await work(orchestrator, ONE, 5)
        assert await optimizer.adapt() is None
        assert await optimizer.adapt() is None


@pytest.mark.parametrize("automatic", [False, True])
async def test_run_goes_on_by_itself(automatic: bool) -> None:
    async with workplace(most=2, seconds=1) as orchestrator:
        optimizer = Optimizer(orchestrator)
        running = asyncio.create_task(optimizer.run(every_seconds=5, automatic=automatic))
        await work(orchestrator, ONE, 60)
        running.cancel()

        assert (orchestrator.load.most_attempts > 2) is automatic


async def test_how_often_run_looks_is_as_said() -> None:
    async with workplace() as orchestrator:
        optimizer = Optimizer(orchestrator)
        running = asyncio.create_task(optimizer.run(every_seconds=5))
        await asyncio.sleep(1)
        there = Optimizer(orchestrator, levers=await known_levers(orchestrator.store))
        step = Step(lever="max_parallel", before=2, after=4)
        await there.apply(replace(await there.plan(), steps=(step,)))
        await asyncio.sleep(3.9)
        assert orchestrator.load.most_attempts == 2
        await asyncio.sleep(0.2)
        running.cancel()
        assert orchestrator.load.most_attempts == 4


async def test_only_the_newest_operations_are_looked_at_and_each_event_is_read_once() -> None:
    store = FaultyStore(MemoryStore())
    async with workplace(most=100, store=store) as orchestrator:
        optimizer = Optimizer(orchestrator, operations=10)
        await work(orchestrator, ONE, 15)
        first = await optimizer.performance()
        before = len(store.calls)
        again = await optimizer.performance()
        asked = [call for call in store.calls[before:] if call == "read"]
        await work(orchestrator, ONE, 1)

        assert (first.operations, again) == (10, first)
        # The changes alone; no journal of an operation.
        assert len(asked) <= 1
        assert (await optimizer.performance()).operations == 10


async def test_work_that_is_looked_at_while_it_runs_is_counted_once() -> None:
    async with workplace(most=100) as orchestrator:
        optimizer = Optimizer(orchestrator)
        operation = await orchestrator.submit(THREE)
        counts: list[int] = []
        for _ in range(6):
            counts.append((await optimizer.performance()).attempts)
            await asyncio.sleep(2.9)
        await operation.result()

        assert counts == [0, 1, 1, 1, 2, 3]
        assert (await optimizer.performance()).stages[2].seconds == 1.0


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [
        (Thresholds(), ["full_limit", "long_queue"]),
        (Thresholds(share=0.9), []),
        (Thresholds(attempts=9), []),
        (Thresholds(seconds=30), []),
    ],
)
async def test_from_where_on_something_is_found_can_be_said(thresholds: Thresholds, expected: list[str]) -> None:
    async with workplace() as orchestrator:
        await work(orchestrator, ONE)
        assert await kinds(Optimizer(orchestrator, thresholds=thresholds)) == expected


async def test_how_much_slower_a_slow_stage_is_can_be_said() -> None:
    async with workplace(most=100, seconds=30) as orchestrator:
        await work(orchestrator, THREE, 6)
        assert await kinds(Optimizer(orchestrator, thresholds=Thresholds(ratio=31))) == []
        assert await kinds(Optimizer(orchestrator, thresholds=Thresholds(ratio=29))) == ["slow_stage"]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Thresholds(share=0), "share"),
        (lambda: Thresholds(share=1.1), "share must be above 0, at most 1"),
        (lambda: Thresholds(ratio=0.5), "ratio"),
        (lambda: Thresholds(attempts=0), "attempts"),
        (lambda: Thresholds(seconds=-1), "seconds"),
    ],
)
def test_thresholds_out_of_their_range_are_refused(make: Callable[[], Thresholds], name: str) -> None:
    with pytest.raises(DefinitionError, match=f"thresholds: {name}"):
        make()


async def test_settings_of_an_optimizer_that_cannot_be_are_refused() -> None:
    async with workplace() as orchestrator:
        lever = KnownLever(name="a", value=1, least=1, most=1)
        with pytest.raises(DefinitionError, match="a name of its own"):
            Optimizer(orchestrator, levers=[lever, lever])
        with pytest.raises(DefinitionError, match="operations"):
            Optimizer(orchestrator, operations=0)
        with pytest.raises(DefinitionError, match=r"operations must be a whole number from 1 to 1000000, not 1\.5"):
            Optimizer(orchestrator, operations=1.5)  # type: ignore[arg-type]  # what is wrong is the point
        with pytest.raises(DefinitionError, match="no limit 'doors'"):
            limit_levers(orchestrator, {"doors": (1, 2)})
        with pytest.raises(DefinitionError, match="the least first"):
            limit_levers(orchestrator, {"max_parallel": (3, 2)})
        with pytest.raises(UsageError, match="no lever 'max_parallel'"):
            await Optimizer(orchestrator, levers=[lever]).adapt()
