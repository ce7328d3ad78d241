"""Choosing who works together: the smallest set of agents that can do all that is needed. Pure.

Rules: the set is the smallest there is, found exactly and not by guessing; among several of that size the cheapest or
the surest one wins, and then the one that was given first, so that the same question has the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, Never, TypeAlias, cast

from agentkit.agents.definition import Agent
from agentkit.errors import CapabilityMissing, DefinitionError
from agentkit.kernel import shortened

__all__ = ["ChosenBy", "agents_of", "choose_members"]

ChosenBy: TypeAlias = Literal["order", "price", "success"]
"""Which of several smallest sets is taken: the one given first, the cheapest, or the one that most likely succeeds."""

_MOST: Final = 16
_Found: TypeAlias = tuple[Fraction, tuple[int, ...]]


def choose_members(
    candidates: Iterable[Agent[Never, object]],
    needs: Iterable[str],
    *,
    by: ChosenBy = "order",
    prices: Mapping[str, Decimal | int | str] | None = None,
    success: Mapping[str, float] | None = None,
) -> tuple[Agent[Never, object], ...]:
    """The smallest set of agents whose expertise covers all that is needed, in the order in which they were given.

    Args:
        candidates: Who could be chosen.
        needs: What is needed, in the words of `AgentPersonality.expertise`; at most 16.
        by: Which set is taken where several are the smallest.
        prices: What a turn of each agent costs, by name, exact, all in one currency; for `by="price"`.
        success: The share of each agent's turns that succeed, by name, 0 to 1; for `by="success"`.

    Raises:
        CapabilityMissing: Nobody has something that is needed.
        DefinitionError: Nothing is needed, or more than 16, or a price or a share is missing or not valid, or a
            candidate is no agent.

    Example:
        >>> from agentkit.testing import ScriptedAgent
        >>> ann = ScriptedAgent("ann", expertise={"law"})
        >>> bob = ScriptedAgent("bob", expertise={"law", "tax"})
        >>> choose_members([ann, bob], {"law", "tax"})
        (<agent 'bob'>,)
    """
    words = sorted({needs} if isinstance(needs, str) else set(needs))
    if not 1 <= len(words) <= _MOST:
        raise DefinitionError(f"choosing members: give 1 to {_MOST} capabilities that are needed, not {len(words)}")
    agents = agents_of("choosing members", candidates)
    skills = [
        sum(1 << place for place, word in enumerate(words) if word in frozenset(agent.personality.expertise))
        for agent in agents
    ]
    missing = [word for place, word in enumerate(words) if not any(skill >> place & 1 for skill in skills)]
    if missing:
        known = ", ".join(agent.name for agent in agents) or "none"
        raise CapabilityMissing(
            f"nobody has expertise in {', '.join(missing)}; candidates are {known}:"
            " add an agent that has it, or ask for less",
            missing=missing,
        )
    useful = {number: skill for number, skill in enumerate(skills) if skill}
    costs = dict(zip(useful, _costs([agents[number].name for number in useful], by, prices, success), strict=True))
    return tuple(agents[number] for number in _smallest(useful, costs, (1 << len(words)) - 1, by))


def agents_of(what: str, given: Iterable[Agent[Never, object]]) -> tuple[Agent[Never, object], ...]:
    """The agents that were given.

    Raises:
        DefinitionError: One of them is none.
    """
    agents = tuple(given)
    problems = [
        f"{what}: {shortened(each)} is not an agent: give an instance of a subclass of Agent, or a function with @agent"
        for each in agents
        if not isinstance(cast("object", each), Agent)
    ]
    if problems:
        raise DefinitionError(*problems)
    return agents


def _smallest(skills: Mapping[int, int], costs: Mapping[int, Fraction], whole: int, by: ChosenBy) -> tuple[int, ...]:
    """Sets of one more agent each time, of each cover only the best, until one covers all."""
    best: dict[int, _Found] = {0: (Fraction(1 if by == "success" else 0), ())}
    while whole not in best:
        wider: dict[int, _Found] = {}
        for covered, (cost, chosen) in best.items():
            for number, skill in skills.items():
                cover = covered | skill
                if cover == covered:
                    continue
                total = cost * costs[number] if by == "success" else cost + costs[number]
                found = total, tuple(sorted((*chosen, number)))
                if cover not in wider or _rank(found, by) < _rank(wider[cover], by):
                    wider[cover] = found
        best = wider
    return best[whole][1]


def _rank(found: _Found, by: ChosenBy) -> _Found:
    return (-found[0], found[1]) if by == "success" else found


def _costs(
    names: Sequence[str],
    by: ChosenBy,
    prices: Mapping[str, Decimal | int | str] | None,
    success: Mapping[str, float] | None,
) -> list[Fraction]:
    if by not in ("order", "price", "success"):
        raise DefinitionError(f"choosing members: by must be order, price or success, not {shortened(by)}")
    if by == "order":
        return [Fraction(0)] * len(names)
    given: Mapping[str, object] = (prices if by == "price" else success) or {}
    costs = [_number(given.get(name), most=None if by == "price" else 1) for name in names]
    problems = [*_problems(names, by, given, costs)]
    if problems:
        raise DefinitionError(*problems)
    return cast("list[Fraction]", costs)


def _problems(
    names: Sequence[str], by: ChosenBy, given: Mapping[str, object], costs: Sequence[Fraction | None]
) -> Iterator[str]:
    setting, form = ("prices", "an exact amount from 0 on") if by == "price" else ("success", "a share from 0 to 1")
    for name, cost in zip(names, costs, strict=True):
        if cost is None:
            found = shortened(given[name]) if name in given else "missing"
            yield f"choosing members by {by}: {setting}[{name!r}] must be {form}, and is {found}"


def _number(value: object, *, most: int | None) -> Fraction | None:
    """The number, exact; a price is none if it is a float, which no amount ever is."""
    allowed = (Decimal, int, str) if most is None else (float, int, Decimal, str)
    if isinstance(value, bool) or not isinstance(value, allowed):
        return None
    try:
        number = Fraction(value)
    except (ValueError, OverflowError):
        return None
    return number if number >= 0 and (most is None or number <= most) else None
