"""Conditions, lists, loops, children, undoing: run for real, in virtual time."""

import asyncio
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import DefinitionError, OperationCancelled, OperationFailed
from agentkit.kernel import Approval, Loop, Map, RetryPolicy, Stage, When, Workflow, replay
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Hang, Sleep
from tests.orchestrator.scenes import ended, journal_of, now, opened, scripted, words


@agent
async def double(task: Task[int]) -> int:
    return 2 * task.input


@agent
async def picky(task: Task[int]) -> int:
    if task.input < 0:
        raise ValueError(f"{task.input} is below zero")
    return task.input


@agent
async def count_up(task: Task[Any]) -> dict[str, int]:
    before = task.previous
    return {"turn": task.index or 0, "sum": (before["sum"] if isinstance(before, dict) else 0) + 1}


def mapped(**settings: Any) -> Workflow[object]:
    stages = [Stage("read", agent="ada"), Stage("each", agent="picky", after=["read"], **settings)]
    return Workflow("mapped", stages)


async def test_an_agent_works_on_every_item_of_a_list_and_the_values_keep_their_order() -> None:
    async with opened(scripted("ada", [3, 1, 2]), double) as orchestrator:
        flow = Workflow("flow", [Stage("read", agent="ada"), Stage("each", agent="double", after=["read"], map="read")])
        result = await orchestrator.run(flow)

    assert result.output == [6, 2, 4]
    assert not result.is_degraded


async def test_an_empty_list_gives_an_empty_list() -> None:
    async with opened(scripted("ada", []), picky) as orchestrator:
        assert (await orchestrator.run(mapped(map="read"))).output == []


@pytest.mark.parametrize(("parallel", "seconds"), [(None, 10), (2, 20), (1, 40)])
async def test_no_more_items_at_once_than_the_map_says(parallel: int | None, seconds: float) -> None:
    async with opened(
        scripted("ada", [1, 2, 3, 4]), scripted("bob", *[Sleep(10, n) for n in range(4)])
    ) as orchestrator:
        each = Stage("each", agent="bob", after=["read"], map=Map("read", parallel=parallel))
        began = now()
        await orchestrator.run(Workflow("flow", [Stage("read", agent="ada"), each]))

        assert now() - began == pytest.approx(seconds, abs=0.01)


async def test_one_failed_item_fails_the_stage_and_stops_the_others() -> None:
    @agent
    async def slow_or_bad(task: Task[int]) -> int:
        if task.input < 0:
            raise ValueError("below zero")
        await asyncio.sleep(100)
        return task.input

    async with opened(scripted("ada", [1, -1]), slow_or_bad) as orchestrator:
        each = Stage("each", agent="slow_or_bad", after=["read"], map="read")
        began = now()
        with pytest.raises(OperationFailed, match="below zero"):
            await orchestrator.run(Workflow("flow", [Stage("read", agent="ada"), each]))

        assert now() - began < 1


async def test_after_a_failed_optional_map_its_items_stop_and_the_operation_goes_on() -> None:
    async with opened(scripted("ada", [1, -1, 2]), picky, scripted("bob")) as orchestrator:
        flow = Workflow(
            "flow",
            [
                Stage("read", agent="ada"),
                Stage("each", agent="picky", after=["read"], map=Map("read", parallel=1), required=False),
                Stage("end", agent="bob", after=["each"]),
            ],
        )
        result = await orchestrator.run(flow)

    assert (result.output, result.missing) == ("bob", ("each",))


@pytest.mark.parametrize(("quorum", "holds"), [(None, True), (2, True), (3, False)])
async def test_what_is_kept_lacks_the_failed_items_as_long_as_enough_succeed(quorum: int | None, holds: bool) -> None:
    async with opened(scripted("ada", [1, -1, 2]), picky) as orchestrator:
        kept = mapped(map=Map("read", on_failure="keep", quorum=quorum))
        outcome = await ended(await orchestrator.submit(kept))

    if holds:
        assert not isinstance(outcome, Exception)
        assert outcome.output == [1, None, 2]
        assert outcome.degraded == ("each",)
    else:
        assert isinstance(outcome, OperationFailed)


