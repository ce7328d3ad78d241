"""What is decided while learning: which arm is used, and what follows from an outcome.

Rules: pure functions of the state, so that whoever decides again on the same state decides the same; each decision
comes with its reason. An arm is drawn after Thompson (1933): On the likelihood that one unknown probability exceeds
another, Biometrika 25: each as often as it is likely to be the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Final

from agentkit.errors import DefinitionError
from agentkit.kernel import count_problems, shortened

from .chance import beta_draw
from .entries import DriftFound, LeaderChanged, LearningChange, OutcomeTold, RolledBack
from .standing import ArmStanding, Course, Drift, KindStanding

__all__ = ["LearningPolicy", "changes_after", "pick", "sure_words", "surely_above"]

_ALIKE: Final = 1e-9
"""Means that differ by less are the same but for rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningPolicy:
    """How carefully is learned.

    Attributes:
        min_samples: How many outcomes an arm must have before it can lead or be rolled back; until each arm has them,
            they are tried evenly.
        confidence: How sure it has to be that an arm is better before it leads, and worse before it is rolled back,
            over all outcomes together: of learners whose arms are equal, so many never have another leader.
        drift: How much an arm has to miss, or exceed, of its mean reward, summed up beyond a tolerance of 0.1, before
            what was known of it counts no longer; smaller is sooner, and more often for nothing. None looks for none.
        rest: For how many outcomes of its kind an arm is set aside after it was rolled back.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> LearningPolicy(min_samples=5).confidence
        0.95
    """

    min_samples: int = 10
    confidence: float = 0.95
    drift: float | None = 10.0
    rest: int = 100

    def __post_init__(self) -> None:
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        yield from count_problems("learning policy: min_samples", self.min_samples)
        yield from count_problems("learning policy: rest", self.rest)
        if isinstance(self.confidence, bool) or not 0.5 < self.confidence < 1:
            yield f"learning policy: confidence must be between 0.5 and 1, not {shortened(self.confidence)}"
        if self.drift is not None and not 0 < self.drift < inf:
            yield f"learning policy: drift must be a number above 0, or None, not {shortened(self.drift)}"


def pick(kind: KindStanding, arms: Sequence[str], policy: LearningPolicy, *, seed: str) -> tuple[str, str]:
    """Which arm to use next for a kind of task, and why.

    Args:
        kind: How it stands.
        arms: What there is; the first is used without learning.
        policy: How carefully.
        seed: What chance is drawn out of.
    """
    there = [name for name in arms if kind.look(name).rests <= kind.outcomes] or [arms[0]]
    # What was dropped counts, too: an arm that never comes to an end is not tried for ever.
    tried = {name: kind.look(name).known + kind.look(name).open + kind.look(name).dropped for name in there}
    least = min(there, key=lambda name: tried[name])
    if tried[least] < policy.min_samples and len(there) > 1:
        return least, f"it has been tried {tried[least]} times, and {policy.min_samples} are asked for"
    drawn = {name: _drawn(kind.look(name), f"{seed}\0{name}") for name in there}
    best = max(there, key=lambda name: drawn[name])
    told = ", ".join(f"{name} {share:.2f}" for name, share in sorted(drawn.items(), key=lambda pair: -pair[1]))
    return best, f"it drew the most: {told}"


def _drawn(arm: ArmStanding, seed: str) -> float:
    return beta_draw(seed, 1 + arm.gained, 1 + arm.known - arm.gained)


def surely_above(known: int, gained: float, other_known: int, other_gained: float, *, among: int = 2) -> float:
    """How sure it is that the mean reward behind some outcomes is above that behind others, however often one looks.

    After Garivier and Kaufmann (2016): Optimal best arm identification with fixed confidence, COLT. What speaks against
    equal means grows with every outcome; what it takes to be sure grows with the number of arms, and slowly with the
    number of outcomes, since each of them is another chance to be wrong.

    Args:
        known: How many outcomes.
        gained: The sum of their rewards, each from 0 to 1.
        other_known: How many others.
        other_gained: The sum of theirs.
        among: How many arms there are to be wrong about.

    Example:
        >>> round(surely_above(20, 18.0, 20, 10.0), 3), surely_above(20, 10.0, 20, 18.0)
        (0.92, 0.0)
    """
    mean, other = gained / known, other_gained / other_known
    if mean - other < _ALIKE:
        return 0.0
    count = known + other_known
    both = (gained + other_gained) / count
    against = known * _apart(mean, both) + other_known * _apart(other, both)
    return max(0.0, 1 - (among - 1) * (1 + log(count)) * exp(-against))


