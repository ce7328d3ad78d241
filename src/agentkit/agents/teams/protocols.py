"""Protocols: who of a team is asked next, and when it is done. Pure.

Rules: a protocol sees what was said and decides; the same table always has the same answer, so that whoever takes a
team up after a crash goes on as it would have gone on. Of what members say a protocol reads the fields that it names
and nothing else; everything besides is data.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from agentkit.errors import ProtocolUnknown
from agentkit.kernel import count_problems, shortened

from .complaints import SHOWN, complaints, fields_of, unread
from .values import Contribution, Ending

__all__ = ["Blackboard", "Critique", "HandOff", "Move", "Table", "TeamProtocol", "Vote", "protocol_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What lies before a protocol.

    Attributes:
        members: All members, in order.
        board: All that was said, in order.
        round: The round that comes next, from 1; after the last round, the number behind it.
        phase: What of the round comes next, in the protocol's own words.
        asked: Who was asked last; nobody at the beginning.
        newest: What they said.
    """

    members: tuple[str, ...]
    board: tuple[Contribution, ...] = ()
    round: int = 1
    phase: str = ""
    asked: tuple[str, ...] = ()
    newest: tuple[Contribution, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether somebody was asked and nobody answered."""
        return bool(self.asked) and not self.newest

    def said(self, asked: str) -> tuple[Contribution, ...]:
        """What was said when that was asked for, in order."""
        return tuple(item for item in self.board if item.asked == asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What comes next: whom to ask.

    Attributes:
        speakers: Who is asked, at the same time.
        messages: What they are shown of what was said.
        problem: What was wrong before, if somebody is asked again for that.
        why: Why the team is not done yet, for people, who are told it if this was the last round.
    """

    speakers: tuple[str, ...]
    messages: tuple[Contribution, ...] = ()
    problem: str = ""
    why: str = ""


class TeamProtocol(Protocol):
    """How a team works together; write your own by these four."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def phases(self) -> Sequence[str]:
        """What is asked for in a round, in order; each a name without dots."""
        ...

    def problems(self, members: Sequence[str]) -> Iterator[str]:
        """Why these members cannot work by it, one line each."""
        ...

    def able(self, phase: str, members: Sequence[str]) -> Sequence[str]:
        """Who may be asked in a phase."""
        ...

    def next(self, table: Table) -> Move | Ending:
        """What comes next; after the last round, a move is what would have come."""
        ...

    def best(self, table: Table) -> object:
        """What the team has come to if it has to stop now."""
        ...


@dataclass(frozen=True, slots=True)
class HandOff:
    """One member at a time, who hands the work to another, or is done.

    A member's answer with the field `hand_to`, a member's name, hands over; any other answer is the team's value. Who
    fails is followed by the next member in order, until all have failed in a row; who names nobody of the team is asked
    again.

    Attributes:
        first: Who begins; by default the first member.
    """

    first: str | None = None

    name = "hand_off"

    @property
    def phases(self) -> Sequence[str]:
        """See `TeamProtocol`."""
        return ("work",)

    def problems(self, members: Sequence[str]) -> Iterator[str]:
        """Who begins must be a member."""
        if self.first is not None and self.first not in members:
            yield f"hand_off: first is {self.first!r}, who is no member; members are {', '.join(members)}"

    def able(self, phase: str, members: Sequence[str]) -> Sequence[str]:
        """Anybody."""
        return members

    def next(self, table: Table) -> Move | Ending:
        """The member whom the last one has named, or the end."""
        if not table.asked:
            return Move(speakers=(self.first or table.members[0],))
        last = table.asked[0]
        shown = table.board[-1:]
        if not table.newest:
            # A round asks one member, and who fails is followed by the next: so many silent rounds are all of them.
            spoken = table.board[-1].round if table.board else 0
            if table.round - 1 - spoken >= len(table.members):
                return _nobody(self.best(table))
            following = table.members[(table.members.index(last) + 1) % len(table.members)]
            return Move(speakers=(following,), messages=shown, problem=f"{last} could not answer")
        content = table.newest[0].content
        if not _has(content, "hand_to"):
            return Ending(how="complete", why=f"{last} is done", value=content)
        named = _field(content, "hand_to")
        if isinstance(named, str) and named in table.members:
            return Move(speakers=(named,), messages=shown)
        known = ", ".join(table.members)
        problem = f"hand_to must name one of the team: {known}; {last} gave {shortened(named)}"
        return Move(speakers=(last,), messages=shown, problem=problem, why=problem)

    def best(self, table: Table) -> object:
        """What was said last."""
        return table.board[-1].content if table.board else None


@dataclass(frozen=True, slots=True)
class Blackboard:
    """All members at once, each round, in sight of everything that was said.

    An answer with the field `answer` solves the task, unless another member gives another one in the same round; null
    means that a member has nothing to add. When nobody has, the team is done, and its value is all that was added.

    Attributes:
        shown: How many of the newest contributions a turn shows; by default all. Each turn is on the journal with what
            it shows, so with all of them the journal grows with the square of the rounds.
    """

    shown: int | None = None

    name = "blackboard"

    @property
    def phases(self) -> Sequence[str]:
        """See `TeamProtocol`."""
        return ("add",)

    def problems(self, members: Sequence[str]) -> Iterator[str]:
        """Something must be shown; whoever there is can write."""
        if self.shown is not None:
            yield from count_problems("blackboard: shown", self.shown)

    def able(self, phase: str, members: Sequence[str]) -> Sequence[str]:
        """Everybody."""
        return members

    def next(self, table: Table) -> Move | Ending:
        """Another round, until there is an answer or nothing to add."""
        if table.silent:
            return _nobody(self.best(table))
        answers = [_field(item.content, "answer") for item in table.newest if _has(item.content, "answer")]
        if answers and len(set(map(_text, answers))) == 1:
            return Ending(how="complete", why=f"{len(answers)} member(s) gave this answer", value=answers[0])
        if table.asked and all(item.content is None for item in table.newest):
            return Ending(how="complete", why="nobody has anything to add", value=self.best(table))
        problem = f"the members gave {len(answers)} answers that differ" if answers else ""
        why = problem or complaints(unread(item, "answer") for item in table.newest if item.content is not None)
        added = tuple(item for item in table.board if item.content is not None)
        shown = added if self.shown is None else added[-self.shown :]
        return Move(speakers=table.members, messages=shown, problem=problem, why=why)

    def best(self, table: Table) -> object:
        """All that was added."""
        return [item.content for item in table.board if item.content is not None]


@dataclass(frozen=True, slots=True)
class Critique:
    """One member drafts and revises, the others say what is wrong, until enough of them accept.

    A critique with the field `accept` that is true accepts the draft, whatever else it says.

    Attributes:
        author: Who drafts; by default the first member.
        quorum: How many must accept; by default all others.
    """

    author: str | None = None
    quorum: int | None = None

    name = "critique"

    @property
    def phases(self) -> Sequence[str]:
        """See `TeamProtocol`."""
        return ("draft", "critique")

    def problems(self, members: Sequence[str]) -> Iterator[str]:
        """There must be an author, a critic and a quorum that can be reached."""
        if self.author is not None and self.author not in members:
            yield f"critique: author is {self.author!r}, who is no member; members are {', '.join(members)}"
        elif len(members) < 2:
            yield "critique: needs an author and at least one other member"
        elif self.quorum is not None:
            yield from count_problems("critique: quorum", self.quorum, most=len(members) - 1)

    def able(self, phase: str, members: Sequence[str]) -> Sequence[str]:
        """The author drafts, and everybody else criticises."""
        author = self.author or members[0]
        return (author,) if phase == "draft" else tuple(name for name in members if name != author)

    def next(self, table: Table) -> Move | Ending:
        """A critique of the newest draft, a revision of it, or the end."""
        if table.silent:
            return _nobody(self.best(table))
        speakers = tuple(self.able(table.phase, table.members))
        drafts = table.said("draft")
        if table.phase == "critique" or not drafts:
            return Move(speakers=speakers, messages=drafts[-1:])
        accepted = [item.by for item in table.newest if _field(item.content, "accept") is True]
        needed = self.quorum or len(table.members) - 1
        if len(accepted) >= needed:
            why = f"accepted by {', '.join(accepted)}"
            return Ending(how="complete", why=why, value=drafts[-1].content)
        why = complaints(_refusal(item) for item in table.newest)
        return Move(speakers=speakers, messages=(drafts[-1], *table.newest), why=why)

    def best(self, table: Table) -> object:
        """The newest draft."""
        drafts = table.said("draft")
        return drafts[-1].content if drafts else None


@dataclass(frozen=True, slots=True)
class Vote:
    """All members give their choice, each round in sight of the choices before, until enough of them agree.

    The choice is the field `vote` of an answer, or the whole answer where there is no such field; null is no vote.

    Attributes:
        quorum: How many must agree, more than half of the members; by default the smallest such number.
    """

    quorum: int | None = None

    name = "vote"

    @property
    def phases(self) -> Sequence[str]:
        """See `TeamProtocol`."""
        return ("vote",)

    def problems(self, members: Sequence[str]) -> Iterator[str]:
        """Two choices must not be able to win at once."""
        if self.quorum is not None:
            yield from count_problems("vote: quorum", self.quorum, least=len(members) // 2 + 1, most=len(members))

    def able(self, phase: str, members: Sequence[str]) -> Sequence[str]:
        """Everybody."""
        return members

    def next(self, table: Table) -> Move | Ending:
        """Another vote, until enough agree."""
        if table.silent:
            return _nobody(self.best(table))
        counts, choices = _votes(table.newest)
        needed = self.quorum or len(table.members) // 2 + 1
        for text, count in counts.most_common(1):
            if count >= needed:
                why = f"{count} of {len(table.members)} members agree"
                return Ending(how="complete", why=why, value=choices[text])
        given = ", ".join(f"{shortened(choices[text])} has {count}" for text, count in counts.most_common(SHOWN))
        why = f"{needed} must agree, and {given or 'nobody gave a vote'}" if table.asked else ""
        return Move(speakers=table.members, messages=table.newest, why=why)

    def best(self, table: Table) -> object:
        """The choice with the most votes of the last round in which anybody answered; null if there is no such one."""
        last = table.board[-1].round if table.board else 0
        counts, choices = _votes([item for item in table.board if item.round == last])
        leading = counts.most_common(2)
        if not leading or (len(leading) == 2 and leading[0][1] == leading[1][1]):
            return None
        return choices[leading[0][0]]


def protocol_of(given: str | TeamProtocol) -> TeamProtocol:
    """A protocol by its name, or as it is.

    Raises:
        ProtocolUnknown: There is none of that name.

    Example:
        >>> protocol_of("vote")
        Vote(quorum=None)
    """
    known: dict[str, TeamProtocol] = {made.name: made for made in (HandOff(), Blackboard(), Critique(), Vote())}
    if not isinstance(given, str):
        return given
    if given not in known:
        raise ProtocolUnknown(
            f"there is no protocol {given[:100]!r}; known are {', '.join(known)}, or give a protocol of your own",
            protocol=given,
        )
    return known[given]


def _votes(said: Sequence[Contribution]) -> tuple[Counter[str], dict[str, object]]:
    choices = [_field(item.content, "vote") if _has(item.content, "vote") else item.content for item in said]
    texts = {_text(choice): choice for choice in choices if choice is not None}
    return Counter(_text(choice) for choice in choices if choice is not None), texts


def _refusal(item: Contribution) -> str:
    """Why this accepts nothing; empty if it does."""
    word = _field(item.content, "accept")
    if word is True:
        return ""
    if word is False:
        return f"{item.by} did not accept"
    return unread(item, "accept") or f"{item.by} gave accept={shortened(word)} and not True"


def _nobody(value: object) -> Ending:
    return Ending(how="failed", why="nobody who was asked could answer", value=value)


def _has(content: object, field: str) -> bool:
    return field in fields_of(content)


def _field(content: object, field: str) -> object:
    return fields_of(content).get(field)


def _text(value: object) -> str:
    # As texts, since 1, 1.0 and true are equal as values.
    return json.dumps(value, sort_keys=True)
