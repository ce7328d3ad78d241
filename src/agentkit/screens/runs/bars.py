"""Attempts and waits as bars on a line of time, event by event.

Rules: an event costs what it touches. Times are those of the journal; what is open ends now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agentkit.screens.states import Look, look_of
from agentkit.screens.words import duration_text, plain_text
from agentkit.wire import EventLine

from .plans import StagePlans

__all__ = ["BarFold", "TimeBar", "end_word"]

_ENDS: Final[Mapping[str, str]] = {
    "attempt.succeeded": "completed",
    "attempt.failed": "failed",
    "attempt.cancelled": "cancelled",
    "agent.unavailable": "unavailable",
    "doubt.raised": "in_doubt",
}
_DOUBT: Final = "somebody to say what happened"
_SIGNAL: Final = "signal"
_WAITS: Final[Mapping[str, str]] = {
    "approval.requested": "approval",
    "timer.set": "timer",
    "doubt.raised": _DOUBT,
}
_PARTED: Final = frozenset({"items.mapped", "turn.began"})
_GOES_ON: Final = frozenset({"approval.decided", "timer.fired", "doubt.settled", "stage.failed", "attempt.started"})
_OVER: Final = frozenset({"operation.completed", "operation.failed", "operation.cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBar:
    """One attempt, or one wait, as a piece of the line of time.

    Attributes:
        stage: Which stage or step, such as `pay` or `pay[3]`.
        attempt: Which attempt; 0 is a wait.
        agent: Who worked, or what is waited for.
        look: How it ended, or that it goes on.
        began_at: When it began.
        ended_at: When it ended; None while it goes on.
        left: Where it begins, as a share of the whole line.
        width: How long it is, as a share of the whole line.
    """

    stage: str
    attempt: int
    agent: str
    look: Look
    began_at: datetime
    ended_at: datetime | None
    left: float
    width: float

    def words(self, now: datetime) -> str:
        """All of it on one line."""
        took = duration_text(((self.ended_at or now) - self.began_at).total_seconds())
        what = f"attempt {self.attempt} by {self.agent}" if self.attempt else f"waits for {self.agent}"
        return f"{self.stage}: {what}, {self.look.label}, {took}"


@dataclass(slots=True)
class _Piece:
    stage: str
    attempt: int
    agent: str
    word: str
    began_at: datetime
    ended_at: datetime | None = None


class BarFold:
    """Keeps the bars of one operation, event by event."""

    __slots__ = ("_began_at", "_ended_at", "_kept", "_listening", "_open", "_pieces", "_plans", "_spans", "_working")

    def __init__(self) -> None:
        self._plans = StagePlans()
        self._pieces: list[_Piece] = []
        self._open: dict[str, _Piece] = {}
        self._spans: dict[str, tuple[datetime, datetime | None]] = {}
        self._working: Counter[str] = Counter()
        self._listening: dict[str, dict[str, None]] = {}
        self._kept: Counter[str] = Counter()
        self._began_at: datetime | None = None
        self._ended_at: datetime | None = None

    def hear(self, event: EventLine) -> None:
        """Take the next event."""
        self._began_at = self._began_at or event.at
        if event.stage is not None:
            self._hear_stage(event, event.stage)
        elif event.type == "operation.accepted":
            self._plans = StagePlans(event)
        elif event.type == "operation.adopted":
            self._doubt(event)
        elif event.type == "signal.received":
            self._signalled(event)
        elif event.type in _OVER:
            self._leave(event.at)

    def _hear_stage(self, event: EventLine, stage: str) -> None:
        if event.type in _ENDS:
            self._close(stage, event.at, end_word(event))
        elif event.type == "signal.awaited":
            self._listen(event, stage)
        elif event.type in _WAITS:
            # An attempt that asked people has ended; another one goes on with what they say.
            self._close(stage, event.at, "asked")
        elif event.type in _GOES_ON:
            self._close(stage, event.at, "failed" if event.type == "stage.failed" else "completed")
        if event.type == "attempt.started":
            self._begin(event, stage, str(event.data.get("agent", "")), "running")
        elif event.type in _WAITS:
            self._begin(event, stage, _WAITS[event.type], "waiting")
        elif event.type in _PARTED:
            self._reach(stage, event.at)

    def span(self, stage: str) -> tuple[datetime | None, datetime | None]:
        """When a stage began, and when its newest work ended; None is not yet."""
        return self._spans.get(stage, (None, None))

    def shown(self, now: datetime, most: int | None = None) -> Sequence[TimeBar]:
        """The bars in the order of their beginnings.

        Args:
            now: Where the line ends while the operation goes on.
            most: How many at most, the newest of them; None is all.
        """
        if self._began_at is None:
            return ()
        end = self._ended_at or max(now, self._began_at)
        whole = (end - self._began_at).total_seconds() or 1.0
        pieces = self._pieces if most is None else self._pieces[max(0, len(self._pieces) - most) :]
        return [_shown(piece, self._began_at, end, whole) for piece in pieces]

    @property
    def doubts(self) -> Sequence[str]:
        """The stages, items, turns and undoings of which nobody knows whether they happened, the oldest first."""
        return [stage for stage in self._open if self._waits_for(_DOUBT, stage)]

    @property
    def signals(self) -> Sequence[str]:
        """The signals that are waited for, each once."""
        waited = self._listening.items()
        return [name for name, stages in waited if name and any(self._waits_for(_SIGNAL, stage) for stage in stages)]

    def _waits_for(self, what: str, stage: str) -> bool:
        piece = self._open.get(stage)
        return piece is not None and not piece.attempt and piece.agent == what

    def _begin(self, event: EventLine, stage: str, agent: str, word: str) -> None:
        number = event.data.get("attempt")
        attempt = number if word == "running" and isinstance(number, int) else 0
        piece = _Piece(plain_text(stage, 120), attempt, plain_text(agent, 120), word, event.at)
        self._pieces.append(piece)
        self._open[stage] = piece
        owner = self._plans.owner(stage)
        self._working[owner] += 1
        for name in {stage, owner}:
            self._reach(name, event.at)

    def _close(self, stage: str, at: datetime, word: str) -> None:
        piece = self._open.pop(stage, None)
        if piece is None:
            return
        piece.ended_at, piece.word = at, word
        owner = self._plans.owner(stage)
        self._working[owner] -= 1
        self._leave_off(stage, at)
        if not self._working[owner]:
            self._leave_off(owner, at)

    def _reach(self, name: str, at: datetime) -> None:
        """Something of it goes on from now."""
        self._spans[name] = (self._spans.get(name, (at, None))[0], None)

    def _leave_off(self, name: str, at: datetime) -> None:
        self._spans[name] = (self._spans[name][0], at)

    def _listen(self, event: EventLine, stage: str) -> None:
        """A stage waits for its signal, unless that came before: then it has had it."""
        signal = self._plans.signal(stage)
        if self._kept[signal]:
            self._kept[signal] -= 1
            self._spans[stage] = (event.at, event.at)
            return
        self._listening.setdefault(signal, {})[stage] = None
        self._begin(event, stage, _SIGNAL, "waiting")

    def _signalled(self, event: EventLine) -> None:
        """A signal goes to the stage that waits for it the longest, or is kept for the first one that will."""
        signal = str(event.data.get("name") or "")
        listening = self._listening.get(signal, {})
        while listening:
            stage = next(iter(listening))
            del listening[stage]
            # Not one whose time was up.
            if stage in self._open:
                self._close(stage, event.at, "completed")
                return
        self._kept[signal] += 1

    def _doubt(self, event: EventLine) -> None:
        """What must not be done twice was running in the process before."""
        for stage, piece in tuple(self._open.items()):
            if piece.attempt and self._plans.is_done_once(stage):
                self._close(stage, event.at, "in_doubt")
                self._begin(event, stage, _DOUBT, "waiting")

    def _leave(self, at: datetime) -> None:
        """Nothing goes on any more."""
        self._ended_at = at
        for stage in tuple(self._open):
            self._close(stage, at, "cancelled")
        for name, (began_at, ended_at) in self._spans.items():
            if ended_at is None:
                self._spans[name] = (began_at, at)


def end_word(event: EventLine) -> str:
    """How an attempt ended: one that fails while the operation stops was stopped with it."""
    is_stopped = event.type == "attempt.failed" and event.data.get("then") == "stop"
    return "cancelled" if is_stopped else _ENDS[event.type]


def _shown(piece: _Piece, began_at: datetime, end: datetime, whole: float) -> TimeBar:
    left = (piece.began_at - began_at).total_seconds() / whole
    width = ((piece.ended_at or end) - piece.began_at).total_seconds() / whole
    return TimeBar(
        stage=piece.stage,
        attempt=piece.attempt,
        agent=piece.agent,
        look=look_of(piece.word),
        began_at=piece.began_at,
        ended_at=piece.ended_at,
        left=min(max(left, 0.0), 1.0),
        width=min(max(width, 0.0), 1.0 - min(max(left, 0.0), 1.0)),
    )
