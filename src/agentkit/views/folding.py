"""What all folds share: how a journal begins, and what operating time is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite

from agentkit.errors import IllegalEvent
from agentkit.kernel import Event, OperationAccepted, State

__all__ = ["opened", "operating_seconds", "seconds_left"]


def opened(events: Iterable[Event]) -> tuple[OperationAccepted, Iterator[Event]]:
    """The journal's first event, and the others.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance.
    """
    iterator = iter(events)
    first = next(iterator, None)
    if not isinstance(first, OperationAccepted):
        raise IllegalEvent(f"a journal begins with OperationAccepted, not with {type(first).__name__}")
    return first, iterator


def operating_seconds(state: State, now: float | None = None) -> float:
    """Seconds since the acceptance in which a process drove the operation; without a time, up to the newest event."""
    rests = state.ended or state.status == "quarantined"
    end = state.at if now is None or rests else max(now, state.at)
    return max(0.0, end - state.accepted_at - state.downtime)


def seconds_left(left: float, worked: float, taken: float, since: float) -> float | None:
    """How long the rest takes at the speed so far; None while that is not known.

    Args:
        left: How much is left to do.
        worked: How much was done.
        taken: Seconds that it took.
        since: Seconds since then.

    Example:
        >>> seconds_left(3.0, 1.0, 10.0, 5.0)
        25.0
    """
    if worked <= 0 or taken <= 0:
        return None
    remaining = max(0.0, max(0.0, left) * (taken / worked) - since)
    return remaining if isfinite(remaining) else None
