"""When an operation waited for people, timers, signals or an operation that does, and how long it took without that.

Rules: such time is nobody's work, so it is left out where nothing else of the operation worked or waited for room
meanwhile. Everything else counts: work, room, pauses between attempts, and when no process was there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from agentkit.kernel import (
    ApprovalDecided,
    ApprovalRequested,
    ChildAwaited,
    ChildHeard,
    DoubtRaised,
    DoubtSettled,
    Event,
    SignalAwaited,
    SignalReceived,
    StageFailed,
    TimerFired,
    TimerSet,
    UndoBegan,
)

__all__ = ["Holds", "Spell", "worked_seconds"]


class Holds:
    """Keeps when an operation was held up by what is not work, event by event."""

    __slots__ = ("_open", "_signals", "_since", "_spans")

    def __init__(self) -> None:
        self._open: set[str] = set()
        self._signals: dict[str, str] = {}
        self._since = 0.0
        self._spans: list[tuple[float, float]] = []

    def apply(self, event: Event, signal: str | None = None) -> None:
        """Take in the next event.

        Args:
            event: What happened.
            signal: Which signal the stage waits for, if the event says that it does.
        """
        match event:
            case ApprovalRequested() | TimerSet() | SignalAwaited() | DoubtRaised() | ChildAwaited():
                self.begin(event.stage, event.at)
                if signal is not None:
                    self._signals[event.stage] = signal
            case ApprovalDecided() | TimerFired() | DoubtSettled() | ChildHeard() | StageFailed():
                self._let_go([event.stage], event.at)
            case SignalReceived():
                # It goes to the first that waits for it.
                first = (step for step, name in self._signals.items() if name == event.name)
                self._let_go([step for step in (next(first, None),) if step is not None], event.at)
            case UndoBegan():
                self._let_go(list(self._open), event.at)
            case _:
                pass

    def begin(self, step: str, at: float) -> None:
        """A stage or step begins to wait."""
        if not self._open:
            self._since = at
        self._open.add(step)

    def _let_go(self, steps: Iterable[str], at: float) -> None:
        for step in steps:
            self._signals.pop(step, None)
            if step in self._open:
                self._open.remove(step)
                if not self._open:
                    self._spans.append((self._since, at))

    def seconds(self, since: float, until: float) -> float:
        """How many seconds of a time it was held up."""
        total = max(0.0, until - max(since, self._since)) if self._open else 0.0
        for began, ended in reversed(self._spans):
            if ended <= since:
                break
            total += max(0.0, min(ended, until) - max(began, since))
        return total


class Spell(NamedTuple):
    """An attempt, by its times: when it was ready and ended, and seconds it was held up before both."""

    ready_at: float
    ended_at: float
    held: float
    rested: float


def worked_seconds(begun: float, spells: Iterable[Spell]) -> float:
    """How long an operation took to the end of its last attempt, without what people, timers and signals took.

    Args:
        begun: When it was accepted.
        spells: Its attempts.

    Example:
        >>> worked_seconds(0.0, [Spell(0.0, 10.0, 0.0, 0.0), Spell(86_410.0, 86_415.0, 86_400.0, 0.0)])
        15.0
    """
    steps: list[tuple[float, int, int]] = []
    last = begun
    for spell in spells:
        works_until = max(spell.ready_at, spell.ended_at - spell.rested)
        for since, until, held, busy in (
            (max(begun, spell.ready_at - spell.held), spell.ready_at, 1, 0),
            (spell.ready_at, works_until, 0, 1),
            (works_until, spell.ended_at, 1, 0),
        ):
            if until > since:
                steps += [(since, held, busy), (until, -held, -busy)]
        last = max(last, spell.ended_at)
    left_out: list[float] = []
    holds = works = 0
    before = begun
    for at, held, busy in sorted(steps):
        if holds and not works:
            left_out.append(at - before)
        holds, works, before = holds + held, works + busy, at
    return last - begun - math.fsum(left_out)
