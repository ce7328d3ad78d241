"""How what attempts used is added up: a part of `evolve`.

Rules: what is unknown stays unknown in `State.usage`; `State.counted` is what budgets count, which is always a number.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from agentkit.errors import DefinitionError
from agentkit.kernel.events.effects import DoubtRaised
from agentkit.kernel.events.operation import AttemptCancelled, AttemptFailed, AttemptSucceeded
from agentkit.kernel.events.people import ApprovalRequested
from agentkit.kernel.facts import NO_USAGE, UNKNOWN_USAGE, Usage

from .moves import refuse
from .state import State

__all__ = ["Used", "count_lost", "keep_usage", "usage_with"]

_Ending: TypeAlias = AttemptSucceeded | AttemptFailed | AttemptCancelled | ApprovalRequested | DoubtRaised


class Used(NamedTuple):
    """Sums with what one attempt used, and what counts of it alone."""

    usage: Usage
    counted: Usage
    share: Usage


def usage_with(state: State, event: _Ending) -> Used | None:
    """What was used together with what an attempt used, and the attempt's share of what counts; nothing is changed."""
    usage = event.usage
    if usage is None:
        return None
    # Nothing was reserved for what is unknown.
    counted = (event.counted or usage).known
    try:
        return Used(state.usage + usage, state.counted + counted, counted)
    except DefinitionError as error:
        refuse(state, event, str(error))


def keep_usage(state: State, number: int, used: Used | None) -> None:
    """Count what an attempt of a stage or step used."""
    if used is None:
        return
    state.usage, state.counted = used.usage, used.counted
    if state.workflow.marks.has_budget:
        for name, _ in state.budgets(number):
            state.counted_by[name] = state.counted_by.get(name, NO_USAGE) + used.share


def count_lost(state: State) -> None:
    """Another process drives: what the attempts used that ran before is unknown, and each counts one call."""
    for number in state.running:
        stage = state.workflow.stages[state.stage_of(number)]
        # Only where somebody may limit it: elsewhere nobody asks, and nothing was ever said.
        limits = (state.tenant, state.parent, state.workflow.budget, *state.budgets(number))
        if stage.workflow is None and any(limit is not None for limit in limits):
            one = Usage(calls=1)
            keep_usage(state, number, Used(state.usage + UNKNOWN_USAGE, state.counted + one, one))
