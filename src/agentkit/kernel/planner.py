"""What is wanted of the world now: `plan(state, now) -> Plan`.

Rules: a plan depends on the state and the time alone. It is a level, not an edge: whoever forgot what was asked, asks
again, so a driver that lost its memory needs no other road. Nothing is copied that did not change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from .commands import RunAttempt
from .decisions import operation_end
from .state import State
from .template import render

__all__ = ["Plan", "command_for", "plan"]

_NOTHING: Mapping[str | None, Collection[int]] = {}


class Plan(NamedTuple):
    """What is wanted now; stages are given by their numbers.

    Attributes:
        running: Stages whose newest attempt is to be running; everything else is to stop.
        ready: Stages whose next attempt is to start, by the resource they need, in order.
        due: Stages that have waited long enough and are to be tried again, in order.
        room: How many attempts may start before `max_parallel` of the workflow is reached; None is no limit.
        wake_at: When to ask again even if nothing happens.
        expired: The operation's time is up, and the journal does not say so yet.
        concluded: Nothing runs and nothing is wanted any more: write the end.
    """

    running: Collection[int] = ()
    ready: Mapping[str | None, Collection[int]] = _NOTHING
    due: Sequence[int] = ()
    room: int | None = None
    wake_at: float | None = None
    expired: bool = False
    concluded: bool = False


_REST = Plan()
_END = Plan(concluded=True)
_EXPIRED = Plan(expired=True)


def plan(state: State, now: float) -> Plan:
    """Say what is wanted now. `running` and `ready` are views of the state: read them before it changes."""
    if state.status not in ("pending", "running"):
        return _END if state.status == "stopping" and not state.running else _REST
    if not state.unfinished:
        return _END
    end = operation_end(state)
    if end is not None and now >= end:
        return _EXPIRED
    due, wake_at = _due(state, now) if state.waiting else ((), None)
    if end is not None:
        wake_at = end if wake_at is None else min(end, wake_at)
    most = state.workflow.max_parallel
    room = None if most is None else max(0, most - len(state.running))
    return Plan(state.running, state.ready, due, room, wake_at)


def _due(state: State, now: float) -> tuple[Sequence[int], float | None]:
    """Stages that have waited long enough, and when the next one has."""
    due: list[int] = []
    for retry_at, number in state.waiting:
        if retry_at > now:
            return due, retry_at
        due.append(number)
    return due, None


def command_for(state: State, number: int, values: Mapping[str, str]) -> RunAttempt:
    """The command for a stage's newest attempt.

    Args:
        state: Where the operation stands; the attempt has started.
        number: The stage.
        values: The operation's input as texts, for the instruction's placeholders.

    Raises:
        InputError: The instruction asks for a value that is not there.
    """
    workflow = state.workflow
    stage = workflow.stages[number]
    now = state.touched[number]
    outputs: dict[str, str] = {}
    missing: list[str] = []
    for dependency in workflow.graph.dependencies[number]:
        value = state.touched[dependency].value
        if value is None:
            missing.append(workflow.stages[dependency].name)
        else:
            outputs[workflow.stages[dependency].name] = value
    return RunAttempt(
        operation_id=state.operation_id,
        stage=stage.name,
        attempt=now.attempt,
        agent=stage.agents[now.level],
        instruction=render(stage.instruction, values) if stage.instruction else "",
        input=state.input,
        outputs=outputs,
        missing=tuple(missing),
        timeout=now.timeout,
        expertise=stage.expertise,
    )
