"""What a workflow is: frozen values, checked completely when they are made.

Rules: a definition is data and can be written to JSON and read back (`data.py`); it knows nothing of agents but their
names; whoever holds a `Workflow` holds one that is wired correctly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Generic, cast

from typing_extensions import TypeVar

from agentkit.errors import DefinitionError

from .checks import (
    count_problems,
    instruction_problems,
    is_number,
    kind_problems,
    name_problems,
    seconds_problems,
    shortened,
    texts_problems,
)
from .graph import Graph, connect

__all__ = ["RetryPolicy", "Stage", "Workflow"]


def _as_tuple(names: object) -> object:
    """The names as a tuple; what are no names at all stays as it is, for the checks to tell."""
    # A lone name is a common slip for a list of one; as a sequence of letters it could only be wrong.
    if isinstance(names, str | type):
        return (names,)
    return tuple(cast("Iterable[object]", names)) if isinstance(names, Iterable) else names


Output = TypeVar("Output", default=object, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When a failed attempt is tried again, and after how long.

    The wait before attempt n+1 is `delay * factor ** (n - 1)`, at most `max_delay`, shortened by up to the share
    `jitter`. The jitter is derived from the operation's id, so that replaying decides the same; many operations that
    fail together still come back spread out.

    Attributes:
        attempts: How often one agent is tried in all; 1 means no retry.
        delay: Seconds before the second attempt.
        factor: What each further wait is multiplied with.
        max_delay: The longest wait in seconds.
        jitter: The share of the wait that is left to chance, 0 to 1.
        retry_on: Names of the errors that are worth a retry, such as `"ConnectionError"`; classes may be given too, and
            subclasses count. Empty means every error but those that say they are not retryable.
        attempt_timeout: Seconds that one attempt may take; None leaves only the stage's own timeout.

    Raises:
        DefinitionError: A number is out of its range.

    Example:
        >>> RetryPolicy(attempts=3, retry_on=[ConnectionError]).retry_on
        ('ConnectionError',)
    """

    attempts: int = 1
    delay: float = 1.0
    factor: float = 2.0
    max_delay: float = 60.0
    jitter: float = 0.5
    retry_on: Sequence[str | type[BaseException]] = ()
    attempt_timeout: float | None = None

    def __post_init__(self) -> None:
        kinds = _as_tuple(self.retry_on)
        if isinstance(kinds, tuple):
            given = cast("tuple[object, ...]", kinds)
            kinds = tuple(kind.__name__ if isinstance(kind, type) else kind for kind in given)
        object.__setattr__(self, "retry_on", kinds)
        problems = [
            *count_problems("retry: attempts", self.attempts, most=1_000),
            *seconds_problems("retry: delay", self.delay, optional=False, zero=True),
            *seconds_problems("retry: max_delay", self.max_delay, optional=False, zero=True),
            *seconds_problems("retry: attempt_timeout", self.attempt_timeout),
            *texts_problems("retry: retry_on", self.retry_on),
        ]
        if not is_number(self.factor) or not 1 <= self.factor <= 100:
            problems.append(f"retry: factor must be a number from 1 to 100, not {shortened(self.factor)}")
        if not is_number(self.jitter) or not 0 <= self.jitter <= 1:
            problems.append(f"retry: jitter must be a share from 0 to 1, not {shortened(self.jitter)}")
        if problems:
            raise DefinitionError(*problems)


