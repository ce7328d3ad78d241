"""What ran when, for drawing: `TimelineFold`, `timeline_of` and a plain drawing of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agentkit.kernel import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    Failure,
    OperationAccepted,
    OperationAdopted,
    OperationReleased,
    State,
    evolve,
)

from .folding import opened

__all__ = ["Bar", "BarOutcome", "Timeline", "TimelineFold", "Wait", "draw_timeline", "timeline_of"]

BarOutcome: TypeAlias = Literal["running", "completed", "failed", "cancelled", "unavailable"]
"""How an attempt ended, if it has."""

_SIGNS: dict[BarOutcome, str] = {"running": ">", "completed": "=", "failed": "x", "cancelled": "-", "unavailable": "?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One attempt.

    Attributes:
        stage: Which stage.
        attempt: Which attempt.
        agent: Who worked.
        started_at: When it began.
        ended_at: When it ended; None while it runs.
        outcome: The word for how it ended.
        failure: Why it failed, if it did.
    """

    stage: str
    attempt: int
    agent: str
    started_at: float
    ended_at: float | None
    outcome: BarOutcome
    failure: Failure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A stage waiting to be tried again.

    Attributes:
        stage: Which stage.
        began_at: Since when.
        until: When the next attempt began, or may begin at the earliest.
        why: After a failure, for another agent, or for a process that has the agent.
    """

    stage: str
    began_at: float
    until: float
    why: Literal["retry", "fall_back", "unavailable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What ran when.

    Attributes:
        began_at: When the operation was accepted.
        ended_at: When it ended; None before.
        at: When the newest event happened.
        bars: Every attempt, in the order of their starts.
        waits: Every wait between attempts, in order.
        gaps: Times in which no process drove the operation, as pairs of beginning and end.
    """

    began_at: float
    ended_at: float | None
    at: float
    bars: tuple[Bar, ...]
    waits: tuple[Wait, ...]
    gaps: tuple[tuple[float, float], ...]


class TimelineFold:
    """Keeps the timeline of one operation, event by event.

    Attributes:
        state: Where the operation stands.
    """

    __slots__ = ("_bars", "_gaps", "_newest", "_waiting", "_waits", "state")

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state: State = State(accepted)
        self._bars: list[Bar] = []
        self._waits: list[Wait] = []
        self._gaps: list[tuple[float, float]] = []
        self._newest: dict[str, int] = {}
        self._waiting: dict[str, int] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        before = self.state.downtime
        evolve(self.state, event)
        match event:
            case AttemptStarted():
                self._start(event)
            case AttemptSucceeded():
                self._end(event.stage, event.at, "completed")
            case AttemptCancelled():
                self._end(event.stage, event.at, "cancelled")
            case AgentUnavailable():
                self._end(event.stage, event.at, "unavailable")
                self._wait(Wait(stage=event.stage, began_at=event.at, until=event.retry_at, why="unavailable"))
            case AttemptFailed():
                self._end(event.stage, event.at, "cancelled" if event.then == "stop" else "failed", event.failure)
                if event.retry_at is not None and event.then in ("retry", "fall_back"):
                    self._wait(Wait(stage=event.stage, began_at=event.at, until=event.retry_at, why=event.then))
            case OperationAdopted() | OperationReleased():
                missed = self.state.downtime - before
                if missed > 0:
                    self._gaps.append((event.at - missed, event.at))
            case _:
                pass

    def _start(self, event: AttemptStarted) -> None:
        waiting = self._waiting.pop(event.stage, None)
        if waiting is not None:
            self._waits[waiting] = replace(self._waits[waiting], until=event.at)
        self._newest[event.stage] = len(self._bars)
        self._bars.append(
            Bar(
                stage=event.stage,
                attempt=event.attempt,
                agent=event.agent,
                started_at=event.at,
                ended_at=None,
                outcome="running",
                failure=None,
            )
        )

    def _end(self, stage: str, at: float, outcome: BarOutcome, failure: Failure | None = None) -> None:
        number = self._newest[stage]
        self._bars[number] = replace(self._bars[number], ended_at=at, outcome=outcome, failure=failure)

    def _wait(self, wait: Wait) -> None:
        self._waiting[wait.stage] = len(self._waits)
        self._waits.append(wait)

    def timeline(self) -> Timeline:
        """What ran when, up to the newest event."""
        state = self.state
        return Timeline(
            began_at=state.accepted_at,
            ended_at=state.at if state.ended else None,
            at=state.at,
            bars=tuple(self._bars),
            waits=tuple(self._waits),
            gaps=tuple(self._gaps),
        )


def timeline_of(events: Iterable[Event]) -> Timeline:
    """The timeline of a journal.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    accepted, others = opened(events)
    fold = TimelineFold(accepted)
    for event in others:
        fold.apply(event)
    return fold.timeline()


def draw_timeline(shown: Timeline, *, width: int = 60) -> str:
    """The timeline as plain text, one line per attempt.

    The signs: `=` completed, `x` failed, `-` cancelled, `?` had no agent, `>` is running.
    """
    whole = max(shown.at - shown.began_at, 1e-9)
    labels = [f"{bar.stage} {bar.attempt} {bar.agent}" for bar in shown.bars]
    margin = max(map(len, labels), default=0)
    lines: list[str] = []
    for label, bar in zip(labels, shown.bars, strict=True):
        end = shown.at if bar.ended_at is None else bar.ended_at
        begin = min(width - 1, int((bar.started_at - shown.began_at) / whole * width))
        length = max(1, min(width, round((end - shown.began_at) / whole * width)) - begin)
        seconds = f"{end - bar.started_at:.1f} s"
        lines.append(f"{label:<{margin}} |{' ' * begin}{_SIGNS[bar.outcome] * length:<{width - begin}}| {seconds}")
    return "\n".join(lines)
