"""How sure a value is, given how sure the values are that it was made of.

Rules: a stage is never surer than what it stands on, unless its workflow says that its own word counts alone; what says
nothing about its confidence is as sure as one can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .state import State

__all__ = ["confidence_of", "output_confidence"]


def confidence_of(state: State, number: int) -> float:
    """The confidence of a stage's value, 0 to 1, joined with that of the values it depends on.

    Args:
        state: Where the operation stands.
        number: The stage.
    """
    return _joined(state, (number,))[number]


def output_confidence(state: State) -> float:
    """How sure the output of a completed operation is: as sure as the least sure value that it is made of."""
    workflow = state.workflow
    sources = workflow.graph.sinks if workflow.result is None else (workflow.graph.index[workflow.result],)
    return min(_joined(state, sources).values(), default=1.0)


def _joined(state: State, numbers: Iterable[int]) -> Mapping[int, float]:
    """The confidence of each of these stages; each stage below them is looked at once."""
    said = {
        number: more.confidence
        for number, stage in state.touched.items()
        if (more := stage.more) is not None and more.confidence is not None
    }
    rule = state.workflow.confidence
    if rule == "own" or not said:
        return {number: said.get(number, 1.0) for number in numbers}
    dependencies = state.workflow.graph.dependencies
    found: dict[int, float] = {}
    # Without recursion, since a chain may be thousands deep: a stage is joined when all below it are.
    left = list(numbers)
    while left:
        current = left[-1]
        missing = [dependency for dependency in dependencies[current] if dependency not in found]
        if missing:
            left.extend(missing)
            continue
        left.pop()
        if current in found:
            continue
        joined = said.get(current, 1.0)
        for dependency in dependencies[current]:
            joined = min(joined, found[dependency]) if rule == "lowest" else joined * found[dependency]
        found[current] = joined
    return {number: found[number] for number in numbers}
