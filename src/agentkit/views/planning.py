"""From a workflow, an input and what happened before to a plan: `plan_of`.

Rules: nothing runs and nothing is guessed. A condition that looks at the input, or a list in the input, is known now;
every other one is said to be open. Estimates come from earlier runs (`estimate.py`); what they do not know stays
unknown, and so does every sum that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from agentkit.errors import InputError
from agentkit.kernel import (
    NO_USAGE,
    UNKNOWN_USAGE,
    Allowance,
    Stage,
    Usage,
    Workflow,
    holds,
    items_of,
    levels,
)

from .estimate import History, Spread, critical_path, schedule
from .plan import ExecutionPlan
from .plan_parts import BudgetCheck, NeededApproval, StagePlan, Times, Verdict
from .records import together

__all__ = ["plan_of"]


def plan_of(
    workflow: Workflow[object],
    text: str,
    history: History,
    *,
    most: int,
    resources: Mapping[str, int],
    defaults: Mapping[str, str],
    problems: Sequence[str] = (),
) -> ExecutionPlan:
    """What a workflow would do with an input.

    Args:
        workflow: What is to be done.
        text: The input, as JSON.
        history: What happened before.
        most: How many attempts may run at once.
        resources: How many may use each limited resource at once.
        defaults: What holds where the workflow says nothing, in words.
        problems: What is missing, as far as it is known; what is wrong with lists and conditions is added.
    """
    found = list(problems)
    level = levels(workflow.graph)
    stages: list[StagePlan] = []
    for number, stage in enumerate(workflow.stages):
        times, why, problem = _times(stage, text)
        if problem:
            found.append(f"stage {stage.name!r}: {problem}")
        stages.append(
            StagePlan(stage=stage, level=level[number], times=times, why=why, estimate=history.estimate(stage))
        )
    if workflow.max_parallel is not None:
        most = min(most, workflow.max_parallel)
    medians = [_seconds_of(stage, "median") for stage in stages]
    known = schedule(workflow, medians, most=most, resources=resources)
    unknown = tuple(stage.name for stage in stages if _is_unknown(stage))
    high = schedule(workflow, [_seconds_of(stage, "p90") for stage in stages], most=most, resources=resources)
    usage = _usage_of(stages, history.runs)
    return ExecutionPlan(
        workflow=workflow,
        levels=tuple(tuple(stage.name for stage in stages if stage.level == depth) for depth in range(max(level) + 1)),
        groups={
            name: tuple(workflow.stages[number].name for number in members)
            for name, members in workflow.graph.groups.items()
        },
        stages=tuple(stages),
        critical_path=tuple(workflow.stages[number].name for number in critical_path(workflow.graph, medians)),
        seconds=None if unknown else Spread(known, high, history.runs),
        least_seconds=known,
        usage=usage,
        unknown=unknown,
        approvals=tuple(_approvals(stages)),
        budgets=tuple(_budgets(workflow, stages, history.runs)),
        defaults=defaults,
        problems=tuple(found),
        runs=history.runs,
    )


def _times(stage: Stage, text: str) -> tuple[Times, str, str]:
    """How often a stage's work is done, what decides about that, and what is wrong with it."""
    least = most = 1
    words: list[str] = []
    items, loop, condition = stage.items, stage.loop, stage.condition
    try:
        if items is not None and items.stage is None:
            least = most = len(items_of(text, items.path))
            words.append(f"{most} item{'' if most == 1 else 's'} in the input")
            if most > items.most:
                return (least, most), words[0], f"its map accepts at most {items.most} items, and the list has {most}"
        elif items is not None:
            least, most = 0, items.most
            words.append(f"0 to {items.most:,} items of {items.stage!r}")
        elif loop is not None:
            most = loop.most
            words.append(f"1 to {most} turns")
        if condition is not None and condition.stage is None:
            if not holds(condition, text):
                return (0, 0), "skipped: its condition on the input is not met", ""
        elif condition is not None:
            least = 0
            words.append(f"only if a condition on {condition.stage!r} is met")
    except InputError as error:
        return (least, most), ", ".join(words), str(error)
    return (least, most), ", ".join(words), ""


def _is_unknown(stage: StagePlan) -> bool:
    if stage.times == (0, 0):
        return False
    asks = stage.stage.approval is not None
    return stage.estimate.seconds is None or (asks and stage.estimate.people is None)


