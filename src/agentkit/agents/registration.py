"""An agent with what was read from its annotations, once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Never, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints

from agentkit.errors import DefinitionError

from .definition import Agent, FunctionAgent
from .task import Task
from .values import ANY, ValueType

__all__ = ["AnyTask", "Body", "Registration", "declare_types", "registration_of"]

# Agents of every type are called from one place, which no type can tell.
AnyTask: TypeAlias = Task[Any]
"""A task for whatever agent."""

Body: TypeAlias = Callable[[AnyTask], Any]
"""What is called with a task: a coroutine function, or a plain one that blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An agent and what was read from its annotations.

    Attributes:
        agent: The agent.
        input_type: What it takes.
        output_type: What it gives.
        blocking: Whether it is a plain function, for a worker thread.
    """

    agent: Agent[Never, object]
    input_type: ValueType
    output_type: ValueType
    blocking: bool

    @property
    def body(self) -> Body:
        """What is called with the task: a coroutine function, unless it is blocking."""
        agent = self.agent
        return agent.function if isinstance(agent, FunctionAgent) else cast("Body", agent.run)


def registration_of(member: Agent[Never, object]) -> Registration:
    """An agent with the types that its annotations declare.

    Raises:
        DefinitionError: An annotation cannot be read.
    """
    body = member.function if isinstance(member, FunctionAgent) else member.run
    hints = _hints(member, body)
    given = [hints[name] for name in inspect.signature(body).parameters if name in hints][:1]
    inputs = [item for hint in given if get_origin(hint) is Task for item in get_args(hint)]
    return Registration(
        agent=member,
        input_type=ValueType(inputs[0]).prepare() if inputs else ANY,
        output_type=_output_type(hints),
        blocking=not inspect.iscoroutinefunction(body),
    )


def _output_type(hints: dict[str, Any]) -> ValueType:
    # A variable, such as that of a replica far away, says nothing.
    declared = hints.get("return", ANY)
    return ANY if declared is ANY or isinstance(declared, TypeVar) else ValueType(declared).prepare()


def _hints(member: Agent[Never, object], body: object) -> dict[str, Any]:
    try:
        return get_type_hints(body)
    except NameError as error:
        raise DefinitionError(
            f"agent {member.name!r}: cannot read its annotations, since {error};"
            " define that type at the top of its module"
        ) from error


def declare_types(function: Callable[..., object], entry: Registration) -> None:
    """Have a function that works like an agent declare the same types as that agent."""
    given: Any = Task
    function.__annotations__ = {"task": given[entry.input_type.declared], "return": entry.output_type.declared}
