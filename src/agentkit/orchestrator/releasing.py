"""Before a release: which operations in flight can be finished by the agents that are here, and which cannot.

Rules: nothing runs and nothing is written. An operation keeps the definition that it began with; what it needs from
here is the code behind it: agents, those that undo, resources, and types that still read what is kept.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentkit.agents import AgentRegistry, ValueType
from agentkit.errors import AgentKitError, InputError, StoreUnavailable
from agentkit.kernel import STAGE_ENDS, OperationStatus, Stage, State, Workflow, items_for, join_texts, replay
from agentkit.stores import Summary

from .running.runtime import Runtime

__all__ = ["RunCheck", "check_runs"]

_PAGE = 500
_MOST_ITEMS = 1_000
_OPEN: tuple[OperationStatus, ...] = ("pending", "running", "stopping", "compensating", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheck:
    """Whether an operation in flight can be finished here.

    Attributes:
        operation_id: Which operation.
        workflow: The name of its workflow.
        status: Where it stands.
        problems: Why it cannot be finished here, one line each.
        changed: Whether the workflow of that name is another one by now; this operation keeps its own.
    """

    operation_id: str
    workflow: str
    status: str
    problems: tuple[str, ...]
    changed: bool = False

    @property
    def can_finish(self) -> bool:
        """Whether nothing that it needs is missing here."""
        return not self.problems


async def check_runs(
    runtime: Runtime, resources: Mapping[str, int], newest: Iterable[Workflow[object]]
) -> Sequence[RunCheck]:
    """Every operation that has not ended, with what is missing here to finish it; the newest first.

    Args:
        runtime: The store, and the agents that are here.
        resources: How many attempts may use each limited resource at once.
        newest: The workflows as they are by now.

    Raises:
        Closed: The store is closed.
        StoreUnavailable: The store does not answer.
    """
    known = {workflow.name: workflow for workflow in newest}
    checks: list[RunCheck] = []
    async for line in _in_flight(runtime):
        changed = False
        problems: tuple[str, ...] = ()
        try:
            state = replay(await runtime.store.read(line.stream))
        except StoreUnavailable:
            raise
        except AgentKitError as error:
            problems = (f"its journal cannot be read: {error}",)
        else:
            if state.ended:
                continue
            problems = tuple(dict.fromkeys(_problems(state, runtime.agents, resources)))
            changed = state.workflow != known.get(line.name, state.workflow)
        checks.append(
            RunCheck(
                operation_id=line.stream, workflow=line.name, status=line.status, problems=problems, changed=changed
            )
        )
    return checks


async def _in_flight(runtime: Runtime) -> AsyncIterator[Summary]:
    place = None
    while page := await runtime.store.find(status=_OPEN, before=place, limit=_PAGE):
        for line in page:
            yield line
        place = (page[-1].created_at, page[-1].stream)


def _problems(state: State, agents: AgentRegistry, resources: Mapping[str, int]) -> Iterator[str]:
    """Why an operation cannot be finished, one line each."""
    for number in state.undoable:
        yield from _without(state.name(number), "to undo its work", (state.spec(number).undo or "",), agents)
    for number, step in enumerate(state.steps, start=state.base):
        if step.kind == "undo" and not _has_ended(state, number):
            yield from _without(step.stage.name, "to undo its work", (step.stage.agent,), agents)
    for number, stage in enumerate(state.workflow.stages):
        if state.stop is not None:
            return
        if _has_ended(state, number):
            yield from _unreadable_value(state, number, stage, agents)
        else:
            yield from _missing(stage, _level(state, number), agents, resources)
            yield from _unreadable_input(state, number, stage, agents)


def _has_ended(state: State, number: int) -> bool:
    return number in state.touched and state.touched[number].status in STAGE_ENDS


def _level(state: State, number: int) -> int:
    return state.touched[number].level if number in state.touched else 0


def _missing(stage: Stage, level: int, agents: AgentRegistry, resources: Mapping[str, int]) -> Iterator[str]:
    """What a stage that has not ended lacks, from its agent of that level on."""
    yield from _without(stage.name, "", stage.agents[level:], agents)
    if stage.undo is not None:
        yield from _without(stage.name, "to undo its work", (stage.undo,), agents)
    if stage.resource is not None and stage.resource not in resources:
        yield f"stage {stage.name!r}: there is no resource {stage.resource!r} here"
    for name in stage.agents[level:] if stage.expertise else ():
        entry = agents.find(name)
        refusal = entry.agent.personality.refusal(stage.name, stage.expertise) if entry else None
        if refusal:
            yield refusal
    for inner in stage.workflow.stages if stage.workflow is not None else ():
        for problem in _missing(inner, 0, agents, resources):
            yield f"stage {stage.name!r}: its workflow: {problem}"


def _unreadable_input(state: State, number: int, stage: Stage, agents: AgentRegistry) -> Iterator[str]:
    """Agents that do not take what is kept for them."""
    given = _given(state, number, stage)
    for name in stage.agents:
        entry = agents.find(name)
        for text in given if entry is not None else ():
            if entry is not None and (why := _why_unread(entry.input_type, text)):
                yield f"stage {stage.name!r}: agent {name!r} does not take what is kept for it: {why}"


def _unreadable_value(state: State, number: int, stage: Stage, agents: AgentRegistry) -> Iterator[str]:
    """A value that its agent would not give any more."""
    known = state.touched[number]
    entry = agents.find(stage.agents[known.level]) if stage.agents else None
    # The items of a map are typed; the list of them is not. A minimal answer is nobody's.
    if entry is None or known.value is None or stage.items is not None or known.is_minimal:
        return
    if why := _why_unread(entry.output_type, known.value):
        yield f"stage {stage.name!r}: its value is not what agent {entry.agent.name!r} gives any more: {why}"


def _given(state: State, number: int, stage: Stage) -> Sequence[str]:
    """What a stage's agents are given, as JSON, as far as it is known by now."""
    needed = state.workflow.graph.dependencies[number]
    if not all(_has_ended(state, dependency) for dependency in needed):
        return ()
    if stage.items is not None:
        try:
            return [json.dumps(item) for item in items_for(state, number)[:_MOST_ITEMS]]
        except InputError:
            return ()
    if not needed:
        return (state.input,)
    values = {state.name(dependency): state.touched[dependency].value for dependency in needed}
    if len(values) == 1:
        return [value or "null" for value in values.values()]
    return [join_texts(values)]


def _why_unread(kind: ValueType, text: str) -> str:
    """Why a value is not of a type any more; empty if it is."""
    try:
        kind.decode(text)
    except InputError as error:
        return str(error)
    return ""


def _without(stage: str, what: str, names: Iterable[str], agents: AgentRegistry) -> Iterator[str]:
    for name in names:
        if name not in agents:
            yield f"stage {stage!r}: there is no agent {name!r} here{' ' if what else ''}{what}"
