"""What happens outside in a simulation: the fakes of tests say so, and the simulation keeps it.

Rules: what is said belongs to the attempt that says it, in its task or its thread; a dead process does nothing any
more, so what its attempts still say is not kept.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Never, Protocol

from agentkit.agents import Agent, FunctionAgent, Task

__all__ = ["Happening", "Site", "happened", "watched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened outside.

    Attributes:
        name: What.
        key: To what.
        at: When, in virtual seconds since 1970.
        operation_id: Whose attempt did it.
        stage: Which stage, item or turn.
        attempt: Which attempt.
    """

    name: str
    key: str
    at: float
    operation_id: str
    stage: str
    attempt: int


class Site(Protocol):
    """A process of a simulation, as the bodies of its attempts see it."""

    def began(self, agent: str) -> None:
        """The body of an attempt has begun."""
        ...

    def note(self, task: Task[object], name: str, key: str) -> None:
        """Keep what happened, if the process lives."""
        ...


_here: ContextVar[tuple[Site, Task[object]] | None] = ContextVar("agentkit_simulation", default=None)


def happened(name: str, key: str = "") -> None:
    """Say, in the fake of an outside system, that something happened outside: `simulate` keeps it.

    Outside of a simulation it does nothing, so the same fake serves in other tests.

    Args:
        name: What, such as `transfer`.
        key: To what, such as the invoice's number; what must not happen twice has the same name and key.

    Example:
        >>> from agentkit import Stage, Workflow, agent
        >>> from agentkit.testing import simulate
        >>> @agent
        ... async def pay(task: Task[str]) -> None:
        ...     happened("transfer", task.input)
        >>> run = simulate(Workflow("pay", [Stage("pay", agent="pay")]), [pay], input="INV-1")
        >>> [(one.name, one.key) for one in run.happened]
        [('transfer', 'INV-1')]
    """
    here = _here.get()
    if here is not None:
        site, task = here
        site.note(task, name, key)


def watched(agent: Agent[Never, object], site: Callable[[], Site]) -> Agent[Never, object]:
    """The same agent, whose attempts are counted and whose happenings are kept.

    One with a process of its own is left as it is: it cannot be watched from here.
    """
    if agent.isolation == "process":
        return agent
    body: Any = agent.function if isinstance(agent, FunctionAgent) else agent.run
    made: Any
    if inspect.iscoroutinefunction(body):

        @functools.wraps(body)
        async def work(task: Task[object]) -> object:
            _arrive(agent, site, task)
            return await body(task)

        made = work
    else:

        @functools.wraps(body)
        def work_at_once(task: Task[object]) -> object:
            _arrive(agent, site, task)
            return body(task)

        made = work_at_once
    return FunctionAgent(made, personality=agent.personality)


def _arrive(agent: Agent[Never, object], site: Callable[[], Site], task: Task[object]) -> None:
    here = site()
    here.began(agent.name)
    _here.set((here, task))
