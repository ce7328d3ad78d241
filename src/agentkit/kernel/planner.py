"""What is wanted of the world now: `plan(state, now) -> Plan`.

Rules: a plan depends on the state and the time alone. It is a level, not an edge: whoever forgot what was asked, asks
again, so a driver that lost its memory needs no other road. Nothing is copied that did not change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .commands import RunAttempt
from .decisions import operation_end
from .state import State
from .template import render

__all__ = ["Plan", "command_for", "plan"]

_NOTHING: Mapping[str | None, Collection[int]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
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

    running: Collection[int]
    ready: Mapping[str | None, Collection[int]]
    due: Collection[int]
    room: int | None
    wake_at: float | None
    expired: bool
    concluded: bool


_REST = Plan(running=(), ready=_NOTHING, due=(), room=None, wake_at=None, expired=False, concluded=False)
_END = Plan(running=(), ready=_NOTHING, due=(), room=None, wake_at=None, expired=False, concluded=True)


def plan(state: State, now: float) -> Plan:
    """Say what is wanted now. `running` and `ready` are views of the state: read them before it changes."""
    if state.status not in ("pending", "running"):
        return _END if state.status == "stopping" and not state.running else _REST
    if not state.unfinished:
        return _END
    end = operation_end(state)
    if end is not None and now >= end:
        return Plan(running=(), ready=_NOTHING, due=(), room=None, wake_at=None, expired=True, concluded=False)
    due: list[int] = []
    wake_at = end
    for retry_at, number in state.waiting:
        if retry_at > now:
            wake_at = retry_at if wake_at is None else min(wake_at, retry_at)
            break
        due.append(number)
    most = state.workflow.max_parallel
    return Plan(
        running=state.running,
        ready=state.ready,
        due=due,
        room=None if most is None else max(0, most - len(state.running)),
        wake_at=wake_at,
        expired=False,
        concluded=False,
    )


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
        instruction=render(stage.instruction, values),
        input=state.input,
        outputs=outputs,
        missing=tuple(missing),
        timeout=now.timeout,
        expertise=tuple(stage.expertise),
    )
