"""One replica of a pool: an agent, with what only this one is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, Generic, Never, TypeAlias, TypeVar, cast

from agentkit.agents.definition import Agent, FunctionAgent
from agentkit.agents.personality import AgentPersonality
from agentkit.agents.task import Task
from agentkit.errors import DefinitionError
from agentkit.kernel import count_problems

from .loads import MachineLoad

__all__ = ["Check", "Gauge", "Replica", "as_replica"]

In = TypeVar("In")
Out = TypeVar("Out", covariant=True)

Check: TypeAlias = Callable[[], Awaitable[object]]
"""Looks whether a replica is well, and raises what is wrong; what it returns does not matter."""

Gauge: TypeAlias = Callable[[], Awaitable[MachineLoad]]
"""Measures the machine of a replica."""


@dataclass(frozen=True, slots=True)
class Replica(Generic[In, Out]):
    """An agent or a function, and how an `AgentPool` uses it.

    Attributes:
        agent: The agent; a function becomes one, as `@agent` makes it.
        name: What it is called in the pool; by default the agent's name, with a number where several have it.
        most: How many tasks it may work on at once; None is as many as the pool says.
        check: Looks whether it is well. Without one, a task decides whether it comes back.
        gauge: Measures its machine, for `WeightedLoad`; without one, it works on this machine.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> def read(task: Task[str]) -> int:
        ...     return len(task.input)
        >>> Replica(read, most=4).worker
        <agent 'read'>
    """

    agent: Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out]
    _: KW_ONLY
    name: str = ""
    most: int | None = None
    check: Check | None = None
    gauge: Gauge | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.agent, Agent):
            object.__setattr__(self, "agent", _made(self.agent))
        if self.most is not None:
            problems = [*count_problems(f"replica {self.name or self.worker.name!r}: most", self.most)]
            if problems:
                raise DefinitionError(*problems)

    @property
    def worker(self) -> Agent[In, Out]:
        """The agent."""
        return cast("Agent[In, Out]", self.agent)


def as_replica(given: object) -> Replica[Never, object]:
    """A replica as it is; an agent or a function with the settings of the pool."""
    known: Any = given
    return cast("Replica[Never, object]", known if isinstance(given, Replica) else Replica(known))


def _made(function: object) -> Agent[Any, Any]:
    if isinstance(function, type) or not callable(function):
        raise DefinitionError(f"a replica is an agent, a function that takes a task, or a Replica, not {function!r}")
    name = getattr(function, "__name__", type(function).__name__)
    if not name.isidentifier():
        raise DefinitionError(f"{function!r} has no name to be called by: make it an agent with @agent(name=...)")
    return FunctionAgent(cast("Callable[[Task[Any]], object]", function), personality=AgentPersonality(name=name))