@pytest.mark.parametrize(("value", "says"), [("text", "needs a list"), ([1] * 6, "at most 5 items")])
async def test_what_is_no_list_or_too_long_fails_the_stage(value: object, says: str) -> None:
    async with opened(scripted("ada", value), picky) as orchestrator:
        outcome = await ended(await orchestrator.submit(mapped(map=Map("read", most=5))))

    assert isinstance(outcome, OperationFailed)
    assert outcome.stage == "each"
    assert says in str(outcome)


async def test_items_are_tried_again_one_by_one() -> None:
    tries: list[int] = []

    @agent
    async def shaky(task: Task[int]) -> int:
        tries.append(task.input)
        if task.attempt == 1 and task.input == 2:
            raise ConnectionError("no line")
        return task.input

    async with opened(scripted("ada", [1, 2, 3]), shaky) as orchestrator:
        each = Stage("each", agent="shaky", after=["read"], map="read", retry=RetryPolicy(attempts=2))
        result = await orchestrator.run(Workflow("flow", [Stage("read", agent="ada"), each]))

    assert result.output == [1, 2, 3]
    assert sorted(tries) == [1, 2, 2, 3]


@pytest.mark.parametrize(("rows", "output"), [(3, "bob"), (0, None)])
async def test_a_stage_is_done_only_when_its_condition_is_met(rows: int, output: object) -> None:
    async with opened(scripted("ada", {"rows": rows}), scripted("bob")) as orchestrator:
        charts = Stage("charts", agent="bob", after=["read"], when=When("read", path="rows", at_least=1))
        operation = await orchestrator.submit(Workflow("flow", [Stage("read", agent="ada"), charts]))
        result = await operation

        assert result.output == output
        assert ("AttemptStarted charts" in words(await journal_of(operation))) == (output is not None)
        assert not result.is_degraded


async def test_dependents_of_a_skipped_stage_see_it_as_missing() -> None:
    seen: list[tuple[str, ...]] = []

    @agent
    async def look(task: Task[Any]) -> str:
        seen.append(task.missing)
        return "done"

    async with opened(scripted("ada", False), scripted("bob"), look) as orchestrator:
        flow = Workflow(
            "flow",
            [
                Stage("ask", agent="ada"),
                Stage("do", agent="bob", after=["ask"], when="ask"),
                Stage("end", agent="look", after=["do"]),
            ],
        )
        await orchestrator.run(flow)

    assert seen == [("do",)]


async def test_a_condition_that_makes_no_sense_fails_its_stage_by_name() -> None:
    async with opened(scripted("ada", "many"), scripted("bob")) as orchestrator:
        charts = Stage("charts", agent="bob", after=["read"], when=When("read", above=3))
        outcome = await ended(await orchestrator.submit(Workflow("flow", [Stage("read", agent="ada"), charts])))

    assert isinstance(outcome, OperationFailed)
    assert (outcome.stage, "compares read with a number" in str(outcome)) == ("charts", True)


async def test_a_loop_goes_round_until_its_value_is_good_enough() -> None:
    async with opened(count_up) as orchestrator:
        loop = Loop(until=When(path="turn", at_least=3), most=5)
        result = await orchestrator.run(Workflow("flow", [Stage("improve", agent="count_up", loop=loop)]))

    assert result.output == {"turn": 3, "sum": 3}
    assert not result.is_degraded


@pytest.mark.parametrize("otherwise", ["fail", "keep"])
async def test_a_loop_ends_at_its_bound(otherwise: Any) -> None:
    async with opened(count_up) as orchestrator:
        loop = Loop(until=When(path="turn", at_least=9), most=2, otherwise=otherwise)
        outcome = await ended(
            await orchestrator.submit(Workflow("flow", [Stage("improve", agent="count_up", loop=loop)]))
        )

    if otherwise == "fail":
        assert isinstance(outcome, OperationFailed)
        assert "after 2 turns" in str(outcome)
    else:
        assert not isinstance(outcome, Exception)
        assert (outcome.output, outcome.degraded) == ({"turn": 2, "sum": 2}, ("improve",))


INNER: Workflow[object] = Workflow("inner", [Stage("one", agent="bob"), Stage("two", agent="double", after=["one"])])


