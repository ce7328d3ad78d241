"""Who can work: the agents of one orchestrator, by name, with their types read."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Never, cast, get_args, get_origin, get_type_hints

from agentkit.errors import DefinitionError
from agentkit.kernel import Workflow, name_problems

from .definition import Agent, FunctionAgent
from .task import Task
from .values import ANY, ValueType

__all__ = ["AgentRegistry", "Registration"]


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


class AgentRegistry(Mapping[str, Registration]):
    """The agents of one orchestrator.

    Raises:
        DefinitionError: A name is not valid or used twice, or an annotation cannot be read.
    """

    __slots__ = ("_entries",)

    def __init__(self, agents: Iterable[Agent[Never, object]] = ()) -> None:
        self._entries: dict[str, Registration] = {}
        for member in agents:
            self.add(member)

    def add(self, member: Agent[Never, object]) -> None:
        """Register one more.

        Raises:
            DefinitionError: See the class.
        """
        if not isinstance(cast("object", member), Agent):
            raise DefinitionError(
                f"{member!r} is not an agent: give an instance of a subclass of Agent, or a function with @agent"
            )
        problems = [*name_problems("agent", member.name)]
        if member.name in self._entries:
            problems.append(f"agent {member.name!r}: the name is used more than once")
        if problems:
            raise DefinitionError(*problems)
        self._entries[member.name] = _register(member)

    def check(self, workflow: Workflow[object], resources: Mapping[str, int] | None = None) -> None:
        """Check that the workflow's agents and resources exist, and that the agents have the expertise asked for.

        Raises:
            DefinitionError: One of them does not; every problem has its line.
        """
        workflow.check_agents(self._entries, resources)
        problems = [
            line
            for stage in workflow.stages
            if stage.expertise
            for name in stage.agents
            if (line := self._entries[name].agent.personality.refusal(stage.name, stage.expertise))
        ]
        if problems:
            raise DefinitionError(*problems)

    def find(self, name: str) -> Registration | None:
        """The agent of that name, if there is one."""
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Registration:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _register(member: Agent[Never, object]) -> Registration:
    body = member.function if isinstance(member, FunctionAgent) else member.run
    hints = _hints(member, body)
    given = [hints[name] for name in inspect.signature(body).parameters if name in hints][:1]
    inputs = [item for hint in given if get_origin(hint) is Task for item in get_args(hint)]
    return Registration(
        agent=member,
        input_type=ValueType(inputs[0]).prepare() if inputs else ANY,
        output_type=ValueType(hints["return"]).prepare() if "return" in hints else ANY,
        blocking=not inspect.iscoroutinefunction(body),
    )


def _hints(member: Agent[Never, object], body: object) -> dict[str, Any]:
    try:
        return get_type_hints(body)
    except NameError as error:
        raise DefinitionError(
            f"agent {member.name!r}: cannot read its annotations, since {error};"
            " define that type at the top of its module"
        ) from error
