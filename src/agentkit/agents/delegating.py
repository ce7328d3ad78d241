"""Having another agent do a part of the work, within the same attempt: `ask_agent`."""

from __future__ import annotations

from typing import Never, TypeVar, cast

from agentkit.errors import DefinitionError

from .chains.rung import awaited
from .definition import Agent
from .registration import AnyTask, registration_of

__all__ = ["ask_agent", "check_part"]

Part = TypeVar("Part")
Out = TypeVar("Out")


def check_part(agent: Agent[Never, object]) -> None:
    """Check that an agent may do a part of somebody else's attempt.

    Raises:
        DefinitionError: It is to run in a process of its own, which no part of an attempt has.
    """
    if agent.isolation == "process":
        raise DefinitionError(
            f"agent {agent.name!r} has isolation='process' and cannot do a part of another agent's attempt, which runs"
            " where that agent does; make it a stage of its own"
        )


async def ask_agent(
    agent: Agent[Part, Out], task: AnyTask, given: Part, *, instruction: str = "", call: str = ""
) -> Out:
    """Have an agent do a part of a task's work; its value.

    It spends from the budgets of the task, what it says and uses counts as the task's, and its effects and questions
    are those of this attempt. It is not on the journal by itself: after a crash the whole attempt is done again.

    Args:
        agent: Who does it.
        task: The task that it is a part of.
        given: What it works on.
        instruction: What it is to do.
        call: What tells this call from every other of the attempt, where the order in which the same agent is asked the
            same may differ when the attempt is done again.

    Raises:
        DefinitionError: The agent has `isolation="process"`: a part of an attempt runs where the attempt does.
        InputError: What is given, or what comes back, is not of the type that the agent declares.
        AgentError: Whatever the agent raises.

    Example:
        >>> import asyncio
        >>> from agentkit import Task, agent
        >>> @agent
        ... def double(task: Task[int]) -> int:
        ...     return 2 * task.input
        >>> @agent
        ... async def both(task: Task[list[int]]) -> list[int]:
        ...     return [await ask_agent(double, task, number) for number in task.input]
        >>> asyncio.run(both.run(Task.standalone([1, 2])))
        [2, 4]
    """
    check_part(agent)
    entry = registration_of(agent)
    text, kind = entry.input_type.encode(given), entry.input_type
    inner = task.inner(text, by=agent.name, value_type=kind, instruction=instruction, call=call)
    try:
        value = await awaited(entry)(inner)
        entry.output_type.check(value)
    except BaseException:
        if inner.notes is not None:
            # What was used in vain was used.
            task.take(inner.notes, succeeded=False, degraded=False)
        raise
    if inner.notes is not None:
        task.absorb(inner.notes)
    return cast("Out", value)
