"""How a team worked, by the journal of its workflow: who was asked what, who said what, and how it ended and why.

Rules: as in all views, computed from events alone. Who said something is the agent of its stage, whatever is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from agentkit.errors import NotFound
from agentkit.kernel import (
    TEAM_END,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    Failure,
    ResultCarried,
    State,
    evolve,
    read_team_end,
    read_turn_group,
)

from .folding import opened

__all__ = ["TeamEnd", "TeamHistory", "TeamTurn", "TurnStatus", "team_of"]

TurnStatus: TypeAlias = Literal["working", "said", "failed"]
"""How far a turn is: a member works on it, has said something, or has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamTurn:
    """One turn of one member.

    Attributes:
        round: In which round, from 1.
        asked: What it was asked for.
        by: The member.
        status: How far it is.
        attempts: How often it was tried.
        at: When it was said or failed for the last time; None while the member works.
        content: What was said, as plain JSON data.
        failure: Why it failed for the last time.
    """

    round: int
    asked: str
    by: str
    status: TurnStatus
    attempts: int
    at: float | None = None
    content: object = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamEnd:
    """How a team ended.

    Attributes:
        how: `complete`, `rounds`, `budget` or `failed`; empty if its operation ended otherwise.
        why: Why, for people.
        value: What it has come to, as plain JSON data; None where that failed the operation.
    """

    how: str
    why: str
    value: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamHistory:
    """How a team worked.

    Attributes:
        name: Its name.
        members: Who is in it, in the order in which they could be asked.
        turns: The turns that were begun, round by round, those of a round in the order of the members.
        end: How it ended; None if it has not.
    """

    name: str
    members: Sequence[str]
    turns: Sequence[TeamTurn]
    end: TeamEnd | None = None

    @property
    def messages(self) -> Sequence[TeamTurn]:
        """The turns in which something was said."""
        return [turn for turn in self.turns if turn.status == "said"]

    @property
    def rounds(self) -> int:
        """In how many rounds somebody was asked."""
        return len({turn.round for turn in self.turns})

    def by(self, member: str) -> Sequence[TeamTurn]:
        """The turns of one member.

        Raises:
            NotFound: The team has no such member.
        """
        if member not in self.members:
            raise NotFound(f"team {self.name!r} has no member {member!r}; members are {', '.join(self.members)}")
        return [turn for turn in self.turns if turn.by == member]


class _Notes:
    """What is noted of one stage."""

    __slots__ = ("at", "attempts", "failure", "value")

    def __init__(self) -> None:
        self.attempts = 0
        self.at: float | None = None
        self.failure: Failure | None = None
        self.value: str | None = None

    def take(self, event: Event) -> None:
        """Take in an event of this stage."""
        match event:
            case AttemptStarted():
                self.attempts += 1
                self.at = self.failure = None
            case AttemptSucceeded():
                self.at, self.failure, self.value = event.at, None, event.value
            case AttemptFailed():
                self.at, self.failure = event.at, event.failure
            case ResultCarried():
                self.at, self.failure, self.value = event.at, None, event.value
            case _:
                pass


def team_of(journal: Iterable[Event]) -> TeamHistory:
    """How a team worked, by the journal of the operation that ran it.

    Raises:
        NotFound: No team worked in this operation.
        IllegalEvent: That is no journal of an operation.
    """
    accepted, others = opened(journal)
    state = State(accepted)
    notes: dict[str, _Notes] = {}
    for event in others:
        state = evolve(state, event)
        name = getattr(event, "stage", None)
        if isinstance(name, str):
            notes.setdefault(name, _Notes()).take(event)
    asked = {
        stage.name: (stage.agent, *found) for stage in state.workflow.stages if (found := read_turn_group(stage.group))
    }
    if not asked:
        raise NotFound(
            f"operation {state.operation_id}: no team worked in it; workflow {state.workflow.name!r} is none"
        )
    turns = [
        _turn(member, (number, what), notes[name])
        for name, (member, number, what) in asked.items()
        if name in notes and (notes[name].attempts or notes[name].value is not None)
    ]
    return TeamHistory(
        name=state.workflow.name,
        members=tuple(dict.fromkeys(member for member, _, _ in asked.values())),
        turns=tuple(turns),
        end=_end(state, notes.get(TEAM_END)),
    )


def _turn(member: str, place: tuple[int, str], notes: _Notes) -> TeamTurn:
    status: TurnStatus = "working"
    if notes.value is not None:
        status = "said"
    elif notes.failure is not None:
        status = "failed"
    return TeamTurn(
        round=place[0],
        asked=place[1],
        by=member,
        status=status,
        attempts=notes.attempts,
        at=notes.at,
        content=None if notes.value is None else json.loads(notes.value),
        failure=notes.failure,
    )


def _end(state: State, notes: _Notes | None) -> TeamEnd | None:
    if notes is not None and notes.value is not None:
        outcome = cast("Mapping[str, object]", json.loads(notes.value))
        return TeamEnd(how=str(outcome["how"]), why=str(outcome["why"]), value=outcome["value"])
    if not state.ended:
        return None
    failure = None if notes is None else notes.failure
    found = None if failure is None else read_team_end(failure.message)
    how, why = found or ("", f"its operation is {state.status}" if failure is None else failure.message)
    return TeamEnd(how=how, why=why)
