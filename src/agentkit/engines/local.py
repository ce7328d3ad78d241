"""The local executor: attempts run in this process, or in a process of their own.

Rules: a coroutine function runs on the loop, a plain function in a worker thread, an agent with `isolation="process"`
in a process that is killed when it is told to stop. An input that does not fit the agent's type never reaches its
body; a value that does not fit, cannot be written exactly or is too large never leaves it. A thread cannot be killed:
when it is no longer wanted it is left alone and counted until it ends.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import anyio

from agentkit.agents import (
    AgentRegistry,
    BudgetSource,
    FunctionAgent,
    Notes,
    Recorder,
    Registration,
    Reports,
    Task,
    Threads,
    ended_by,
    failed,
)
from agentkit.errors import InputError, UnstorableValue
from agentkit.kernel import Outcome, RunAttempt, Succeeded, Unavailable, artifacts_text

from .children import in_agent
from .processes import GONE, run_in_process

__all__ = ["LocalExecutor"]


class LocalExecutor:
    """Runs attempts here.

    Args:
        agents: Who can work.
        reports: Where progress and log lines go.
        recorder: What puts on the journal what attempts say while they work; without, nothing does.
        budgets: What knows what attempts may spend; without, nothing limits them.
        max_result: Characters of JSON that a value may have.
        threads: How many plain functions may run at once.
        processes: How many attempts with a process of their own may run at once.
        unavailable_seconds: After how long an agent that is missing here is looked for again.
    """

    def __init__(
        self,
        agents: AgentRegistry,
        reports: Reports,
        *,
        recorder: Recorder | None = None,
        budgets: BudgetSource | None = None,
        max_result: int = 8 * 1024 * 1024,
        threads: int = 256,
        processes: int = 32,
        unavailable_seconds: float = 5.0,
    ) -> None:
        self._agents = agents
        self._reports = reports
        self._recorder = recorder
        self._budgets = budgets
        self._max_result = max_result
        self._threads = Threads(threads)
        self._processes = anyio.CapacityLimiter(processes)
        self._unavailable = Unavailable(retry_after=unavailable_seconds)

    @property
    def abandoned(self) -> int:
        """How many worker threads still run for attempts that are over."""
        return self._threads.left

    async def execute(self, command: RunAttempt) -> Outcome:
        """Run the attempt and tell its outcome."""
        entry = self._agents.find(command.agent)
        if entry is None:
            return self._unavailable
        if command.expertise:
            refusal = entry.agent.personality.refusal(command.stage, command.expertise)
            if refusal:
                return failed("expertise_missing", refusal, retryable=False)
        task: Task[Any] | None = None
        try:
            if entry.agent.isolation == "process":
                async with self._processes:
                    return await self._in_process(entry, command)
            task = Task(
                command,
                value_type=entry.input_type,
                reports=self._reports,
                recorder=self._recorder,
                budgets=self._budgets,
            )
            if entry.blocking:
                value = await self._in_thread(entry, task)
            else:
                in_agent.set(True)
                value = await entry.agent.run(task)
            return encoded(entry, value, self._max_result, task.notes)
        except (asyncio.CancelledError, GeneratorExit):
            # Whether it was told to stop, or the agent raised this by itself, is known to the caller alone.
            raise
        except BaseException as error:  # noqa: BLE001 - the border: an agent may raise anything, SystemExit too
            outcome = ended_by(error)
            usage = None if task is None else task.usage
            return outcome if usage is None else replace(outcome, usage=usage)

    async def close(self) -> None:
        """Let go of idle threads."""
        self._threads.close()

    async def _in_process(self, entry: Registration, command: RunAttempt) -> Outcome:
        try:
            return await run_in_process(
                entry, command, self._reports, recorder=self._recorder, max_result=self._max_result
            )
        except asyncio.CancelledError:
            if self._budgets is not None:
                self._budgets.of(command).spend(GONE)
            raise

    async def _in_thread(self, entry: Registration, task: Task[Any]) -> object:
        in_agent.set(True)
        body = entry.agent.function if isinstance(entry.agent, FunctionAgent) else entry.agent.run
        return await self._threads.run(partial(body, task))


def encoded(entry: Registration, value: object, most: int, notes: Notes | None) -> Outcome:
    """The outcome for a value that an agent gave, and for what it said besides."""
    try:
        text = entry.output_type.encode(value)
        context, effects = (notes.context, notes.effects) if notes is not None else ("", "")
    except InputError as error:
        return failed("output_invalid", f"agent {entry.agent.name!r}: {error}", type_name="InputError", retryable=None)
    except UnstorableValue as error:
        return failed(
            "value_unstorable", f"agent {entry.agent.name!r}: {error}", type_name="UnstorableValue", retryable=False
        )
    size = len(text) + len(context) + len(effects)
    if size > most:
        message = f"agent {entry.agent.name!r} gave {size:,} characters of JSON; at most {most:,} are allowed"
        return failed("output_too_large", message, retryable=False)
    if notes is None:
        return Succeeded(value=text)
    return Succeeded(
        value=text,
        confidence=notes.confidence,
        context=context,
        effects=effects,
        usage=notes.usage,
        degraded=notes.degraded,
        tier=notes.tier,
        artifacts=artifacts_text(notes.artifacts.values()),
    )
