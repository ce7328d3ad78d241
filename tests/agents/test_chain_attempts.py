"""One attempt of a fallback chain: where it works, what it may raise, how long it took.

Most runs are one attempt without a limit, so each promise is tested without one and with one.
"""

import asyncio
import threading
from contextvars import ContextVar
from typing import Any

import pytest

from agentkit.agents import FallbackChain, Strategy, Task
from agentkit.kernel import RetryPolicy
from agentkit.testing.agents import Sleep
from tests.agents.chains import failing, scripted, sure, told

user: ContextVar[str] = ContextVar("user")


class Stop(BaseException):
    """Neither an error nor an exit."""


async def test_a_plain_function_without_a_limit_works_in_a_thread_too() -> None:
    def place(task: Task[str]) -> bool:
        return threading.current_thread() is threading.main_thread()

    assert (await FallbackChain(place).run("x")).value is False


@pytest.mark.parametrize(("limit", "is_same"), [({}, True), ({"timeout": 5}, False)])
async def test_only_an_attempt_with_a_limit_has_a_task_of_its_own(limit: dict[str, Any], is_same: bool) -> None:
    async def where(task: Task[str]) -> object:
        return asyncio.current_task()

    result = await FallbackChain[str, object](where, **limit).run("x")

    assert (result.value is asyncio.current_task()) is is_same


@pytest.mark.parametrize("limit", [{}, {"timeout": 5}])
async def test_a_strategy_sees_the_context_variables_of_its_caller(limit: dict[str, Any]) -> None:
    async def read(task: Task[str]) -> str:
        return user.get()

    def read_in_thread(task: Task[str]) -> str:
        return user.get()

    user.set("Nora")

    assert (await FallbackChain[str, str](read, **limit).run("x")).value == "Nora"
    assert (await FallbackChain[str, str](read_in_thread, **limit).run("x")).value == "Nora"


@pytest.mark.parametrize("limit", [{}, {"timeout": 5}])
async def test_what_is_neither_an_error_nor_an_exit_ends_the_chain(limit: dict[str, Any]) -> None:
    second = scripted("second")

    with pytest.raises(Stop):
        await FallbackChain(scripted("first", Stop()), second, minimal=0, **limit).run("x")

    assert second.runs == 0


@pytest.mark.parametrize("limit", [{}, {"timeout": 5}])
async def test_an_exit_and_a_cancel_of_the_strategys_own_are_failures(limit: dict[str, Any]) -> None:
    chain = FallbackChain(
        scripted("leaves", SystemExit(1)), scripted("stops", asyncio.CancelledError()), scripted("third", 3), **limit
    )

    result = await chain.run("x")

    assert told(result) == ["leaves: error", "stops: error", "third: ok"]


async def test_a_chain_may_be_a_strategy_of_another_one() -> None:
    inner = FallbackChain(failing("a"), scripted("b", sure(0.8)), name="inner")
    task = Task.standalone("x")

    result = await FallbackChain(inner.agent, scripted("c")).run(task)

    assert (result.value, result.strategy, result.confidence) == ("guess", "inner", 0.8)
    assert told(result) == ["inner: ok"]
    assert task.notes is not None
    assert task.notes.degraded


async def test_a_result_says_how_long_each_attempt_and_all_of_it_took() -> None:
    first = Strategy(
        scripted("first", Sleep(1, OSError()), Sleep(2, OSError())), retry=RetryPolicy(attempts=2, delay=4, jitter=0)
    )

    result = await FallbackChain(first, scripted("second", Sleep(8, "late"))).run("x")

    assert [(item.number, item.seconds) for item in result.attempts] == [(1, 1), (2, 2), (3, 8)]
    assert (result.value, result.seconds) == ("late", 15)


async def test_an_answer_at_once_is_timed_too() -> None:
    result = await FallbackChain(scripted("first", Sleep(3, "there"))).run("x")

    assert [item.seconds for item in result.attempts] == [result.seconds] == [3]


async def test_runs_at_the_same_time_know_nothing_of_each_other() -> None:
    async def first(task: Task[int]) -> object:
        await asyncio.sleep(task.input)
        if task.input % 2:
            raise OSError(f"{task.input} is odd")
        return task.input

    chain = FallbackChain[int, object](first, scripted("second", *[Sleep(5, -1)] * 10))

    results = await asyncio.gather(*[chain.run(number) for number in range(20)])

    assert [result.value for result in results] == [-1 if number % 2 else number for number in range(20)]
    assert [result.seconds for result in results] == [number + number % 2 * 5 for number in range(20)]
    assert {len(result.attempts) for result in results[1::2]} == {2}
    assert [result.attempts[0].reason for result in results[1::2]] == [f"{odd} is odd" for odd in range(1, 20, 2)]


async def test_a_result_cannot_be_changed() -> None:
    result = await FallbackChain(scripted("first", 1)).run("x")

    with pytest.raises(AttributeError):
        result.value = 2  # type: ignore[misc] # wrong on purpose
    with pytest.raises(AttributeError):
        result.attempts[0].seconds = 0  # type: ignore[misc] # wrong on purpose


async def test_runs_that_fail_in_the_same_moment_come_back_spread_out() -> None:
    first = scripted("first", *[OSError()] * 5, *[1] * 5)
    chain = FallbackChain(first, retry=RetryPolicy(attempts=2, delay=60))

    results = await asyncio.gather(*[chain.run("x") for _ in range(5)])

    assert len({result.seconds for result in results}) == 5


async def test_a_value_of_a_fallback_that_says_nothing_is_degraded_all_the_same() -> None:
    task = Task.standalone("x")

    await FallbackChain(failing("first"), scripted("second")).run(task)

    assert task.notes is not None
    assert task.notes.degraded


@pytest.mark.parametrize("error", [ValueError("cleaned up"), SystemExit(3)])
async def test_a_cancel_that_a_strategy_makes_an_error_of_is_a_cancel_all_the_same(error: BaseException) -> None:
    async def stubborn(task: Task[str]) -> object:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            raise error from None
        return "never"

    second = scripted("second", "too late")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await FallbackChain[str, object](stubborn, second).run("x")

    assert second.runs == 0


async def test_a_cancel_of_before_is_none_of_the_chain() -> None:
    chain = FallbackChain[str, object](failing("first", asyncio.CancelledError()), scripted("second", "fine"))

    async def swallowing() -> object:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            return (await chain.run("x")).value
        return "never"

    work = asyncio.create_task(swallowing())
    await asyncio.sleep(0.01)
    work.cancel()

    assert await work == "fine"
