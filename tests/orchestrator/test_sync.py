"""`run_sync`: for code that is not async, wherever it runs. Real time, real threads, real loops."""

import asyncio
import threading

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import OperationFailed, UsageError
from agentkit.kernel import Stage, Workflow
from agentkit.orchestrator import Orchestrator
from agentkit.testing.clock import run_virtual

TWICE = Workflow("twice", [Stage("double", agent="double")], returns=int)


@agent
def double(task: Task[int]) -> int:
    return 2 * task.input


def test_it_works_in_a_script() -> None:
    orchestrator = Orchestrator([double])

    assert [orchestrator.run_sync(TWICE, n).output for n in range(3)] == [0, 2, 4]


def test_it_works_in_a_thread() -> None:
    outputs: list[int] = []
    thread = threading.Thread(target=lambda: outputs.append(Orchestrator([double]).run_sync(TWICE, 4).output))
    thread.start()
    thread.join(20)

    assert outputs == [8]


@pytest.mark.blocking
def test_it_works_inside_a_running_loop() -> None:
    async def main() -> int:
        return Orchestrator([double]).run_sync(TWICE, 5).output

    assert asyncio.run(main()) == 10


def test_it_works_again_after_a_failure() -> None:
    orchestrator = Orchestrator([double])
    with pytest.raises(OperationFailed, match="not a"):
        orchestrator.run_sync(TWICE, "five")

    assert orchestrator.run_sync(TWICE, 5).output == 10


def test_it_refuses_an_orchestrator_that_is_open() -> None:
    async def main() -> None:
        async with Orchestrator([double]) as orchestrator:
            with pytest.raises(UsageError, match=r"await orchestrator\.run"):
                orchestrator.run_sync(TWICE, 5)

    run_virtual(main())


def test_two_orchestrators_never_notice_each_other() -> None:
    @agent(name="double")
    def thrice(task: Task[int]) -> int:
        return 3 * task.input

    assert Orchestrator([double]).run_sync(TWICE, 1).output == 2
    assert Orchestrator([thrice]).run_sync(TWICE, 1).output == 3
