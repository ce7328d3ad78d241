"""Timeouts hold whatever an agent does, exactly, and cancels stop within their bound."""

import asyncio
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import OperationCancelled, OperationFailed, OperationTimedOut
from agentkit.kernel import RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Result
from agentkit.testing.agents import Hang, Sleep
from tests.engines.scenes import until
from tests.orchestrator.scenes import CHAIN, ONE, ended, journal_of, now, opened, scripted, words

STUBBORN = Sleep(500, swallow_cancel=True)


def limited(*, run: float | None = None, **stage: Any) -> Workflow[object]:
    return Workflow("limited", [Stage("only", agent="ada", **stage)], timeout=run)


@pytest.mark.parametrize(
    ("flow", "error"),
    [
        (limited(run=10), OperationTimedOut),
        (limited(timeout=10), OperationFailed),
        (limited(retry=RetryPolicy(attempt_timeout=10)), OperationFailed),
        (limited(run=10, timeout=20), OperationTimedOut),
        (limited(run=20, timeout=10), OperationFailed),
    ],
)
@pytest.mark.parametrize(("line", "bound"), [(Hang(), 10), (STUBBORN, 12)])
async def test_an_operation_is_over_within_its_limit_and_grace(
    flow: Workflow[object], error: type[Exception], line: object, bound: float
) -> None:
    async with opened(scripted("ada", line)) as orchestrator:
        began = now()
        outcome = await ended(await orchestrator.submit(flow))

        assert isinstance(outcome, error)
        assert now() - began == pytest.approx(bound, abs=1e-3)


async def test_an_agent_that_cannot_be_stopped_is_counted_until_it_ends() -> None:
    async with opened(scripted("ada", Sleep(60, swallow_cancel=True))) as orchestrator:
        await ended(await orchestrator.submit(limited(timeout=10)))
        assert orchestrator.abandoned == 1
        await asyncio.sleep(50)

        assert orchestrator.abandoned == 0


async def test_what_an_abandoned_agent_gives_in_the_end_is_ignored() -> None:
    late = Sleep(60, "late", swallow_cancel=True)
    async with opened(scripted("ada", late)) as orchestrator:
        operation = await orchestrator.submit(limited(timeout=10))
        await ended(operation)
        before = await journal_of(operation)
        await asyncio.sleep(100)

        assert await journal_of(operation) == before


async def test_an_attempt_that_timed_out_is_tried_again() -> None:
    ada = scripted("ada", Hang(), "second")
    flow = limited(retry=RetryPolicy(attempts=2, attempt_timeout=5, delay=3, jitter=0))
    async with opened(ada) as orchestrator:
        began = now()
        result = await orchestrator.run(flow)

        assert now() - began == pytest.approx(8, abs=1e-3)
    assert result.output == "second"


async def test_the_stage_limit_holds_over_all_attempts() -> None:
    ada = scripted("ada", Sleep(4, ValueError("no")))
    flow = limited(timeout=10, retry=RetryPolicy(attempts=100, delay=1, factor=1, jitter=0))
    async with opened(ada) as orchestrator:
        began = now()
        await ended(await orchestrator.submit(flow))

        assert now() - began <= 10 + 1e-3
    assert ada.runs == 2


async def test_a_value_that_comes_in_time_is_kept() -> None:
    async with opened(scripted("ada", Sleep(9.9, "in time"))) as orchestrator:
        assert (await orchestrator.run(limited(run=10, timeout=10))).output == "in time"


async def test_an_agent_is_told_to_stop_once() -> None:
    told: list[float] = []

    @agent
    async def ada(task: Task[object]) -> None:
        for _ in range(3):
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                told.append(now())

    async with opened(ada) as orchestrator:
        began = now()
        await ended(await orchestrator.submit(limited(timeout=10)))
        await asyncio.sleep(400)

    assert told == [pytest.approx(began + 10, abs=1e-3)]


@pytest.mark.parametrize(("line", "bound"), [(Hang(), 0), (STUBBORN, 2)])
async def test_a_cancel_stops_within_its_bound(line: object, bound: float) -> None:
    ada, bob = scripted("ada", line), scripted("bob")
    async with opened(ada, bob) as orchestrator:
        operation = await orchestrator.submit(CHAIN)
        await asyncio.sleep(5)
        began = now()
        await operation.cancel("enough")
        outcome = await ended(operation)

        assert now() - began == pytest.approx(bound, abs=1e-3)
        assert words(await journal_of(operation))[-3:] == [
            "CancelRequested",
            "AttemptCancelled first",
            "OperationCancelled",
        ]
    assert isinstance(outcome, OperationCancelled)
    assert "enough" in str(outcome)
    assert bob.runs == 0


async def test_a_second_cancel_changes_nothing_and_neither_does_a_late_one() -> None:
    async with opened(scripted("ada", STUBBORN)) as orchestrator:
        operation = await orchestrator.submit(ONE)
        await asyncio.sleep(1)
        await operation.cancel("first")
        await asyncio.sleep(1)
        await operation.cancel("second")
        error = await ended(operation)
        journal = await journal_of(operation)
        await operation.cancel("third")

        assert "first" in str(error)
        assert await journal_of(operation) == journal


