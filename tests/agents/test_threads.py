"""Worker threads are used again, let go of, and never hold up the end of the program."""

import asyncio
import contextvars
import subprocess
import sys
import threading

import pytest

from agentkit.agents import Threads
from tests.engines.scenes import until


async def test_a_thread_is_used_again_and_ends_with_its_owner() -> None:
    threads = Threads(4)
    first = await threads.run(threading.current_thread)
    second = await threads.run(threading.current_thread)
    threads.close()

    assert first is second
    assert isinstance(first, threading.Thread)
    await until(lambda: not first.is_alive())


async def test_a_thread_that_nobody_wanted_for_a_while_ends() -> None:
    threads, gate = Threads(4), threading.Event()
    used: set[threading.Thread] = set()

    def work() -> None:
        used.add(threading.current_thread())
        gate.wait(20)

    running = [asyncio.get_running_loop().create_task(threads.run(work)) for _ in range(3)]
    await until(lambda: len(used) == 3)
    gate.set()
    await asyncio.gather(*running)

    await asyncio.sleep(11)  # virtual seconds
    await threads.run(lambda: None)
    await until(lambda: sum(thread.is_alive() for thread in used) == 1)
    threads.close()


@pytest.mark.parametrize("error", [StopIteration("odd"), SystemExit(3), KeyboardInterrupt()])
async def test_what_a_body_raises_is_raised_where_it_is_waited_for(error: BaseException) -> None:
    def fail() -> None:
        raise error

    threads = Threads(1)
    with pytest.raises((RuntimeError, SystemExit, KeyboardInterrupt)) as caught:
        await threads.run(fail)
    threads.close()

    assert error in (caught.value, caught.value.__cause__)


async def test_a_body_sees_the_context_of_who_asked() -> None:
    who = contextvars.ContextVar("who", default="nobody")
    who.set("ada")
    threads = Threads(1)

    assert await threads.run(who.get) == "ada"
    threads.close()


async def test_a_thread_left_alone_gives_its_place_back_and_ends_without_its_loop() -> None:
    threads, gate = Threads(1), threading.Event()
    left: list[threading.Thread] = []

    def stay() -> None:
        left.append(threading.current_thread())
        gate.wait(20)

    running = asyncio.get_running_loop().create_task(threads.run(stay))
    await until(lambda: bool(left))
    running.cancel()
    await asyncio.wait([running])

    assert (threads.left, await threads.run(lambda: "another")) == (1, "another")
    threads.close()
    gate.set()
    await until(lambda: not left[0].is_alive())
    assert threads.left == 0


@pytest.mark.blocking
def test_a_thread_whose_loop_is_gone_ends_without_a_word() -> None:
    gate = threading.Event()
    left: list[threading.Thread] = []

    def stay() -> None:
        left.append(threading.current_thread())
        gate.wait(20)

    async def main() -> None:
        running = asyncio.get_running_loop().create_task(Threads(1).run(stay))
        await until(lambda: bool(left))
        running.cancel()

    asyncio.run(main())
    gate.set()
    left[0].join(20)
    assert not left[0].is_alive()


SCRIPT = """
import asyncio, threading
from agentkit import Limits, OperationFailed, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent

@agent
def busy(task: Task[object]) -> None:
    threading.Event().wait()

flow = Workflow("flow", [Stage("work", agent="busy", timeout=0.05, retry=RetryPolicy(attempts=1))])
orchestrator = Orchestrator([busy], limits=Limits(grace_seconds=0))

async def main() -> None:
    async with orchestrator:
        try:
            await orchestrator.run(flow)
        except OperationFailed:
            print("abandoned", orchestrator.abandoned)

asyncio.run(main())
try:
    orchestrator.run_sync(flow)
except OperationFailed:
    print("again")
"""


@pytest.mark.blocking
def test_a_script_ends_although_an_agent_was_abandoned_in_its_thread() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "abandoned 1\nagain\n", "")
