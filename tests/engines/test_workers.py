"""Replicas in processes of their own: real ones, which die."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from agentkit.agents import AgentPool, AgentRegistry, Ejection, FailedElsewhere, RoundRobin, Task, agent
from agentkit.engines import ProcessWorker
from agentkit.errors import DefinitionError, OperationCancelled, OperationFailed
from agentkit.kernel import RetryPolicy, Stage, Usage, Workflow
from agentkit.orchestrator import Operation, Orchestrator
from tests.engines import process_agents
from tests.engines.scenes import until
from tests.engines.test_processes import alive

pytestmark = pytest.mark.blocking


def worker(agent: Any) -> Any:
    return ProcessWorker(agent)


def pool_of(agent: Any, count: int = 2, **settings: Any) -> AgentPool[Any, Any]:
    return AgentPool("pool", [ProcessWorker(agent) for _ in range(count)], strategy=RoundRobin(), **settings)


def counts(pool: AgentPool[Any, Any]) -> list[tuple[int, int, int, int]]:
    replicas = pool.metrics().replicas
    assert all(one.in_flight == 0 for one in replicas)
    return [(one.started, one.succeeded, one.lost, one.cancelled) for one in replicas]


async def test_a_replica_that_is_killed_loses_no_task_of_a_workflow(tmp_path: Path) -> None:
    pool, flow = pool_of(process_agents.fall_once), Workflow("flow", [Stage("work", agent="pool")], returns=int)
    mark = tmp_path / "begun"
    async with Orchestrator([pool]) as orchestrator:
        operation = await orchestrator.submit(flow, str(tmp_path))
        await until(lambda: mark.exists() and mark.read_text())
        os.kill(int(mark.read_text()), signal.SIGKILL)
        result = await operation
        kinds = [type(one.event).__name__ async for one in operation.events()]

    assert result.output not in (int(mark.read_text()), os.getpid())
    assert counts(pool) == [(1, 0, 1, 0), (1, 1, 0, 0)]
    assert "killed by SIGKILL" in pool.metrics().replicas[0].problem
    assert [kind for kind in kinds if kind.startswith("Attempt")] == ["AttemptStarted", "AttemptSucceeded"]


async def test_where_all_tries_are_lost_the_stage_tries_again_and_replicas_are_out() -> None:
    pool = pool_of(process_agents.vanish, tries=2, ejection=Ejection(after=1, most=0.5))
    flow = Workflow("flow", [Stage("work", agent="pool", retry=RetryPolicy(attempts=2, delay=0.01))])
    async with Orchestrator([pool]) as orchestrator:
        operation = await orchestrator.submit(flow, None)
        failure = await _failure(operation)

    assert "the worker process ended without an answer (exit code 3)" in failure
    assert sum(lost for _, _, lost, _ in counts(pool)) == 4
    assert [one.status for one in pool.metrics().replicas].count("ejected") == 1


async def _failure(operation: Operation[Any]) -> str:
    with pytest.raises(OperationFailed) as raised:
        await operation
    return str(raised.value)


async def test_a_cancel_kills_the_process_and_gives_the_slot_back(tmp_path: Path) -> None:
    pool, mark = pool_of(process_agents.fall_once, 1, most=1), tmp_path / "begun"
    work = asyncio.create_task(pool.run(Task.standalone(str(tmp_path))))
    await until(lambda: mark.exists() and mark.read_text())

    work.cancel()
    await asyncio.wait([work])

    assert alive([int(mark.read_text())]) == []
    assert counts(pool) == [(1, 0, 0, 1)]
    assert await pool.run(Task.standalone(str(tmp_path))) > 0


async def test_a_failure_of_the_task_is_told_as_it_was_there_and_is_no_loss() -> None:
    flow = Workflow(
        "flow",
        [Stage("work", agent="pool", retry=RetryPolicy(attempts=2, delay=0.01, retry_on=[ConnectionResetError]))],
    )
    pool = pool_of(process_agents.fail, ejection=Ejection(on=["ProcessLost"]))
    async with Orchestrator([pool]) as orchestrator:
        failure = await _failure(await orchestrator.submit(flow, None))

    assert "the line is dead" in failure
    assert [(one.failed, one.lost) for one in pool.metrics().replicas] == [(1, 0), (1, 0)]


async def test_alone_a_failure_says_its_code_and_type() -> None:
    with pytest.raises(FailedElsewhere, match="the line is dead") as raised:
        await worker(process_agents.fail).run(Task.standalone(None))

    assert (raised.value.error_code, raised.value.error_type) == ("error", "ConnectionResetError")


async def test_what_is_said_over_there_is_said_here() -> None:
    task = Task.standalone(None, context={"log": []}, writes={"log": "append"})

    assert await worker(process_agents.note).run(task) == ["standalone"]

    assert task.notes is not None
    assert (task.notes.confidence, task.notes.messages, task.notes.writes) == (
        0.5,
        [("noted", "standalone")],
        {"log": ["standalone"]},
    )


@pytest.mark.parametrize("given", ["", "fail"])
async def test_what_is_used_over_there_is_counted_here_whether_it_succeeds_or_not(given: str) -> None:
    task = Task.standalone(given)
    try:
        await worker(process_agents.spend).run(task)
    except FailedElsewhere:
        assert given

    assert task.usage == Usage(calls=2, tokens=12)


async def test_what_a_process_used_that_died_is_unknown_and_never_nothing(tmp_path: Path) -> None:
    flow = Workflow("flow", [Stage("work", agent="pool")])
    async with Orchestrator([pool_of(process_agents.spend_and_fall)]) as orchestrator:
        operation = await orchestrator.submit(flow, str(tmp_path))
        await operation
        total = (await operation.costs()).total

    assert (total.usage.calls, total.usage.tokens, total.usage.money) == (4, None, None)


@pytest.mark.parametrize("isolated", [True, False])
async def test_what_a_process_used_that_was_given_up_is_unknown(tmp_path: Path, isolated: bool) -> None:
    # Once by its own executor, once as a replica.
    known: Any = process_agents.fall_once if isolated else pool_of(process_agents.fall_once)
    flow = Workflow("flow", [Stage("work", agent=known.name)])
    mark = tmp_path / "begun"
    async with Orchestrator([known]) as orchestrator:
        operation = await orchestrator.submit(flow, str(tmp_path))
        await until(lambda: mark.exists() and mark.read_text())
        await operation.cancel()
        with pytest.raises(OperationCancelled):
            await operation
        total = (await operation.costs()).total

    assert (total.usage.calls, total.usage.tokens, total.usage.money) == (1, None, None)


@pytest.mark.parametrize("most", [-1_000_000, 0, 1.5, True, "x", None])
def test_a_bound_of_a_value_that_is_no_count_is_refused(most: Any) -> None:
    with pytest.raises(DefinitionError, match="max_result must be a whole number"):
        ProcessWorker(process_agents.add, max_result=most)


async def test_files_are_given_from_there_with_and_without_an_operation() -> None:
    task = Task.standalone(None)

    assert await worker(process_agents.give).run(task) == 100_001
    assert task.notes is not None
    assert await task.fetch(task.notes.artifacts["a.bin"]) == bytes(100_001)
    flow = Workflow("flow", [Stage("work", agent="pool")])
    async with Orchestrator([pool_of(process_agents.give)]) as orchestrator:
        operation = await orchestrator.submit(flow, None)
        await operation
        assert [one.artifact.name for one in await operation.artifacts()] == ["a.bin"]


async def test_a_process_that_dies_in_an_effect_is_not_followed_by_another() -> None:
    pool, task = pool_of(process_agents.fall_paying), Task.standalone("x")

    with pytest.raises(FailedElsewhere, match="killed by SIGKILL"):
        await pool.run(task)

    assert [one.started for one in pool.metrics().replicas] == [1, 0]
    assert task.open_effect == ("pay", "INV-1")


async def test_an_effect_of_an_earlier_try_is_known_over_there() -> None:
    task = Task.standalone("")
    await worker(process_agents.pay).run(task)

    again = await worker(process_agents.pay_later).run(task)

    assert again == await task.effect("pay", key="INV-1").run(lambda key: "never done again")


async def test_the_time_that_is_left_goes_over_too() -> None:
    flow = Workflow("flow", [Stage("work", agent="pool", timeout=50)])
    async with Orchestrator([pool_of(process_agents.measure)]) as orchestrator:
        result = await (await orchestrator.submit(flow, "x"))

    assert 1 < result.output["left"] <= 50  # type: ignore[index] # plain JSON


async def test_a_value_that_is_too_large_stays_there() -> None:
    small: Any = ProcessWorker(process_agents.large, max_result=1_000)

    with pytest.raises(FailedElsewhere, match="at most 1,000 are allowed"):
        await small.run(Task.standalone(("x", 2_000)))


def test_a_worker_is_of_the_types_of_its_agent() -> None:
    entry = AgentRegistry([ProcessWorker(process_agents.add)])["add"]

    assert (entry.input_type.declared, entry.output_type.declared) == (list[int], int)


def test_an_agent_that_a_process_cannot_find_is_refused() -> None:
    @agent
    def hidden(task: Task[object]) -> None: ...

    with pytest.raises(DefinitionError, match="must stand at the top of a module"):
        ProcessWorker(hidden)
    with pytest.raises(DefinitionError, match="ProcessWorker"):
        AgentPool("pool", [process_agents.add])
