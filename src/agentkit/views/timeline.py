"""What ran when, and what was waited for, for drawing: `TimelineFold`, `timeline_of` and a plain drawing of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agentkit.kernel import (
    AgentUnavailable,
    ApprovalDecided,
    ApprovalRequested,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    DoubtRaised,
    DoubtSettled,
    Event,
    Failure,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationFailed,
    OperationReleased,
    SignalAwaited,
    SignalReceived,
    StageFailed,
    State,
    TimerFired,
    TimerSet,
    evolve,
)
from agentkit.markup import bundle, preformatted

from .folding import opened

__all__ = ["Bar", "BarOutcome", "Timeline", "TimelineFold", "Wait", "WaitReason", "draw_timeline", "timeline_of"]

BarOutcome: TypeAlias = Literal["running", "completed", "failed", "cancelled", "unavailable", "asked", "in_doubt"]
"""How an attempt ended, if it has; `asked` ended with a question to people."""

WaitReason: TypeAlias = Literal["retry", "fall_back", "unavailable", "approval", "signal", "timer", "doubt"]
"""Why a stage waits: for its next attempt, another agent, a process that has the agent, people, a signal, a time, or
somebody to say what happened."""

_SIGNS: dict[BarOutcome, str] = {
    "running": ">",
    "completed": "=",
    "failed": "x",
    "cancelled": "-",
    "unavailable": "?",
    "asked": "=",
    "in_doubt": "?",
}
_HELD: tuple[WaitReason, ...] = ("approval", "signal", "timer", "doubt")
_WAITED = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One attempt.

    Attributes:
        stage: Which stage or step, such as `pay` and `pay[3]`.
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
    """A stage or step that waits.

    Attributes:
        stage: Which stage or step.
        began_at: Since when.
        until: When it went on; while it waits, when it may go on by itself, and None if it never does.
        why: What for.
    """

    stage: str
    began_at: float
    until: float | None
    why: WaitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What ran when.

    Attributes:
        began_at: When the operation was accepted.
        ended_at: When it ended; None before.
        at: When the newest event happened.
        bars: Every attempt, in the order of their starts.
        waits: Every wait, in the order of their beginnings.
        gaps: Times in which no process drove the operation, as pairs of beginning and end.
    """

    began_at: float
    ended_at: float | None
    at: float
    bars: tuple[Bar, ...]
    waits: tuple[Wait, ...]
    gaps: tuple[tuple[float, float], ...]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The timeline drawn, for notebooks."""
        drawn = draw_timeline(self)
        return bundle(drawn, preformatted(drawn, wraps=False))


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
        state, before = self.state, self.state.downtime
        running = tuple(state.running) if isinstance(event, OperationAdopted) else ()
        given = state.awaiting.get(event.name) if isinstance(event, SignalReceived) else None
        taker = state.name(given[0]) if given else None
        evolve(state, event)
        match event:
            case AttemptStarted():
                self._start(event)
            case AttemptSucceeded():
                self._end(event.stage, event.at, "completed")
            case AttemptCancelled():
                self._end(event.stage, event.at, "cancelled")
            case AgentUnavailable():
                self._end(event.stage, event.at, "unavailable")
                self._wait(event.stage, event.at, event.retry_at, "unavailable")
            case AttemptFailed():
                self._end(event.stage, event.at, "cancelled" if event.then == "stop" else "failed", event.failure)
                if event.retry_at is not None and event.then in ("retry", "fall_back"):
                    self._wait(event.stage, event.at, event.retry_at, event.then)
            case OperationAdopted() | OperationReleased():
                missed = state.downtime - before
                if missed > 0:
                    self._gaps.append((event.at - missed, event.at))
                self._doubt(running, event.at)
            case SignalReceived():
                self._go_on(taker, event.at)
            case OperationFailed() | OperationCancelled():
                self._leave(event.at)
            case _:
                self._apply_wait(event)

    def _apply_wait(self, event: Event) -> None:
        match event:
            case ApprovalRequested():
                if event.attempt:
                    self._end(event.stage, event.at, "asked")
                self._wait(event.stage, event.at, event.expires_at, "approval")
            case DoubtRaised():
                self._end(event.stage, event.at, "in_doubt")
                self._wait(event.stage, event.at, None, "doubt")
            case TimerSet():
                self._wait(event.stage, event.at, event.until, "timer")
            case SignalAwaited() if self.state.stage(event.stage).status == "waiting":
                self._wait(event.stage, event.at, event.until, "signal")
            case TimerFired() | ApprovalDecided() | DoubtSettled() | StageFailed():
                self._go_on(event.stage, event.at)
            case _:
                pass

    def _start(self, event: AttemptStarted) -> None:
        self._go_on(event.stage, event.at)
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

    def _wait(self, stage: str, at: float, until: float | None, why: WaitReason) -> None:
        self._waiting[stage] = len(self._waits)
        self._waits.append(Wait(stage=stage, began_at=at, until=until, why=why))

    def _go_on(self, stage: str | None, at: float) -> None:
        waiting = None if stage is None else self._waiting.pop(stage, None)
        if waiting is not None:
            self._waits[waiting] = replace(self._waits[waiting], until=at)

    def _doubt(self, running: Iterable[int], at: float) -> None:
        """What must not be done twice was running in the process before."""
        for number in running:
            if self.state.touched[number].status == "in_doubt":
                self._end(self.state.name(number), at, "in_doubt")
                self._wait(self.state.name(number), at, None, "doubt")

    def _leave(self, at: float) -> None:
        """The operation has ended: nobody is waited for any more."""
        for stage, number in tuple(self._waiting.items()):
            if self._waits[number].why in _HELD:
                self._go_on(stage, at)

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
    """The timeline as plain text: a line for each attempt, and for each wait for people, a time or a signal.

    The signs: `=` completed, `x` failed, `-` cancelled, `?` had no agent or is in doubt, `>` is running, `.` waited.
    """
    whole = max(shown.at - shown.began_at, 1e-9)
    rows = [(bar.started_at, bar.ended_at, _SIGNS[bar.outcome], _label(bar)) for bar in shown.bars]
    for wait in shown.waits:
        if wait.why in _HELD:
            until = None if wait.until is None else min(wait.until, shown.at)
            rows.append((wait.began_at, until, _WAITED, f"{wait.stage} {wait.why}"))
    rows.sort(key=lambda row: row[0])
    margin = max((len(label) for *_, label in rows), default=0)
    lines: list[str] = []
    for started_at, ended_at, sign, label in rows:
        end = shown.at if ended_at is None else ended_at
        begin = min(width - 1, int((started_at - shown.began_at) / whole * width))
        length = max(1, min(width, round((end - shown.began_at) / whole * width)) - begin)
        lines.append(f"{label:<{margin}} |{' ' * begin}{sign * length:<{width - begin}}| {end - started_at:.1f} s")
    return "\n".join(lines)


def _label(bar: Bar) -> str:
    return f"{bar.stage} {bar.attempt} {bar.agent}"
