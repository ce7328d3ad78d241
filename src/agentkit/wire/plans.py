"""Plans, comparisons and release checks as the doors show them."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import Field

from agentkit.markup import bundle, preformatted

from .shown import Shown

__all__ = [
    "AmountLine",
    "BudgetLine",
    "ComparisonLine",
    "ComparisonPage",
    "DifferenceLine",
    "NeededApprovalLine",
    "PlanLine",
    "PlanPage",
    "PlannedStageLine",
    "StageComparisonLine",
    "UsageLine",
]

Pair: TypeAlias = tuple[float | None, float | None]


class AmountLine(Shown):
    """What something took in earlier runs."""

    median: float = Field(description="Half of the runs took no more.")
    p90: float = Field(description="Nine of ten took no more.")
    count: int = Field(description="How many runs that is known of; 0 is known without any.")


class UsageLine(Shown):
    """What was used; what is null is not known."""

    calls: int | None
    seconds: float | None
    tokens: int | None
    money: str | None = Field(description="An exact amount, as a text.")
    currency: str | None


class PlannedStageLine(Shown):
    """One stage before it runs."""

    stage: str
    level: int = Field(description="How many stages come before it, one after the other.")
    agents: list[str] = Field(description="Who works on it, then its fallbacks.")
    times: tuple[int, int] = Field(description="How often its work is done: at least, and at most.")
    why: str = Field(description="What decides about that.")
    seconds: AmountLine | None
    people_seconds: AmountLine | None
    usage: UsageLine | None
    usage_p90: UsageLine | None
    known_from: str = Field(description="Where that comes from: stage, agent, exact or unknown.")


class NeededApprovalLine(Shown):
    """People who have to agree."""

    stage: str
    by: list[str]
    quorum: int
    words: str = Field(description="Who, how many and until when, in words.")


class BudgetLine(Shown):
    """One limit of a budget against the estimate."""

    where: str = Field(description="The stage, `group charts` or `agent ask`; empty for the whole operation.")
    kind: str
    limit: str
    expected: str | None
    high: str | None
    unit: str
    verdict: str = Field(description="within, tight, over or unknown.")


class PlanLine(Shown):
    """What a workflow would do."""

    workflow: str
    levels: list[list[str]]
    groups: dict[str, list[str]]
    critical_path: list[str]
    seconds: AmountLine | None
    least_seconds: float
    usage: UsageLine
    usage_p90: UsageLine
    unknown: list[str]
    stages: list[PlannedStageLine]
    approvals: list[NeededApprovalLine]
    budgets: list[BudgetLine]
    in_force: dict[str, str]
    problems: list[str]
    runs: int


class DifferenceLine(Shown):
    """One place at which two values differ."""

    path: str
    first: str | None = Field(description="What is there, as a JSON text; null if nothing is.")
    second: str | None


class StageComparisonLine(Shown):
    """One stage in two operations."""

    stage: str
    same: bool
    status: tuple[str | None, str | None]
    attempts: tuple[int, int]
    seconds: Pair
    usage: tuple[UsageLine | None, UsageLine | None]
    kept: tuple[bool, bool]
    same_definition: bool
    differences: list[DifferenceLine]
    more: int = Field(description="How many more places there are.")


class ComparisonLine(Shown):
    """Two operations side by side."""

    operations: tuple[str, str]
    same: bool
    status: tuple[str, str]
    seconds: Pair
    usage: tuple[UsageLine, UsageLine]
    input: list[DifferenceLine]
    more_input: int
    stages: list[StageComparisonLine]


class PlanPage(PlanLine):
    """What a workflow would do, and the same for people."""

    text: str = Field(description="All of it as lines of text.")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return bundle(self.text, preformatted(self.text, wraps=False))


class ComparisonPage(ComparisonLine):
    """Two operations side by side, and the same for people."""

    text: str = Field(description="All of it as lines of text.")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return bundle(self.text, preformatted(self.text, wraps=False))