async def test_a_workflow_runs_inside_of_another_as_an_operation_of_its_own() -> None:
    async with opened(scripted("ada", 1), scripted("bob", 21), double) as orchestrator:
        outer = Workflow("outer", [Stage("first", agent="ada"), Stage("sub", workflow=INNER, after=["first"])])
        operation = await orchestrator.submit(outer)
        result = await operation
        child = await orchestrator.get(f"{operation.id}~sub~1")

        assert result.output == 42
        assert (await child).output == 42
        assert (await child.state()).parent == operation.id


async def test_whoever_cancels_the_parent_cancels_the_child() -> None:
    async with opened(scripted("bob", Sleep(100, 1)), double) as orchestrator:
        operation = await orchestrator.submit(Workflow("outer", [Stage("sub", workflow=INNER)]))
        await asyncio.sleep(1)
        await operation.cancel("enough")
        assert isinstance(await ended(operation), OperationCancelled)
        await asyncio.sleep(3)

        child = await orchestrator.get(f"{operation.id}~sub~1")
        assert (await child.state()).status == "cancelled"


async def test_a_child_takes_no_slot_of_its_parent() -> None:
    async with opened(scripted("bob", 21), double, max_parallel=1) as orchestrator:
        result = await orchestrator.run(Workflow("outer", [Stage("sub", workflow=INNER)]))

    assert result.output == 42


async def test_after_a_crash_the_parent_finds_the_child_that_it_began() -> None:
    memory = MemoryStore()
    flow = Workflow("outer", [Stage("sub", workflow=INNER)])
    bob, runs = scripted("bob", Sleep(50, 21)), []

    @agent(name="double")
    async def counted(task: Task[int]) -> int:
        runs.append(task.input)
        return 2 * task.input

    first = opened(bob, counted, store=memory)
    await first.open()
    operation = await first.submit(flow)
    await asyncio.sleep(1)
    sibling = memory.sibling()
    memory.abandon()
    await first.close(drain_seconds=0)
    async with opened(bob, counted, store=sibling) as second:
        result = await (await second.get(operation.id))

        assert result.output == 42
        assert runs == [21]
        assert sorted(line.stream for line in await second.list()) == [operation.id, f"{operation.id}~sub~1"]


async def test_a_child_that_is_tried_again_goes_on_with_what_was_done() -> None:
    asked: list[int] = []

    @agent
    async def bob(task: Task[Any]) -> int:
        asked.append(task.attempt)
        return 21

    @agent(name="double")
    async def shaky(task: Task[int]) -> int:
        if len(tries) < 2:
            tries.append(task.input)
            raise ValueError("not today")
        return 2 * task.input

    tries: list[int] = []
    async with opened(bob, shaky) as orchestrator:
        flow = Workflow("outer", [Stage("sub", workflow=INNER, retry=RetryPolicy(attempts=3))])
        result = await orchestrator.run(flow)

    assert result.output == 42
    assert asked == [1]


async def test_resuming_the_parent_goes_on_with_what_its_child_had_done() -> None:
    asked: list[int] = []

    @agent
    async def bob(task: Task[Any]) -> int:
        asked.append(task.attempt)
        return 21

    tries: list[int] = []

    @agent(name="double")
    async def shaky(task: Task[int]) -> int:
        tries.append(task.input)
        if len(tries) == 1:
            raise ValueError("not today")
        return 2 * task.input

    async with opened(bob, shaky) as orchestrator:
        operation = await orchestrator.submit(Workflow("outer", [Stage("sub", workflow=INNER)]))
        assert isinstance(await ended(operation), OperationFailed)
        again = await orchestrator.resume(operation.id)

        assert (await again).output == 42
        assert asked == [1]


async def test_while_people_think_the_time_of_the_stage_stands_still() -> None:
    @agent
    async def asks(task: Task[Any]) -> str:
        return "yes" if await task.approval("ok") else "no"

    async with opened(asks) as orchestrator:
        flow = Workflow("flow", [Stage("ask", agent="asks", timeout=5)])
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(1000)
        await operation.approve("ask", by="ann", name="ok")

        assert (await operation).output == "yes"


UNDOING = Workflow[object](
    "trip",
    [
        Stage("flight", agent="ada", undo="undo_flight"),
        Stage("hotel", agent="bob", after=["flight"], undo="undo_hotel"),
        Stage("car", agent="cyd", after=["hotel"]),
    ],
)


