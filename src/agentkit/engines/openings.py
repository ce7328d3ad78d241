"""What is wanted and takes no attempt: stages are opened, waits end, undoing begins.

Rules: it is all in the journal before anybody acts on it, as everything is. A stage that is opened may complete at
once, so what is wanted is asked again until nothing of this kind is left; then only attempts are.
"""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.kernel import Event, Plan, State, evolve, expire, open_stage, plan, undo

__all__ = ["happen", "open_wanted"]


def open_wanted(state: State, wanted: Plan, events: list[Event], now: float, values: Mapping[str, str]) -> Plan:
    """Let happen what takes no attempt; the plan after that.

    Args:
        state: Where the operation stands; it is moved on.
        wanted: What is wanted of it.
        events: Where what happens is added.
        now: The time.
        values: The operation's input, for placeholders.
    """
    while wanted.opening or wanted.undo or any(_only_waits(state, number) for number in wanted.due):
        if wanted.undo:
            happen(state, undo(state, now), events)
        stop = state.stop
        for number in (*wanted.opening, *wanted.due):
            # What comes of one may stop the operation, and then nothing more is wanted of the others.
            if state.stop is not stop:
                break
            if number in wanted.opening:
                happen(state, open_stage(state, number, now, values), events)
            else:
                for event in expire(state, number, now):
                    happen(state, event, events)
        wanted = plan(state, now)
    return wanted


def _only_waits(state: State, number: int) -> bool:
    """Whether what is due for a stage or step is the end of its wait, and no attempt."""
    return number in state.asleep or state.touched[number].status == "waiting"


def happen(state: State, event: Event, events: list[Event]) -> None:
    """Move the state on by an event, which is to be written."""
    evolve(state, event)
    events.append(event)
