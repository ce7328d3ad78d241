"""One way to an answer: an agent with the settings under which a chain asks it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Generic, Never, TypeVar, cast

from agentkit.agents.definition import Agent, FunctionAgent
from agentkit.agents.personality import AgentPersonality
from agentkit.agents.task import Task
from agentkit.errors import DefinitionError
from agentkit.kernel import TRIGGERS, Fallback, RetryPolicy, kinds_of, trigger_problems

from .limiting import shorter

__all__ = ["Strategy", "as_strategy"]

In = TypeVar("In")
Out = TypeVar("Out", covariant=True)


@dataclass(frozen=True, slots=True)
class Strategy(Generic[In, Out]):
    """An agent or a function, and how a `FallbackChain` asks it.

    Attributes:
        agent: The agent; a function becomes one, as `@agent` makes it.
        retry: How often it is tried; None is as often as the chain says.
        on: What it takes over from: triggers (`error`, `timeout`, `invalid_output`, `low_confidence`, `budget`), and
            classes of errors or their names; after anything else the chain goes on to the next strategy.
        timeout: Seconds that one attempt may take: short for the policy's `attempt_timeout`; the shorter one counts.
        min_confidence: How sure its value has to be, 0 to 1; None is as sure as the chain says.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> def guess(task: Task[str]) -> int:
        ...     return len(task.input)
        >>> Strategy(guess, on=["timeout", ConnectionError]).name
        'guess'
    """

    agent: Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out]
    _: KW_ONLY
    retry: RetryPolicy | None = None
    on: Sequence[str | type[BaseException]] = TRIGGERS
    timeout: float | None = None
    min_confidence: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.agent, Agent):
            object.__setattr__(self, "agent", _made(self.agent))
        if self.on is not TRIGGERS:
            object.__setattr__(self, "on", kinds_of(self.on))
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        what = f"strategy {self.name!r}"
        yield from trigger_problems(f"{what}: on", self.on)
        try:
            Fallback("x", retry=self.retry, min_confidence=self.min_confidence)
            RetryPolicy(attempt_timeout=self.timeout)
        except DefinitionError as error:
            for problem in error.problems:
                setting = problem.removeprefix("fallback: ").replace("retry: attempt_timeout", "timeout")
                yield f"{what}: {setting}"

    @property
    def worker(self) -> Agent[In, Out]:
        """The agent."""
        return cast("Agent[In, Out]", self.agent)

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.worker.name

    def policy(self, default: RetryPolicy) -> RetryPolicy:
        """How often it is tried, and how long an attempt may take."""
        policy = self.retry or default
        if self.timeout is None:
            return policy
        return replace(policy, attempt_timeout=shorter(policy.attempt_timeout, self.timeout))

    def fallback(self, default: RetryPolicy, least: float | None) -> Fallback:
        """The same as a fallback of a stage, whose agent is known by its name."""
        return Fallback(
            self.name,
            retry=self.policy(default),
            on=self.on,
            min_confidence=(least or 0.0) if self.min_confidence is None else self.min_confidence,
        )


def as_strategy(given: object) -> Strategy[Never, object]:
    """A strategy as it is; an agent or a function with the settings of the chain."""
    known: Any = given
    return cast("Strategy[Never, object]", known if isinstance(given, Strategy) else Strategy(known))


def _made(function: object) -> Agent[Any, Any]:
    if isinstance(function, type) or not callable(function):
        raise DefinitionError(f"a strategy is an agent, a function that takes a task, or a Strategy, not {function!r}")
    name = getattr(function, "__name__", type(function).__name__)
    if not name.isidentifier():
        raise DefinitionError(f"{function!r} has no name to be called by: make it an agent with @agent(name=...)")
    return FunctionAgent(cast("Callable[[Task[Any]], object]", function), personality=AgentPersonality(name=name))
