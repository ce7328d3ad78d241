"""Pools of replicas: who gets a task, what becomes of one that was lost, and what the counters say."""

import asyncio
import random
from typing import Any

import pytest

from agentkit.agents import (
    AgentPool,
    AgentRegistry,
    Ejection,
    LeastLoaded,
    MachineLoad,
    Replica,
    Task,
    WeightedLoad,
    agent,
)
from agentkit.errors import Closed, DefinitionError, NotFound, Overloaded, ServerUnavailable
from agentkit.testing.agents import Hang, Sleep
from tests.agents.pools import InOrder, Wanted, ask, asking, counts, pool_of, scripted, settle, statuses

GONE = ConnectionError("gone")


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
    for _ in range(60):
        await ask(pool)
        runs.append(first.runs)
        await asyncio.sleep(1)

    assert [runs.index(count) for count in range(1, 4)] == [0, 10, 30]


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
    pool = pool_of(Replica(first, check=check), scripted("b"), ejection=Ejection(check_seconds=10, seconds=1000))
    async with pool:
        await settle()
        assert (await ask(pool), statuses(pool.metrics())) == ("b", ["ejected", "ready"])
        assert "its check failed: ServerUnavailable: no answer" in pool.metrics().replicas[0].problem
        is_well[0] = True
        await asyncio.sleep(11)
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

    metrics = await pool.check()

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


async def test_the_end_of_the_block_drains() -> None:
    pool = pool_of(scripted("a", Sleep(2, "a")))
    async with pool:
        work = asking(pool, 1)
        await settle()

    assert work[0].result() == "a"
    with pytest.raises(Closed):
        await ask(pool)
    async with pool:
        assert await ask(pool) == "a"


async def test_a_replica_that_is_not_there_cannot_be_drained() -> None:
    with pytest.raises(NotFound, match="it has: a"):
        await pool_of(scripted("a")).drain("z")
    with pytest.raises(NotFound, match="no replica 'z'"):
        pool_of(scripted("a")).resume("z")


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

    assert [await ask(pool) for _ in range(3)] == ["b", "b", "b"]
    assert measured == ["a", "b"]
    await asyncio.sleep(61)
    await ask(pool)
    assert len(measured) == 4


async def test_a_machine_that_cannot_be_measured_counts_as_average() -> None:
    async def broken() -> MachineLoad:
        raise OSError("no answer")

    async def idle() -> MachineLoad:
        return MachineLoad(cpu=0.0, memory=0.0)

    pool = pool_of(
        Replica(scripted("a"), gauge=broken), Replica(scripted("b"), gauge=idle), strategy=WeightedLoad(queue=1)
    )

    assert {await ask(pool) for _ in range(30)} == {"a", "b"}


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
