"""What was learned between runs, for a caller; a part of the desk of those who look after a service.

Rules: as in `upkeep.py`: what belongs to another tenant looks exactly like what does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentkit.agents import ArmStanding, Entry, KindStanding, LearningPoint, LearningState, entry_words, is_of_work
from agentkit.errors import NotFound
from agentkit.orchestrator import Learner, learner_names
from agentkit.stores import Store
from agentkit.wire import ArmLine, LearnerLine, LearnerPage, LearningLine, PointLine, TaskKindLine, moment

from .callers import Caller

__all__ = ["learner_lines", "learner_of", "learner_page", "learning_lines"]

_MOST = 1_000


async def learner_lines(store: Store, caller: Caller) -> Sequence[LearnerLine]:
    """The learners that a caller sees."""
    found = await learner_names(store)
    return [LearnerLine(name=name, tenant=whose) for whose, name in found if caller.tenant in (None, whose)]


async def learner_of(store: Store, caller: Caller, name: str) -> Learner:
    """A learner of the caller's tenant.

    Raises:
        NotFound: There is none of that name.
    """
    if (caller.tenant, name) not in await learner_names(store):
        raise NotFound(f"there is no learner {name!r}")
    return Learner(store, name=name, tenant=caller.tenant)


async def learner_page(learner: Learner, tenant: str | None) -> LearnerPage:
    """What a learner knows."""
    state = await learner.state()
    return LearnerPage(
        name=learner.name,
        tenant=tenant,
        on=state.is_on,
        kinds=[_kind_line(name, kind, state) for name, kind in sorted(state.kinds.items())],
        points=[_point_line(point) for point in await learner.points()],
    )


async def learning_lines(learner: Learner, key: str | None) -> Sequence[LearningLine]:
    """What changed and why; with a key, what belongs to that work: the newest 1,000 at most."""
    if key is None:
        return [_line(change) for change in await learner.changes()]
    found = [entry async for entry in learner.history() if is_of_work(getattr(entry, "key", ""), key)]
    return [_line(entry) for entry in found[-_MOST:]]


def _line(entry: Entry) -> LearningLine:
    return LearningLine(at=moment(entry.at), type=type(entry).__name__, kind=entry.kind, text=entry_words(entry))


def _kind_line(name: str, kind: KindStanding, state: LearningState) -> TaskKindLine:
    leader = kind.leader or state.first
    best_first = sorted(kind.arms.items(), key=lambda pair: -pair[1].mean)
    return TaskKindLine(
        name=name,
        outcomes=kind.outcomes,
        leader=leader,
        held=kind.held,
        arms=[
            _arm_line(arm, one, leads=arm == leader, gone=state.is_gone(arm), now=kind.outcomes)
            for arm, one in best_first
        ],
    )


def _arm_line(name: str, arm: ArmStanding, *, leads: bool, gone: bool, now: int) -> ArmLine:
    return ArmLine(
        name=name,
        leads=leads,
        resting=arm.rests > now,
        gone=gone,
        outcomes=arm.outcomes,
        open=arm.open,
        success_rate=arm.successes / arm.outcomes if arm.outcomes else None,
        reward=arm.mean if arm.known else None,
        quality=arm.quality / arm.judged if arm.judged else None,
        seconds=arm.seconds / arm.timed if arm.timed else None,
        costs=dict(arm.costs),
    )


def _point_line(point: LearningPoint) -> PointLine:
    return PointLine(
        kind=point.kind,
        arm=point.arm,
        pattern=point.pattern,
        improvement=point.improvement,
        outcomes=point.outcomes,
    )
