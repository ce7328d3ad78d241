"""What an operation waits for, in words: people, signals, times, decisions, other agents.

Rules: only what may still come is told: what an operation left waiting when it was stopped is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentkit.kernel import Question, State

from .plain import moment_text, one_line

__all__ = ["Waiting", "WaitingKind", "waiting_of", "what_waits"]

WaitingKind: TypeAlias = Literal["approval", "signal", "timer", "doubt"]
"""What is waited for: people to agree, a signal, a time, or somebody to say what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What one stage, or one of its items, waits for.

    Attributes:
        stage: Which stage or step: `pay`, `pay[3]`.
        kind: What kind of thing it waits for.
        about: The question, the name of the signal, or the effect that is in doubt.
        name: What the agent calls its question; empty for the stage's own approval.
        of: The roles that may vote; empty is anybody.
        votes: How many agreed so far.
        quorum: How many have to.
        since: Since when it waits, where the journal says so.
        until: When the deadline decides, or the time has come; None is never.
    """

    stage: str
    kind: WaitingKind
    about: str = ""
    name: str = ""
    of: tuple[str, ...] = ()
    votes: int = 0
    quorum: int = 0
    since: float | None = None
    until: float | None = None

    @property
    def words(self) -> str:
        """The whole of it on one line.

        Example:
            >>> Waiting(stage="pay", kind="approval", of=("finance",), votes=1, quorum=2, until=1_764_331_200.0).words
            'approval of finance, 1 of 2, until 2025-11-28 12:00 UTC'
        """
        match self.kind:
            case "approval":
                said = "approval" if not self.of else f"approval of {one_line(' or '.join(self.of), 80)}"
                said += f", {self.votes} of {self.quorum}" if self.quorum > 1 else ""
            case "signal":
                said = f"signal {one_line(self.about, 80)}"
            case "timer":
                said = "its time"
            case _:
                said = "somebody to say what happened" + (f" to {one_line(self.about, 80)}" if self.about else "")
        until = "" if self.until is None else f"until {moment_text(self.until)}"
        return ", ".join(filter(None, (said, until)))


def waiting_of(state: State) -> tuple[Waiting, ...]:
    """All that the operation waits for, in the order in which it began to."""
    return tuple(waiting for number in what_waits(state) if (waiting := _waiting(state, number)) is not None)


def what_waits(state: State) -> Iterator[int]:
    """The numbers of the stages and steps that wait and may go on."""
    if not state.held or state.status not in ("pending", "running", "compensating"):
        return
    for number in tuple(state.held):
        step = state.step(number)
        # Once work is undone, nothing else is wanted.
        if state.status != "compensating" or (step is not None and step.kind == "undo"):
            yield number


def _waiting(state: State, number: int) -> Waiting | None:
    known, name = state.touched[number], state.name(number)
    more = known.more
    if known.status == "in_doubt":
        effect = more.doubt if more is not None else None
        return Waiting(stage=name, kind="doubt", about=" ".join(filter(None, effect or ())))
    if more is not None and more.open_question is not None:
        return _approval(name, more.open_question, more.questions[more.open_question])
    signal = state.spec(number).signal
    if signal is not None:
        return Waiting(stage=name, kind="signal", about=signal, until=known.wake_at)
    return Waiting(stage=name, kind="timer", until=known.wake_at)


def _approval(stage: str, name: str, question: Question) -> Waiting:
    roles = (*question.approval.by, *(question.approval.escalate_to if question.is_escalated else ()))
    return Waiting(
        stage=stage,
        kind="approval",
        about=question.question,
        name=name,
        of=tuple(dict.fromkeys(roles)),
        votes=sum(vote.approve for vote in question.votes.values()),
        quorum=question.approval.quorum,
        since=question.asked_at,
        until=question.expires_at,
    )
