"""The small moves of a state that the parts of `evolve` share.

Rules: each of them keeps the state whole: what is ready, waiting, held or running is so in one place at a time.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import NoReturn

from agentkit.errors import IllegalEvent
from agentkit.kernel.commands import KnownEffect
from agentkit.kernel.events.operation import Event
from agentkit.kernel.facts import Failure

from .standing import Parts, StageState, Step, Stop
from .state import State, make_ready
from .status import OPERATION_TABLE, STAGE_ENDS, OperationStatus

__all__ = [
    "add_step",
    "cease",
    "effects_known",
    "effects_place",
    "end_stage",
    "fail_stage",
    "next_status",
    "open_effect",
    "refuse",
    "stop_waiting",
    "unready",
    "wait",
]

_HELD = ("waiting", "in_doubt")


def unready(state: State, number: int) -> bool:
    """Take a stage or step out of those that can start; whether it was there."""
    resource = state.resource(number)
    queue = state.ready.get(resource)
    if queue is None or number not in queue:
        return False
    del queue[number]
    if not queue:
        del state.ready[resource]
    return True


def add_step(state: State, step: Step) -> int:
    """Take a new step in, which can start at once; its number."""
    number = state.base + len(state.steps)
    state.steps.append(step)
    state.open.append(0)
    state.numbers[step.name] = number
    make_ready(state, number)
    return number


def wait(state: State, number: int, stage: StageState, wake_at: float | None) -> None:
    """Have something due for it at that time, or never."""
    state.running.pop(number, None)
    stage.wake_at = wake_at
    if stage.status in _HELD:
        state.held[number] = None
    if wake_at is not None:
        insort(state.waiting, (wake_at, number))


def stop_waiting(state: State, number: int, stage: StageState) -> None:
    """Nothing is due for it any more."""
    state.held.pop(number, None)
    state.asleep.pop(number, None)
    if stage.wake_at is not None:
        del state.waiting[bisect_left(state.waiting, (stage.wake_at, number))]
        stage.wake_at = None


def end_stage(state: State, number: int) -> None:
    """Count a stage as ended, and free what waited for it alone."""
    state.unfinished -= 1
    open_counts = state.open
    for dependent in state.workflow.graph.dependents[number]:
        open_counts[dependent] -= 1
        # A stage whose value was carried over is never run again, whatever it waited for.
        if not open_counts[dependent] and dependent not in state.touched:
            make_ready(state, dependent)


def fail_stage(state: State, number: int, failure: Failure) -> None:
    """A stage has failed for good: without it the operation stops, or goes on with it missing."""
    stage = state.touched[number]
    stage.status = "failed"
    stage.failure = failure
    if stage.more is not None and stage.more.parts is not None:
        _give_up_parts(state, stage.more.parts)
    spec = state.spec(number)
    if spec.required:
        state.status = OPERATION_TABLE["RequiredStageFailed"][state.status]
        state.stop = state.stop or Stop("failed", failure.message, spec.name, failure)
        state.unfinished -= 1
    else:
        end_stage(state, number)


def _give_up_parts(state: State, parts: Parts) -> None:
    for number in parts.numbers:
        cease(state, number)


def cease(state: State, number: int) -> None:
    """Want a step no more: what runs is to stop, and what waits is over."""
    if number in state.running:
        state.unwanted[number] = None
        return
    stage = state.touched.get(number)
    if stage is None:
        unready(state, number)
        stage = state.touched[number] = StageState()
    if stage.status not in STAGE_ENDS:
        stop_waiting(state, number, stage)
        stage.status = "cancelled"


def effects_known(state: State, number: int) -> Mapping[tuple[str, str], KnownEffect]:
    """What is known of the effects of a stage or step, by name and key."""
    stage = state.touched.get(number)
    own = stage.more.effects if stage is not None and stage.more is not None else {}
    if not state.carried:
        return own
    place, step = effects_place(state, number), state.step(number)
    owner = step.parent if step is not None and step.kind == "item" else number
    groups = state.carried.get(state.name(owner), {})
    carried = groups.get(place, {})
    # Items of one list have nothing to do with each other; but those of another list may be the same in another place.
    strange = {effect: _STRANGE for (_, digest), group in groups.items() if digest != place[1] for effect in group}
    return {**strange, **carried, **own} if own or strange else carried


_STRANGE = KnownEffect(outcome="intended", is_strange=True)


def effects_place(state: State, number: int) -> tuple[str, str]:
    """Where the effects of a stage or step belong in an operation that continues this one: its name, and the list."""
    step = state.step(number)
    if step is None or step.kind != "item":
        return state.name(number), ""
    parts = state.touched[step.parent].furnished().parts
    return step.name, "" if parts is None else parts.digest


def open_effect(effects: Mapping[tuple[str, str], KnownEffect]) -> tuple[str, str] | None:
    """The first effect of which nobody knows what became."""
    return next(
        (effect for effect, known in effects.items() if known.outcome == "intended" and not known.is_strange), None
    )


def next_status(state: State, event: Event, row: str = "") -> OperationStatus:
    """The operation's status after an event, by its row of the table or the given one.

    Raises:
        IllegalEvent: The table has no such row.
    """
    after = OPERATION_TABLE[row or type(event).__name__].get(state.status)
    if after is None:
        refuse(state, event, f"the operation is {state.status}")
    return after


def refuse(state: State, event: Event, why: str) -> NoReturn:
    """Refuse an event.

    Raises:
        IllegalEvent: Always.
    """
    raise IllegalEvent(
        f"operation {state.operation_id}: event {state.version + 1} cannot be {type(event).__name__}, since {why}"
    )
