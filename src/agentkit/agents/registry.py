"""Who can work: the agents of one orchestrator, by name, with their types read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Never, cast

from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import Stage, Workflow, name_problems

from .definition import Agent
from .registration import Registration, registration_of
from .safety import safety_problems

__all__ = ["AgentRegistry"]


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
        self._entries[member.name] = registration_of(member)

    def check(self, workflow: Workflow[object], resources: Mapping[str, int] | None = None) -> None:
        """Check that the workflow's agents and resources exist, have the expertise asked for, and replace one another.

        A fallback is never less safe than the stage's agent, and a minimal answer is of that agent's type.

        Raises:
            DefinitionError: Something of that is not so; every problem has its line.
        """
        workflow.check_agents(self._entries, resources)
        problems = [*self._problems(workflow)]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self, workflow: Workflow[object], where: str = "") -> Iterator[str]:
        for stage in workflow.marks.checked:
            if stage.expertise:
                for name in stage.agents:
                    line = self._entries[name].agent.personality.refusal(stage.name, stage.expertise)
                    if line:
                        yield where + line
            if stage.fallback:
                first, *others = (self._entries[name] for name in stage.agents)
                for other in others:
                    for problem in safety_problems(first, other):
                        yield f"{where}stage {stage.name!r}: {problem}"
            if stage.minimal is not None and stage.agent:
                yield from self._minimal_problems(f"{where}stage {stage.name!r}", stage)
            if stage.workflow is not None:
                inner = cast("Workflow[object]", stage.workflow)
                yield from self._problems(inner, f"{where}stage {stage.name!r}: its workflow: ")

    def _minimal_problems(self, what: str, stage: Stage) -> Iterator[str]:
        entry = self._entries[stage.agent]
        try:
            entry.output_type.decode(json.dumps(stage.minimal))
        except InputError as error:
            yield f"{what}: its minimal answer is not what agent {stage.agent!r} gives: {error}"

    def find(self, name: str) -> Registration | None:
        """The agent of that name, if there is one."""
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Registration:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