def _seconds_of(stage: StagePlan, side: Literal["median", "p90"]) -> float:
    """How long a stage takes with its people; what is not known counts nothing."""
    if stage.times == (0, 0):
        return 0.0
    spreads = [spread for spread in (stage.estimate.seconds, stage.estimate.people) if spread is not None]
    return sum(spread.median if side == "median" else spread.p90 for spread in spreads)


def _usage_of(stages: Sequence[StagePlan], runs: int) -> Spread[Usage]:
    median = high = NO_USAGE
    for stage in stages:
        if stage.times == (0, 0):
            continue
        usage = stage.estimate.usage
        median = together(median, UNKNOWN_USAGE if usage is None else usage.median)
        high = together(high, UNKNOWN_USAGE if usage is None else usage.p90)
    return Spread(median, high, runs)


def _approvals(stages: Sequence[StagePlan]) -> Iterator[NeededApproval]:
    for stage in stages:
        if stage.stage.approval is not None and stage.times != (0, 0):
            yield NeededApproval(stage=stage.name, approval=stage.stage.approval, people=stage.estimate.people)
        if stage.stage.workflow is not None:
            yield from _inner_approvals(stage.name, stage.stage.workflow.stages)


def _inner_approvals(path: str, stages: Sequence[Stage]) -> Iterator[NeededApproval]:
    for stage in stages:
        inner = f"{path}/{stage.name}"
        if stage.approval is not None:
            yield NeededApproval(stage=inner, approval=stage.approval, people=None)
        if stage.workflow is not None:
            yield from _inner_approvals(inner, stage.workflow.stages)


def _budgets(workflow: Workflow[object], stages: Sequence[StagePlan], runs: int) -> Iterator[BudgetCheck]:
    if workflow.budget is not None:
        yield from _sum_checks("", workflow.budget, stages, runs)
    for stage in stages:
        if stage.stage.budget is not None and any(stage.times):
            yield from _checks(stage.name, stage.stage.budget, stage.estimate.usage, stage.estimate.seconds)
    for name, budget in workflow.group_budgets.items():
        members = [stage for stage in stages if stage.stage.group == name]
        yield from _sum_checks(f"group {name}", budget, members, runs)
    for name, budget in workflow.agent_budgets.items():
        # A fallback, or an agent that undoes, is not expected to be needed.
        first = [stage for stage in stages if stage.stage.agent == name]
        yield from _sum_checks(f"agent {name}", budget, first, runs)


def _sum_checks(where: str, budget: Allowance, stages: Sequence[StagePlan], runs: int) -> Iterator[BudgetCheck]:
    """Every limit of a budget that several stages share."""
    work = [
        stage.estimate.seconds for stage in stages if (stage.stage.agent or stage.stage.workflow) and any(stage.times)
    ]
    return _checks(where, budget, _usage_of(stages, runs), _added(work))


def _added(spreads: Sequence[Spread[float] | None]) -> Spread[float] | None:
    known = [spread for spread in spreads if spread is not None]
    if len(known) < len(spreads):
        return None
    return Spread(sum(spread.median for spread in known), sum(spread.p90 for spread in known), 0)


def _checks(
    where: str, budget: Allowance, usage: Spread[Usage] | None, seconds: Spread[float] | None
) -> Iterator[BudgetCheck]:
    """Every limit of a budget; seconds are those of the work, if nobody said what it used."""
    for kind in ("calls", "seconds", "tokens", "money"):
        limit = getattr(budget, kind)
        if limit is None:
            continue
        expected = high = None
        is_other = kind == "money" and usage is not None and usage.median.currency not in (None, budget.currency)
        if usage is not None and not is_other:
            expected, high = (_decimal(getattr(side, kind)) for side in (usage.median, usage.p90))
        if kind == "seconds" and not expected:
            expected, high = (None, None) if seconds is None else (_decimal(seconds.median), _decimal(seconds.p90))
        bound = Decimal(str(limit))
        yield BudgetCheck(
            where=where,
            kind=kind,
            limit=bound,
            expected=expected,
            high=high,
            unit=(budget.currency or "") if kind == "money" else "",
            verdict=_verdict(bound, expected, high),
        )


def _verdict(limit: Decimal, expected: Decimal | None, high: Decimal | None) -> Verdict:
    if expected is None or high is None:
        return "unknown"
    if expected > limit:
        return "over"
    return "within" if high <= limit else "tight"


def _decimal(amount: float | str | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))
