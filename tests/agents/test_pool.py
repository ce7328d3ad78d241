"""Pools of replicas: who gets a task, what becomes of one that was lost, and what the counters say."""

import asyncio
import random
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

import pytest

from agentkit.agents import (
    AgentPool,
    AgentRegistry,
    Balancing,
    Chance,
    Ejection,
    LeastLoaded,
    MachineLoad,
    PoolLever,
    PowerOfTwo,
    RandomChoice,
    Replica,
    ReplicaLoad,
    Task,
    WeightedLoad,
    agent,
)
from agentkit.agents.chains.limiting import TimeIsUp
from agentkit.agents.pools.member import Member
from agentkit.agents.registration import registration_of
from agentkit.errors import Closed, DefinitionError, MissingExtra, NotFound, Overloaded, ServerUnavailable, UsageError
from agentkit.orchestrator import Lever
from agentkit.testing.agents import Hang, Sleep
from tests.agents.pools import InOrder, Wanted, ask, asking, counts, pool_of, scripted, settle, statuses

GONE = ConnectionError("gone")


class Shown:
    """Keeps what a strategy was shown."""

    seen: ClassVar[list[tuple[ReplicaLoad, ...]]] = []
    needs_machine = True

    def __init__(self, strategy: Balancing) -> None:
        self.strategy = strategy

    def choose(self, loads: Sequence[ReplicaLoad], chance: Chance) -> int:
        self.seen.append(tuple(loads))
        return self.strategy.choose(loads, chance)


async def test_a_task_goes_to_the_replica_that_the_strategy_chooses() -> None:
    pool = pool_of(scripted("a"), scripted("b"), strategy=Wanted("b"))

    assert await ask(pool) == "b"
    assert counts(pool.metrics()) == {"a": (0, 0, 0, 0), "b": (1, 0, 0, 0)}


async def test_a_strategy_sees_what_is_in_flight_and_how_long_tasks_take() -> None:
    strategy = Wanted("b", "a")
    pool = pool_of(scripted("a"), scripted("b", Sleep(2, 1), Hang(), 3), strategy=strategy, most=3)
    await ask(pool)
    work = asking(pool, 1)
    await settle()

    await ask(pool)

    shown = {load.name: (load.in_flight, load.most, load.latency, load.started) for load in strategy.seen[-1]}
    assert shown == {"a": (0, 3, None, 0), "b": (1, 3, 2.0, 2)}
    work[0].cancel()


async def test_a_lost_task_is_tried_by_another_replica() -> None:
    pool = pool_of(scripted("a", GONE), scripted("b"))

    assert await ask(pool) == "b"
    assert counts(pool.metrics()) == {"a": (0, 0, 1, 0), "b": (1, 0, 0, 0)}
    assert pool.metrics().tried_again == 1
    assert pool.metrics().replicas[0].problem == "ConnectionError: gone"


async def test_a_task_that_failed_by_itself_is_not_tried_again() -> None:
    pool = pool_of(scripted("a", ValueError("bad input")), scripted("b"))

    with pytest.raises(ValueError, match="bad input"):
        await ask(pool)

    assert counts(pool.metrics()) == {"a": (0, 1, 0, 0), "b": (0, 0, 0, 0)}


async def test_tries_bound_how_many_replicas_a_task_can_take_down() -> None:
    pool = pool_of(*(scripted(name, GONE) for name in "abcd"), tries=2)

    with pytest.raises(ConnectionError, match="gone"):
        await ask(pool)

    assert [one[2] for one in counts(pool.metrics()).values()] == [1, 1, 0, 0]


async def test_what_counts_as_lost_can_be_said() -> None:
    pool = pool_of(scripted("a", KeyError("odd")), scripted("b"), ejection=Ejection(on=[KeyError]))

    assert await ask(pool) == "b"


async def test_a_replica_that_answers_too_late_has_lost_its_task() -> None:
    pool = pool_of(scripted("a", Hang()), scripted("b"), timeout=5)

    assert await ask(pool) == "b"
    assert counts(pool.metrics())["a"] == (0, 0, 1, 0)


async def test_what_a_lost_try_said_is_forgotten_and_what_it_used_is_not() -> None:
    def half(task: Task[Any]) -> object:
        task.emit("paid", 1)
        raise GONE

    def whole(task: Task[Any]) -> object:
        task.emit("paid", 2)
        task.confidence(0.5)
        return "done"

    task = Task.standalone("x")
    await pool_of(scripted("a", half), scripted("b", whole)).run(task)

    assert task.notes is not None
    assert (task.notes.messages, task.notes.confidence) == ([("paid", 2)], 0.5)


async def test_a_task_that_may_have_done_something_outside_is_not_tried_elsewhere() -> None:
    async def pay(task: Task[Any]) -> object:
        async with task.effect("pay", key="1"):
            raise ConnectionError("nobody knows")

    second = scripted("b")
    pool = pool_of(pay, second)

    with pytest.raises(ConnectionError, match="nobody knows"):
        await ask(pool)
    assert second.runs == 0


