"""What all folds share: how a journal begins, and what operating time is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentkit.errors import IllegalEvent
from agentkit.kernel import Event, OperationAccepted, State

__all__ = ["opened", "operating_seconds"]


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
