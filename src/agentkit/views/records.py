"""What each stage of one operation took: time, attempts, people, usage; to compare runs and to plan new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentkit.errors import DefinitionError
from agentkit.kernel import (
    NO_USAGE,
    STAGE_ENDS,
    UNKNOWN_USAGE,
    ApprovalDecided,
    ApprovalRequested,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    ItemsMapped,
    OperationAccepted,
    ResultCarried,
    SignalAwaited,
    SignalReceived,
    StageStatus,
    State,
    TimerSet,
    TurnBegan,
    Usage,
    evolve,
)

from .folding import opened

__all__ = ["RecordFold", "StageRecord", "records_of", "together"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """What one stage of one operation took; its items, turns and attempts together.

    Attributes:
        stage: Which stage.
        status: Where it stands.
        agent: Who worked on it last; empty if nobody did.
        attempts: How many attempts began.
        seconds: From the beginning of its work to its end, in operating time and without waiting for people; None if
            it has not worked to an end.
        people_seconds: How long it waited for people; None if it asked nobody, or nobody has decided.
        usage: What its attempts said that they used; None if none of them said anything.
        kept: Whether its value was taken over from another operation.
    """

    stage: str
    status: StageStatus
    agent: str
    attempts: int
    seconds: float | None
    people_seconds: float | None
    usage: Usage | None
    kept: bool


class _Notes:
    """What is noted of one stage."""

    __slots__ = ("agent", "asked_at", "attempts", "began_at", "ended_at", "inside", "kept", "people", "silent", "usage")

    def __init__(self) -> None:
        self.agent = ""
        self.attempts = 0
        self.began_at: float | None = None
        self.ended_at: float | None = None
        self.asked_at: float | None = None
        self.people: float | None = None
        self.inside = 0.0
        self.usage: Usage | None = None
        self.silent = False
        self.kept = False


class RecordFold:
    """Keeps what each stage took, event by event.

    Attributes:
        state: Where the operation stands.
    """

    __slots__ = ("_notes", "state")

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state: State = State(accepted)
        self._notes: dict[int, _Notes] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        state = evolve(self.state, event)
        name = getattr(event, "stage", None)
        number = -1 if name is None else state.number(name)
        while number >= state.base:
            step = state.steps[number - state.base]
            if step.kind == "undo":
                return
            number = step.parent
        if number >= 0:
            self._note(self._notes.setdefault(number, _Notes()), event, state.at - state.downtime)
            self._close(number)
        elif isinstance(event, SignalReceived):
            # It names no stage, and ends one all the same.
            for noted in self._notes:
                self._close(noted)

    def _close(self, number: int) -> None:
        notes, known = self._notes[number], self.state.touched.get(number)
        if notes.ended_at is None and known is not None and known.status in STAGE_ENDS:
            notes.ended_at = self.state.at - self.state.downtime

    def _note(self, notes: _Notes, event: Event, now: float) -> None:
        match event:
            case AttemptStarted() | ItemsMapped() | TurnBegan() | TimerSet() | SignalAwaited():
                if notes.began_at is None:
                    notes.began_at = now
                if isinstance(event, AttemptStarted):
                    notes.attempts += 1
                    notes.agent = event.agent
            case AttemptSucceeded() | AttemptFailed():
                if event.usage is None:
                    notes.silent = True
                else:
                    notes.usage = together(notes.usage or NO_USAGE, event.usage)
            case ApprovalRequested():
                notes.asked_at = now
            case ApprovalDecided() if notes.asked_at is not None:
                waited = now - notes.asked_at
                notes.people = (notes.people or 0.0) + waited
                notes.inside += waited if notes.began_at is not None else 0.0
                notes.asked_at = None
            case ResultCarried():
                notes.kept = True
            case _:
                pass

    def records(self) -> Mapping[str, StageRecord]:
        """What each stage took, in the order of the workflow."""
        return {stage.name: self._record(number) for number, stage in enumerate(self.state.workflow.stages)}

    def _record(self, number: int) -> StageRecord:
        state = self.state
        notes = self._notes.get(number) or _Notes()
        seconds = None
        if notes.began_at is not None and notes.ended_at is not None:
            seconds = max(0.0, notes.ended_at - notes.began_at - notes.inside)
        usage = notes.usage
        if usage is not None and notes.silent:
            usage = together(usage, UNKNOWN_USAGE)
        return StageRecord(
            stage=state.name(number),
            status=state.touched[number].status if number in state.touched else "pending",
            agent=notes.agent,
            attempts=notes.attempts,
            seconds=seconds,
            people_seconds=notes.people,
            usage=usage,
            kept=notes.kept,
        )


def records_of(events: Iterable[Event]) -> Mapping[str, StageRecord]:
    """What each stage of a journal took, in the order of the workflow.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    accepted, others = opened(events)
    fold = RecordFold(accepted)
    for event in others:
        fold.apply(event)
    return fold.records()


def together(one: Usage, other: Usage) -> Usage:
    """What both used; amounts in two currencies are unknown together."""
    try:
        return one + other
    except DefinitionError:
        return together(
            Usage(calls=one.calls, seconds=one.seconds, tokens=one.tokens, money=None),
            Usage(calls=other.calls, seconds=other.seconds, tokens=other.tokens, money=None),
        )
