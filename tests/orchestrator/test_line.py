"""Whose turn it is, where operations wait for room: priorities and fair shares."""

import asyncio
from collections import Counter

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import InputError
from agentkit.kernel import Priority
from agentkit.orchestrator import Limits, Operation
from agentkit.stores import MemoryStore
from agentkit.testing import VirtualClock

FLOW = Workflow("flow", [Stage("only", agent="note")])


class Room:
    """Room for one attempt, which holds until the test lets it go; it notes who came in."""

    def __init__(self) -> None:
        self.came: list[object] = []
        self.gate = asyncio.Semaphore(0)

        @agent
        async def note(task: Task[object]) -> None:
            self.came.append(task.input)
            await self.gate.acquire()

        self.orchestrator = Orchestrator([note], limits=Limits(max_parallel=1), store=MemoryStore())

    async def submit(self, name: str, *, tenant: str = "acme", priority: Priority = "normal") -> Operation:
        return await self.orchestrator.submit(FLOW, name, tenant=tenant, priority=priority)

    async def let_all_in(self, operations: list[Operation]) -> None:
        for _ in operations:
            self.gate.release()
        await asyncio.gather(*(operation.result() for operation in operations))


async def place(operation: Operation) -> int | None:
    """The place after everybody has had their turn."""
    await asyncio.sleep(0)
    return operation.position


async def full(room: Room) -> Operation:
    """Take the room, so that who comes now has to wait."""
    first = await room.submit("first")
    while not room.came:  # noqa: ASYNC110 - it is taken by a task of its own
        await asyncio.sleep(0)
    return first


async def test_a_tenants_first_is_not_behind_all_of_another_one() -> None:
    room = Room()
    async with room.orchestrator:
        operations = [await full(room)]
        operations += [await room.submit(f"many {n}", tenant="large") for n in range(20)]
        operations += [await room.submit(f"few {n}", tenant="small") for n in range(2)]
        await room.let_all_in(operations)

    places = [room.came.index(f"few {n}") for n in range(2)]
    assert max(places) <= 4, room.came


async def test_high_goes_before_normal_before_low_and_none_waits_for_ever() -> None:
    room = Room()
    async with room.orchestrator:
        operations = [await full(room)]
        for priority in ("low", "normal", "high"):
            operations += [await room.submit(priority, priority=priority) for _ in range(12)]
        await room.let_all_in(operations)

    early = Counter(room.came[1:14])
    assert early["high"] >= 8, room.came
    assert early["low"] == 1, "low priority waits long, and not for ever"
    assert early["normal"] >= 3


async def test_how_much_there_is_to_do_is_told_as_it_is_now() -> None:
    room, clock = Room(), VirtualClock()
    async with Orchestrator(
        [*room.orchestrator.agents.values()], limits=Limits(max_parallel=1), resources={"printer": 2}, clock=clock
    ) as room.orchestrator:
        nothing = room.orchestrator.load
        first = await full(room)
        begun = clock.now()
        waits = [await room.submit(f"{name}", priority=name) for name in ("low", "high", "low")]
        await asyncio.sleep(0.5)
        busy = room.orchestrator.load
        await room.let_all_in([first, *waits])
        after = room.orchestrator.load

    assert (nothing.driven, nothing.attempts, nothing.oldest_at) == (0, 0, None)
    assert (busy.driven, busy.attempts, busy.most_attempts) == (1, 1, 1)
    assert busy.waiting == {"high": 1, "normal": 0, "low": 2}
    assert busy.oldest_at == begun
    assert set(after.waiting.values()) == {0}
    assert (after.attempts, after.oldest_at) == (0, None)


async def test_of_a_limited_resource_is_told_how_much_is_taken() -> None:
    gate = asyncio.Event()

    @agent
    async def hold(task: Task[object]) -> None:
        await gate.wait()

    flow = Workflow("prints", [Stage("print", agent="hold", resource="printer")])
    async with Orchestrator([hold], resources={"printer": 2, "scanner": 1}) as orchestrator:
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(0)
        during = orchestrator.load.resources
        gate.set()
        await operation
        after = orchestrator.load.resources

    assert during == {"printer": (1, 2), "scanner": (0, 1)}
    assert after["printer"] == (0, 2)


async def test_who_is_sent_away_waits_no_more() -> None:
    room = Room()
    async with room.orchestrator:
        await full(room)
        await room.submit("waits")
        line = room.orchestrator._open().line  # only here it can be looked at after its end
        await room.orchestrator.close(drain_seconds=0)

    assert (sum(line.counts.values()), line.oldest_at) == (0, None)


async def test_whoever_waits_is_told_its_place() -> None:
    room = Room()
    async with room.orchestrator:
        first = await full(room)
        waiting = [await room.submit(f"{n}") for n in range(3)]

        assert first.position is None
        assert [operation.position for operation in waiting] == [1, 2, 3]
        urgent = await room.submit("urgent", priority="high")
        assert [urgent.position, await place(waiting[0])] == [1, 2]
        await urgent.cancel()
        assert await place(urgent) is None
        await room.orchestrator.close(drain_seconds=0)


async def test_what_an_operation_is_called_and_how_urgent_it_is_are_on_its_journal() -> None:
    room = Room()
    async with room.orchestrator as orchestrator:
        room.gate.release()
        operation = await orchestrator.submit(FLOW, "x", priority="low", metadata={"month": "2025-11"})
        await operation
        state = await operation.state()

        assert (state.priority, state.metadata) == ("low", '{"month":"2025-11"}')
        room.gate.release()
        again = await orchestrator.fork(operation.id, input="y")
        await again
        assert (await again.state()).metadata == state.metadata


@pytest.mark.parametrize(
    "wrong",
    [
        {"priority": "urgent"},
        {"metadata": {"a": 1}},
        {"metadata": {"": "x"}},
        {"metadata": {"a": "x" * 1_001}},
        {"metadata": {str(n): "" for n in range(65)}},
    ],
)
async def test_an_odd_priority_or_metadata_is_refused(wrong: dict[str, object]) -> None:
    room = Room()
    async with room.orchestrator as orchestrator:
        with pytest.raises(InputError, match=next(iter(wrong))):
            await orchestrator.submit(FLOW, **wrong)  # type: ignore[arg-type]  # what must be refused
