"""How much of an operation's work is done: every stage's share of the weights, and the speed so far.

Rules: a share never falls; an event costs what it touches. Items and turns are equal parts of their stage. The speed is
that of work: rests, in which nothing is done since people or times are waited for, do not count, and neither does what
was skipped or taken over from elsewhere.
"""

from __future__ import annotations

from math import fsum, isfinite

from agentkit.kernel import (
    STAGE_ENDS,
    AttemptStarted,
    EffectCarried,
    Event,
    OperationCompleted,
    OperationFailed,
    ResultCarried,
    SignalReceived,
    Stage,
    State,
    UndoBegan,
    evolve,
)

from .folding import operating_seconds, seconds_left

__all__ = ["Shares"]

_ALMOST = 0.999
"""The most that is shown before the end, so that a full bar means completed."""
_DONE = ("completed", "skipped", "undone")
_HELD = ("waiting", "in_doubt")


class _Share:
    """What is known of one stage: what is done, what its running parts say, and when it was worked on."""

    __slots__ = ("best", "ended", "first", "heard", "last", "said")

    def __init__(self, at: float) -> None:
        self.best = 0.0
        self.ended = False
        self.first: float | None = None
        self.last = at
        self.said: dict[int, float] = {}
        self.heard = 0.0


class Shares:
    """Keeps the shares of one operation, event by event, and its state with them.

    Attributes:
        shown: The done share of all weights, from 0 to 1; it never falls.
        ended: How many stages have ended.
    """

    __slots__ = (
        "_advanced_at",
        "_begun_at",
        "_done",
        "_free",
        "_known",
        "_partial",
        "_rested",
        "_resting_since",
        "_state",
        "_total",
        "ended",
        "shown",
    )

    def __init__(self, state: State) -> None:
        self._state = state
        self._total = fsum(stage.weight for stage in state.workflow.stages)
        # Weights: of what is done, of that what took no work, and of what has begun.
        self._done = self._free = self._partial = 0.0
        self._known: dict[int, _Share] = {}
        self._begun_at: float | None = None
        self._advanced_at = self._rested = 0.0
        self._resting_since: float | None = None
        self.ended: int = 0
        self.shown: float = 0.0

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        state = self._state
        number = _taker(state, event) if isinstance(event, SignalReceived) else -1
        # Whoever is asked about something is asked no more once undoing begins.
        dropped = tuple(state.held) if isinstance(event, UndoBegan) and state.status == "stopping" else ()
        evolve(state, event)
        stage = getattr(event, "stage", None)
        # What is carried over of an effect says nothing of the stage, which may do without it.
        if stage is not None and not isinstance(event, OperationFailed | EffectCarried):
            number = state.number(stage)
        self._rest()
        if isinstance(event, AttemptStarted) and self._begun_at is None:
            self._begun_at = self._busy(operating_seconds(state))
        for touched in (*dropped, *([number] if number >= 0 else [])):
            self._touch(touched, event)
        if isinstance(event, OperationCompleted):
            self.shown = 1.0

    def hear(self, name: str, fraction: float, elapsed: float) -> None:
        """Take in what a running attempt says of itself, after so many seconds of operating time."""
        state = self._state
        number = state.number(name)
        known = state.touched.get(number)
        if known is None or known.status != "running" or not isfinite(fraction):
            return
        step = state.step(number)
        if step is None:
            self._grow(number, self._known[number], fraction, elapsed)
        elif step.kind != "undo" and state.touched[step.parent].status == "expanded":
            share = self._known[step.parent]
            gain = min(1.0, fraction) - share.said.get(number, 0.0)
            if gain > 0:
                share.said[number] = min(1.0, fraction)
                share.heard += gain
                self._grow(step.parent, share, self._of_parts(step.parent, share), elapsed)

    def fraction(self, number: int) -> float:
        """How much of a stage is done, from 0 to 1."""
        share = self._known.get(number)
        return share.best if share is not None else 0.0

    def seconds(self, number: int, until: float) -> float:
        """How long a stage has been worked on, up to a time."""
        share, state = self._known.get(number), self._state
        if share is None or share.first is None:
            return 0.0
        # What the end of the operation left to be tried again is not worked on any more; what waited did so to the end.
        over = share.ended or (state.ended and state.touched[number].status not in _HELD)
        until = state.at if state.ended else until
        return max(0.0, (share.last if over else until) - share.first)

    def remaining(self, elapsed: float) -> float | None:
        """Seconds that are left at the speed so far, counted from the newest step forward on; None if nobody knows."""
        state = self._state
        if state.ended:
            return 0.0
        worked = self._done + self._partial - self._free
        if state.status != "running" or self._begun_at is None or self._resting_since is not None:
            return None
        left, since = self._total - self._done - self._partial, self._busy(elapsed) - self._advanced_at
        return seconds_left(left, worked, self._advanced_at - self._begun_at, since)

    def _touch(self, number: int, event: Event) -> None:
        """Something happened to a stage, or to one of its items or turns."""
        state = self._state
        step = state.step(number)
        if step is not None:
            if step.kind == "undo":
                return
            share = self._known[step.parent]
            if state.touched[number].status in STAGE_ENDS:
                share.heard -= share.said.pop(number, 0.0)
            number = step.parent
        else:
            found = self._known.get(number)
            share = found if found is not None else self._known.setdefault(number, _Share(event.at))
        if share.ended:
            return
        known, spec = state.touched[number], state.workflow.stages[number]
        share.last = event.at
        if share.first is None and known.status != "pending":
            share.first = event.at
        if known.status in STAGE_ENDS:
            share.ended = True
            self.ended += 1
            if known.status in _DONE or (known.status == "failed" and not spec.required):
                if isinstance(event, ResultCarried) or known.status == "skipped" or not _works(spec):
                    self._free += spec.weight
                self._finish(share, spec.weight)
        elif known.status == "expanded":
            self._grow(number, share, self._of_parts(number, share), operating_seconds(state))

    def _of_parts(self, number: int, share: _Share) -> float:
        """How much of a stage its items or turns have done."""
        more = self._state.touched[number].more
        parts = more.parts if more is not None else None
        if parts is None:
            return 0.0
        loop = self._state.workflow.stages[number].loop
        return (parts.ended + share.heard) / max(1, parts.count if loop is None else loop.most)

    def _grow(self, number: int, share: _Share, fraction: float, elapsed: float) -> None:
        gain = min(1.0, fraction) - share.best
        if gain > 0 and not share.ended:
            share.best = min(1.0, fraction)
            self._partial += gain * self._state.workflow.stages[number].weight
            self._advance(elapsed)

    def _finish(self, share: _Share, weight: float) -> None:
        """Nothing more will come of the stage, and the operation goes on."""
        self._partial -= share.best * weight
        self._done += weight
        share.best = 1.0
        self._advance(operating_seconds(self._state))

    def _advance(self, elapsed: float) -> None:
        self.shown = max(self.shown, min(_ALMOST, (self._done + self._partial) / self._total))
        self._advanced_at = max(self._advanced_at, self._busy(elapsed))

    def _rest(self) -> None:
        """Note whether there is anything to do but to wait for somebody, or for a time."""
        state = self._state
        if self._resting_since is not None:
            self._rested += max(0.0, operating_seconds(state) - self._resting_since)
            self._resting_since = None
        if state.held and state.status in ("pending", "running") and state.is_resting:
            self._resting_since = operating_seconds(state)

    def _busy(self, elapsed: float) -> float:
        return elapsed - self._rested


def _taker(state: State, event: SignalReceived) -> int:
    """The stage that a signal goes to; -1 if none waits for it."""
    waiting = state.awaiting.get(event.name)
    return waiting[0] if waiting else -1


def _works(stage: Stage) -> bool:
    return bool(stage.agent) or stage.workflow is not None
