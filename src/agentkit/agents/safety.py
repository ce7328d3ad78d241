"""Who may take over from whom: a fallback is never less safe than the agent that it replaces.

Rules: less safe is a permission more, a weaker isolation, or a check less, by types or by people; what is compared is
what agents declare, and what the first agent of a chain may do is what all of it may do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .definition import FunctionAgent

if TYPE_CHECKING:
    from agentkit.kernel import Approval

    from .registration import Registration

__all__ = ["safety_problems", "tools_of"]


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
    for tool, approval in tools_of([first]).items():
        if approval is not None and tool in mine and (less := _lacks(approval, mine[tool])):
            yield f"{who}, whose tool {tool!r} runs only when people agree; with {name!r} {less}"


def tools_of(entries: Iterable[Registration]) -> Mapping[str, Approval | None]:
    """What models may call for several agents, each with who has to agree; of one name, what asks least counts."""
    found: dict[str, Approval | None] = {}
    for entry in entries:
        if isinstance(entry.agent, FunctionAgent):
            for tool, approval in entry.agent.tools.items():
                asked = found.setdefault(tool, approval)
                if asked is not None and _lacks(asked, approval):
                    found[tool] = approval
    return found


def _lacks(asked: Approval, given: Approval | None) -> str:
    """What an approval lacks of another one; empty if nothing."""
    if given is None:
        return "nobody is asked; give it the same approval"
    if given.quorum < asked.quorum:
        return f"{given.quorum} is enough, not {asked.quorum}; give it the same quorum"
    if asked.by and not (given.by and frozenset(given.by) <= frozenset(asked.by)):
        return "others may agree, too; give it the same roles"
    if given.on_expiry == "approve" and asked.on_expiry != "approve":
        return "silence is a yes; give it on_expiry='refuse'"
    if given.by_requester and not asked.by_requester:
        return "the requester may agree, too; give it by_requester=False"
    return ""
