"""An agent that adapts: `AdaptiveAgent` asks a learner which of its arms is to work, and tells what became of it.

Rules: an attempt that is run again after a crash works with the same arm, since the choice is kept under its key; a
retry chooses anew, but never after a pause (`holding.py`). Learning is no part of the work: where it fails, the first
arm works, nothing is told, and a warning is logged (`mistakes.py`). An arm whose time is up has failed; a cancel, a
pause, or a budget that others spent is no outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar, cast, overload

from agentkit.agents.chains.rung import awaited
from agentkit.agents.chains.strategies import as_strategy
from agentkit.agents.definition import Agent, FunctionAgent
from agentkit.agents.failures import ended_by
from agentkit.agents.notes import Paused
from agentkit.agents.personality import AgentPersonality
from agentkit.agents.registration import AnyTask, declare_types, registration_of
from agentkit.agents.safety import safety_problems, tools_of
from agentkit.agents.task import Task
from agentkit.agents.tiers import Tier, TierChoice
from agentkit.errors import BudgetExhausted, DefinitionError, GiveUp, InputError
from agentkit.kernel import NO_USAGE, Failed, Usage, shortened

from .holding import held_choice, hold, short_key
from .mistakes import Mistakes
from .outcomes import Outcome
from .ports import Choice, Chooser

__all__ = ["AdaptiveAgent"]

In = TypeVar("In")
Out = TypeVar("Out")


class AdaptiveAgent(FunctionAgent[In, Out]):
    """Several agents as one, of which a learner chooses one for each task.

    Args:
        name: What stages call it by.
        arms: What is chosen among: agents, functions that take a task, or tiers, by the names that the learner knows.
        learner: What chooses, and is told; its arms are the same names.
        agent: Who works on the tiers; needed where an arm is one. Models and prompts are compared so.
        kind: The kind of a task: a text for all of them, or a function of the task. Where that fails, the first arm
            works and nothing is learned, and a warning is logged.
        quality: Judges a value, 0 to 1, or None. Without it, it is what the agent says with `task.confidence`. Where it
            fails, or says something else, the value counts as not judged, and a warning is logged.

    Attributes:
        arms: The names of its arms.

    Raises:
        DefinitionError: Arms and learner do not fit, or arms do not fit each other: one is less safe than the first, or
            has other types.

    Example:
        >>> import asyncio
        >>> from agentkit.orchestrator import Learner
        >>> async def short(task: Task[str]) -> str:
        ...     return task.input[:3]
        >>> async def whole(task: Task[str]) -> str:
        ...     return task.input
        >>> learner = Learner("memory://", arms=["whole", "short"])
        >>> writer = AdaptiveAgent("writer", {"whole": whole, "short": short}, learner=learner)
        >>> asyncio.run(writer.run(Task.standalone("learning")))
        'learning'
    """

    @overload
    def __init__(
        self,
        name: str,
        arms: Mapping[str, Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]]] | Mapping[str, Tier],
        *,
        learner: Chooser,
        agent: Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | None = None,
        kind: str | Callable[[Task[In]], str] = "",
        quality: Callable[[Task[In], Out], float | None] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        name: str,
        arms: Mapping[str, Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out] | Tier],
        *,
        learner: Chooser,
        agent: Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out] | None = None,
        kind: str | Callable[[Task[In]], str] = "",
        quality: Callable[[Task[In], Out], float | None] | None = None,
    ) -> None: ...
    def __init__(
        self,
        name: str,
        arms: Mapping[str, Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out] | Tier],
        *,
        learner: Chooser,
        agent: Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out] | None = None,
        kind: str | Callable[[Task[In]], str] = "",
        quality: Callable[[Task[In], Out], float | None] | None = None,
    ) -> None:
        self.arms: tuple[str, ...] = tuple(arms)
        self._tiers = {arm: each for arm, each in arms.items() if isinstance(each, Tier)}
        if not arms or (self._tiers and agent is None):
            raise DefinitionError(f"agent {name!r}: it needs arms; where one is a tier, agent= says who works on it")
        self._entries = {
            arm: registration_of(as_strategy(agent if isinstance(each, Tier) else each).worker)
            for arm, each in arms.items()
        }
        self._learner = learner
        self._kind = cast("str | Callable[[AnyTask], object]", kind)
        self._mistakes = Mistakes(name)
        self._quality = cast("Callable[[AnyTask, object], float | None] | None", quality)
        problems = [*self._problems(name)]
        if problems:
            raise DefinitionError(*problems)
        first = self._entries[self.arms[0]]

        async def run(task: Task[In]) -> Out:
            return cast("Out", await self._work(task))

        run.__doc__ = first.agent.__doc__
        declare_types(run, first)
        super().__init__(run, personality=self._personality(name), tools=tools_of(self._entries.values()))

    def _problems(self, name: str) -> Iterator[str]:
        what = f"agent {name!r}"
        if set(self.arms) != set(self._learner.arms):
            known = ", ".join(self._learner.arms)
            yield f"{what}: its arms are {', '.join(self.arms)}, and those of its learner {known}"
            return
        first = self._entries[self._learner.arms[0]]
        for arm, entry in self._entries.items():
            for problem in safety_problems(first, entry):
                yield f"{what}: {problem}"
            if entry.agent.isolation == "process":
                yield f"{what}: the arm {arm!r} has isolation='process', which cannot be part of one agent"
            if (entry.input_type.declared, entry.output_type.declared) != (
                first.input_type.declared,
                first.output_type.declared,
            ):
                yield f"{what}: the arm {arm!r} takes or gives another type than {self._learner.arms[0]!r}"

    def _personality(self, name: str) -> AgentPersonality:
        known = [entry.agent.personality for entry in self._entries.values()]
        return AgentPersonality(
            name=name,
            role=known[0].role,
            expertise=[word for word in known[0].expertise if all(word in item.expertise for item in known)],
            permissions=self._entries[self._learner.arms[0]].agent.personality.permissions,
        )

    async def _work(self, task: AnyTask) -> object:
        choice = await self._choose(task)
        entry, clock = self._entries[choice.arm], asyncio.get_running_loop().time
        tier = self._tiers.get(choice.arm)
        if tier is not None:
            task.work_on(TierChoice(tier=tier, complexity=choice.kind, why=choice.why))
        began, spent = clock(), task.usage or NO_USAGE
        try:
            value = await awaited(entry)(task)
            entry.output_type.check(value)
        except (Exception, Paused, BaseExceptionGroup, asyncio.CancelledError) as error:
            await self._broke_off(task, choice, error, _outcome(task, spent, clock() - began, success=False))
            raise
        seconds = clock() - began
        # Whoever goes on after that is not heard any more.
        success = task.remaining_seconds != 0
        outcome = _outcome(task, spent, seconds, success=success)
        if success:
            judged, unjudged = self._judged(task, value)
            outcome = replace(outcome, quality=judged, unjudged=unjudged)
        await self._tell(task, choice, outcome)
        return value

    async def _broke_off(self, task: AnyTask, choice: Choice, error: BaseException, outcome: Outcome) -> None:
        """Tell what it means for an arm that it gave no value."""
        if isinstance(error, asyncio.CancelledError):
            if task.is_out_of_time(error):
                # An attempt is cancelled once: within its grace, this is waited for as everything is.
                await self._tell(task, choice, outcome)
        elif not isinstance(ended_by(error), Failed):
            await hold(task, self.name, choice)
        elif isinstance(error, BudgetExhausted) and task.budget.has(error.budget):
            await self._drop(task, choice, f"there was not enough left for it: {error}")
        else:
            await self._tell(task, choice, outcome)

    async def _choose(self, task: AnyTask) -> Choice:
        choice = held_choice(task, self.name) or await self._ask(task)
        if choice.arm not in self._entries:
            raise GiveUp(
                f"agent {self.name!r}: its arm {choice.arm!r} paused, and is gone since: no other arm goes on with what"
                " was said to it"
            )
        task.log(f"{self.name} works with {choice}")
        return choice

    async def _ask(self, task: AnyTask) -> Choice:
        """Have the learner choose."""
        kind, what = "", _named("kind", self._kind)
        try:
            kind = self._kind if isinstance(self._kind, str) else _text(self._kind(task))
            what = "its learner"
            key = None if task.is_standalone else short_key(task.attempt_key)
            return await self._learner.choose(kind=kind, key=key)
        except Exception as error:  # noqa: BLE001 - learning is no part of the work: whatever fails there, it is done
            first = self._learner.arms[0]
            why = self._mistakes.tell(task, what, error, then=f"{first} works, and nothing is learned of it")
            return Choice(arm=first, kind=kind, key="", would=first, why=why, is_kept=False)

    async def _tell(self, task: AnyTask, choice: Choice, outcome: Outcome) -> None:
        try:
            await self._learner.tell(choice, outcome)
        except Exception as error:  # noqa: BLE001 - as where it is asked
            self._mistakes.tell(task, "its learner", error, then=f"it was not told what became of {choice.arm}")

    async def _drop(self, task: AnyTask, choice: Choice, why: str) -> None:
        try:
            await self._learner.drop(choice, why=why)
        except Exception as error:  # noqa: BLE001 - as where it is asked
            self._mistakes.tell(task, "its learner", error, then=f"it was not told that {choice.arm} has no outcome")

    def _judged(self, task: AnyTask, value: object) -> tuple[float | None, str]:
        """How good a value is, and why nobody knows if that is a mistake."""
        if self._quality is None:
            return (None if task.notes is None else task.notes.confidence), ""
        try:
            share = self._quality(task, value)
            Outcome(success=True, quality=share)
        except Exception as error:  # noqa: BLE001 - whoever judges is only asked for a word, and the work is done
            what = _named("quality", self._quality)
            return None, self._mistakes.tell(task, what, error, then="what it judged counts as not judged")
        return share, ""


def _named(setting: str, function: object) -> str:
    """A setting, with the name of the function that was given for it."""
    return f"{setting}={getattr(function, '__qualname__', type(function).__name__)}"


def _text(kind: object) -> str:
    if not isinstance(kind, str):
        raise InputError(f"the kind of a task is a text, not {shortened(kind)}")
    return kind


def _outcome(task: AnyTask, before: Usage, seconds: float, *, success: bool) -> Outcome:
    """What became of it, with what was spent since."""
    now = task.usage
    if now is None or now.money is None or before.money is None:
        return Outcome(success=success, seconds=seconds)
    cost = Decimal(now.money) - Decimal(before.money)
    return Outcome(success=success, seconds=seconds, cost=cost, currency=now.currency or "")
