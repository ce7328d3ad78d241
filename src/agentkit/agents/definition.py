"""Agents: classes to subclass, and functions made agents by `@agent`.

Rules: an agent has one method, `run`, and keeps nothing of a task between two calls; the types of its input and
output are read from its annotations.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, Literal, TypeAlias, TypeVar, cast, overload

from agentkit.errors import DefinitionError
from agentkit.kernel import Approval

from .personality import AgentPersonality
from .task import Task

__all__ = ["Agent", "FunctionAgent", "Isolation", "agent"]

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
Given = TypeVar("Given")
Made = TypeVar("Made")

Isolation: TypeAlias = Literal["none", "process"]
"""Where an agent's body runs: in this process, or in one of its own that can be killed at any moment."""


class Agent(Generic[In, Out]):
    """Somebody who works on tasks. Subclass it with the types of input and output, and write `run`.

    Attributes:
        personality: Who it is. Without one, its name is the class's name in lower case with underscores.
        isolation: `"process"` runs each attempt in a process of its own, which a timeout or a cancel kills; the agent
            must then be found by importing its module.

    Example:
        >>> class Extractor(Agent[dict[str, str], list[int]]):
        ...     personality = AgentPersonality(name="extractor", expertise={"csv"})
        ...
        ...     async def run(self, task: Task[dict[str, str]]) -> list[int]:
        ...         await task.progress(0.5, "half way")
        ...         return [1, 2, 3]
        >>> Extractor().name
        'extractor'
    """

    personality: AgentPersonality
    isolation: Isolation = "none"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not hasattr(cls, "personality"):
            cls.personality = AgentPersonality(name=re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower())

    @property
    def name(self) -> str:
        """What stages call it by."""
        return self.personality.name

    def __repr__(self) -> str:
        return f"<agent {self.name!r}>"

    async def run(self, task: Task[In]) -> Out:
        """Work on the task and return its result.

        Any error may be raised, and is treated as the stage's retry policy says; two of them decide by themselves.

        Raises:
            TryAgain: The same agent may succeed later.
            GiveUp: It will not: the next agent of the chain takes over.
        """
        raise NotImplementedError(f"agent {self.name!r} has no run method")


class FunctionAgent(Agent[In, Out]):
    """An agent made of a function; `@agent` makes them.

    Attributes:
        function: The function; a coroutine function runs on the loop, a plain one in a worker thread.
        tools: What a model may call for it, by name, each with who has to agree first; None is nobody, and where
            several agents do its work, there may be more than one answer.

    Raises:
        DefinitionError: Who has to agree before a tool is called is no `Approval`.
    """

    def __init__(
        self,
        function: Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out],
        *,
        personality: AgentPersonality,
        isolation: Isolation = "none",
        tools: Mapping[str, Sequence[Approval | None] | Approval | None] | None = None,
    ) -> None:
        self.function = function
        self.tools: Mapping[str, Sequence[Approval | None]] = {
            tool: _agreed(f"agent {personality.name!r}: tool {tool!r}", asked) for tool, asked in (tools or {}).items()
        }
        self.personality = personality
        self.isolation: Isolation = isolation
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__

    async def run(self, task: Task[In]) -> Out:
        """Call the function; a plain one is called right here, so prefer an orchestrator, which gives it a thread."""
        value: object = self.function(task)
        return cast("Out", await value if inspect.isawaitable(value) else value)


def _agreed(what: str, asked: object) -> Sequence[Approval | None]:
    """Who has to agree, as a list; one answer stands for itself."""
    several = [*cast("Sequence[object]", asked)] if isinstance(asked, list | tuple) else [asked]
    for one in several:
        if one is not None and not isinstance(one, Approval):
            raise DefinitionError(
                f"{what}: an approval is an Approval, such as Approval(by={{'finance'}}), or None, not {one!r:.100}"
            )
    return cast("Sequence[Approval | None]", several)


class _Maker:
    """`@agent(...)` with settings, still waiting for its function."""

    def __init__(self, personality: Callable[[Callable[..., object]], AgentPersonality], isolation: Isolation) -> None:
        self._personality = personality
        self._isolation: Isolation = isolation

    @overload
    def __call__(self, function: Callable[[Task[Given]], Awaitable[Made]], /) -> FunctionAgent[Given, Made]: ...
    @overload
    def __call__(self, function: Callable[[Task[Given]], Made], /) -> FunctionAgent[Given, Made]: ...
    def __call__(
        self, function: Callable[[Task[Given]], Awaitable[Made]] | Callable[[Task[Given]], Made], /
    ) -> FunctionAgent[Given, Made]:
        return FunctionAgent(function, personality=self._personality(function), isolation=self._isolation)


@overload
def agent(function: Callable[[Task[Given]], Awaitable[Made]], /) -> FunctionAgent[Given, Made]: ...
@overload
def agent(function: Callable[[Task[Given]], Made], /) -> FunctionAgent[Given, Made]: ...
@overload
def agent(
    *,
    name: str | None = None,
    role: str = "",
    expertise: Iterable[str] = (),
    permissions: Iterable[str] = (),
    isolation: Isolation = "none",
) -> _Maker: ...
def agent(
    function: Callable[[Task[Given]], Awaitable[Made]] | Callable[[Task[Given]], Made] | None = None,
    /,
    *,
    name: str | None = None,
    role: str = "",
    expertise: Iterable[str] = (),
    permissions: Iterable[str] = (),
    isolation: Isolation = "none",
) -> FunctionAgent[Given, Made] | _Maker:
    """Make a function an agent. A coroutine function runs on the loop, a plain function in a worker thread.

    Args:
        function: Takes a `Task` and returns the result; its annotations are the agent's types.
        name: What stages call it by; by default the function's name.
        role: Its part, in a few words.
        expertise: What it is good at.
        permissions: What it may touch, in your own words; see `AgentPersonality`.
        isolation: `"process"` runs each attempt in a process of its own, which can be killed.

    Example:
        >>> @agent(expertise={"arithmetic"})
        ... def double(task: Task[int]) -> int:
        ...     return 2 * task.input
        >>> double
        <agent 'double'>
    """

    def personality(made_of: Callable[..., object]) -> AgentPersonality:
        return AgentPersonality(name=name or made_of.__name__, role=role, expertise=expertise, permissions=permissions)

    maker = _Maker(personality, isolation)
    if function is None:
        return maker
    return maker(cast("Callable[[Task[Given]], Made]", function))
