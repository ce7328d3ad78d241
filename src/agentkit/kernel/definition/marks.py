"""What is special about the stages of a workflow: found once when it is made, asked at every event.

Rules: everything here follows from the stages alone. Most stages are plain, and for those one look must tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .controls import Allowance
from .stage import Stage
from .template import placeholders

__all__ = ["WITHOUT_SLOT", "Marks", "agents_of", "marks_of", "resource_of"]

WITHOUT_SLOT = ""
"""The resource of steps that occupy no slot: an operation that waits for its child does no work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is special about which stages, by their numbers.

    Attributes:
        agents: The names of all agents that work on a stage or undo it, those of child workflows not counted.
        gated: The stages that something comes before.
        told: The stages whose attempts are told more than what they work on.
        checked: The stages that ask something of their agents, or are workflows.
        resources: For each stage, what its attempts need a slot of.
        budgets: The budgets that the attempts of a stage are counted in within the operation, those of agents aside.
        has_budget: Whether there are such budgets, or budgets of agents.
        blanks: What texts ask the input for: the stage, which of its texts it is, and the placeholder.
    """

    agents: frozenset[str]
    gated: frozenset[int]
    told: frozenset[int]
    checked: tuple[Stage, ...]
    resources: tuple[str | None, ...]
    budgets: Mapping[int, tuple[tuple[str, Allowance], ...]]
    has_budget: bool
    blanks: tuple[tuple[str, str, str], ...]


def marks_of(stages: Sequence[Stage], groups: Mapping[str, Allowance], agents: Mapping[str, Allowance]) -> Marks:
    """Look at all stages of a workflow once.

    Args:
        stages: The stages.
        groups: What groups may spend, by name.
        agents: What agents may spend, by name.
    """
    has_budget = bool(groups) or any(stage.budget is not None for stage in stages)
    return Marks(
        agents=agents_of(stages),
        gated=frozenset(number for number, stage in enumerate(stages) if stage.is_gated),
        told=frozenset(number for number, stage in enumerate(stages) if _is_told(stage)),
        checked=tuple(stage for stage in stages if _is_checked(stage)),
        resources=tuple(resource_of(stage) for stage in stages),
        budgets=_budgets_of(stages, groups) if has_budget else {},
        has_budget=has_budget or bool(agents),
        blanks=tuple(blank for stage in stages for blank in _blanks(stage)),
    )


def agents_of(stages: Sequence[Stage]) -> frozenset[str]:
    """The names of all agents that work on a stage or undo it."""
    agents = {agent for stage in stages for agent in stage.agents}
    agents.update(stage.undo for stage in stages if stage.undo is not None)
    return frozenset(agents)


def _budgets_of(
    stages: Sequence[Stage], groups: Mapping[str, Allowance]
) -> Mapping[int, tuple[tuple[str, Allowance], ...]]:
    found: dict[int, tuple[tuple[str, Allowance], ...]] = {}
    for number, stage in enumerate(stages):
        own = () if stage.budget is None else ((f"stage {stage.name}", stage.budget),)
        group = groups.get(stage.group or "")
        found[number] = own if group is None else (*own, (f"group {stage.group}", group))
    return found


def resource_of(stage: Stage) -> str | None:
    """What an attempt of a stage needs a slot of."""
    return stage.resource if stage.workflow is None else WITHOUT_SLOT


def _blanks(stage: Stage) -> Iterator[tuple[str, str, str]]:
    asked = () if stage.approval is None else stage.approval.templates
    for what, template in (("instruction", stage.instruction), *asked):
        for blank in placeholders(template):
            yield stage.name, what, blank


def _is_told(stage: Stage) -> bool:
    return bool(stage.reads or stage.writes or stage.workflow is not None or stage.complexity is not None)


def _is_checked(stage: Stage) -> bool:
    return bool(
        stage.expertise
        or stage.fallback
        or stage.minimal is not None
        or stage.resource is not None
        or stage.workflow is not None
    )
