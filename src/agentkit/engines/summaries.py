"""The line that lists show of an operation, made of its state.

Rules: an operation for which nothing is due for a while rests: nobody drives it, and its summary says when to look
again. What it waits for stands there too, so that an inbox need not read every journal.
"""

from __future__ import annotations

from agentkit.kernel import State
from agentkit.stores import Summary

__all__ = ["REST_SECONDS", "summary_of", "waiting_for"]

REST_SECONDS: float = 60.0
"""An operation for which nothing is due for longer than this is not driven meanwhile."""


def summary_of(state: State, rest_seconds: float = REST_SECONDS) -> Summary:
    """The line that lists show of an operation, at the time of its newest event.

    Args:
        state: Where it stands.
        rest_seconds: How long there must be nothing to do for nobody to drive it.
    """
    wake_at, rests = state.wake_at, False
    if state.is_resting:
        rests = wake_at is None or wake_at - state.at > rest_seconds
    return Summary(
        stream=state.operation_id,
        name=state.workflow.name,
        status=state.status,
        ended=state.ended,
        parked=rests or state.status == "quarantined",
        wake_at=wake_at if rests else None,
        # What the end, or a stop, left waiting is over.
        waiting=waiting_for(state) if state.held and state.status in ("running", "compensating") else "",
        tenant=state.tenant,
        created_at=state.accepted_at,
        updated_at=state.at,
    )


def waiting_for(state: State) -> str:
    """What the held stages of an operation wait for, in words with blanks between: approval, doubt, signal, timer."""
    kinds: set[str] = set()
    for number in state.held:
        known = state.touched[number]
        if known.status == "in_doubt":
            kinds.add("doubt")
        elif known.more is not None and known.more.open_question is not None:
            kinds.add("approval")
        else:
            kinds.add("timer" if state.spec(number).signal is None else "signal")
    return " ".join(sorted(kinds))
