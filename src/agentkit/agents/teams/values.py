"""What a team is given, says and comes to: frozen values that are written to the journal as they are.

Rules: what a member says is data, whatever it looks like; who said it is told by the journal and never by the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentkit.kernel import team_end_text

__all__ = ["Contribution", "Ending", "How", "TeamOutcome", "Turn"]

How: TypeAlias = Literal["complete", "rounds", "budget", "failed"]
"""How a team ends: its task is done, its rounds or its budget are used up, or nobody who was asked could answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What a member said in one turn.

    Attributes:
        round: In which round, from 1.
        asked: What it was asked for, in the words of the protocol.
        by: Who said it.
        content: What was said, as plain JSON data.
    """

    round: int
    asked: str
    by: str
    content: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """That a team is done.

    Attributes:
        how: How it ends.
        why: Why, for people.
        value: What it has come to, as plain JSON data.
    """

    how: How
    why: str
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a member of a team is asked to do: the input of its task.

    Attributes:
        team: The team's name.
        task: What the team works on, as plain JSON data.
        round: Which round it is, from 1.
        asked: What the member is asked for, in the words of the protocol.
        members: The names of all members, in order.
        speaks: For each member, whether it is asked now.
        messages: What the protocol shows of what was said before. All of it is in `task.context["messages"]`.
        problem: What was wrong with the answer before, if it is asked again for that.
        going: Whether anybody is asked: if not, this is how the team ended.
        ending: How it ended.
    """

    team: str
    task: object
    round: int
    asked: str
    members: tuple[str, ...]
    speaks: tuple[bool, ...]
    messages: tuple[Contribution, ...] = ()
    problem: str = ""
    going: bool = True
    ending: Ending | None = None

    @property
    def speakers(self) -> Sequence[str]:
        """The names of those who are asked."""
        return [name for name, speaks in zip(self.members, self.speaks, strict=True) if speaks]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamOutcome:
    """What a team has come to.

    Attributes:
        team: The team's name.
        protocol: The name of the protocol that it worked by.
        how: How it ended.
        why: Why, for people.
        value: What it has come to, as plain JSON data; where it is not complete, the best there is.
        rounds: In how many rounds somebody was asked.
        messages: How often a member said something.
    """

    team: str
    protocol: str
    how: How
    why: str
    value: object
    rounds: int
    messages: int

    @property
    def is_complete(self) -> bool:
        """Whether the task is done."""
        return self.how == "complete"

    def __str__(self) -> str:
        return team_end_text(self.team, self.rounds, self.how, self.why)