def _apart(mean: float, other: float) -> float:
    """How far a share is from another one, which is neither 0 nor 1 unless it is the same (Kullback and Leibler)."""
    above = mean * log(mean / other) if mean > 0 else 0.0
    below = (1 - mean) * log((1 - mean) / (1 - other)) if mean < 1 else 0.0
    return above + below


def sure_words(chance: float) -> str:
    """A chance for people, which is never everything."""
    return "more than 99.9%" if chance > 0.999 else f"{chance:.1%}"


def changes_after(
    kind: KindStanding, told: OutcomeTold, arms: Sequence[str], policy: LearningPolicy, *, is_gone: bool = False
) -> Iterator[LearningChange]:
    """What follows from an outcome.

    Args:
        kind: How its kind of task stood before.
        told: The outcome.
        arms: What there is; the first is used without learning.
        policy: How carefully.
        is_gone: Whether nobody has what leads any more.
    """
    now = kind.copy()
    now.take(told)
    arm, leader = now.arm(told.arm), now.leader or arms[0]
    found = _drift(arm, told, policy)
    if found is not None:
        drift, fell = found
        yield drift
        if fell and told.arm == leader and now.before in arms:
            yield _back(now, told, policy, drift.why)
        return
    if now.held:
        # A person said what is used.
        return
    if leader not in arms:
        # An older or a newer program may have it; only if none has, it cannot lead on.
        if is_gone:
            yield LeaderChanged(at=told.at, kind=told.kind, arm=arms[0], before=leader, why="nobody has that any more")
        return
    if told.arm == leader and now.before in arms and now.since >= policy.min_samples:
        before = now.look(now.before)
        if before.known and surely_above(before.known, before.gained, now.since, now.gained) >= policy.confidence:
            why = (
                f"its mean reward is {now.gained / now.since:.2f} in the {now.since} outcomes since it leads,"
                f" and that of {now.before} is {before.mean:.2f}"
            )
            yield _back(now, told, policy, why)
            return
    yield from _new_leader(now, leader, told, arms, policy)


def _drift(arm: ArmStanding, told: OutcomeTold, policy: LearningPolicy) -> tuple[DriftFound, bool] | None:
    """That an arm has changed, if it has by that, and whether it got worse."""
    if policy.drift is None:
        return None
    for course in (arm.told, arm.late):
        for moved in (course.fall, course.rise):
            if moved.score > policy.drift:
                fell, is_late = moved is course.fall, course is arm.late
                return _found(course, moved, told, fell=fell, is_late=is_late), fell
    return None


def _found(course: Course, moved: Drift, told: OutcomeTold, *, fell: bool, is_late: bool) -> DriftFound:
    earlier = course.count - moved.outcomes
    was = (course.reward - moved.reward) / earlier if earlier else 0.0
    why = (
        f"its mean reward{' as judged later' if is_late else ''} {'fell' if fell else 'rose'} from {was:.2f}"
        f" in {earlier} outcomes to {moved.reward / moved.outcomes:.2f} in the last {moved.outcomes}"
    )
    return DriftFound(
        at=told.at,
        kind=told.kind,
        arm=told.arm,
        outcomes=moved.outcomes,
        reward=moved.reward + moved.judged,
        why=why,
        is_late=is_late,
    )


def _back(kind: KindStanding, told: OutcomeTold, policy: LearningPolicy, why: str) -> RolledBack:
    return RolledBack(
        at=told.at, kind=told.kind, arm=told.arm, to=kind.before, until=kind.outcomes + policy.rest, why=why
    )


def _new_leader(
    kind: KindStanding, leader: str, told: OutcomeTold, arms: Sequence[str], policy: LearningPolicy
) -> Iterator[LeaderChanged]:
    led = kind.look(leader)
    ready = [
        name
        for name in arms
        if name != leader and kind.look(name).known >= policy.min_samples and kind.look(name).rests <= kind.outcomes
    ]
    if not ready or led.known < policy.min_samples:
        return
    best = max(ready, key=lambda name: kind.look(name).mean)
    found = kind.look(best)
    sure = surely_above(found.known, found.gained, led.known, led.gained, among=len(arms))
    if sure >= policy.confidence:
        why = (
            f"its mean reward is {found.mean:.2f} in {found.known} outcomes, that of {leader} is {led.mean:.2f} in"
            f" {led.known}, which is sure by {sure_words(sure)}"
        )
        yield LeaderChanged(at=told.at, kind=told.kind, arm=best, before=leader, why=why)