NO_RETRY = RetryPolicy()
_LISTS = ("after", "fallback", "expertise")
_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a workflow: which agent does what, after what.

    Attributes:
        name: Unique in its workflow; a letter, then letters, digits, `_`, `-` or `.`.
        agent: The name of the agent that works on it.
        instruction: What the agent is told. `{month}` is replaced by the operation's input `month`, and nothing else
            is.
        after: Stages, or groups of stages, that must have ended before this one starts.
        group: A name for several stages that others can wait for at once.
        required: Whether the operation fails when this stage does. After a failed optional stage its dependents run
            and see
            it as missing.
        timeout: Seconds for the whole stage, with all attempts and the waits between them.
        retry: How often each agent of the chain is tried.
        fallback: Agents that take over, in order, when the one before has used up its attempts.
        weight: This stage's share of the operation's progress, against the other stages.
        resource: The name of a limited resource that an attempt occupies.
        expertise: What every agent of the chain must be good at, in its own words (`AgentPersonality.expertise`).

    Raises:
        DefinitionError: A name, number or instruction is not valid.

    Example:
        >>> Stage("share", agent="share", after=["extract"], fallback=["share_simple"]).after
        ('extract',)
    """

    name: str
    _: KW_ONLY
    agent: str
    instruction: str = ""
    after: Sequence[str] = ()
    group: str | None = None
    required: bool = True
    timeout: float | None = None
    retry: RetryPolicy = NO_RETRY
    fallback: Sequence[str] = ()
    weight: float = _WEIGHT
    resource: str | None = None
    expertise: Sequence[str] = ()

    def __post_init__(self) -> None:
        for setting in _LISTS:
            given = getattr(self, setting)
            if type(given) is not tuple:
                object.__setattr__(self, setting, _as_tuple(given))
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        """What is wrong; a setting that was left as it is by default costs nothing, as most are."""
        yield from name_problems("stage", self.name)
        what = f"stage {shortened(self.name)}"
        for setting in _LISTS:
            if getattr(self, setting) != ():
                yield from texts_problems(f"{what}: {setting}", getattr(self, setting))
        for agent in self.agents if isinstance(self.fallback, tuple) else (self.agent,):
            yield from name_problems(f"{what}: agent", agent)
        if self.group is not None:
            yield from name_problems(f"{what}: group", self.group)
        if self.resource is not None:
            yield from name_problems(f"{what}: resource", self.resource)
        if self.instruction != "":
            yield from instruction_problems(what, self.instruction)
        if self.timeout is not None:
            yield from seconds_problems(f"{what}: timeout", self.timeout)
        if self.weight is not _WEIGHT and not (is_number(self.weight) and 0 < self.weight <= 1e9):
            yield f"{what}: weight must be a number above 0, at most 1e9, not {shortened(self.weight)}"
        if self.required is not True:
            yield from kind_problems(f"{what}: required", self.required, bool, "True or False")
        if self.retry is not NO_RETRY:
            yield from kind_problems(f"{what}: retry", self.retry, RetryPolicy, "a RetryPolicy")

    @property
    def agents(self) -> tuple[str, ...]:
        """The chain: the agent, then its fallbacks in order."""
        return (self.agent, *self.fallback)


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
            have no
            dependents, the output is a mapping of their names to their values.
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
    returns: type[Output] | None = field(default=None, repr=False)
    graph: Graph = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", tuple(self.stages))
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
        if problems:
            raise DefinitionError(*problems)
        object.__setattr__(self, "graph", graph)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workflow):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.name, len(self.stages)))

    def _key(self) -> tuple[object, ...]:
        return (self.name, self.stages, self.description, self.timeout, self.max_parallel, self.result)

    def __getitem__(self, name: str) -> Stage:
        return self.stages[self.graph.index[name]]

    def check_agents(self, known: Iterable[str], resources: Mapping[str, int] | None = None) -> None:
        """Check that every agent, and every resource if they are given, exists.

        Raises:
            DefinitionError: A stage names an agent or a resource that is not known.
        """
        names = frozenset(known)
        problems: list[str] = []
        for stage in self.stages:
            for agent in stage.agents:
                if agent not in names:
                    problems.append(f"stage {stage.name!r}: unknown agent {agent!r}; known are {_listed(names)}")
            if resources is not None and stage.resource is not None and stage.resource not in resources:
                problems.append(
                    f"stage {stage.name!r}: unknown resource {stage.resource!r}; known are {_listed(resources)}"
                )
        if problems:
            raise DefinitionError(*problems)


def _listed(names: Iterable[str], most: int = 8) -> str:
    ordered = sorted(names)
    shown = ", ".join(repr(name) for name in ordered[:most])
    return (shown + (f" and {len(ordered) - most} more" if len(ordered) > most else "")) or "none"
