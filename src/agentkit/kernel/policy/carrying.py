"""What one operation takes over from another: which stages keep what they gave, and the events that say so.

Rules: what a stage gave is taken over with all that belongs to it: value, level, confidence, what it wrote to the
context, the files it attached. What was undone is never taken over, nor what was made of it. A stage that was skipped
did nothing, so its condition is looked at again. What happened outside goes along (`effects.py`), and so do signals
that nobody took yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, replace

from agentkit.kernel.artifacts import Artifact, artifacts_from_text, artifacts_text
from agentkit.kernel.definition.graph import Graph, levels
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.definition.workflow import Workflow
from agentkit.kernel.events.control import SignalReceived
from agentkit.kernel.events.operation import AttemptSucceeded, Event, ResultCarried
from agentkit.kernel.state.standing import UNTOUCHED
from agentkit.kernel.state.state import State

from .effects import carried_effects

__all__ = ["carried_events", "standing_stages", "unchanged_stages"]

_ASIDE = frozenset(
    {"name", "_", "after", "group", "required", "timeout", "retry", "weight", "resource", "expertise", "undo", "budget"}
)
"""Settings of a stage that do not change what it gives, only where, when and how often it is tried."""


def carried_events(state: State, journal: Sequence[Event], kept: Collection[str], at: float) -> list[Event]:
    """The events by which a new operation takes over what it can use of another one.

    Args:
        state: Where the other operation stands.
        journal: All that happened to it.
        kept: The stages whose results are taken over.
        at: When the new operation begins.
    """
    return [*_results(state, journal, kept, at), *carried_effects(state, at), *_signals(state, journal, at)]


def standing_stages(state: State) -> list[str]:
    """The stages whose work is done and still stands, for an operation that continues this one.

    That is every completed stage, unless it was undone, or depends on one that was.
    """
    undone = _undone(state)
    graph = state.workflow.graph
    standing: list[str] = []
    for number in _in_order(graph):
        if number in undone or not undone.isdisjoint(graph.dependencies[number]):
            undone.add(number)
        elif state.touched.get(number, UNTOUCHED).status == "completed":
            standing.append(state.name(number))
    return standing


def unchanged_stages(
    state: State, workflow: Workflow[object], *, at: str | None, sees_same: Callable[[Stage], bool]
) -> list[str]:
    """The stages that need not run again in a fork of an operation.

    That is every completed stage whose definition is the same, which is given the same, and which depends on nothing
    that runs again.

    Args:
        state: Where the other operation stands.
        workflow: What the fork is to do.
        at: The stage that runs again in any case, and with it all that depend on it.
        sees_same: Whether what a stage sees of the operation's input is what it saw before.
    """
    undone = _undone(state)
    old, new = state.workflow, workflow
    same: set[str] = set()
    kept: list[str] = []
    for number in _in_order(new.graph):
        stage = new.stages[number]
        before = old.graph.index.get(stage.name, -1)
        status = state.touched.get(before, UNTOUCHED).status
        if stage.name == at or before in undone or status not in ("completed", "skipped"):
            continue
        needed = {new.stages[dependency].name for dependency in new.graph.dependencies[number]}
        needed_before = {old.stages[dependency].name for dependency in old.graph.dependencies[before]}
        if needed != needed_before or not needed <= same:
            continue
        if not _does_same(old.stages[before], stage) or not sees_same(stage):
            continue
        same.add(stage.name)
        if status == "completed":
            kept.append(stage.name)
    return kept


def _results(state: State, journal: Sequence[Event], kept: Collection[str], at: float) -> list[ResultCarried]:
    """One event for each result, in the order in which the context was written."""
    writes: dict[int, list[str]] = {}
    files: dict[int, list[Artifact]] = {}
    last: dict[int, int] = {}
    for place, event in enumerate(journal):
        if not isinstance(event, AttemptSucceeded | ResultCarried):
            continue
        owner = _owner(state, state.number(event.stage))
        if owner is not None:
            last[owner] = place
            if event.context:
                texts = json.loads(event.context) if isinstance(event, ResultCarried) else [event.context]
                writes.setdefault(owner, []).extend(texts)
            files.setdefault(owner, []).extend(artifacts_from_text(event.artifacts))
    numbers = sorted((state.number(name) for name in kept), key=lambda number: (last.get(number, -1), number))
    return [_result(state, number, writes.get(number, ()), files.get(number, ()), at) for number in numbers]


def _result(state: State, number: int, writes: Sequence[str], files: Sequence[Artifact], at: float) -> ResultCarried:
    stage = state.touched[number]
    more = stage.more
    return ResultCarried(
        at=at,
        stage=state.name(number),
        value="null" if stage.value is None else stage.value,
        # No agent gave a minimal answer, so it has no level.
        level=0 if stage.is_minimal else stage.level,
        confidence=None if more is None else more.confidence,
        degraded=more is not None and more.degraded,
        context=json.dumps(writes, separators=(",", ":")) if writes else "",
        tier=None if more is None else more.tier,
        artifacts=artifacts_text({artifact.name: artifact for artifact in files}.values()),
    )


def _signals(state: State, journal: Sequence[Event], at: float) -> list[SignalReceived]:
    """The signals that no stage took: of each name the newest ones, since the oldest are taken first."""
    left = {name: len(values) for name, values in state.signals.items() if values}
    found: list[SignalReceived] = []
    for event in reversed(journal) if left else ():
        if isinstance(event, SignalReceived) and left.get(event.name):
            left[event.name] -= 1
            found.append(replace(event, at=at))
    return found[::-1]


def _owner(state: State, number: int) -> int | None:
    """The stage that an item or a turn belongs to; None for an undoing."""
    while number >= state.base:
        step = state.steps[number - state.base]
        if step.kind == "undo":
            return None
        number = step.parent
    return number


def _undone(state: State) -> set[int]:
    """The stages whose work was undone, all of it or some of it."""
    undone = {_owner(state, number) for number, stage in state.touched.items() if stage.status == "undone"}
    return {number for number in undone if number is not None}


def _in_order(graph: Graph) -> list[int]:
    """All stages, each behind those that it depends on."""
    level = levels(graph)
    return sorted(range(len(level)), key=level.__getitem__)


def _does_same(one: Stage, other: Stage) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _SETTINGS)


_SETTINGS = tuple(item.name for item in fields(Stage) if item.name not in _ASIDE)