async def test_what_was_done_is_undone_in_reverse_order_and_once() -> None:
    undone: list[tuple[str, object]] = []

    def undoing(name: str) -> Any:
        @agent(name=name)
        async def undo(task: Task[Any]) -> None:
            undone.append((name, task.input))

        return undo

    bad = scripted("cyd", ValueError("no car left"))
    agents = [scripted("ada", "LX 8"), scripted("bob", "room 3"), bad, undoing("undo_flight"), undoing("undo_hotel")]
    async with opened(*agents) as orchestrator:
        operation = await orchestrator.submit(UNDOING)
        outcome = await ended(operation)
        state = replay(await journal_of(operation))

    assert isinstance(outcome, OperationFailed)
    assert undone == [("undo_hotel", "room 3"), ("undo_flight", "LX 8")]
    assert [state.stage(name).status for name in ("flight", "hotel", "car")] == ["undone", "undone", "failed"]


async def test_a_cancelled_operation_is_undone_too_and_what_cannot_be_undone_is_said() -> None:
    refusing = scripted("undo_flight", ValueError("not refundable"))
    agents = [
        scripted("ada", 1),
        scripted("bob", 2),
        scripted("cyd", Sleep(100)),
        refusing,
        scripted("undo_hotel", None),
    ]
    async with opened(*agents) as orchestrator:
        operation = await orchestrator.submit(UNDOING)
        await asyncio.sleep(1)
        await operation.cancel()
        assert isinstance(await ended(operation), OperationCancelled)
        state = await operation.state()

    assert state.stage("hotel").status == "undone"
    assert state.stage("flight").status == "completed"
    assert state.stage("flight:undo").status == "failed"


@pytest.mark.parametrize(("stage", "workflow", "took"), [(30.0, 100.0, 30.0), (None, 100.0, 100.0), (30.0, None, 30.0)])
async def test_an_undoing_may_take_as_long_as_its_stage_or_else_as_the_workflow(
    stage: float | None, workflow: float | None, took: float
) -> None:
    flow: Workflow[object] = Workflow(
        "trip",
        [
            Stage("flight", agent="ada", undo="undo_flight", timeout=stage),
            Stage("car", agent="bob", after=["flight"]),
        ],
        timeout=workflow,
    )
    agents = [scripted("ada", "LX 8"), scripted("bob", ValueError("no cars")), scripted("undo_flight", Hang())]
    async with opened(*agents) as orchestrator:
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(1)
        begun = now()
        assert isinstance(await ended(operation), OperationFailed)
        state = await operation.state()

    assert now() - begun == pytest.approx(took, abs=3)
    assert state.stage("flight:undo").status == "failed"
    assert state.stage("flight").status == "completed"


async def test_a_completed_operation_undoes_nothing() -> None:
    agents = [scripted(name) for name in ("ada", "bob", "cyd", "undo_flight", "undo_hotel")]
    async with opened(*agents) as orchestrator:
        operation = await orchestrator.submit(UNDOING)
        await operation

        assert not [word for word in words(await journal_of(operation)) if "undo" in word.lower()]


async def test_an_approval_takes_nothing_of_the_time_of_the_work() -> None:
    async with opened(scripted("ada")) as orchestrator:
        flow = Workflow("flow", [Stage("pay", agent="ada", timeout=5, approval=Approval())])
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(1000)
        await operation.approve("pay", by="ann")

        assert (await operation).output == "ada"


@pytest.mark.parametrize("setting", [{"retry": RetryPolicy(attempts=2)}, {"timeout": 5}, {"instruction": "do {it}"}])
def test_what_would_have_no_effect_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="has no effect without an agent or a workflow"):
        Stage("cool", wait=5, **setting)


async def test_a_timer_holds_no_task_and_fires_in_time() -> None:
    async with opened(scripted("ada")) as orchestrator:
        flow = Workflow("flow", [Stage("cool", wait=1000), Stage("go", agent="ada", after=["cool"])])
        began = now()
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(10)
        assert orchestrator.active == 0
        await operation

        assert now() - began == pytest.approx(1000, abs=0.5)