async def test_a_cancel_gives_the_slot_back_and_is_counted() -> None:
    pool = pool_of(scripted("a", Hang(), "next"), most=1)
    work = asking(pool, 1)
    await settle()

    work[0].cancel()
    await asyncio.gather(*work, return_exceptions=True)

    assert await ask(pool) == "next"
    assert counts(pool.metrics())["a"] == (1, 0, 0, 1)


async def test_a_cancel_that_a_replica_makes_an_error_of_is_a_cancel_all_the_same() -> None:
    async def stubborn(task: Task[Any]) -> object:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            raise GONE from None
        return None

    pool = pool_of(stubborn, scripted("b"))
    work = asking(pool, 1)
    await settle()
    work[0].cancel()

    with pytest.raises(asyncio.CancelledError):
        await work[0]
    assert counts(pool.metrics())["b"] == (0, 0, 0, 0)


async def test_no_replica_works_on_more_than_it_may_and_who_waits_is_served_in_order() -> None:
    slow, small = scripted("a", Sleep(1, "a")), scripted("b", Sleep(1, "b"))
    pool = pool_of(slow, Replica(small, most=1), most=2, strategy=LeastLoaded())
    done: list[int] = []

    async def one(number: int) -> None:
        await ask(pool, number)
        done.append(number)

    await asyncio.gather(*(one(number) for number in range(9)))

    assert (slow.most, small.most) == (2, 1)
    assert [sorted(done[at : at + 3]) for at in (0, 3, 6)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


async def test_a_cancelled_waiter_holds_nobody_up() -> None:
    pool = pool_of(scripted("a", Sleep(1, "a")), most=1)
    work = asking(pool, 3)
    await settle()

    work[1].cancel()

    assert await work[2] == "a"
    assert (counts(pool.metrics())["a"], pool.metrics().waiting) == ((2, 0, 0, 0), 0)


async def test_a_slot_given_to_somebody_who_is_cancelled_in_that_moment_goes_to_the_next() -> None:
    release = asyncio.Event()

    async def work(task: Task[Any]) -> object:
        if task.input == 0:
            await release.wait()
        return task.input

    pool = pool_of(work, most=1)

    async def first() -> None:
        await ask(pool, 0)
        # Its slot was handed to the second just now, which is cancelled before it runs again.
        second.cancel()

    holding = asyncio.create_task(first())
    await settle()
    second, third = (asyncio.create_task(ask(pool, number)) for number in (1, 2))
    await settle()
    release.set()

    assert await third == 2
    await holding
    assert second.cancelled()
    assert pool.metrics().in_flight == 0


async def test_more_than_may_wait_are_refused_with_the_time_to_come_back() -> None:
    pool = pool_of(scripted("a", Hang()), most=1, max_waiting=1)
    work = asking(pool, 2)
    await settle()

    with pytest.raises(Overloaded, match="1 tasks wait already") as refused:
        await ask(pool)

    assert refused.value.retry_after > 0
    assert (pool.metrics().refused, pool.metrics().waiting) == (1, 1)
    for one in work:
        one.cancel()


async def test_who_waits_for_one_replica_does_not_hold_up_those_who_can_use_another() -> None:
    pool = pool_of(scripted("a", GONE, "a"), scripted("b", Sleep(9, "b")), most=1, strategy=Wanted("b", "a"))
    work = asking(pool, 2)
    await asyncio.sleep(1)
    assert pool.metrics().waiting == 1

    assert await ask(pool) == "a"

    assert await asyncio.gather(*work) == ["b", "b"]


async def latency_shown(pool: AgentPool[Any, Any], strategy: Wanted) -> float | None:
    await ask(pool)
    return strategy.seen[-1][0].latency


async def test_a_latency_follows_newer_answers_and_fades_while_nobody_asks() -> None:
    strategy = Wanted("a")
    pool = pool_of(scripted("a", Sleep(1), *[Sleep(3)] * 10, 0), strategy=strategy)

    shown = [await latency_shown(pool, strategy) for _ in range(10)]
    await asyncio.sleep(100)
    faded = await latency_shown(pool, strategy)

    assert shown[0] is None
    known = [latency for latency in shown if latency is not None]
    assert known == sorted(known)
    assert known[0] == 1
    assert 2.5 < known[-1] < 3
    assert faded is not None
    assert faded < 0.01


async def test_a_replica_that_was_given_up_after_a_long_time_counts_as_slow() -> None:
    strategy = Wanted("a")
    pool = pool_of(scripted("a", Sleep(1), Sleep(50), 0), scripted("b"), strategy=strategy, timeout=20)
    await ask(pool)
    await ask(pool)

    shown = await latency_shown(pool, strategy)

    assert shown is not None
    assert shown > 10


async def test_a_replica_that_loses_at_once_does_not_look_fast() -> None:
    strategy = Wanted("a")
    pool = pool_of(scripted("a", Sleep(0.001, GONE), "a"), scripted("b"), strategy=strategy)
    await ask(pool)

    assert await latency_shown(pool, strategy) is None


@pytest.mark.parametrize("strategy", [PowerOfTwo(), LeastLoaded()])
@pytest.mark.parametrize("well_for", [0, 50])
async def test_a_replica_that_fails_at_once_gets_no_more_than_its_share(strategy: Balancing, well_for: int) -> None:
    broken = scripted("d", *[Sleep(1, "d")] * well_for, ValueError("no key"))
    dice = random.Random(3)
    pool = pool_of(*(scripted(name, Sleep(1, name)) for name in "abc"), broken, strategy=strategy, chance=dice.random)
    work: list[asyncio.Task[Any]] = []
    for _ in range(400 + 4 * well_for):
        work += asking(pool, 1)
        await asyncio.sleep(0.1)
    ends = await asyncio.gather(*work, return_exceptions=True)

    assert 60 < len([end for end in ends if isinstance(end, ValueError)]) < 140


async def test_a_lost_task_waits_for_a_full_replica_before_it_goes_back() -> None:
    second = scripted("b", Sleep(5, "first"), "second")
    pool = pool_of(scripted("a", GONE), second, most=1, strategy=Wanted("b", "a"))
    work = asking(pool, 2)

    assert await asyncio.gather(*work) == ["first", "second"]
    assert counts(pool.metrics()) == {"a": (0, 0, 1, 0), "b": (2, 0, 0, 0)}


async def test_a_replica_that_lost_tasks_in_a_row_is_out_and_comes_back_by_a_task() -> None:
    first = scripted("a", GONE, GONE, "well")
    pool = pool_of(first, scripted("b"), ejection=Ejection(after=2, seconds=30))

    assert [await ask(pool) for _ in range(3)] == ["b", "b", "b"]
    assert (first.runs, statuses(pool.metrics())) == (2, ["ejected", "ready"])
    await asyncio.sleep(29)
    assert await ask(pool) == "b"
    await asyncio.sleep(2)
    assert await ask(pool) == "well"

    assert (statuses(pool.metrics()), pool.metrics().ejections) == (["ready", "ready"], 1)
    assert pool.metrics().replicas[0].problem == ""


async def test_one_success_between_losses_keeps_a_replica_in() -> None:
    pool = pool_of(scripted("a", GONE, "a"), scripted("b"), ejection=Ejection(after=2))

    for _ in range(6):
        await ask(pool)

    assert pool.metrics().ejections == 0


async def test_a_replica_that_is_still_ill_when_it_comes_back_is_out_for_longer() -> None:
    first = scripted("a", GONE)
    pool = pool_of(first, scripted("b"), ejection=Ejection(after=1, seconds=10))
    runs = []
    for _ in range(400):
        await ask(pool)
        runs.append(first.runs)
        await asyncio.sleep(1)

    # Each time twice as long, and never longer than ten times the first.
    assert [runs.index(count) for count in range(1, 8)] == [0, 10, 30, 70, 150, 250, 350]


async def test_only_one_task_at_a_time_tries_whether_a_replica_is_back() -> None:
    first = scripted("a", GONE, Sleep(5, "a"))
    pool = pool_of(first, scripted("b"), ejection=Ejection(after=1, seconds=1))
    await ask(pool)
    await asyncio.sleep(1)

    assert sorted(await asyncio.gather(*asking(pool, 4))) == ["a", "b", "b", "b"]


async def test_lost_tasks_alone_never_take_out_more_than_the_allowed_share() -> None:
    for share, out in ((0.5, 2), (1.0, 4), (0.0, 0)):
        pool = pool_of(*(scripted(name, GONE) for name in "abcd"), tries=4, ejection=Ejection(after=1, most=share))

        with pytest.raises(ConnectionError):
            await ask(pool)

        assert statuses(pool.metrics()).count("ejected") == out


async def test_who_waits_is_served_when_a_replica_comes_back() -> None:
    pool = pool_of(scripted("a", GONE, "back"), tries=2, ejection=Ejection(after=1, seconds=3, most=1))
    with pytest.raises(ConnectionError):
        await ask(pool)

    with pytest.raises(Overloaded) as refused:
        await ask(pool)
    await asyncio.sleep(refused.value.retry_after)

    assert await ask(pool) == "back"


async def test_a_check_decides_whether_a_replica_is_in() -> None:
    is_well = [False]

    async def check() -> None:
        if not is_well[0]:
            raise ServerUnavailable("no answer")

    first = scripted("a")
    pool = pool_of(Replica(first, check=check), scripted("b"), ejection=Ejection(check_seconds=40, seconds=1000))
    async with pool:
        await settle()
        assert (await ask(pool), statuses(pool.metrics())) == ("b", ["ejected", "ready"])
        assert "its check failed: ServerUnavailable: no answer" in pool.metrics().replicas[0].problem
        is_well[0] = True
        await asyncio.sleep(39)
        assert await ask(pool) == "b"
        await asyncio.sleep(2)
        assert await ask(pool) == "a"


async def test_a_replica_with_a_check_is_looked_at_when_its_time_is_over_and_no_task_is_risked() -> None:
    asked: list[float] = []

    async def check() -> None:
        asked.append(asyncio.get_running_loop().time())
        if len(asked) < 2:
            raise OSError("still down")

    first, began = scripted("a", GONE, "a"), asyncio.get_running_loop().time()
    pool = pool_of(Replica(first, check=check), scripted("b"), ejection=Ejection(after=1, seconds=10))
    for _ in range(40):
        await ask(pool)
        await asyncio.sleep(1)

    assert [time - began for time in asked] == [10, 30]
    assert counts(pool.metrics())["a"] == (10, 0, 1, 0)


async def test_a_check_that_hangs_is_given_up_and_the_replica_is_out() -> None:
    pool = pool_of(Replica(scripted("a"), check=asyncio.Event().wait), ejection=Ejection(check_seconds=3))
    began = asyncio.get_running_loop().time()

    metrics = await pool.check()

    assert asyncio.get_running_loop().time() - began == 3
    assert statuses(metrics) == ["ejected"]
    assert "TimeoutError" in metrics.replicas[0].problem
    with pytest.raises(Overloaded, match="no replica is there"):
        await ask(pool)


async def test_draining_waits_for_what_is_in_flight_and_starts_nothing_new() -> None:
    first = scripted("a", Sleep(5, "done"))
    pool = pool_of(first, most=1)
    work = asking(pool, 2)
    await settle()
    began = asyncio.get_running_loop().time()

    await pool.drain()

    assert asyncio.get_running_loop().time() - began == 5
    with pytest.raises(Closed, match="is drained"):
        await work[1]
    with pytest.raises(Closed, match="is drained"):
        await ask(pool)
    assert (await work[0], first.runs, statuses(pool.metrics())) == ("done", 1, ["draining"])
    pool.resume()
    assert await ask(pool) == "done"


async def test_a_replica_is_known_by_the_name_it_is_given() -> None:
    pool = pool_of(Replica(scripted("a"), name="eu"), Replica(scripted("b"), name="us"))

    await pool.drain("eu")

    assert [one.name for one in pool.metrics().replicas] == ["eu", "us"]
    assert await ask(pool) == "b"


async def test_one_replica_is_drained_while_the_others_go_on() -> None:
    pool = pool_of(scripted("a", Sleep(5, "a")), scripted("b"))
    work = asking(pool, 1)
    await settle()
    draining = asyncio.create_task(pool.drain("a"))
    await settle()

    assert await ask(pool) == "b"
    assert not draining.done()
    await draining
    assert work[0].result() == "a"
    assert await ask(pool) == "b"
    pool.resume("a")
    assert await ask(pool) == "a"


async def test_the_end_of_the_block_drains_and_ends_the_checks() -> None:
    checked: list[int] = []

    async def check() -> None:
        checked.append(1)

    pool = pool_of(Replica(scripted("a", Sleep(2, "a")), check=check), ejection=Ejection(check_seconds=5))
    async with pool:
        work = asking(pool, 1)
        await settle()
    await asyncio.sleep(100)

    assert len(checked) == 1
    assert work[0].result() == "a"
    with pytest.raises(Closed):
        await ask(pool)
    async with pool:
        assert await ask(pool) == "a"


async def test_after_the_end_of_the_block_nobody_looks_after_a_replica_that_is_out() -> None:
    checked: list[int] = []

    async def check() -> None:
        checked.append(1)
        if len(checked) == 3:
            await asyncio.sleep(4)
        raise OSError("down")

    pool = pool_of(Replica(scripted("a"), check=check), scripted("b"), ejection=Ejection(seconds=10, check_seconds=50))
    async with pool:
        await asyncio.sleep(31)
    # The third one was on its way.
    assert len(checked) == 3
    await asyncio.sleep(1000)

    assert len(checked) == 3
    pool.resume()
    await ask(pool)
    await settle()
    assert len(checked) == 4


async def test_a_replica_that_is_not_there_cannot_be_drained() -> None:
    with pytest.raises(NotFound, match="it has: a"):
        await pool_of(scripted("a")).drain("z")
    with pytest.raises(NotFound, match="no replica 'z'"):
        pool_of(scripted("a")).resume("z")


async def test_a_replica_that_is_added_serves_who_waits() -> None:
    pool = pool_of(scripted("a", Hang()), most=1)
    work = asking(pool, 2)
    await settle()

    assert pool.add(scripted("a", "more")) == "a-1"

    assert await work[1] == "more"
    assert pool.metrics().replicas[1].most == 1
    work[0].cancel()


async def test_a_replica_that_is_removed_ends_its_work_first() -> None:
    pool = pool_of(scripted("a", Sleep(5, "done")), scripted("b"))
    work = asking(pool, 1)
    await settle()

    await pool.remove("a")

    assert work[0].result() == "done"
    assert [one.name for one in pool.metrics().replicas] == ["b"]
    with pytest.raises(DefinitionError, match="its only replica"):
        await pool.remove("b")
    with pytest.raises(NotFound):
        await pool.remove("a")


async def test_of_several_replicas_the_one_is_removed_that_was_named() -> None:
    pool = pool_of(scripted("a"), scripted("b"), scripted("c"))

    await pool.remove("b")

    assert [one.name for one in pool.metrics().replicas] == ["a", "c"]


async def test_replicas_that_are_removed_at_the_same_time_leave_one_and_nobody_waits_for_ever() -> None:
    pool = pool_of(scripted("a", Sleep(5, "a")), scripted("b", Sleep(5, "b")), most=1)
    work = asking(pool, 3)
    await settle()

    ends = await asyncio.gather(*(pool.remove(name) for name in ("a", "b", "a")), return_exceptions=True)

    assert [type(end) for end in ends] == [type(None), DefinitionError, type(None)]
    assert await asyncio.gather(*work) == ["a", "b", "b"]
    assert [one.name for one in pool.metrics().replicas] == ["b"]


async def test_who_cancels_a_removal_keeps_the_replica() -> None:
    pool = pool_of(scripted("a", Sleep(5, "a")), scripted("b"))
    work = asking(pool, 1)
    await settle()
    removal = asyncio.create_task(pool.remove("a"))
    await settle()
    removal.cancel()
    await asyncio.wait([removal])

    await pool.remove("b")

    assert [one.name for one in pool.metrics().replicas] == ["a"]
    await asyncio.gather(*work)


async def test_when_the_last_replica_is_drained_those_who_wait_are_refused() -> None:
    pool = pool_of(scripted("a", Sleep(5, "a")), scripted("b", Sleep(5, "b")), most=1)
    work = asking(pool, 3)
    await settle()

    await asyncio.gather(pool.drain("a"), pool.drain("b"))

    assert [task.result() for task in work[:2]] == ["a", "b"]
    with pytest.raises(Overloaded, match="all are out or drained"):
        await work[2]
    assert pool.metrics().refused == 1


async def test_a_pool_is_entered_once_at_a_time() -> None:
    checked: list[int] = []

    async def check() -> None:
        checked.append(1)

    pool = pool_of(Replica(scripted("a"), check=check), ejection=Ejection(check_seconds=5))
    async with pool:
        with pytest.raises(UsageError, match="entered already"):
            await pool.__aenter__()
        assert await ask(pool) == "a"
    count = len(checked)
    await asyncio.sleep(100)

    assert len(checked) == count


async def test_a_try_that_goes_on_after_its_time_keeps_its_room_until_it_ends() -> None:
    go_on = asyncio.Event()

    @agent
    async def endless(task: Task[Any]) -> str:
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()
        return "late"

    pool = pool_of(endless, most=1, timeout=5, tries=1)
    with pytest.raises(TimeoutError):
        await ask(pool)
    (seen,) = pool.metrics().replicas
    assert (seen.in_flight, seen.abandoned, seen.lost, pool.metrics().saturation) == (1, 1, 1, 1.0)

    (waiting,) = asking(pool, 1)
    await settle()
    assert pool.metrics().waiting == 1
    go_on.set()
    assert await waiting == "late"
    assert pool.metrics().replicas[0].abandoned == 0

    go_on.clear()
    with pytest.raises(TimeoutError):
        await ask(pool)
    # Nobody who leaves a pool waits for what was given up.
    async with asyncio.timeout(1):
        await pool.drain()
    go_on.set()


@pytest.mark.blocking
async def test_a_thread_that_goes_on_after_its_time_keeps_its_room_until_it_ends() -> None:
    go_on = threading.Event()

    def slow(task: Task[Any]) -> str:
        return "done" if go_on.wait(30) else "nobody came"

    pool = pool_of(slow, most=1, timeout=0.01, tries=1)
    with pytest.raises(TimeoutError):
        await ask(pool)
    assert (pool.metrics().replicas[0].in_flight, pool.metrics().replicas[0].abandoned) == (1, 1)

    waiting = asyncio.create_task(ask(pool))
    await settle()
    assert pool.metrics().waiting == 1
    go_on.set()

    assert await asyncio.wait_for(waiting, 30) == "done"
    assert pool.metrics().replicas[0].abandoned == 0


async def test_a_limit_that_is_changed_holds_at_once() -> None:
    first, second = scripted("a", Sleep(1, "a")), scripted("b", Sleep(1, "b"))
    pool = pool_of(first, second, most=1, strategy=LeastLoaded())
    work = asking(pool, 6)
    await settle()

    pool.limit(3, "a")
    await settle()
    assert (first.working, second.working) == (3, 1)
    pool.limit(None)
    await asyncio.gather(*work)

    assert pool.metrics().capacity is None
    assert pool.add(scripted("c")) == "c"
    assert pool.metrics().replicas[2].most is None
    with pytest.raises(DefinitionError, match="most must be"):
        pool.limit(0)
    with pytest.raises(NotFound):
        pool.limit(1, "z")


async def test_a_replica_that_does_not_fit_is_not_added() -> None:
    @agent
    async def number(task: Task[str]) -> int:
        return 1

    @agent
    async def text(task: Task[str]) -> str:
        return ""

    @agent(permissions={"payments"})
    async def paying(task: Task[str]) -> int:
        return 1

    pool = pool_of(Replica(number, name="one"))

    with pytest.raises(DefinitionError, match="gives str, and 'number' int"):
        pool.add(text)
    with pytest.raises(DefinitionError, match="permissions that the pool lacks: payments"):
        pool.add(paying)
    with pytest.raises(DefinitionError, match="two replicas are called 'one'"):
        pool.add(Replica(number, name="one"))
    assert len(pool.metrics().replicas) == 1


async def test_metrics_tell_capacity_and_saturation() -> None:
    pool = pool_of(scripted("a", Hang()), scripted("b"), scripted("c"), most=2)
    work = asking(pool, 1)
    await settle()
    await pool.drain("c")

    metrics = pool.metrics()

    assert (metrics.in_flight, metrics.capacity, metrics.saturation, metrics.ready) == (1, 4, 0.25, 2)
    assert pool_of(scripted("a")).metrics().saturation is None
    work[0].cancel()


def test_a_lever_moves_the_limit_within_its_bounds() -> None:
    pool = pool_of(Replica(scripted("a"), most=2), scripted("b"), most=4)
    lever: Lever = PoolLever(pool, least=2, most=9)
    assert (lever.name, lever.value, lever.least, lever.most) == ("pool:pool", 4, 2, 9)

    found = []
    for value in (5, 1, 100):
        lever.set(value)
        found.append([one.most for one in pool.metrics().replicas])

    assert found == [[2, 5], [1, 2], [4, 9]]


def test_a_lever_that_is_set_back_gives_each_replica_what_it_had() -> None:
    pool = pool_of(Replica(scripted("a"), most=3), Replica(scripted("b"), most=32))
    lever = PoolLever(pool, least=1, most=64)

    def moved(value: int) -> list[int | None]:
        lever.set(value)
        return [one.most for one in pool.metrics().replicas]

    assert [moved(value) for value in (64, 5, 1, 32)] == [[6, 64], [1, 5], [1, 1], [3, 32]]
    pool.limit(16, "a")
    assert [moved(value) for value in (64, 32)] == [[32, 64], [16, 32]]
    pool.add(Replica(scripted("c"), most=8))
    assert moved(64) == [32, 64, 16]


@pytest.mark.parametrize(("least", "most", "word"), [(0, 2, "least"), (1, 0, "most"), (3, 2, "at most 2")])
def test_a_lever_whose_bounds_are_not_valid_is_refused(least: int, most: int, word: str) -> None:
    with pytest.raises(DefinitionError, match=word):
        PoolLever(pool_of(scripted("a"), most=1), least=least, most=most)


def test_a_lever_needs_a_limit_to_move() -> None:
    with pytest.raises(DefinitionError, match="give the pool most="):
        PoolLever(pool_of(scripted("a"), Replica(scripted("b"), most=1)), least=1, most=2)


async def test_weighted_load_measures_machines_and_not_more_often_than_it_is_told() -> None:
    measured: list[str] = []

    def gauge(name: str, cpu: float) -> Any:
        async def measure() -> MachineLoad:
            measured.append(name)
            return MachineLoad(cpu=cpu, memory=0.5)

        return measure

    pool = pool_of(
        Replica(scripted("a"), gauge=gauge("a", 0.9)),
        Replica(scripted("b"), gauge=gauge("b", 0.1)),
        strategy=WeightedLoad(),
        load_seconds=60,
    )

    await ask(pool)
    await settle()
    assert [await ask(pool) for _ in range(3)] == ["b", "b", "b"]
    await asyncio.sleep(59)
    await ask(pool)
    assert measured == ["a", "b"]
    await asyncio.sleep(2)
    await ask(pool)
    await settle()
    assert len(measured) == 4


async def test_no_task_waits_for_a_gauge_and_a_gauge_that_hangs_gets_no_second_call() -> None:
    now = asyncio.get_running_loop().time
    calls, began = list[tuple[str, float]](), now()

    async def gauge() -> MachineLoad:
        calls.append(("begun", now() - began))
        try:
            await asyncio.Event().wait()
        finally:
            calls.append(("given up", now() - began))
        return MachineLoad(cpu=0, memory=0)

    pool = pool_of(Replica(scripted("a"), gauge=gauge), strategy=WeightedLoad(), ejection=Ejection(check_seconds=4.5))
    async with pool:
        for _ in range(8):
            await ask(pool)
            await asyncio.sleep(1)
        assert now() - began == 8

    assert calls == [("begun", 0), ("given up", 4.5), ("begun", 5), ("given up", 8)]


async def test_a_machine_that_cannot_be_measured_counts_as_average() -> None:
    async def broken() -> MachineLoad:
        raise OSError("no answer")

    async def idle() -> MachineLoad:
        return MachineLoad(cpu=0.0, memory=0.0)

    pool = pool_of(
        Replica(scripted("a"), gauge=broken), Replica(scripted("b"), gauge=idle), strategy=WeightedLoad(queue=1)
    )

    assert {await ask(pool) for _ in range(30)} == {"a", "b"}


NAN = float("nan")


@pytest.mark.parametrize("odd", [MachineLoad(cpu=NAN, memory=0), MachineLoad(cpu=0, memory=-1), {"cpu": 1}, 0.5])
async def test_a_load_that_is_none_counts_as_average(odd: Any) -> None:
    async def plain() -> MachineLoad:
        return MachineLoad(cpu=0.5, memory=0.5)

    async def strange() -> Any:
        return odd

    pool = pool_of(
        Replica(scripted("a"), gauge=plain), Replica(scripted("b"), gauge=strange), strategy=WeightedLoad(queue=1)
    )

    assert {await ask(pool) for _ in range(30)} == {"a", "b"}


class Failing(InOrder):
    """Chooses rightly once, then as it is told."""

    def __init__(self, then: Any) -> None:
        self.then = [0, *([then] * 9)]

    def choose(self, loads: Any, chance: Any) -> Any:
        place = self.then.pop(0)
        return place(0) if callable(place) else place


@pytest.mark.parametrize(
    ("then", "why"),
    [
        ([].__getitem__, "raised IndexError: list index"),
        (1, "chose 1, which"),
        (-1, "chose -1"),
        (0.5, "TypeError"),
    ],
)
async def test_what_a_strategy_does_wrong_is_told_to_who_waits_and_takes_no_answer_away(then: Any, why: str) -> None:
    pool = pool_of(scripted("a", Sleep(1, "done")), most=1, strategy=Failing(then))
    first, *others = asking(pool, 3)

    assert await first == "done"
    for other in others:
        with pytest.raises(DefinitionError, match=f"strategy Failing .*{why}"):
            await other
    assert (pool.metrics().waiting, pool.metrics().in_flight) == (0, 0)


async def test_dice_that_are_handed_in_decide() -> None:
    def names(seed: int) -> Any:
        pool: AgentPool[Any, Any] = AgentPool(
            "pool", [scripted("a"), scripted("b")], strategy=LeastLoaded(), chance=random.Random(seed).random
        )
        return [ask(pool) for _ in range(20)]

    first, again, other = [[await one for one in names(seed)] for seed in (1, 1, 2)]

    assert first == again != other


async def test_plain_functions_work_in_threads() -> None:
    def read(task: Task[str]) -> int:
        return len(task.input)

    pool: AgentPool[str, int] = AgentPool("reader", [read, read], strategy=InOrder())

    assert await pool.run(Task.standalone("four")) == 4
    assert [one.name for one in pool.metrics().replicas] == ["read-1", "read-2"]


async def test_a_pool_has_the_types_of_its_replicas_and_any_of_their_permissions() -> None:
    @agent(expertise={"csv", "sql"}, permissions={"network"})
    async def near(task: Task[str]) -> int:
        return len(task.input)

    @agent(expertise={"csv"}, permissions={"disk"})
    async def far(task: Task[str]) -> object:
        return 7

    pool = AgentPool("reader", [far, near])
    entry = AgentRegistry([pool])["reader"]

    assert (entry.input_type.name, entry.output_type.name) == ("str", "int")
    assert (pool.personality.expertise, pool.personality.permissions) == ({"csv"}, {"network", "disk"})


async def test_the_value_of_an_untyped_replica_is_read_as_the_type_of_the_pool() -> None:
    @agent
    async def near(task: Task[str]) -> frozenset[int]:
        return frozenset({1})

    pool = pool_of(near, scripted("far", [1, 2]), strategy=Wanted("far"))

    assert await ask(pool) == frozenset({1, 2})


async def test_a_machine_without_a_gauge_of_its_own_is_this_one() -> None:
    strategy = WeightedLoad()
    pool = pool_of(scripted("a"), strategy=Shown(strategy))

    await ask(pool)
    await asyncio.sleep(1)
    await ask(pool)

    (shown,) = Shown.seen[-1]
    assert shown.machine is not None
    assert 0 <= shown.machine.cpu <= 1
    assert 0 < shown.machine.memory < 1


def test_a_load_that_cannot_be_measured_here_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.agents.pools.gauges.find_spec", lambda name: None)

    with pytest.raises(MissingExtra, match=r"psutil is not installed; run: pip install 'agentkit\[load\]'"):
        pool_of(scripted("a"), strategy=WeightedLoad())


async def test_a_strategy_that_needs_no_load_of_machines_measures_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.agents.pools.gauges.find_spec", lambda name: None)

    async def gauge() -> MachineLoad:
        raise AssertionError("never asked")

    strategy = Wanted("a")
    await ask(pool_of(Replica(scripted("a"), gauge=gauge), scripted("b"), strategy=strategy))

    assert [load.machine for load in strategy.seen[-1]] == [None, None]


async def test_a_task_that_was_lost_while_the_pool_was_drained_says_why_it_was_lost() -> None:
    pool = pool_of(scripted("a", Sleep(1, GONE)), scripted("b"))
    work = asking(pool, 1)
    await settle()

    await pool.drain()

    with pytest.raises(ConnectionError, match="gone"):
        await work[0]
    assert counts(pool.metrics()) == {"a": (0, 0, 1, 0), "b": (0, 0, 0, 0)}


async def test_a_replica_resumed_in_a_drained_pool_gets_no_work_before_the_pool_does() -> None:
    pool = pool_of(scripted("a"))
    await pool.drain()

    pool.resume("a")

    with pytest.raises(Closed):
        await ask(pool)


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_happens_every_task_ends_and_every_one_is_counted_once(seed: int) -> None:
    dice = random.Random(seed)
    working, most = [0] * 4, [0] * 4

    def replica(place: int) -> Replica[Any, Any]:
        async def work(task: Task[int]) -> int:
            working[place] += 1
            most[place] = max(most[place], working[place])
            try:
                await asyncio.sleep(dice.expovariate(1 + place))
                fate = dice.random()
                if fate < 0.15:
                    raise GONE
                if fate < 0.25:
                    raise ValueError(task.input)
            finally:
                working[place] -= 1
            return task.input

        async def check() -> None:
            if dice.random() < 0.3:
                raise OSError("not now")

        return Replica(work, name=f"r{place}", most=place + 1, check=check if place % 2 else None)

    ejection = Ejection(after=2, seconds=2, most=1, check_seconds=3)
    pool = pool_of(*map(replica, range(4)), timeout=3, max_waiting=30, ejection=ejection, strategy=LeastLoaded())
    ends: list[object] = []

    async def one(number: int) -> None:
        try:
            async with asyncio.timeout(dice.uniform(0.1, 20)):
                ends.append(await ask(pool, number) == number)
        except Exception as error:  # noqa: BLE001 - which one is what is counted
            ends.append(type(error))

    async with pool, asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(one(number))
            await asyncio.sleep(dice.expovariate(8))

    assert len(ends) == 300
    assert False not in ends
    assert set(ends) <= {True, ConnectionError, ValueError, TimeoutError, Overloaded, TimeIsUp}
    found, metrics = counts(pool.metrics()), pool.metrics()
    assert sum(one[0] for one in found.values()) >= ends.count(True) > 100
    assert sum(one[1] for one in found.values()) >= ends.count(ValueError) > 0
    assert metrics.in_flight == metrics.waiting == sum(working) == 0
    # Who was lost by a replica and is then refused by the others hears why it was lost, which says more.
    lost = ends.count(ConnectionError) + ends.count(TimeIsUp)
    assert ends.count(Overloaded) <= metrics.refused <= ends.count(Overloaded) + lost
    assert all(at_once <= place + 1 for place, at_once in enumerate(most))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_power_of_two_keeps_away_from_slow_replicas_and_random_does_not(seed: int) -> None:
    async def tail(strategy: Balancing) -> float:
        dice, took = random.Random(seed), list[float]()

        def replica(slowness: float) -> Replica[Any, Any]:
            slots = asyncio.Semaphore(2)

            async def work(task: Task[float]) -> None:
                async with slots:
                    await asyncio.sleep(task.input * slowness)

            return Replica(work)

        replicas = [replica(4.0), *(replica(1.0) for _ in range(7))]
        pool = AgentPool[Any, Any]("pool", replicas, strategy=strategy, chance=random.Random(seed).random)

        async def one(seconds: float) -> None:
            began = asyncio.get_running_loop().time()
            await ask(pool, seconds)
            took.append(asyncio.get_running_loop().time() - began)

        async with asyncio.TaskGroup() as group:
            for _ in range(1500):
                await asyncio.sleep(dice.expovariate(60))
                group.create_task(one(dice.expovariate(10)))
        return sorted(took)[int(0.99 * len(took))]

    assert await tail(PowerOfTwo()) <= 0.5 * await tail(RandomChoice())


def test_settings_that_are_not_valid_are_told_all_at_once() -> None:
    @agent
    async def number(task: Task[str]) -> int:
        return 1

    @agent
    async def text(task: Task[str]) -> str:
        return ""

    @agent(isolation="process")
    async def apart(task: Task[str]) -> int:
        return 1

    with pytest.raises(DefinitionError) as raised:
        pool_of(number, text, apart, most=0, max_waiting=-1, tries=0, timeout=0, load_seconds=0)
    told = "\n".join(raised.value.problems)

    for word in ("most", "max_waiting", "tries", "timeout", "load_seconds", "gives str, and 'number' int", "apart"):
        assert word in told
    assert len(raised.value.problems) == 7


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"after": 0}, "after"),
        ({"seconds": 0}, "seconds"),
        ({"most": 1.1}, "most"),
        ({"most": float("nan")}, "most"),
        ({"on": []}, "on"),
        ({"on": ["eror"]}, "on"),
        ({"check_seconds": -1}, "check_seconds"),
    ],
)
def test_an_ejection_that_is_not_valid_is_refused(settings: dict[str, Any], word: str) -> None:
    with pytest.raises(DefinitionError, match=f"ejection: {word} must be"):
        Ejection(**settings)


