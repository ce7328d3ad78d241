"""How much there is to do: who waits in line, what is driven, what of the limits is taken.

Rules: it is read off what is counted anyway, and costs the same however much there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentkit.engines import Slots
from agentkit.kernel import Priority

from .line import Line

__all__ = ["Load", "load_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much an orchestrator has to do in this process, at one moment.

    Attributes:
        waiting: How many operations wait for room, by priority.
        oldest_at: When the one was accepted that has waited longest, in seconds since 1970; None if none waits.
        driven: How many operations are driven.
        attempts: How many attempts run, or are about to.
        most_attempts: How many may run at once.
        resources: Of each limited resource, how many are taken, and how many there are.
    """

    waiting: Mapping[Priority, int]
    oldest_at: float | None
    driven: int
    attempts: int
    most_attempts: int
    resources: Mapping[str, tuple[int, int]]


def load_of(slots: Slots, line: Line, *, driven: int) -> Load:
    """How much there is to do, given how many operations are driven."""
    return Load(
        waiting=line.counts,
        oldest_at=line.oldest_at,
        driven=driven,
        attempts=slots.used,
        most_attempts=slots.total,
        resources={name: (slots.taken(name), count) for name, count in slots.capacity.items()},
    )
