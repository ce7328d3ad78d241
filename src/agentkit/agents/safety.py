"""Who may take over from whom: a fallback is never less safe than the agent that it replaces.

Rules: less safe is a permission more, a weaker isolation, or a check less, by types or by people; what is compared is
what agents declare, and what the first agent of a chain may do is what all of it may do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .definition import FunctionAgent

if TYPE_CHECKING:
    from agentkit.kernel import Approval

    from .registration import Registration

__all__ = ["consent_problems", "safety_problems", "tools_of"]


def safety_problems(first: Registration, other: Registration) -> Iterator[str]:
    """Why an agent may not take over from the first of its chain, each with its remedy.

    Args:
        first: The agent that is replaced.
        other: The one that would take over.
    """
    name, replaced = other.agent.name, first.agent.name
    who = f"agent {name!r} would take over from {replaced!r}"
    more = frozenset(other.agent.personality.permissions) - frozenset(first.agent.personality.permissions)
    if more:
        words = ", ".join(sorted(more))
        yield (
            f"{who}, which lacks its permissions: {words}; choose a fallback without them,"
            f" or give them to {replaced!r} too, if it may have them"
        )
    if first.agent.isolation == "process" and other.agent.isolation != "process":
        yield (
            f"{who}, which runs in a process of its own, and would not itself;"
            f" give {name!r} isolation='process' as well"
        )
    if other.output_type.is_plain and not first.output_type.is_plain:
        yield (
            f"{who}, whose values are checked to be {first.output_type.name}, and declares no type itself;"
            f" annotate what {name!r} returns"
        )
    mine = tools_of([other])
    for tool, asked in tools_of([first]).items():
        for less in consent_problems(asked, mine.get(tool, ())):
            yield f"{who}, whose tool {tool!r} runs only when people agree; with {name!r} {less}"


def tools_of(entries: Iterable[Registration]) -> Mapping[str, Sequence[Approval | None]]:
    """What models may call for several agents, each with all that has to be agreed to by one or another of them."""
    found: dict[str, list[Approval | None]] = {}
    for entry in entries:
        if isinstance(entry.agent, FunctionAgent):
            for tool, approvals in entry.agent.tools.items():
                known = found.setdefault(tool, [])
                known += (approval for approval in approvals if approval not in known)
    return found


def consent_problems(asked: Sequence[Approval | None], given: Sequence[Approval | None]) -> Iterator[str]:
    """What approvals lack that would stand for others, each with its remedy.

    Args:
        asked: Of these, one is asked for: whoever asks as much as any of them asks enough.
        given: What would be asked for in their place, one or the other.
    """
    for one in given:
        lacks = [_lacks(other, one) for other in asked]
        if all(lacks):
            yield from lacks[:1]


def _lacks(asked: Approval | None, given: Approval | None) -> str:
    """What an approval lacks of another one; empty if nothing."""
    if asked is None:
        return ""
    if given is None:
        return "nobody is asked; give it the same approval"
    if given.quorum < asked.quorum:
        return f"{given.quorum} is enough, not {asked.quorum}; give it the same quorum"
    by, later = frozenset(asked.by), frozenset(asked.escalate_to)
    if by and not (given.by and by.issuperset(given.by) and (by | later).issuperset(given.escalate_to)):
        return "others may agree, too; give it the same roles"
    if given.on_expiry == "approve" and asked.on_expiry != "approve":
        return "silence is a yes; give it on_expiry='refuse'"
    if given.by_requester and not asked.by_requester:
        return "the requester may agree, too; give it by_requester=False"
    return ""
