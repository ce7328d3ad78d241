"""Fallback chains: several ways to one answer, tried in order until one is good enough.

Rules: a chain goes on as a stage of a workflow does, since both ask the same questions (`RetryPolicy.allows`,
`takes_over`); no strategy is less safe than the first; a cancel is never swallowed; time is the event loop's, so in
virtual time nobody waits. Alone nothing is kept; in a workflow, as a stage's settings, every attempt is on the journal.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from typing import Any, Generic, TypedDict, TypeVar, cast

from agentkit.agents.blocking import run_blocking
from agentkit.agents.definition import Agent, FunctionAgent
from agentkit.agents.personality import AgentPersonality
from agentkit.agents.registration import AnyTask, Registration, declare_types, registration_of
from agentkit.agents.safety import safety_problems, tools_of
from agentkit.agents.task import Task
from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import NO_RETRY, Fallback, RetryPolicy, Stage, seconds_problems

from .limiting import Limiter, shorter
from .result import ChainResult
from .run import ChainRun, Ladder
from .rung import Miss, Rung, awaited
from .strategies import Strategy, as_strategy

__all__ = ["ChainSettings", "FallbackChain"]

In = TypeVar("In")
Out = TypeVar("Out")


class ChainSettings(TypedDict):
    """The settings of a `Stage` that say the same as a chain."""

    agent: str
    retry: RetryPolicy
    fallback: list[Fallback]
    min_confidence: float | None
    minimal: object
    timeout: float | None


class FallbackChain(Generic[In, Out]):
    """Several ways to one answer: the first that is good enough counts.

    Each strategy has attempts of its own. When it has used them up, or its value is not good enough, the next one takes
    over that waits for what went wrong. If all fail, the chain gives its minimal answer, marked as degraded.

    Args:
        strategies: Agents, functions that take a task (async, or plain ones, which get a thread), or `Strategy` values;
            the best one first.
        minimal: The answer that always comes, or a function of the task that makes it; it is checked to be of the first
            strategy's type. None is none.
        min_confidence: How sure a value has to be, 0 to 1, where its strategy does not say.
        timeout: Seconds for the whole chain, waits included; the minimal answer needs none.
        retry: How often a strategy is tried that does not say.
        name: What people call it; by default the name of its first strategy.
        grace_seconds: How long an attempt whose time is up is waited for, before it is left alone.

    Attributes:
        strategies: The strategies, in order.
        name: What people call it.

    Raises:
        DefinitionError: A setting is not valid, or a strategy is less safe than the first one.

    Example:
        >>> def ask_bank(task: Task[str]) -> str:
        ...     raise ConnectionError("the bank is closed")
        >>> def ask_archive(task: Task[str]) -> str:
        ...     return "1.09"
        >>> result = FallbackChain(ask_bank, ask_archive, minimal="1.00").run_sync("EUR")
        >>> result.value, result.strategy, result.is_degraded
        ('1.09', 'ask_archive', True)
    """

    def __init__(
        self,
        *strategies: Strategy[In, Out]
        | Agent[In, Out]
        | Callable[[Task[In]], Awaitable[Out]]
        | Callable[[Task[In]], Out],
        minimal: Out | Callable[[Task[In]], Out] | None = None,
        min_confidence: float | None = None,
        timeout: float | None = None,
        retry: RetryPolicy = NO_RETRY,
        name: str | None = None,
        grace_seconds: float = 2.0,
    ) -> None:
        if not strategies:
            raise DefinitionError("a fallback chain needs a strategy: FallbackChain(primary, secondary, ...)")
        self.strategies: tuple[Strategy[In, Out], ...] = tuple(
            cast("Strategy[In, Out]", as_strategy(item)) for item in strategies
        )
        self.name: str = self.strategies[0].name if name is None else name
        self._least = min_confidence
        self._timeout = timeout
        self._retry = retry
        self._minimal = minimal
        self._entries = tuple(registration_of(item.worker) for item in self.strategies)
        problems = [*self._problems(grace_seconds)]
        if problems:
            raise DefinitionError(*problems)
        self._limiter = Limiter(grace_seconds)
        rungs = tuple(
            Rung(
                name=item.name,
                level=level,
                policy=item.policy(retry),
                least=_either(item.min_confidence, min_confidence),
                on=item.on,
                limiter=self._limiter,
                body=awaited(entry),
                input_type=entry.input_type,
                output_type=entry.output_type,
            )
            for level, (item, entry) in enumerate(zip(self.strategies, self._entries, strict=True))
        )
        self._ladder = Ladder(name=self.name, rungs=rungs, timeout=timeout, turns=count(1))
        self._first = rungs[0]
        self._first_limit = shorter(self._first.policy.attempt_timeout, timeout)
        self._is_isolated = any(entry.agent.isolation == "process" for entry in self._entries)

    def _problems(self, grace_seconds: float) -> Iterator[str]:
        what = f"chain {self.name!r}"
        first, *others = self._entries
        for other in others:
            for problem in safety_problems(first, other):
                yield f"{what}: {problem}"
        try:
            # A stage knows what these settings may be.
            Stage(self.name, agent="x", retry=self._retry, min_confidence=self._least, timeout=self._timeout)
        except DefinitionError as error:
            yield from (f"{what}: {problem.partition(': ')[2] or problem}" for problem in error.problems)
        yield from seconds_problems(f"{what}: grace_seconds", grace_seconds, optional=False, zero=True)
        if self._minimal is not None and not callable(self._minimal):
            try:
                first.output_type.check(self._minimal)
            except InputError as error:
                yield f"{what}: its minimal answer is not what {first.agent.name!r} gives: {error}"

    def __repr__(self) -> str:
        return f"<chain {self.name!r}: {', '.join(item.name for item in self.strategies)}>"

    @property
    def abandoned(self) -> int:
        """How many attempts still run that nobody waits for any more."""
        return self._limiter.abandoned

    async def run(self, given: Task[In] | In) -> ChainResult[Out]:
        """Ask the strategies, in order, for an answer.

        Args:
            given: What to work on, or a task that has it.

        Raises:
            ChainFailed: All failed, and there is no minimal answer.
            DefinitionError: A strategy needs a process of its own, which only an orchestrator has.
        """
        if self._is_isolated:
            raise DefinitionError(
                f"chain {self.name!r}: a strategy with isolation='process' needs an orchestrator;"
                " make a stage of it with Stage(..., **chain.settings)"
            )
        known: Any = given
        task: AnyTask = known if isinstance(given, Task) else Task.standalone(given)
        # Most runs are this one attempt, so all that only failures need is made after it.
        answer = await self._first.ask(task, 1, self._first_limit)
        if isinstance(answer, Miss):
            run = ChainRun(self._ladder, task, answer)
            return cast("ChainResult[Out]", await run.go_on(self._last_resort))
        return answer

    def run_sync(self, given: Task[In] | In) -> ChainResult[Out]:
        """The same as `run`, from code that is not async; it works inside a running loop too, which stands still.

        Raises:
            ChainFailed: All failed, and there is no minimal answer.
        """
        return run_blocking(lambda: self.run(given))

    def _last_resort(self, task: Task[object]) -> object:
        """The minimal answer; None if there is none.

        Raises:
            InputError: It is not what the first strategy would give.
        """
        minimal = self._minimal
        if minimal is None or not callable(minimal):
            return minimal
        made: object = cast("Callable[[Task[object]], object]", minimal)(task)
        self._entries[0].output_type.check(made)
        return made

    @property
    def agents(self) -> tuple[Agent[In, Out], ...]:
        """The agents of its strategies, each once, for the orchestrator that runs its stage."""
        return tuple({item.name: item.worker for item in self.strategies}.values())

    @property
    def settings(self) -> ChainSettings:
        """What a stage has to say to go on as the chain does: `Stage("share", after=["sales"], **chain.settings)`.

        Raises:
            DefinitionError: The minimal answer is a function, which a definition cannot hold, or two agents have one
                name.
        """
        if callable(self._minimal):
            raise DefinitionError(
                f"chain {self.name!r}: its minimal answer is a function, and a stage's is a value;"
                " give a value, or register chain.agent"
            )
        first, *others = self.strategies
        named: dict[str, Agent[In, Out]] = {}
        for item in self.strategies:
            if named.setdefault(item.name, item.worker) is not item.worker:
                raise DefinitionError(f"chain {self.name!r}: two agents are called {item.name!r}; rename one of them")
        minimal = self._minimal
        return ChainSettings(
            agent=first.name,
            retry=first.policy(self._retry),
            fallback=[item.fallback(self._retry, self._least) for item in others],
            min_confidence=_either(first.min_confidence, self._least),
            minimal=None if minimal is None else json.loads(self._entries[0].output_type.encode(minimal)),
            timeout=self._timeout,
        )

    @property
    def agent(self) -> FunctionAgent[In, Out]:
        """The chain as one agent, to be registered with an orchestrator under its name.

        All its attempts are then one attempt of the stage: after a crash it begins with its first strategy again. With
        `settings` every attempt is on the journal.

        Raises:
            DefinitionError: A strategy needs a process of its own.
        """
        if self._is_isolated:
            raise DefinitionError(
                f"chain {self.name!r}: a strategy with isolation='process' cannot be part of one agent;"
                " use Stage(..., **chain.settings)"
            )
        body = _body_of(self, self._entries[0])
        return FunctionAgent(body, personality=self._personality(), tools=tools_of(self._entries))

    def _personality(self) -> AgentPersonality:
        known = [entry.agent.personality for entry in self._entries]
        return AgentPersonality(
            name=self.name,
            role=known[0].role,
            expertise=[word for word in known[0].expertise if all(word in item.expertise for item in known)],
            permissions=known[0].permissions,
        )


def _either(own: float | None, default: float | None) -> float | None:
    return default if own is None else own


def _body_of(chain: FallbackChain[In, Out], first: Registration) -> Callable[[Task[In]], Awaitable[Out]]:
    async def run(task: Task[In]) -> Out:
        return (await chain.run(task)).value

    run.__doc__ = f"The fallback chain {chain.name!r}."
    # The types of the first strategy are the chain's own.
    declare_types(run, first)
    return run