def test_a_pool_needs_replicas_and_names_that_differ() -> None:
    with pytest.raises(DefinitionError, match="at least one replica"):
        pool_of()
    with pytest.raises(DefinitionError, match="two replicas are called 'a'"):
        pool_of(Replica(scripted("x"), name="a"), Replica(scripted("y"), name="a"))
    with pytest.raises(DefinitionError, match="replica 'x': most must be"):
        Replica(scripted("x"), most=0)
    with pytest.raises(DefinitionError, match="a replica is an agent"):
        pool_of("clerk")
    with pytest.raises(DefinitionError, match="has no name to be called by"):
        pool_of(lambda task: task)


def test_what_counts_as_busy_is_over_when_it_is_over_in_whatever_order() -> None:
    member = Member("a", registration_of(scripted("a")), most=None)

    def ends(how: str, seconds: float, now: float) -> None:
        member.start()
        member.end(how, seconds=seconds, now=now)

    ends("succeeded", 100.0, 100.0)
    ends("failed", 0.0, 100.0)
    for place in range(300):
        ends("succeeded", 0.1, 100.0 + place / 10)
    for _ in range(20):
        ends("failed", 0.0, 131.0)

    # The first failure counts for as long as answers took then, and the others no longer.
    assert member.load(150.0).in_flight == 1
