"""Attempts: started, limited in time, stopped; nothing that an agent does leaves them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from agentkit.engines import Abandoned
from agentkit.engines.attempts import Attempts
from agentkit.kernel import Failed, Outcome, RunAttempt, Stopped, Succeeded
from tests.engines.scenes import until

Body = Callable[[], Coroutine[Any, Any, Outcome]]
DONE = Succeeded(value='"done"')


class Bodies:
    """An executor that runs whatever it is given, and an ear for the outcomes."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.outcomes: list[tuple[float, Outcome]] = []
        self.abandoned = Abandoned()
        self.attempts = Attempts(self.abandoned, self.hear)
        self.began = asyncio.get_running_loop().time()

    async def execute(self, command: RunAttempt) -> Outcome:
        return await self.body()

    async def close(self) -> None:
        return

    def hear(self, command: RunAttempt, outcome: Outcome) -> None:
        self.outcomes.append((round(asyncio.get_running_loop().time() - self.began, 3), outcome))

    def start(self, *, timeout: float | None = None, grace: float = 2.0) -> None:
        command = RunAttempt(
            operation_id="o",
            stage="s",
            attempt=1,
            agent="a",
            instruction="",
            input="null",
            outputs={},
            missing=(),
            timeout=timeout,
        )
        self.attempts.start(command, self, grace_seconds=grace)

    async def heard(self) -> tuple[float, Outcome]:
        await until(lambda: self.outcomes)
        await asyncio.sleep(0)
        (only,) = self.outcomes
        assert len(self.attempts) == self.attempts.wanted == 0
        return only


async def hang() -> Outcome:
    never: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    return await never


async def ignore_the_first_cancel() -> Outcome:
    try:
        return await hang()
    except asyncio.CancelledError:
        await asyncio.sleep(1)
        return DONE


async def ignore_every_cancel() -> Outcome:
    end = asyncio.get_running_loop().time() + 60
    while (left := end - asyncio.get_running_loop().time()) > 0:
        try:
            await asyncio.sleep(left)
        except asyncio.CancelledError:
            continue
    return DONE


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed)
    return outcome.failure.code


async def test_an_outcome_is_told_once() -> None:
    async def body() -> Outcome:
        await asyncio.sleep(3)
        return DONE

    bodies = Bodies(body)
    bodies.start(timeout=10)

    at, outcome = await bodies.heard()
    assert (round(at), outcome) == (3, DONE)


async def test_a_timeout_cancels_and_is_a_failure() -> None:
    bodies = Bodies(hang)
    bodies.start(timeout=5)

    at, outcome = await bodies.heard()
    assert (at, code(outcome)) == (5, "timeout")


async def test_a_value_that_comes_in_the_grace_is_too_late() -> None:
    bodies = Bodies(ignore_the_first_cancel)
    bodies.start(timeout=5)

    at, outcome = await bodies.heard()
    assert (at, code(outcome), len(bodies.abandoned)) == (6, "timeout", 0)


async def test_after_the_grace_it_is_abandoned_and_counted() -> None:
    bodies = Bodies(ignore_every_cancel)
    bodies.start(timeout=5, grace=2)

    at, outcome = await bodies.heard()
    assert (at, code(outcome), len(bodies.abandoned)) == (7, "timeout", 1)
    await asyncio.sleep(60)
    assert (len(bodies.abandoned), len(bodies.outcomes)) == (0, 1)


async def test_what_is_stopped_has_stopped() -> None:
    bodies = Bodies(hang)
    bodies.start(timeout=5)
    await asyncio.sleep(1)
    bodies.attempts.stop([*bodies.attempts], grace_seconds=2)
    bodies.attempts.stop(["s", "nobody"], grace_seconds=9)

    assert await bodies.heard() == (1, Stopped())


async def test_a_value_that_comes_while_stopping_still_counts() -> None:
    bodies = Bodies(ignore_the_first_cancel)
    bodies.start()
    await asyncio.sleep(1)
    bodies.attempts.stop([*bodies.attempts], grace_seconds=2)

    assert await bodies.heard() == (2, DONE)


async def test_what_is_stopped_before_its_first_step_never_runs() -> None:
    ran: list[int] = []

    async def body() -> Outcome:
        ran.append(1)
        return DONE

    bodies = Bodies(body)
    bodies.start()
    bodies.attempts.stop([*bodies.attempts], grace_seconds=2)

    assert await bodies.heard() == (0, Stopped())
    assert ran == []


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit(),
        asyncio.CancelledError(),
        StopAsyncIteration(),
    ],
)
async def test_nothing_that_is_raised_leaves_an_attempt(error: BaseException) -> None:
    async def body() -> Outcome:
        await asyncio.sleep(1)
        raise error

    bodies = Bodies(body)
    bodies.start()

    _, outcome = await bodies.heard()
    assert isinstance(outcome, Failed)
    assert outcome.failure.type == type(error).__name__


async def test_an_agent_that_cancels_itself_fails() -> None:
    async def body() -> Outcome:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(1)
        return DONE

    bodies = Bodies(body)
    bodies.start()

    _, outcome = await bodies.heard()
    assert isinstance(outcome, Failed)
    assert outcome.failure.type == "CancelledError"


async def test_waiting_for_what_ignores_its_cancel_costs_no_processor_time() -> None:
    steps = 0

    async def body() -> Outcome:
        nonlocal steps
        while True:
            try:
                steps += 1
                return await hang() if steps < 3 else DONE
            except asyncio.CancelledError:
                continue

    bodies = Bodies(body)
    bodies.start(timeout=1, grace=50)
    await asyncio.sleep(40)

    assert steps == 2
    bodies.attempts.tasks[0].cancel()
    await bodies.heard()
