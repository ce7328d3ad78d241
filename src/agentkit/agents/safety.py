"""Who may take over from whom: a fallback is never less safe than the agent that it replaces.

Rules: less safe is a permission more, a weaker isolation, or a check less; what is compared is what agents declare, and
what the first agent of a chain may do is what all of it may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .registration import Registration

__all__ = ["safety_problems"]


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
