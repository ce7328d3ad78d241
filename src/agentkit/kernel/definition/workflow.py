"""What a workflow is: frozen values, checked completely when they are made.

Rules: a definition is data and can be written to JSON and read back (`data.py`); it knows nothing of agents but their
names; whoever holds a `Workflow` holds one that is wired correctly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Generic, Literal, cast

from typing_extensions import TypeVar

from agentkit.errors import DefinitionError
from agentkit.faces import lent
from agentkit.kernel.checks import (
    choice_problems,
    count_problems,
    kind_problems,
    listed,
    name_problems,
    seconds_problems,
    shortened,
)
from agentkit.markup import bundle, framed

from .allowances import NO_BUDGETS, currencies, currency_problems, named_problems
from .controls import Allowance
from .graph import Graph, connect
from .marks import Marks, agents_of, marks_of
from .stage import Stage
from .wiring import control_problems

__all__ = ["Workflow"]


Output = TypeVar("Output", default=object, covariant=True)


# Without slots: typing marks an instance of `Workflow[Output](...)`, which a frozen class with slots refuses wrongly.
@dataclass(frozen=True, eq=False)
class Workflow(Generic[Output]):
    """A workflow: stages, wired into a graph without circles.

    Everything is checked here, once: a `Workflow` that exists can run. Two workflows are equal when their data is.

    Attributes:
        name: What people call it.
        stages: The steps, in any order.
        description: One or two sentences for those who choose a workflow.
        timeout: Seconds for the whole operation. Time in which no process drives it does not count.
        max_parallel: How many attempts of one operation may run at once; None leaves it to the orchestrator.
        result: The stage whose value is the operation's output. By default the last stage is; where several stages
            have no dependents, the output is a mapping of their names to their values.
        budget: What the whole operation may spend.
        group_budgets: What all stages of a group may spend together, by the group's name.
        agent_budgets: What an agent may spend on all stages together, by the agent's name; a fallback and an agent that
            undoes count for themselves. What a child workflow's stages spend counts for no agent here.
        confidence: How sure a value is whose stage waits for others: `lowest` of its own confidence and theirs, their
            `product`, or its `own` alone.
        returns: The type of the output, for type checkers and for reading it back from the journal.

    Raises:
        DefinitionError: Something is wired wrongly; every problem has its line.

    Example:
        >>> flow = Workflow("greet", [Stage("ask", agent="clerk"), Stage("answer", agent="clerk", after=["ask"])])
        >>> [stage.name for stage in flow.stages]
        ['ask', 'answer']
    """

    name: str
    stages: Sequence[Stage]
    _: KW_ONLY
    description: str = ""
    timeout: float | None = None
    max_parallel: int | None = None
    result: str | None = None
    budget: Allowance | None = None
    group_budgets: Mapping[str, Allowance] = field(default_factory=lambda: NO_BUDGETS)
    agent_budgets: Mapping[str, Allowance] = field(default_factory=lambda: NO_BUDGETS)
    confidence: Literal["lowest", "product", "own"] = "lowest"
    returns: type[Output] | None = field(default=None, repr=False)
    graph: Graph = field(init=False, repr=False)
    marks: Marks = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", tuple(self.stages))
        # Copies, so that nobody who keeps what was given changes what was checked.
        for setting in ("group_budgets", "agent_budgets"):
            given = getattr(self, setting)
            if given is not NO_BUDGETS and isinstance(given, Mapping):
                object.__setattr__(self, setting, dict(cast("Mapping[str, Allowance]", given)))
        if not all(isinstance(cast("object", item), Stage) for item in self.stages):
            raise DefinitionError(
                *(
                    problem
                    for number, item in enumerate(self.stages, start=1)
                    for problem in kind_problems(f"stage number {number}", item, Stage, "a Stage")
                )
            )
        graph, wiring = connect(self.stages)
        problems = [*name_problems("workflow", self.name), *wiring]
        problems.extend(seconds_problems("workflow: timeout", self.timeout))
        if self.max_parallel is not None:
            problems.extend(count_problems("workflow: max_parallel", self.max_parallel))
        problems.extend(kind_problems("workflow: description", self.description, str, "a text"))
        if self.result is not None:
            wrong = [*kind_problems("workflow: result", self.result, str, "the name of a stage")]
            if not wrong and self.result not in graph.index:
                wrong = [f"workflow: result names {self.result!r}, which is not a stage"]
            problems.extend(wrong)
        problems.extend(self._budget_problems(graph))
        if self.confidence != "lowest":
            problems.extend(choice_problems("workflow: confidence", self.confidence, ("lowest", "product", "own")))
        problems.extend(
            problem
            for stage in self.stages
            if stage.workflow is not None
            for problem in kind_problems(f"stage {stage.name!r}: workflow", stage.workflow, Workflow, "a Workflow")
        )
        if not problems:
            problems.extend(control_problems(self.stages, graph))
            problems.extend(currency_problems(self._currencies()))
        if problems:
            raise DefinitionError(*problems)
        object.__setattr__(self, "graph", graph)
        object.__setattr__(self, "marks", marks_of(self.stages, self.group_budgets, self.agent_budgets))

    def _budget_problems(self, graph: Graph) -> Iterator[str]:
        if self.budget is not None:
            yield from kind_problems("workflow: budget", self.budget, Allowance, "an Allowance")
        if self.group_budgets is not NO_BUDGETS:
            yield from named_problems("group_budgets", self.group_budgets, graph.groups, "no group")
        if self.agent_budgets is not NO_BUDGETS:
            agents = agents_of(self.stages)
            yield from named_problems("agent_budgets", self.agent_budgets, agents, "the agent of no stage")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workflow):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.name, len(self.stages)))

    def _key(self) -> tuple[object, ...]:
        return (
            self.name,
            self.stages,
            self.description,
            self.timeout,
            self.max_parallel,
            self.result,
            self.budget,
            self.group_budgets,
            self.agent_budgets,
            self.confidence,
        )

    @property
    def currency(self) -> str | None:
        """The currency of its budgets and of all that are inside; None if none of them limits money."""
        return next((currency for _, currency in self._currencies()), None)

    def _currencies(self) -> Iterator[tuple[str, str]]:
        return currencies(self.budget, self.stages, self.group_budgets, self.agent_budgets)

    def __getitem__(self, name: str) -> Stage:
        return self.stages[self.graph.index[name]]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The workflow as text and as a drawing, for notebooks."""
        # Diagrams are drawn of workflows, so this room knows nothing of them until somebody looks.
        draw = cast("Callable[..., str]", lent("agentkit.kernel.diagram", "draw"))
        return bundle(draw(self), framed(draw(self, format="svg")))

    def with_agents(self, agents: Mapping[str, str]) -> Workflow[Output]:
        """The same workflow with other agents for some of its stages; their other fallbacks stay.

        What an agent may spend that works on no stage any more is no longer said.

        Args:
            agents: The agent that is to work on a stage, by the stage's name.

        Raises:
            DefinitionError: There is no such stage, no agent works on it, or that is no name of an agent.

        Example:
            >>> flow = Workflow("greet", [Stage("ask", agent="clerk"), Stage("rest", after=["ask"], wait=5)])
            >>> flow.with_agents({"ask": "robot"})["ask"].agent
            'robot'
        """
        if not agents:
            return self
        problems = [*_choice_problems(self, agents)]
        if problems:
            raise DefinitionError(*problems)
        stages = [_staffed(one, agents[one.name]) if one.name in agents else one for one in self.stages]
        left = agents_of(stages)
        budgets = {name: budget for name, budget in self.agent_budgets.items() if name in left}
        return replace(self, stages=stages, agent_budgets=budgets or NO_BUDGETS)

    def check_agents(self, known: Iterable[str], resources: Mapping[str, int] | None = None) -> None:
        """Check that every agent, and every resource if they are given, exists.

        Raises:
            DefinitionError: A stage names an agent or a resource that is not known.
        """
        names = frozenset(known)
        if self.marks.agents <= names and not self.marks.checked:
            return
        problems = [*_unknown(self, names, resources)]
        if problems:
            raise DefinitionError(*problems)


