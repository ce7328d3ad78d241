"""What was learned, in words: `LearningPoint`, derived from where learning stands.

Rules: a point is a pattern in outcomes with what to do about it; it is computed when it is asked for and kept nowhere,
so that none outlives what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .policy import LearningPolicy, sure_words, surely_above
from .standing import ArmStanding, KindStanding
from .state import LearningState

__all__ = ["LearningPoint", "learning_points"]

_OFTEN = 0.25
_CLEARLY = 1.5
_ALIKE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningPoint:
    """Something that was learned.

    Attributes:
        kind: For which kind of task.
        arm: Of which arm.
        pattern: What was seen.
        improvement: What to do about it.
        outcomes: On how many outcomes it stands.
    """

    kind: str
    arm: str
    pattern: str
    improvement: str
    outcomes: int

    def __str__(self) -> str:
        return f"{self.kind or 'all tasks'}: {self.pattern}; {self.improvement}"


def learning_points(state: LearningState, policy: LearningPolicy | None = None) -> Sequence[LearningPoint]:
    """What was learned, by kind, of arms that somebody still has.

    Args:
        state: Where learning stands.
        policy: How many outcomes a point needs, and how sure it has to be; by default as a new one.

    Example:
        >>> from agentkit.agents import OutcomeTold
        >>> told = [
        ...     OutcomeTold(at=1.0, key=f"{n}", kind="tax", arm="draft", reward=0.0, success=False) for n in range(20)
        ... ]
        >>> print(learning_points(LearningState.replay(told))[0])
        tax: draft failed in 20 of 20 outcomes; look at why it fails, or take it away for this kind
    """
    chosen = policy or LearningPolicy()
    return [point for name, kind in sorted(state.kinds.items()) for point in _points(name, kind, state, chosen)]


def _points(name: str, kind: KindStanding, state: LearningState, policy: LearningPolicy) -> Iterator[LearningPoint]:
    there = {arm: standing for arm, standing in kind.arms.items() if not state.is_gone(arm)}
    ready = {arm: standing for arm, standing in there.items() if standing.known >= policy.min_samples}
    if len(ready) > 1:
        yield from _better(name, ready, policy)
        yield from _cheaper(name, ready)
    for arm, standing in ready.items():
        failed = standing.outcomes - standing.successes
        if failed >= _OFTEN * standing.outcomes:
            yield LearningPoint(
                kind=name,
                arm=arm,
                pattern=f"{arm} failed in {failed} of {standing.outcomes} outcomes",
                improvement="look at why it fails, or take it away for this kind",
                outcomes=standing.outcomes,
            )


def _better(name: str, ready: Mapping[str, ArmStanding], policy: LearningPolicy) -> Iterator[LearningPoint]:
    best, *others = sorted(ready, key=lambda arm: -ready[arm].mean)
    found = ready[best]
    for other in others:
        less = ready[other]
        sure = surely_above(found.known, found.gained, less.known, less.gained, among=len(ready))
        if sure >= policy.confidence:
            yield LearningPoint(
                kind=name,
                arm=best,
                pattern=(
                    f"{best} has a mean reward of {found.mean:.2f}, {other} of {less.mean:.2f},"
                    f" which is sure by {sure_words(sure)}"
                ),
                improvement=f"use {best} instead of {other}: {found.mean - less.mean:+.2f} for each task",
                outcomes=found.known + less.known,
            )


def _cheaper(name: str, ready: Mapping[str, ArmStanding]) -> Iterator[LearningPoint]:
    """What is as good and clearly faster than what has the highest reward."""
    best = max(ready, key=lambda arm: ready[arm].mean)
    found = ready[best]
    for arm, other in ready.items():
        if arm == best or not (found.timed and other.timed) or found.mean - other.mean > _ALIKE:
            continue
        slow, fast = found.seconds / found.timed, other.seconds / other.timed
        if slow > _CLEARLY * fast:
            yield LearningPoint(
                kind=name,
                arm=arm,
                pattern=f"{arm} takes {fast:.2f} s where {best} takes {slow:.2f} s, at nearly the same reward",
                improvement=f"give speed a weight in the reward, or use {arm} where time matters",
                outcomes=found.timed + other.timed,
            )
