"""Whether the budgets of a workflow fit to it and to each other.

Rules: a budget names a group or an agent that is there; all money of a workflow, with that of the workflows inside, is
counted together and so of one currency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, cast

from agentkit.kernel.checks import kind_problems, listed, shortened

from .controls import Allowance
from .stage import Stage

__all__ = ["NO_BUDGETS", "Named", "currencies", "currency_problems", "named_problems"]

Named: TypeAlias = Mapping[str, Allowance]
"""What several may spend, each by its name."""

NO_BUDGETS: Final[Named] = {}


def named_problems(setting: str, given: object, known: Collection[str], unknown: str) -> Iterator[str]:
    """Budgets by name: each is an allowance of somebody who is there."""
    if not isinstance(given, Mapping):
        yield from kind_problems(f"workflow: {setting}", given, Mapping, "a mapping of names to allowances")
        return
    for name, budget in cast("Mapping[object, object]", given).items():
        if name not in known:
            yield f"workflow: {setting} names {shortened(name)}, which is {unknown}; known are {listed(known)}"
        yield from kind_problems(f"workflow: {setting}: {shortened(name)}", budget, Allowance, "an Allowance")


def currencies(
    budget: Allowance | None, stages: Sequence[Stage], groups: Named, agents: Named
) -> Iterator[tuple[str, str]]:
    """The currency of each budget that has one, with whose it is; the workflow's own comes first."""
    if budget is not None and budget.currency is not None:
        yield "the workflow", budget.currency
    for stage in stages:
        if stage.budget is not None and stage.budget.currency is not None:
            yield f"stage {stage.name!r}", stage.budget.currency
        if stage.workflow is not None and (inner := stage.workflow.currency) is not None:
            yield f"stage {stage.name!r}", inner
    for kind, named in (("group", groups), ("agent", agents)):
        for name, allowance in named.items():
            if allowance.currency is not None:
                yield f"{kind} {name!r}", allowance.currency


def currency_problems(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Budgets whose currency is another one than that of the first."""
    first = None
    for whose, currency in found:
        if first is None:
            first = whose, currency
        elif currency != first[1]:
            yield (
                f"{whose}: budget is in {currency} and that of {first[0]} in {first[1]};"
                " their money is counted together, so give both in one currency"
            )
