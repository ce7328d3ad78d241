"""Leading a team from turn to turn. Pure: what was said goes in, whom to ask next comes out.

Rules: a protocol decides first, so that a team whose task is done is complete, whatever it has left; then the budget,
then the rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agentkit.errors import DefinitionError

from .complaints import complaints, failure_words
from .protocols import Move, Table, TeamProtocol
from .values import Contribution, Ending, TeamOutcome, Turn

__all__ = ["Plan", "Said", "Step", "contributions", "next_turn", "outcome_of", "steps_of"]


class Step(NamedTuple):
    """Everybody who is asked the same thing in the same round.

    Attributes:
        round: Which round, from 1.
        asked: What they are asked for.
    """

    round: int
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What stays the same from turn to turn.

    Attributes:
        team: The team's name.
        members: The names of its members, in order.
        protocol: How they work together.
        rounds: The largest number of rounds.
    """

    team: str
    members: tuple[str, ...]
    protocol: TeamProtocol
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of the turn before.

    Attributes:
        turn: That turn; None at the beginning.
        newest: What was said in it.
        board: What was said before it.
        failures: Why members who were asked in it said nothing, by name.
        is_tight: Whether most of the budget is used.
        is_broke: Whether all of it is.
    """

    turn: Turn | None = None
    newest: tuple[Contribution, ...] = ()
    board: tuple[Contribution, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict[str, str])
    is_tight: bool = False
    is_broke: bool = False


def steps_of(plan: Plan) -> list[Step]:
    """All steps of a plan, in order."""
    return [Step(number, asked) for number in range(1, plan.rounds + 1) for asked in plan.protocol.phases]


def contributions(turn: Turn | None, answers: Mapping[str, object]) -> tuple[Contribution, ...]:
    """What was said in a turn, in the order of the members; who did not answer, or was not asked, said nothing."""
    if turn is None:
        return ()
    return tuple(
        Contribution(round=turn.round, asked=turn.asked, by=name, content=answers[name])
        for name in turn.speakers
        if name in answers
    )


def next_turn(plan: Plan, step: Step, said: Said, task: object) -> Turn:
    """Whom to ask next, or that nobody is asked any more.

    Raises:
        DefinitionError: The protocol asks somebody who cannot be asked.
    """
    able = plan.protocol.able(step.asked, plan.members)
    move = _move(plan, step, said)
    if isinstance(move, Ending):
        return Turn(
            team=plan.team,
            task=task,
            round=step.round,
            asked=step.asked,
            members=plan.members,
            speaks=(False,) * len(plan.members),
            going=False,
            ending=move,
        )
    for name in move.speakers:
        if name not in able:
            raise DefinitionError(
                f"team {plan.team!r}: protocol {plan.protocol.name!r} asks {name!r} for {step.asked!r}, which its"
                f" able() does not say; it says: {', '.join(able)}"
            )
    return Turn(
        team=plan.team,
        task=task,
        round=step.round,
        asked=step.asked,
        members=plan.members,
        speaks=tuple(name in move.speakers for name in plan.members),
        messages=tuple(move.messages),
        problem=move.problem,
    )


def outcome_of(plan: Plan, said: Said) -> TeamOutcome:
    """What a team has come to when nobody is asked any more."""
    ending = None if said.turn is None else said.turn.ending
    board = (*said.board, *said.newest)
    if ending is None:
        ending = _last(plan, said)
    return TeamOutcome(
        team=plan.team,
        protocol=plan.protocol.name,
        how=ending.how,
        why=ending.why,
        value=ending.value,
        rounds=_rounds(said.turn, plan.protocol.phases),
        messages=len(board),
    )


def _last(plan: Plan, said: Said) -> Ending:
    step = Step(plan.rounds + 1, plan.protocol.phases[0])
    move = _move(plan, step, said)
    if isinstance(move, Ending):
        return move
    why = _because(f"after {plan.rounds} round(s) it is not complete", move.why, _failed(said))
    return Ending(how="rounds", why=why, value=plan.protocol.best(_table(plan, step, said)))


def _move(plan: Plan, step: Step, said: Said) -> Move | Ending:
    table = _table(plan, step, said)
    move = plan.protocol.next(table)
    spent = said.is_broke or (said.is_tight and table.silent)
    if isinstance(move, Ending) and (move.how != "failed" or not spent):
        return replace(move, why=_because(move.why, _failed(said))) if move.how == "failed" else move
    if not spent:
        return move
    why = "the budget is used up" if said.is_broke else "nobody could answer with what is left of the budget"
    return Ending(how="budget", why=why, value=plan.protocol.best(table))


def _because(what: str, *reasons: str) -> str:
    why = complaints(reasons)
    return f"{what}: {why}" if why else what


def _failed(said: Said) -> str:
    return complaints(failure_words(name, failure) for name, failure in said.failures.items())


def _table(plan: Plan, step: Step, said: Said) -> Table:
    return Table(
        members=plan.members,
        board=(*said.board, *said.newest),
        round=step.round,
        phase=step.asked,
        asked=() if said.turn is None else tuple(said.turn.speakers),
        newest=said.newest,
    )


def _rounds(turn: Turn | None, phases: Sequence[str]) -> int:
    """In how many rounds somebody was asked: in a turn in which the team ended nobody was."""
    if turn is None:
        return 0
    is_unasked = not turn.going and turn.asked == phases[0]
    return turn.round - 1 if is_unasked else turn.round
