"""Replicas of a pool that work in processes of their own."""

from __future__ import annotations

import asyncio
from typing import TypeVar, cast

from agentkit.agents import Agent, FunctionAgent, Recorder, Reports, Task, declare_types, registration_of
from agentkit.errors import DefinitionError
from agentkit.kernel import Outcome, RunAttempt, count_problems

from .processes import GONE, agent_reference, run_in_process

__all__ = ["ProcessWorker"]

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)


class ProcessWorker(FunctionAgent[In, Out]):
    """An agent, each of whose tasks gets a process of its own: a replica that may die without taking anything along.

    A process that ends before it has answered has lost its task, so an `AgentPool` tries another replica. A cancel
    kills it. Either way nobody knows what it used, but that it was one call. The agent is found by importing its
    module, and made anew there, as with `isolation="process"`.

    Args:
        agent: The agent; at the top of a module, and without settings of its own object.
        max_result: Characters of JSON that a value may have.

    Raises:
        DefinitionError: A process could not find the agent, or `max_result` is no whole number from 1 to 1,000,000,000.

    Example:
        >>> from agentkit.agents import AgentPool
        >>> class Reader(Agent[str, int]):
        ...     async def run(self, task: Task[str]) -> int:
        ...         return len(task.input)
        >>> AgentPool("readers", [ProcessWorker(Reader()) for _ in range(2)])
        <pool 'readers': reader-1, reader-2>
    """

    def __init__(self, agent: Agent[In, Out], *, max_result: int = 8 * 1024 * 1024) -> None:
        entry = registration_of(agent)
        problems = [*count_problems(f"worker {agent.name!r}: max_result", max_result, most=10**9)]
        if problems:
            raise DefinitionError(*problems)
        agent_reference(entry)

        async def elsewhere(command: RunAttempt, reports: Reports, recorder: Recorder) -> Outcome:
            return await run_in_process(entry, command, reports, recorder=recorder, max_result=max_result)

        async def run(task: Task[In]) -> Out:
            try:
                text = await task.hand_over(elsewhere, entry.input_type)
            except asyncio.CancelledError:
                task.use(GONE)
                raise
            return cast("Out", entry.output_type.decode(text))

        run.__doc__ = agent.__doc__
        declare_types(run, entry)
        super().__init__(run, personality=agent.personality)
