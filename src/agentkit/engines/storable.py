"""What cannot be written exactly is found before it is written: it harms nobody but who said it.

Rules: every store behaves alike here, one that keeps the events themselves too. A wish with such an event is refused
to its asker; an answer with one is a failure of its attempt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentkit.agents import failed_by
from agentkit.errors import UnstorableValue
from agentkit.kernel import (
    AttemptSucceeded,
    ChildRests,
    Event,
    Outcome,
    RunAttempt,
    State,
    Stopped,
    Unavailable,
    decide,
)
from agentkit.stores import Codec

__all__ = ["check_storable", "what_follows"]

_codec = Codec()


def check_storable(events: Sequence[Event]) -> None:
    """Check that events can be written.

    Raises:
        UnstorableValue: One would not come back equal.
    """
    for event in events:
        if not _is_simple(event):
            _ = _codec.encode(event)


def what_follows(state: State, command: RunAttempt, outcome: Outcome, at: float) -> Sequence[Event]:
    """What follows from an outcome; if that cannot be written, what follows from a failure that says so."""
    events = decide(state, command, outcome, at)
    try:
        check_storable(events)
    except UnstorableValue as error:
        refusal = replace(failed_by(error), retryable=False)
        refusal = replace(refusal, failure=replace(refusal.failure, code="value_unstorable"))
        if not isinstance(outcome, Stopped | Unavailable | ChildRests):
            refusal = replace(refusal, usage=outcome.usage, counted=outcome.counted)
        return decide(state, command, refusal, at)
    return events


def _is_simple(event: Event) -> bool:
    """Whether it is a success all in ASCII, as most are: that can be written, and a long text is not read for it."""
    return (
        isinstance(event, AttemptSucceeded)
        and event.value.isascii()
        and event.context.isascii()
        and event.effects.isascii()
        and event.artifacts.isascii()
    )
