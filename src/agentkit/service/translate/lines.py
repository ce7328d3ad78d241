"""From the kernel's language to the doors': the only place where the two meet."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import cast

from pydantic import JsonValue

from agentkit.kernel import Event, Failure, TierUsed, Usage, Workflow, workflow_data
from agentkit.orchestrator import ApprovalRequest
from agentkit.stores import Summary
from agentkit.views import Comparison, Difference, ExecutionPlan, Spread, StageComparison, StagePlan, approval_words
from agentkit.wire import (
    AmountLine,
    ApprovalLine,
    BudgetLine,
    ComparisonLine,
    DifferenceLine,
    EventLine,
    NeededApprovalLine,
    OperationLine,
    PlanLine,
    PlannedStageLine,
    StageComparisonLine,
    UsageLine,
    moment,
)

__all__ = ["approval_line", "comparison_line", "event_line", "event_type", "operation_line", "plan_line"]

_ENVELOPE = frozenset({"at", "stage", "operation_id"})
_JSON_TEXTS = frozenset(
    {"value", "input", "context", "effects", "result", "artifacts", "data"}
    | {"form", "approval", "proposed", "merges", "metadata"}
)
_TIMES = frozenset({"retry_at", "until", "expires_at"})


def event_type(event: Event) -> str:
    """The event's type in words separated by dots.

    Example:
        >>> from agentkit.kernel import CancelRequested
        >>> event_type(CancelRequested(at=0.0))
        'cancel.requested'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", ".", type(event).__name__).lower()


def event_line(operation_id: str, number: int, event: Event) -> EventLine:
    """An event as the doors show it; what is as by default is left out."""
    data = {
        field.name: _shown(field.name, value)
        for field in fields(event)
        if field.name not in _ENVELOPE and (value := getattr(event, field.name)) not in (None, "", field.default)
    }
    return EventLine(
        operation=operation_id,
        number=number,
        at=moment(event.at),
        type=event_type(event),
        stage=getattr(event, "stage", None),
        data=data,
    )


def operation_line(summary: Summary) -> OperationLine:
    """A line of a list as the doors show it."""
    return OperationLine(
        id=summary.stream,
        workflow=summary.name,
        status=summary.status,
        created_at=moment(summary.created_at),
        updated_at=moment(summary.updated_at),
        events=summary.version,
        waiting=tuple(summary.waiting.split()),
        tenant=summary.tenant,
        wake_at=None if summary.wake_at is None else moment(summary.wake_at),
    )


def approval_line(request: ApprovalRequest) -> ApprovalLine:
    """A line of an inbox as the doors show it."""
    return ApprovalLine(
        operation=request.operation_id,
        workflow=request.workflow,
        stage=request.stage,
        name=request.name,
        question=request.question,
        roles=list(request.roles),
        quorum=request.quorum,
        agreed=[vote.by for vote in request.votes if vote.approve],
        asked_at=moment(request.asked_at),
        deadline=None if request.deadline is None else moment(request.deadline),
        form=dict(request.form),
        escalated=request.escalated,
        proposed=cast("dict[str, JsonValue]", dict(request.offered)),
    )


def _shown(name: str, value: object) -> JsonValue:
    match value:
        case Failure() | Usage() | TierUsed():
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case Workflow():
            return cast("JsonValue", workflow_data(cast("Workflow[object]", value)))
        case str() if name in _JSON_TEXTS:
            return cast("JsonValue", json.loads(value)) if value else None
        case bool() | int() | float() | str():
            return moment(value).isoformat() if name in _TIMES and isinstance(value, float) else value
        case _:
            raise TypeError(f"{name}: nothing shows a {type(value).__name__}")


def plan_line(plan: ExecutionPlan) -> PlanLine:
    """A plan as the doors show it."""
    return PlanLine(
        workflow=plan.workflow.name,
        levels=[list(names) for names in plan.levels],
        groups={name: list(members) for name, members in plan.groups.items()},
        critical_path=list(plan.critical_path),
        seconds=_amount(plan.seconds),
        least_seconds=plan.least_seconds,
        usage=_usage(plan.usage.median),
        usage_p90=_usage(plan.usage.p90),
        unknown=list(plan.unknown),
        stages=[_planned(stage) for stage in plan.stages],
        approvals=[
            NeededApprovalLine(
                stage=needed.stage,
                by=list(needed.approval.by),
                quorum=needed.approval.quorum,
                words=approval_words(needed),
            )
            for needed in plan.approvals
        ],
        budgets=[
            BudgetLine(
                where=check.where,
                kind=check.kind,
                limit=f"{check.limit:f}",
                expected=_decimal(check.expected),
                high=_decimal(check.high),
                unit=check.unit,
                verdict=check.verdict,
            )
            for check in plan.budgets
        ],
        in_force=dict(plan.defaults),
        problems=list(plan.problems),
        runs=plan.runs,
    )


def comparison_line(comparison: Comparison) -> ComparisonLine:
    """A comparison as the doors show it."""
    return ComparisonLine(
        operations=comparison.operations,
        same=comparison.is_same,
        status=comparison.status,
        seconds=comparison.seconds,
        usage=(_usage(comparison.usage[0]), _usage(comparison.usage[1])),
        input=_differences(comparison.input),
        more_input=comparison.more_input,
        stages=[_compared(stage) for stage in comparison.stages],
    )


def _planned(stage: StagePlan) -> PlannedStageLine:
    estimate = stage.estimate
    return PlannedStageLine(
        stage=stage.name,
        level=stage.level,
        agents=list(stage.stage.agents),
        times=stage.times,
        why=stage.why,
        seconds=_amount(estimate.seconds),
        people_seconds=_amount(estimate.people),
        usage=None if estimate.usage is None else _usage(estimate.usage.median),
        usage_p90=None if estimate.usage is None else _usage(estimate.usage.p90),
        known_from=estimate.basis,
    )


def _compared(stage: StageComparison) -> StageComparisonLine:
    one, other = (None if usage is None else _usage(usage) for usage in stage.usage)
    return StageComparisonLine(
        stage=stage.stage,
        same=stage.is_same,
        status=stage.status,
        attempts=stage.attempts,
        seconds=stage.seconds,
        usage=(one, other),
        kept=stage.kept,
        same_definition=stage.same_definition,
        differences=_differences(stage.differences),
        more=stage.more,
    )


def _differences(found: Sequence[Difference]) -> list[DifferenceLine]:
    return [DifferenceLine(path=each.path, first=each.first, second=each.second) for each in found]


def _amount(spread: Spread[float] | None) -> AmountLine | None:
    return None if spread is None else AmountLine(median=spread.median, p90=spread.p90, count=spread.count)


def _usage(usage: Usage) -> UsageLine:
    return UsageLine(
        calls=usage.calls, seconds=usage.seconds, tokens=usage.tokens, money=usage.money, currency=usage.currency
    )


def _decimal(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
