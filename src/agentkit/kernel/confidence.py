"""How sure a value is, given how sure the values are that it was made of.

Rules: a stage is never surer than what it stands on, unless its workflow says that its own word counts alone; what says
nothing about its confidence is as sure as one can be.
"""

from __future__ import annotations

from .standing import UNTOUCHED
from .state import State

__all__ = ["confidence_of", "output_confidence"]


def confidence_of(state: State, number: int) -> float:
    """The confidence of a stage's value, 0 to 1, joined with that of the values it depends on.

    Args:
        state: Where the operation stands.
        number: The stage.
    """
    rule = state.workflow.confidence
    if rule == "own":
        return _own(state, number)
    found: dict[int, float] = {}
    # Without recursion, since a chain may be thousands deep: a stage is joined when all below it are.
    left = [number]
    while left:
        current = left[-1]
        needed = state.workflow.graph.dependencies[current]
        missing = [dependency for dependency in needed if dependency not in found]
        if missing:
            left.extend(missing)
            continue
        left.pop()
        if current in found:
            continue
        joined = _own(state, current)
        for dependency in needed:
            joined = min(joined, found[dependency]) if rule == "lowest" else joined * found[dependency]
        found[current] = joined
    return found[number]


def output_confidence(state: State) -> float:
    """How sure the output of a completed operation is: as sure as the least sure value that it is made of."""
    workflow = state.workflow
    sources = workflow.graph.sinks if workflow.result is None else (workflow.graph.index[workflow.result],)
    return min((confidence_of(state, number) for number in sources), default=1.0)


def _own(state: State, number: int) -> float:
    more = state.touched.get(number, UNTOUCHED).more
    return 1.0 if more is None or more.confidence is None else more.confidence