async def test_a_completed_operation_cannot_be_cancelled_any_more() -> None:
    async with opened(scripted("ada")) as orchestrator:
        operation = await orchestrator.submit(ONE)
        await operation
        await operation.cancel()

        assert (await operation).output == "ada"


async def test_a_cancel_right_after_the_submit_starts_nothing_more() -> None:
    ada, bob = scripted("ada"), scripted("bob")
    async with opened(ada, bob) as orchestrator:
        operation = await orchestrator.submit(CHAIN)
        await operation.cancel()
        assert isinstance(await ended(operation), OperationCancelled)

    assert bob.runs == 0


async def test_when_success_and_cancel_race_there_is_one_end() -> None:
    async with opened(scripted("ada", Sleep(5, "won"))) as orchestrator:
        operation = await orchestrator.submit(ONE)
        await asyncio.sleep(5)
        await operation.cancel()
        outcome = await ended(operation)
        names = words(await journal_of(operation))
        ends = [name for name in names if name in ("OperationCompleted", "OperationCancelled")]

    assert len(ends) == 1
    assert isinstance(outcome, Result) == (ends[0] == "OperationCompleted")


async def test_who_stops_waiting_does_not_stop_the_operation() -> None:
    async with opened(scripted("ada", Sleep(10, "done"))) as orchestrator:
        operation = await orchestrator.submit(ONE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await operation

        assert (await operation).output == "done"


async def test_a_cancel_while_a_retry_waits_takes_effect_at_once() -> None:
    ada = scripted("ada", ValueError("no"))
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(limited(retry=RetryPolicy(attempts=9, delay=60)))
        await asyncio.sleep(1)
        began = now()
        await operation.cancel()
        await ended(operation)

        assert now() == pytest.approx(began, abs=1e-3)
    assert ada.runs == 1


FLOW: Workflow[object] = Workflow(
    "web",
    [
        *(Stage(f"a{n}", agent="ada", retry=RetryPolicy(attempts=2, delay=0.3)) for n in range(4)),
        *(Stage(f"b{n}", agent="bob", after=[f"a{n}", "a0"], required=False, timeout=1.5) for n in range(4)),
        Stage("c", agent="cyd", after=["b0", "b1", "b2", "b3"]),
    ],
)


async def test_a_cancel_at_any_instant_leaves_nothing_behind() -> None:
    chance = random.Random(7)
    before = asyncio.all_tasks()

    def lines(*_: object) -> object:
        what: list[Callable[[], object]] = [
            lambda: "value",
            lambda: Sleep(chance.uniform(0, 2), "slept"),
            lambda: Sleep(chance.uniform(0, 2), ValueError("no")),
            lambda: Sleep(chance.uniform(0, 1), Sleep(0.5, swallow_cancel=True)),
        ]
        return chance.choice(what)()

    agents = [scripted(name, lines) for name in ("ada", "bob", "cyd")]
    async with opened(*agents, max_parallel=6) as orchestrator:
        for _ in range(200):
            operation = await orchestrator.submit(FLOW)
            await asyncio.sleep(chance.uniform(0, 5))
            began = now()
            await orchestrator.cancel(operation.id)
            await ended(operation)
            assert now() - began <= 2.001
            names = words(await journal_of(operation))
            assert sum(name.startswith(("OperationC", "OperationF")) for name in names) == 1
            started_late = names[names.index("CancelRequested") :] if "CancelRequested" in names else []
            assert not any(name.startswith("AttemptStarted") for name in started_late)
        assert (orchestrator.active, orchestrator.abandoned) == (0, 0)
    assert sum(agent.working for agent in agents) == 0
    assert asyncio.all_tasks() == before


async def test_a_thread_that_is_no_longer_wanted_is_left_alone_and_counted() -> None:
    begun, gate = threading.Event(), threading.Event()

    @agent
    def ada(task: Task[object]) -> str:
        begun.set()
        gate.wait(20)
        return "late"

    async with opened(ada, cancel_seconds=0.2) as orchestrator:
        operation = await orchestrator.submit(ONE)
        await until(begun.is_set)
        await operation.cancel()
        outcome = await ended(operation)
        assert orchestrator.abandoned == 1
        gate.set()
        await until(lambda: not orchestrator.abandoned)

        assert words(await orchestrator.history(operation.id))[-1] == "OperationCancelled"
    assert isinstance(outcome, OperationCancelled)


async def test_a_blocking_agent_has_its_limit_too() -> None:
    gate = threading.Event()

    @agent
    def ada(task: Task[object]) -> None:
        gate.wait(20)

    async with opened(ada) as orchestrator:
        with pytest.raises(OperationFailed, match=r"took longer than 0\.1 s"):
            await orchestrator.run(limited(timeout=0.1))
        gate.set()
        await until(lambda: not orchestrator.abandoned)
