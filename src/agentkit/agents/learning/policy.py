"""What is decided while learning: which arm is used, and what follows from an outcome.

Rules: pure functions of the state, so that whoever decides again on the same state decides the same; each decision
comes with its reason. An arm is drawn after Thompson (1933): On the likelihood that one unknown probability exceeds
another, Biometrika 25: each as often as it is likely to be the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import erf, inf, sqrt

from agentkit.errors import DefinitionError
from agentkit.kernel import count_problems, shortened

from .chance import beta_draw
from .entries import DriftFound, LeaderChanged, LearningChange, OutcomeTold, RolledBack
from .standing import ArmStanding, Course, Drift, KindStanding

__all__ = ["LearningPolicy", "chance_better", "changes_after", "pick", "sure_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningPolicy:
    """How carefully is learned.

    Attributes:
        min_samples: How many outcomes an arm must have before it can lead or be rolled back; until each arm has them,
            they are tried evenly.
        confidence: How sure it has to be that an arm is better before it leads, and worse before it is rolled back.
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


def chance_better(known: int, gained: float, other_known: int, other_gained: float) -> float:
    """How likely the mean reward behind some outcomes is above that behind others; by the normal distribution.

    Example:
        >>> round(chance_better(20, 18.0, 20, 10.0), 3)
        0.998
    """
    mean, spread = _belief(known, gained)
    other, other_spread = _belief(other_known, other_gained)
    return 0.5 * (1 + erf((mean - other) / sqrt(2 * (spread + other_spread))))


def sure_words(chance: float) -> str:
    """A chance for people, which is never everything."""
    return "more than 99.9%" if chance > 0.999 else f"{chance:.1%}"


def _belief(known: int, gained: float) -> tuple[float, float]:
    """Mean and variance of the beta distribution behind outcomes."""
    mean = (1 + gained) / (2 + known)
    return mean, mean * (1 - mean) / (3 + known)


def changes_after(
    kind: KindStanding, told: OutcomeTold, arms: Sequence[str], policy: LearningPolicy
) -> Iterator[LearningChange]:
    """What follows from an outcome.

    Args:
        kind: How its kind of task stood before.
        told: The outcome.
        arms: What there is; the first is used without learning.
        policy: How carefully.
    """
    now = kind.copy()
    now.take(told)
    arm, leader = now.arm(told.arm), now.leader if now.leader in arms else arms[0]
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
    if told.arm == leader and now.before in arms and now.since >= policy.min_samples:
        before = now.look(now.before)
        if chance_better(before.known, before.gained, now.since, now.gained) >= policy.confidence:
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
    sure = chance_better(found.known, found.gained, led.known, led.gained)
    if sure >= policy.confidence:
        why = (
            f"its mean reward is {found.mean:.2f} in {found.known} outcomes, that of {leader} is {led.mean:.2f} in"
            f" {led.known}, which is sure by {sure_words(sure)}"
        )
        yield LeaderChanged(at=told.at, kind=told.kind, arm=best, before=leader, why=why)
