"""`check_executor`: what every executor promises, tried on one.

Rules: it knows nothing of the executor but the port and how it is made; it stops at the first broken promise with an
`AssertionError` that says which; it needs no test framework.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Never, cast

from agentkit.agents import Agent, Task, agent
from agentkit.engines import Executor
from agentkit.errors import GiveUp, TryAgain
from agentkit.kernel import Failed, Outcome, RunAttempt, Succeeded, Unavailable

from .promises import promise

__all__ = ["check_executor"]

_PATIENCE = 30.0
_WRONG: object = "not a number"


@agent
async def add(task: Task[list[Decimal]]) -> Decimal:
    """Give the sum, exactly."""
    return sum(task.input, Decimal())


@agent
def count(task: Task[object]) -> int:
    """Work in a plain function."""
    return len(task.outputs)


@agent
async def tell(task: Task[object]) -> dict[str, object]:
    """Give back what it was told."""
    await task.progress(0.5, "half way")
    return {
        "instruction": task.instruction,
        "stage": task.stage,
        "attempt": task.attempt,
        "key": task.idempotency_key,
        "missing": list(task.missing),
        "outputs": dict(task.outputs),
        "input": task.operation_input,
    }


@agent
async def fail(task: Task[str]) -> int:
    """Fail in the way it is told.

    Raises:
        TryAgain: It was told "later".
        GiveUp: It was told "never".
    """
    match task.input:
        case "later":
            raise TryAgain("not now", after=7.0)
        case "never":
            raise GiveUp("not for me")
        case "exit":
            raise SystemExit(3)
        case "wrong":
            return cast("int", _WRONG)
        case _:
            raise ConnectionResetError("the line is dead")


@agent
async def wait(task: Task[object]) -> None:
    """Never end."""
    await asyncio.get_running_loop().create_future()


@agent(expertise={"law"})
async def advise(task: Task[object]) -> None:
    """Know the law, and nothing else."""


_AGENTS: tuple[Agent[Never, object], ...] = (add, count, tell, fail, wait, advise)


async def check_executor(make: Callable[[Iterable[Agent[Never, object]]], Executor]) -> None:
    """Hold an executor to its promises.

    Args:
        make: Makes an executor that has these agents.

    Raises:
        AssertionError: A promise is broken; the message says which.
    """
    async with asyncio.timeout(_PATIENCE):
        executor = make(_AGENTS)
        try:
            for check in (_gives_values, _passes_everything_on, _tells_failures, _checks_types, _refuses, _stops):
                await check(executor)
        finally:
            await executor.close()


def _command(name: str, input: str = "null", **settings: Any) -> RunAttempt:
    """An attempt of a stage without dependencies, if nothing else is said."""
    content: Mapping[str, Any] = {"outputs": {}, "missing": (), "timeout": None, **settings}
    return RunAttempt(
        operation_id="check", stage="only", attempt=1, agent=name, instruction="Do it", input=input, **content
    )


async def _failure(executor: Executor, command: RunAttempt) -> Failed:
    outcome = await executor.execute(command)
    promise(isinstance(outcome, Failed), f"a failure is told as Failed, not as {type(outcome).__name__}")
    return cast("Failed", outcome)


async def _gives_values(executor: Executor) -> None:
    outcome = await executor.execute(_command("add", '["0.10","0.20"]'))
    promise(outcome == Succeeded(value='"0.30"'), "a value is written by its declared type")
    outcome = await executor.execute(_command("count", outputs={"a": "1", "b": "2"}))
    promise(outcome == Succeeded(value="2"), "a plain function is an agent too")
    many = await asyncio.gather(*(executor.execute(_command("add", f'["{n}","1"]')) for n in range(20)))
    expected: list[Outcome] = [Succeeded(value=f'"{n + 1}"') for n in range(20)]
    promise(many == expected, "attempts at the same time do not disturb each other")


async def _passes_everything_on(executor: Executor) -> None:
    command = _command("tell", '{"a":[1]}', outputs={"x": '{"y":null}'}, missing=("z",))
    outcome = await executor.execute(command)
    text = (
        '{"instruction":"Do it","stage":"only","attempt":1,"key":"agentkit:check:only",'
        '"missing":["z"],"outputs":{"x":{"y":null}},"input":{"a":[1]}}'
    )
    promise(outcome == Succeeded(value=text), "an agent learns everything that the command says")


async def _tells_failures(executor: Executor) -> None:
    outcome = await _failure(executor, _command("fail", '"network"'))
    promise(outcome.failure.type == "ConnectionResetError", "a failure names the error's class")
    promise("the line is dead" in outcome.failure.message, "a failure has the error's words")
    promise("ConnectionError" in outcome.kinds and "OSError" in outcome.kinds, "and the names of the class's parents")
    promise(outcome.retryable is None, "an error that does not say so leaves it to the policy whether to try again")
    outcome = await _failure(executor, _command("fail", '"later"'))
    promise(outcome.retryable is True and outcome.retry_after == 7.0, "TryAgain says when")
    promise((await _failure(executor, _command("fail", '"never"'))).retryable is False, "GiveUp is not tried again")
    outcome = await _failure(executor, _command("fail", '"exit"'))
    promise(outcome.failure.type == "SystemExit", "an agent that exits fails, and nothing else happens")


async def _checks_types(executor: Executor) -> None:
    outcome = await _failure(executor, _command("add", '{"no":"list"}'))
    promise(outcome.failure.code == "input_invalid", "input that does not fit never reaches the agent")
    promise(outcome.retryable is False, "input that does not fit is not tried again")
    outcome = await _failure(executor, _command("fail", '"wrong"'))
    promise(outcome.failure.code == "output_invalid", "a value that does not fit never leaves the executor")


async def _refuses(executor: Executor) -> None:
    outcome = await executor.execute(_command("nobody"))
    promise(isinstance(outcome, Unavailable), "an agent that is not there is unavailable, not a failure")
    outcome = await _failure(executor, _command("advise", expertise=("medicine",)))
    promise(outcome.failure.code == "expertise_missing", "an agent is not given what it cannot do")
    outcome = await executor.execute(_command("advise", expertise=("law",)))
    promise(outcome == Succeeded(value="null"), "an agent is given what it can do")


async def _stops(executor: Executor) -> None:
    waiting = asyncio.get_running_loop().create_task(executor.execute(_command("wait")))
    await asyncio.sleep(0.01)
    promise(not waiting.done(), "an attempt is over when its agent is")
    waiting.cancel()
    await asyncio.wait([waiting])
    promise(waiting.cancelled(), "an executor that is cancelled stops, and says so")
