"""How much may run at once, and what is seen of it: bounds, resources, progress, many readers."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.engines import REST_SECONDS
from agentkit.errors import DefinitionError
from agentkit.kernel import Stage, Workflow
from agentkit.orchestrator import Limits
from agentkit.testing.agents import Sleep
from tests.orchestrator.scenes import CHAIN, ONE, now, opened, scripted

WIDE: Workflow[object] = Workflow("wide", [Stage(f"s{n}", agent="ada") for n in range(20)])


async def test_the_bound_holds_over_all_operations() -> None:
    ada = scripted("ada", Sleep(1, "done"))
    async with opened(ada, max_parallel=7) as orchestrator:
        began = now()
        await asyncio.gather(*(orchestrator.run(WIDE) for _ in range(7)))

        assert now() - began == pytest.approx(20, abs=0.01)
    assert (ada.most, ada.runs) == (7, 140)


async def test_the_bound_of_a_workflow_holds() -> None:
    ada = scripted("ada", Sleep(1, "done"))
    narrow: Workflow[object] = Workflow("narrow", WIDE.stages, max_parallel=3)
    async with opened(ada) as orchestrator:
        await orchestrator.run(narrow)

    assert (ada.most, ada.runs) == (3, 20)


async def test_a_limited_resource_is_never_over_used() -> None:
    ada, bob = scripted("ada", Sleep(1, "print")), scripted("bob", Sleep(1, "think"))
    stages = [
        *(Stage(f"p{n}", agent="ada", resource="printer") for n in range(5)),
        *(Stage(f"t{n}", agent="bob") for n in range(5)),
    ]
    async with opened(ada, bob, resources={"printer": 2}) as orchestrator:
        await asyncio.gather(*(orchestrator.run(Workflow("office", stages)) for _ in range(4)))

    assert (ada.most, ada.runs) == (2, 20)
    assert bob.most == 20


async def test_nobody_starves_behind_a_large_operation() -> None:
    ada, bob = scripted("ada", Sleep(1, "slow")), scripted("bob", "quick")
    large: Workflow[object] = Workflow("large", [Stage(f"s{n}", agent="ada") for n in range(200)])
    async with opened(ada, bob, max_parallel=2) as orchestrator:
        first = await orchestrator.submit(large)
        await asyncio.sleep(1.5)
        began = now()
        await orchestrator.run(Workflow("small", [Stage("only", agent="bob")]))

        assert now() - began < 10
        await first


async def test_a_thousand_operations_at_once_all_end() -> None:
    async with opened(scripted("ada"), scripted("bob"), max_parallel=50) as orchestrator:
        results = await asyncio.gather(*(orchestrator.run(CHAIN, n) for n in range(1_000)))

        assert orchestrator.active == 0
    assert {result.output for result in results} == {"bob"}


@pytest.mark.parametrize(
    "wrong",
    [{"max_parallel": 0}, {"threads": True}, {"processes": 0}, {"grace_seconds": -1}, {"adopt_seconds": float("nan")}],
)
def test_limits_are_checked(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(DefinitionError, match=name):
        Limits(**wrong)


async def test_progress_never_falls_and_is_whole_at_the_end_only() -> None:
    async def run(task: Task[object]) -> None:
        for share in (0.2, 0.9, 0.4, 7.0, float("nan")):
            await task.progress(share, f"at {share}")
            await asyncio.sleep(1)

    stages = [Stage("a", agent="run"), Stage("b", agent="run", after=["a"], weight=3)]
    async with opened(agent(run)) as orchestrator:
        operation = await orchestrator.submit(Workflow("slow", stages))
        fractions = [progress.fraction async for progress in operation.follow(seconds=0.1)]

    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(fraction < 1 for fraction in fractions[:-1])
    assert len(fractions) > 6


async def test_a_reader_that_stops_or_raises_harms_nobody() -> None:
    async with opened(scripted("ada", Sleep(1, "x")), scripted("bob", Sleep(1, "y"))) as orchestrator:
        operation = await orchestrator.submit(CHAIN)

        async def rude() -> None:
            async with aclosing(operation.events()) as events:
                async for _ in events:
                    raise ZeroDivisionError

        readers = asyncio.gather(*(rude() for _ in range(5)), return_exceptions=True)
        polite = [entry.number async for entry in operation.events()]

        assert (await operation).output == "y"
        assert {type(error) for error in await readers} == {ZeroDivisionError}
    assert polite == [1, 2, 3, 4, 5, 6]


async def test_a_slow_reader_slows_nobody_and_misses_nothing() -> None:
    async with opened(scripted("ada")) as orchestrator:
        operation = await orchestrator.submit(ONE)
        numbers: list[int] = []

        async def slow() -> None:
            async for entry in operation.events():
                numbers.append(entry.number)
                await asyncio.sleep(100)

        reader = asyncio.get_running_loop().create_task(slow())
        began = now()
        await operation
        assert now() - began < 1
        await reader

    assert numbers == [1, 2, 3, 4]


async def test_what_is_said_after_the_end_is_not_kept() -> None:
    task: list[Task[object]] = []
    async with opened(scripted("ada", task.append)) as orchestrator:
        await orchestrator.run(ONE)
        _ = task[0].progress(0.5, "too late")
        _ = task[0].log("too late")
        runtime = orchestrator._open()

        assert runtime.live._boards == {}


def far_timers() -> int:
    timers = vars(asyncio.get_running_loop())["_scheduled"]
    return sum(not timer.cancelled() and timer.when() > now() + 5_000 for timer in timers)


async def test_no_timer_is_kept_of_what_has_left_the_line() -> None:
    flow: Workflow[object] = Workflow("timed", [Stage("only", agent="ada")], timeout=10_000)
    async with opened(scripted("ada", Sleep(1, "done")), max_parallel=1) as orchestrator:
        operations = [await orchestrator.submit(flow) for _ in range(5)]
        for operation in operations:
            await operation
        assert far_timers() == 0
        waiting = [await orchestrator.submit(flow) for _ in range(5)]
        assert orchestrator.active == len(waiting)
        await orchestrator.close(drain_seconds=0)

        assert far_timers() == 0


def test_what_rests_is_one_number() -> None:
    assert Limits().rest_seconds == REST_SECONDS