def _staffed(stage: Stage, agent: str) -> Stage:
    """The stage with another agent, who does not take over from themselves."""
    if agent == stage.agent:
        return stage
    names = zip(stage.agents[1:], stage.fallback, strict=True)
    return replace(stage, agent=agent, fallback=tuple(item for name, item in names if name != agent))


def _choice_problems(workflow: Workflow[object], agents: Mapping[str, str]) -> Iterator[str]:
    for name, agent in agents.items():
        stage = workflow[name] if name in workflow.graph.index else None
        if stage is not None and stage.agent:
            yield from name_problems(f"stage {name!r}: agent", agent)
            continue
        known = listed(one.name for one in workflow.stages if one.agent)
        wrong = f"has no stage {shortened(name)}" if stage is None else f"has no agent at stage {name!r}"
        yield f"workflow {workflow.name!r} {wrong}; stages that agents work on are {known}"


def _unknown(workflow: Workflow[object], agents: frozenset[str], resources: Mapping[str, int] | None) -> Iterator[str]:
    for stage in workflow.stages:
        for agent in stage.agents if stage.undo is None else (*stage.agents, stage.undo):
            if agent not in agents:
                yield f"stage {stage.name!r}: unknown agent {agent!r}; known are {listed(agents)}"
        if resources is not None and stage.resource is not None and stage.resource not in resources:
            yield f"stage {stage.name!r}: unknown resource {stage.resource!r}; known are {listed(resources)}"
        if stage.workflow is not None:
            for problem in _unknown(cast("Workflow[object]", stage.workflow), agents, resources):
                yield f"stage {stage.name!r}: its workflow: {problem}"
