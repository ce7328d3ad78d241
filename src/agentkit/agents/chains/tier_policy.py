"""How hard a task is, and which tier it gets.

Rules: what the task says counts first, then the first rule that holds, then the classifier, then the default; a
classifier that fails only costs its word. A soft limit lowers what was chosen by one tier, never below the lowest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, cast

from typing_extensions import TypeVar

from agentkit.agents.definition import Agent, FunctionAgent
from agentkit.agents.registration import AnyTask, declare_types, registration_of
from agentkit.agents.safety import tools_of
from agentkit.agents.task import Task
from agentkit.agents.tiers import Tier, TierChoice
from agentkit.agents.values import ValueType
from agentkit.errors import DefinitionError, UnstorableValue
from agentkit.kernel import count_problems, shortened

from .rung import awaited
from .strategies import as_strategy

__all__ = ["TierPolicy", "TierRule"]

# Without a function that says what it takes, a policy is for tasks of any kind.
In = TypeVar("In", default=Any)
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """A task is so complex if all of this holds; a rule without a condition always holds.

    Attributes:
        complexity: How hard such a task is.
        size: The input has at least so many characters, as JSON.
        fields: The input has at least so many fields; those inside of others, and items of lists, count too.
        keywords: One of these words is in the instruction or in the input, in any case.
        when: A function of the task says so.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> TierRule(complexity="hard", keywords=["tax"]).reason(Task.standalone("Tax of 2025"))
        "it has the word 'tax'"
    """

    complexity: str
    size: int | None = None
    fields: int | None = None
    keywords: Sequence[str] = ()
    when: Callable[[AnyTask], bool] | None = None

    def __post_init__(self) -> None:
        words = (self.keywords,) if isinstance(self.keywords, str) else tuple(self.keywords)
        object.__setattr__(self, "keywords", words)
        problems = [
            problem
            for name in ("size", "fields")
            if getattr(self, name) is not None
            for problem in count_problems(f"tier rule: {name}", getattr(self, name), least=0, most=10**9)
        ]
        if self.when is not None and not callable(cast("object", self.when)):
            problems.append(f"tier rule: when must be a function of the task, not {shortened(self.when)}")
        if problems:
            raise DefinitionError(*problems)

    def reason(self, task: AnyTask) -> str | None:
        """Why it holds, for people; None if it does not."""
        reasons: list[str] = []
        if self.size is not None:
            if (size := len(_text(task.input))) < self.size:
                return None
            reasons.append(f"its input has {size:,} characters")
        if self.fields is not None:
            if (count := _count(task.input)) < self.fields:
                return None
            reasons.append(f"its input has {count:,} fields")
        if self.keywords:
            word = _found(self.keywords, f"{task.instruction}\n{_text(task.input)}")
            if word is None:
                return None
            reasons.append(f"it has the word {word!r}")
        if self.when is not None:
            if not self.when(task):
                return None
            reasons.append(f"{getattr(self.when, '__name__', 'a rule')} says so")
        return " and ".join(reasons) or "every task is"


class TierPolicy(Generic[In]):
    """Which tier a task gets.

    Args:
        tiers: The tiers, from the lowest to the highest.
        complexity: Which tier belongs to which complexity; by default each tier is a complexity of its own name.
        rules: What tells how hard a task is; the first that holds counts.
        classifier: An agent or a function that is given the task, where no rule holds, and answers with a complexity.
        default: The complexity where nobody knows; by default that of the highest tier, since to ask too much of a
            small tier costs more than the other way round.
        lower_when: Asked each time; where it says so, a lower tier is taken. A soft limit of a budget is such a reason.

    Raises:
        DefinitionError: Two tiers have one name, or a complexity has no tier.

    Example:
        >>> policy = TierPolicy(
        ...     [Tier("small"), Tier("large")],
        ...     rules=[TierRule(complexity="large", size=20), TierRule(complexity="small")],
        ... )
        >>> import asyncio
        >>> print(asyncio.run(policy.choose("short")))
        small: every task is
    """

    def __init__(
        self,
        tiers: Sequence[Tier],
        *,
        complexity: Mapping[str, str] | None = None,
        rules: Sequence[TierRule] = (),
        classifier: Agent[In, str] | Callable[[Task[In]], Awaitable[str]] | Callable[[Task[In]], str] | None = None,
        default: str | None = None,
        lower_when: Callable[[Task[In]], bool] | None = None,
    ) -> None:
        self._tiers = {tier.name: tier for tier in tiers}
        self._order = [tier.name for tier in tiers]
        self._tier_of = dict(complexity) if complexity is not None else {name: name for name in self._order}
        self._rules = tuple(rules)
        self._classifier = None if classifier is None else registration_of(as_strategy(classifier).worker)
        self._default = default
        self._lower_when = lower_when
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)
        if default is None:
            # The last word for the highest tier that has one.
            self._default = max(self._tier_of, key=lambda word: self._order.index(self._tier_of[word]))

    def _problems(self) -> Iterator[str]:
        if not self._tiers:
            yield "a tier policy needs tiers: TierPolicy([Tier('small'), Tier('large')])"
        elif len(self._tiers) < len(self._order):
            yield f"a tier policy has two tiers of one name: {', '.join(self._order)}"
        if not self._tier_of:
            yield "a tier policy needs a complexity for a tier"
        for word, tier in self._tier_of.items():
            if tier not in self._tiers:
                yield f"complexity {word!r} has the tier {tier!r}, which does not exist; there are {self._known()}"
        named = [rule.complexity for rule in self._rules]
        for word in named if self._default is None else [*named, self._default]:
            if word not in self._tier_of:
                yield f"complexity {word!r} has no tier; known are {', '.join(self._tier_of) or 'none'}"

    def _known(self) -> str:
        return ", ".join(self._order) or "none"

    async def choose(
        self, given: Task[In] | In, *, complexity: str | None = None, fallback: str | None = None
    ) -> TierChoice:
        """Choose a tier for a task.

        Args:
            given: The task, or what there is to work on.
            complexity: How hard it is, if that is known; otherwise what the task says of itself, rules and the
                classifier are asked.
            fallback: The tier that is taken where a lower one is; without it, or from there, the next lower one.

        Raises:
            DefinitionError: This complexity has no tier, or there is no such tier to fall back to.
        """
        if fallback is not None:
            self._check_tier(fallback)
        task: Task[In] = cast("Task[In]", given) if isinstance(given, Task) else Task.standalone(given)
        word, why = await self._judge(task, complexity or task.complexity)
        tier = self._tier_of[word]
        if self._lower_when is not None and self._lower_when(task) and (less := self._less(tier, fallback)) != tier:
            tier, why = less, f"{why}, lowered from {tier}"
        return TierChoice(tier=self._tiers[tier], complexity=word, why=why)

    def lower(self, tier: str) -> str:
        """The next lower tier; the lowest stays.

        Raises:
            DefinitionError: There is no such tier.
        """
        self._check_tier(tier)
        return self._order[max(0, self._order.index(tier) - 1)]

    def _less(self, tier: str, fallback: str | None) -> str:
        if fallback is None:
            return self.lower(tier)
        is_lower = self._order.index(fallback) < self._order.index(tier)
        return fallback if is_lower else self.lower(tier)

    def _check_tier(self, tier: str) -> None:
        if tier not in self._tiers:
            raise DefinitionError(f"there is no tier {tier!r}; there are {self._known()}")

    async def _judge(self, task: Task[In], said: str | None) -> tuple[str, str]:
        if said is not None:
            if said not in self._tier_of:
                raise DefinitionError(f"complexity {said!r} has no tier; known are {', '.join(self._tier_of)}")
            return said, "the task says so"
        for rule in self._rules:
            if (reason := rule.reason(task)) is not None:
                return rule.complexity, reason
        default = cast("str", self._default)
        if self._classifier is None:
            return default, "no rule holds" if self._rules else "that is the default"
        name = self._classifier.agent.name
        try:
            word = await awaited(self._classifier)(task)
        except Exception as error:  # noqa: BLE001 - a classifier is only asked for its word, and the work goes on without
            return default, f"{name} failed: {type(error).__name__}"
        if not isinstance(word, str) or word not in self._tier_of:
            return default, f"{name} said {shortened(word)}, which has no tier"
        return word, f"{name} says so"

    def agent(self, member: Agent[In, Out]) -> FunctionAgent[In, Out]:
        """The same agent, which is told its tier (`task.tier`) each time; the result says which one, and why.

        Where a lower tier is taken, that is the `fallback_tier` of its personality, if it names one.

        Raises:
            DefinitionError: It runs in a process of its own, where nobody could tell it; or there is no tier of the
                name that it falls back to.
        """
        entry = registration_of(member)
        fallback = member.personality.fallback_tier
        if fallback is not None:
            self._check_tier(fallback)
        if member.isolation == "process":
            raise DefinitionError(f"agent {member.name!r}: with isolation='process' it cannot be told a tier")

        body = awaited(entry)

        async def run(task: Task[In]) -> Out:
            task.work_on(await self.choose(task, fallback=fallback))
            return cast("Out", await body(task))

        run.__doc__ = member.__doc__
        declare_types(run, entry)
        return FunctionAgent(run, personality=member.personality, tools=tools_of([entry]))


def _text(value: object) -> str:
    """A value as JSON, for counting and looking, never for keeping."""
    if isinstance(value, str):
        return value
    try:
        return ValueType(type(value)).encode(value)
    except (UnstorableValue, ValueError, DefinitionError):
        return json.dumps(value, default=str)


def _count(value: object) -> int:
    """How many fields a value has, those inside of others too."""
    left: list[object] = [value if isinstance(value, str) else json.loads(_text(value))]
    count = 0
    while left:
        item = left.pop()
        inside: list[object] = []
        if isinstance(item, dict):
            inside = [*cast("dict[str, object]", item).values()]
        elif isinstance(item, list):
            inside = cast("list[object]", item)
        count += len(inside)
        left.extend(inside)
    return count


def _found(words: Sequence[str], text: str) -> str | None:
    """The first of the words that is in the text, as a word of its own."""
    for word in words:
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            return word
    return None
