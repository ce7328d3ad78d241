"""A plan, and how it is told: as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentkit.kernel import Approval, BusinessDays, Stage, Usage, Workflow

from .estimate import Spread
from .plain import one_line
from .plan_parts import BudgetCheck, NeededApproval, StagePlan
from .table import rows_html, rows_text, seconds_text, usage_text

__all__ = ["ExecutionPlan", "approval_words"]

_BASES = {"stage": "earlier runs", "agent": "its agent elsewhere", "exact": "the definition", "unknown": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPlan:
    """What a workflow would do, and what that is likely to take.

    Attributes:
        workflow: What is to be done.
        levels: The order: the stages of one level can work side by side once those before them have ended.
        groups: The stages of each group.
        stages: Every stage, in the order of the workflow.
        critical_path: The chain of stages that is likely to take longest.
        seconds: How long it is likely to take from beginning to end, with the bounds that are in force here and as if
            every condition were met; None if that is not known of every stage.
        least_seconds: What is known of it: it is likely to take at least so long.
        usage: What it is likely to use; a part of it that is None is unknown.
        unknown: The stages of which nobody knows how long they take, or how long people take to decide.
        approvals: People who have to agree.
        budgets: Every limit of every budget against the estimate.
        defaults: What holds where the workflow says nothing, in words.
        problems: What is missing: with any of these it cannot run as it is.
        runs: How many earlier operations of this workflow the estimates are made of.

    Example:
        >>> import asyncio
        >>> from agentkit import Orchestrator, Stage, Workflow
        >>> flow = Workflow("pause", [Stage("pause", wait=60), Stage("work", agent="clerk", after=["pause"])])
        >>> async def main() -> None:
        ...     async with Orchestrator() as orchestrator:
        ...         plan = await orchestrator.plan(flow)
        ...         print(plan.levels, plan.least_seconds, plan.unknown, plan.can_run)
        >>> asyncio.run(main())
        (('pause',), ('work',)) 60.0 ('work',) False
    """

    workflow: Workflow[object]
    levels: tuple[tuple[str, ...], ...]
    groups: Mapping[str, tuple[str, ...]]
    stages: tuple[StagePlan, ...]
    critical_path: tuple[str, ...]
    seconds: Spread[float] | None
    least_seconds: float
    usage: Spread[Usage]
    unknown: tuple[str, ...]
    approvals: tuple[NeededApproval, ...]
    budgets: tuple[BudgetCheck, ...]
    defaults: Mapping[str, str]
    problems: tuple[str, ...]
    runs: int

    @property
    def can_run(self) -> bool:
        """Whether nothing is missing."""
        return not self.problems

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": _html(self)}


def _lines(plan: ExecutionPlan) -> Iterator[str]:
    """The plan as lines of text."""
    yield _title(plan)
    yield ""
    yield from rows_text(_rows(plan))
    for heading, lines in _sections(plan):
        yield ""
        yield heading
        yield from (f"  {line}" for line in lines)


def _html(plan: ExecutionPlan) -> str:
    """The plan as HTML; every text is text, whatever it says."""
    below = [f"{heading}: {line}" for heading, lines in _sections(plan) for line in lines]
    return rows_html(_rows(plan), title=_title(plan), below=below)


def _title(plan: ExecutionPlan) -> str:
    count = len(plan.stages)
    return f"plan of {plan.workflow.name}: {count} stage{'' if count == 1 else 's'}; nothing has run"


def _rows(plan: ExecutionPlan) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("", "stage", "work", "time", "usage", "known from", "")]
    for place, names in enumerate(plan.levels, start=1):
        members = [stage for stage in plan.stages if stage.name in names]
        rows.extend(_row(str(place), stage) for stage in members)
    return rows


def _row(level: str, stage: StagePlan) -> Sequence[str]:
    estimate = stage.estimate
    usage = estimate.usage
    return (
        level,
        stage.name,
        _work(stage.stage),
        "" if stage.times == (0, 0) else _seconds(estimate.seconds),
        "" if stage.times == (0, 0) else "unknown" if usage is None else usage_text(usage.median),
        _BASES[estimate.basis] + (f" ({count})" if (count := _count(stage)) else ""),
        stage.why,
    )


def _count(stage: StagePlan) -> int:
    return stage.estimate.seconds.count if stage.estimate.seconds is not None else 0


def _work(stage: Stage) -> str:
    if stage.workflow is not None:
        return f"workflow {stage.workflow.name}"
    if stage.wait_seconds is not None:
        return f"waits {seconds_text(stage.wait_seconds)}"
    if stage.signal is not None:
        return f"signal {stage.signal}"
    return ", then ".join(stage.agents) or "people decide"


def _sections(plan: ExecutionPlan) -> Iterator[tuple[str, list[str]]]:
    yield "expected", [*_expected(plan)]
    if plan.groups:
        yield "groups", [f"{name}: {', '.join(members)}" for name, members in plan.groups.items()]
    if plan.approvals:
        yield "approvals", [approval_words(needed) for needed in plan.approvals]
    if plan.budgets:
        yield "budget", [_budget(check) for check in plan.budgets]
    if plan.defaults:
        yield "in force", [f"{name}: {words}" for name, words in plan.defaults.items()]
    if plan.problems:
        yield "problems", [one_line(problem, 500) for problem in plan.problems]


def _expected(plan: ExecutionPlan) -> Iterator[str]:
    yield f"longest chain: {' -> '.join(plan.critical_path)}"
    if plan.seconds is not None:
        yield f"time: {_seconds(plan.seconds)}"
    elif plan.least_seconds:
        yield f"time: at least {seconds_text(plan.least_seconds)}, for the rest is not known"
    else:
        yield "time: unknown"
    yield f"usage: {_usage(plan.usage)}"
    if plan.unknown:
        yield f"nobody knows how long these take: {', '.join(plan.unknown)}"
    yield f"by {plan.runs} earlier run{'' if plan.runs == 1 else 's'} of this workflow"


def _seconds(spread: Spread[float] | None) -> str:
    if spread is None:
        return "unknown"
    median, high = seconds_text(spread.median), seconds_text(spread.p90)
    return median if median == high else f"{median}, up to {high}"


def _usage(spread: Spread[Usage]) -> str:
    median, high = usage_text(spread.median) or "nothing", usage_text(spread.p90) or "nothing"
    return median if median == high else f"{median}; up to {high}"


def approval_words(needed: NeededApproval) -> str:
    """Who has to agree, how many and until when, in words."""
    approval = needed.approval
    who = " or ".join(approval.by) or "anybody"
    words = [f"{needed.stage}: {approval.quorum} of {who}", _deadline(approval)]
    if approval.escalate_seconds is not None:
        words.append(f"after {seconds_text(approval.escalate_seconds)} also {' or '.join(approval.escalate_to)}")
    if not approval.by_requester:
        words.append("not by whoever asks for the run")
    if needed.people is not None:
        words.append(f"took {_seconds(needed.people)}")
    return ", ".join(words)


def _deadline(approval: Approval) -> str:
    if approval.deadline is None:
        return "without a deadline"
    days = approval.deadline
    if isinstance(days, BusinessDays):
        within = f"{days.days} business day{'' if days.days == 1 else 's'}"
    else:
        within = seconds_text(approval.expires_at(0.0))
    return f"within {within}, or it is {'approved' if approval.on_expiry == 'approve' else 'refused'}"


def _budget(check: BudgetCheck) -> str:
    expected = "unknown" if check.expected is None else f"{check.expected:f}"
    if check.high is not None and check.high != check.expected:
        expected += f", up to {check.high:f}"
    unit = f" {check.unit}" if check.unit else ""
    where = f"{check.where}: " if check.where else ""
    return f"{where}{check.kind}: {expected} of {check.limit:f}{unit}: {check.verdict}"
