"""The local executor keeps the promises of its port, in threads too, and says clearly what it refuses."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

from agentkit.agents import Agent, AgentRegistry, Task, agent
from agentkit.engines import Live, LocalExecutor, SystemClock
from agentkit.kernel import Failed, RunAttempt, Succeeded
from agentkit.testing import check_executor
from tests.engines.scenes import until


def local(agents: Iterable[Agent[Any, object]], **settings: Any) -> LocalExecutor:
    return LocalExecutor(AgentRegistry(agents), Live(SystemClock()), **settings)


def command(name: str, text: str = "null") -> RunAttempt:
    return RunAttempt(
        operation_id="o",
        stage="s",
        attempt=1,
        agent=name,
        instruction="",
        input=text,
        outputs={},
        missing=(),
        timeout=None,
    )


async def test_the_local_executor_keeps_its_promises() -> None:
    await check_executor(local)


async def test_a_plain_function_runs_in_a_thread() -> None:
    @agent
    def where(task: Task[object]) -> bool:
        return threading.current_thread() is threading.main_thread()

    assert await local([where]).execute(command("where")) == Succeeded(value="false")


async def test_a_plain_method_runs_in_a_thread_too() -> None:
    class Where(Agent[object, bool]):
        def run(self, task: Task[object]) -> bool:  # type: ignore[override] # a plain method is welcome # pyright: ignore[reportIncompatibleMethodOverride]
            return threading.current_thread() is threading.main_thread()

    assert await local([Where()]).execute(command("where")) == Succeeded(value="false")


async def test_a_thread_left_alone_is_counted_until_it_ends() -> None:
    begun, gate = threading.Event(), threading.Event()

    @agent
    def wait(task: Task[object]) -> None:
        begun.set()
        gate.wait(20)

    executor = local([wait])
    running = asyncio.get_running_loop().create_task(executor.execute(command("wait")))
    await until(begun.is_set)
    running.cancel()
    await asyncio.wait([running])
    assert executor.abandoned == 1
    gate.set()
    await until(lambda: not executor.abandoned)


async def test_threads_have_a_bound() -> None:
    lock, most = threading.Lock(), [0, 0]

    @agent
    def work(task: Task[object]) -> None:
        with lock:
            most[0] += 1
            most[1] = max(most)
        threading.Event().wait(0.01)
        with lock:
            most[0] -= 1

    executor = local([work], threads=3)
    await asyncio.gather(*(executor.execute(command("work")) for _ in range(12)))

    assert most == [0, 3]


async def test_a_value_just_within_the_limit_is_kept() -> None:
    @agent
    async def give(task: Task[int]) -> str:
        return "x" * task.input

    executor = local([give], max_result=100)

    assert isinstance(await executor.execute(command("give", "98")), Succeeded)
    refused = await executor.execute(command("give", "99"))
    assert isinstance(refused, Failed)
    assert (refused.failure.code, refused.retryable) == ("output_too_large", False)
    assert "101 characters of JSON; at most 100" in refused.failure.message


async def test_an_agent_that_leaves_a_thread_running_is_not_waited_for() -> None:
    gate = threading.Event()

    @agent
    def start(task: Task[object]) -> str:
        threading.Thread(target=gate.wait, args=(20,), daemon=True).start()
        return "done"

    assert await local([start]).execute(command("start")) == Succeeded(value='"done"')
    gate.set()
