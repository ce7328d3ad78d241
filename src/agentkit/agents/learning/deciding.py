"""What is written of a choice, and of an outcome: each decided once, on the newest state.

Rules: as in `policy.py`. Under one key there is one choice and one outcome: who asks again is answered the same, and
who tells again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from agentkit.errors import NotFound, UsageError

from .entries import ArmChosen, ChoiceDropped, Entry, OutcomeJudged, OutcomeTold, RolledBack, is_of_work
from .outcomes import Outcome, Reward
from .policy import LearningPolicy, changes_after, pick
from .ports import Choice
from .state import LearningState

__all__ = ["Bench", "choose_arm", "drop_entries", "judgement_of", "outcome_entries", "rollback_of"]

_MOST_KINDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What is chosen among, and how.

    Attributes:
        name: What it is called.
        arms: The arms; the first is used without learning.
        policy: How carefully is learned.
        reward: What an outcome is worth.
        seed: What chance is drawn out of, besides the name, the kind and the key.
        is_shadow: Whether the first arm is used whatever was learned.
    """

    name: str
    arms: tuple[str, ...]
    policy: LearningPolicy = field(default_factory=LearningPolicy)
    reward: Reward = field(default_factory=Reward)
    seed: str = ""
    is_shadow: bool = False


def choose_arm(state: LearningState, bench: Bench, *, kind: str, key: str, at: float) -> tuple[Choice, Sequence[Entry]]:
    """The choice for a piece of work, and what is to be written of it."""
    told, first = state.told.get(key), bench.arms[0]
    before = state.open.get(key, ("", ""))[1] if told is None else told.outcome.arm
    if before == first or (before in bench.arms and not bench.is_shadow):
        return Choice(arm=before, kind=kind, key=key, would=before, why="it was chosen before"), ()
    if told is not None:
        why = f"the outcome of {before} counts already, which is not used here"
        return Choice(arm=first, kind=kind, key=key, would=first, why=why, is_kept=False), ()
    if not state.is_on:
        return Choice(arm=first, kind=kind, key=key, would=first, why="learning is switched off", is_kept=False), ()
    if kind not in state.kinds and len(state.kinds) >= _MOST_KINDS:
        why = f"there are {_MOST_KINDS} kinds already: a kind is many tasks, not one"
        return Choice(arm=first, kind=kind, key=key, would=first, why=why, is_kept=False), ()
    arm, would, why = _decided(state, bench, kind, key)
    kept = "" if would == arm else would
    arms = () if bench.arms == state.arms else bench.arms
    entry = ArmChosen(at=at, key=key, kind=kind, arm=arm, first=first, would=kept, why=why, arms=arms)
    return Choice(arm=arm, kind=kind, key=key, would=would, why=why), (entry,)


def _decided(state: LearningState, bench: Bench, kind: str, key: str) -> tuple[str, str, str]:
    """What is used, what would be used if learning were in force, and why."""
    standing, first = state.kind(kind), bench.arms[0]
    if standing.held in bench.arms:
        would, why = standing.held, "a person rolled back to it"
    else:
        would, why = pick(standing, bench.arms, bench.policy, seed=f"{bench.seed}\0{bench.name}\0{kind}\0{key}")
        if standing.held:
            why = f"a person rolled back to {standing.held}, which is no arm here; {why}"
    if bench.is_shadow:
        return first, would, f"shadow mode uses the first; {would} would be used, since {why}"
    return would, would, why


def outcome_entries(
    state: LearningState, bench: Bench, outcome: Outcome, *, arm: str, kind: str, key: str, at: float
) -> Sequence[Entry]:
    """What is to be written of an outcome: it, and what follows from it; nothing if it was told before."""
    if key in state.told:
        return ()
    told = OutcomeTold(
        at=at,
        key=key,
        kind=kind,
        arm=arm,
        reward=bench.reward.of(outcome),
        success=outcome.success,
        quality=outcome.quality,
        seconds=outcome.seconds,
        cost=None if outcome.cost is None else f"{outcome.cost:f}",
        currency=outcome.currency,
        unjudged=outcome.unjudged,
    )
    standing = state.kind(kind)
    is_gone = bool(standing.leader) and state.is_gone(standing.leader)
    return (told, *changes_after(standing, told, bench.arms, bench.policy, is_gone=is_gone))


def drop_entries(state: LearningState, choice: Choice, *, why: str, at: float) -> Sequence[Entry]:
    """What is to be written of a choice that has no outcome; nothing if it is not open."""
    if choice.key not in state.open:
        return ()
    return (ChoiceDropped(at=at, key=choice.key, kind=choice.kind, arm=choice.arm, why=why),)


def judgement_of(state: LearningState, bench: Bench, quality: float, *, key: str, by: str, at: float) -> OutcomeJudged:
    """What is to be written where somebody says later how good a piece of work was.

    Args:
        state: Where learning stands.
        bench: What is chosen among.
        quality: How good it was, 0 to 1.
        key: The name of the work, or of what it belongs to (`is_of_work`): then the newest of those is meant.
        by: Who says so.
        at: When.

    Raises:
        NotFound: Nothing was told lately of work of that name.
        InputError: The quality is no share from 0 to 1.
    """
    meant = key if key in state.told else next((one for one in reversed(state.told) if is_of_work(one, key)), None)
    if meant is None:
        raise NotFound(f"learner {bench.name!r} was told of no work {key!r} lately, so it cannot be judged")
    told = state.told[meant].outcome
    judged = Outcome(
        success=told.success,
        quality=quality,
        seconds=told.seconds,
        cost=None if told.cost is None else Decimal(told.cost),
        currency=told.currency,
    )
    return OutcomeJudged(at=at, key=meant, kind=told.kind, quality=quality, reward=bench.reward.of(judged), by=by)


def rollback_of(
    state: LearningState, bench: Bench, *, kind: str, to: str | None, by: str, why: str, at: float
) -> RolledBack:
    """What is to be written where a person takes back that an arm leads.

    Args:
        state: Where learning stands.
        bench: What is chosen among; without arms, whoever asks only looks after it.
        kind: For which kind of task.
        to: To which arm; by default what led before.
        by: Who does it.
        why: Why, for whoever asks later.
        at: When.

    Raises:
        NotFound: Nobody knows that kind or arm.
        UsageError: There is nothing to roll back.
    """
    standing = state.kinds.get(kind)
    if standing is None:
        known = ", ".join(map(repr, sorted(state.kinds))) or "none"
        raise NotFound(f"learner {bench.name!r} knows no kind {kind!r}; it knows: {known}")
    leader = standing.leader or (bench.arms[0] if bench.arms else state.first)
    target = standing.before if to is None else to
    if not target or target == standing.held or (to is None and not standing.leader):
        raise UsageError(
            f"learner {bench.name!r} has nothing to roll back for kind {kind!r}: {leader} leads;"
            " say to which arm (to=, --to)"
        )
    # Who has no arms goes by whoever chose last: what nobody has cannot be used.
    arms = bench.arms or state.arms or tuple(standing.arms)
    if target not in arms:
        raise NotFound(
            f"learner {bench.name!r} has no arm {target!r} now; it has {', '.join(arms)}: say to which arm (to=, --to)"
        )
    return RolledBack(at=at, kind=kind, arm=leader, to=target, by=by, why=why or "somebody decided so")
