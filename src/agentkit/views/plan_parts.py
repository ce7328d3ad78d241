"""What a plan is made of: stages, approvals and limits before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from agentkit.kernel import Approval, Stage

from .estimate import Basis, Spread, StageEstimate

__all__ = ["BudgetCheck", "NeededApproval", "StagePlan", "Times", "Verdict"]

Times: TypeAlias = tuple[int, int]
"""How often something is done: at least, and at most."""

Verdict: TypeAlias = Literal["within", "tight", "over", "unknown"]
"""Whether an estimate is within a limit: nine of ten runs were, only half of them were, not even these, or nobody
knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededApproval:
    """People who have to agree before a stage works.

    Attributes:
        stage: Which stage; that of a workflow inside has the outer stage before it: `ship/pay`.
        approval: Who, how many, until when.
        people: How long they took in earlier runs; None is unknown.
    """

    stage: str
    approval: Approval
    people: Spread[float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """One stage before it runs.

    Attributes:
        stage: What it is.
        level: How many stages come before it, one after the other.
        times: How often its work is done: once, never or for every item; what is not known now is a range.
        why: What decides about that, in words; empty if nothing does.
        estimate: What it is likely to take.
    """

    stage: Stage
    level: int
    times: Times
    why: str
    estimate: StageEstimate

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.stage.name

    @property
    def basis(self) -> Basis:
        """Where the estimate comes from."""
        return self.estimate.basis


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCheck:
    """One limit of a budget against the estimate.

    Attributes:
        where: The stage; `group charts` or `agent ask` for all its stages; empty for the whole operation.
        kind: What is limited: `calls`, `seconds`, `tokens` or `money`.
        limit: How much may be spent.
        expected: How much is likely to be; None is unknown.
        high: How much at most in nine of ten runs, as far as that can be said.
        unit: The currency of money; empty otherwise.
        verdict: Whether that is within the limit.
    """

    where: str
    kind: Literal["calls", "seconds", "tokens", "money"]
    limit: Decimal
    expected: Decimal | None
    high: Decimal | None
    unit: str
    verdict: Verdict
