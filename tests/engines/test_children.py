"""What an agent starts by itself cannot end the event loop; what others start is left as it was."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from agentkit import Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.engines.children import contain_children, in_agent
from agentkit.errors import OperationFailed

ONE = Workflow("one", [Stage("only", agent="parent", retry=RetryPolicy(attempts=1))])


async def _exit() -> None:
    raise SystemExit(3)


async def _exit_later() -> None:
    await asyncio.sleep(0)
    sys.exit(3)


async def _interrupt() -> None:
    raise KeyboardInterrupt


async def _exit_when_stopped() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        sys.exit(3)


async def _grandchild() -> None:
    await asyncio.get_running_loop().create_task(_exit())


async def _group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_exit())


def run(body: Callable[[], Coroutine[Any, Any, object]]) -> object:
    """Run an agent with this body."""

    @agent
    async def parent(task: Task[object]) -> object:
        return await body()

    return Orchestrator([parent]).run_sync(ONE).output


@pytest.mark.parametrize(
    ("child", "said"),
    [
        (_exit, "raised SystemExit: 3"),
        (_exit_later, "raised SystemExit: 3"),
        (_interrupt, "raised KeyboardInterrupt"),
        (_grandchild, "raised SystemExit: 3"),
        (_group, "ExceptionGroup"),
    ],
)
def test_a_task_of_an_agent_that_exits_fails_who_awaits_it(child: Callable[[], Any], said: str) -> None:
    async def body() -> None:
        await asyncio.get_running_loop().create_task(child())

    with pytest.raises(OperationFailed, match=said):
        run(body)


def test_an_exit_that_nobody_awaits_harms_nobody() -> None:
    async def body() -> str:
        left = asyncio.get_running_loop().create_task(_exit())
        await asyncio.wait([left])
        return str(left.exception())

    assert run(body) == "a task that an agent started raised SystemExit: 3"


def test_a_task_that_exits_when_it_is_stopped_is_contained_too() -> None:
    async def body() -> str:
        left = asyncio.get_running_loop().create_task(_exit_when_stopped())
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.wait([left])
        return str(left.exception())

    assert run(body) == "a task that an agent started raised SystemExit: 3"


def test_what_a_thread_of_an_agent_puts_on_the_loop_is_contained() -> None:
    async def body() -> str:
        loop = asyncio.get_running_loop()
        future = await asyncio.to_thread(asyncio.run_coroutine_threadsafe, _exit(), loop)
        return str(await asyncio.to_thread(future.exception))

    assert run(body) == "a task that an agent started raised SystemExit: 3"


def test_a_contained_task_is_cancelled_shown_and_named_as_any_other() -> None:
    async def body() -> list[object]:
        task = asyncio.get_running_loop().create_task(_exit_when_stopped(), name="mine")
        shown = (task.get_name(), "_exit_when_stopped" in repr(task), len(task.get_stack()))
        task.cancel()
        await asyncio.wait([task])
        return [*shown, task.cancelled()]

    # It had not begun, so there is nothing of it that could be said to have never been awaited.
    assert run(body) == ["mine", True, 1, True]


def test_tasks_of_others_are_left_as_they_are_and_made_by_whom_they_were() -> None:
    made: list[object] = []

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Task[Any]:
        made.append(coro)
        return asyncio.Task(coro, loop=loop, **more)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        contain_children(loop)
        ours = loop.get_task_factory()
        contain_children(loop)
        assert loop.get_task_factory() is ours
        await loop.create_task(mine := asyncio.sleep(0))
        in_agent.set(True)
        await loop.create_task(child := asyncio.sleep(0))
        assert (made[0] is mine, made[1] is child, len(made)) == (True, False, 2)

    asyncio.run(main())
