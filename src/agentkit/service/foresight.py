"""What a caller may ask beside operations themselves: plans before a run, comparisons after two, drawings of one.

Rules: as in `desk.py`, of which this is a part: nothing runs here, and nobody learns of what is another tenant's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from statistics import median

from agentkit.views import ProgressFold
from agentkit.wire import ComparisonPage, DrawingFormat, DrawingPage, OperationPage, PlanPage, PlanRequest, moment

from .callers import Caller
from .premises import Premises
from .translate import comparison_line, drawing_page, plan_line

__all__ = ["Foresight"]

_RUNS = 9


class Foresight(ABC):
    """The part of a desk that shows what would be, and what was."""

    __slots__ = ()

    _premises: Premises
    caller: Caller

    @abstractmethod
    async def _own(self, operation_id: str) -> ProgressFold:
        """Where an operation of the caller's tenant stands."""

    async def plan(self, workflow: str, request: PlanRequest) -> PlanPage:
        """See `Calls.plan`."""
        self.caller.check("read")
        found = await self._premises.orchestrator.plan(
            self._premises.offered(workflow), request.input, runs=request.runs, tenant=self.caller.tenant
        )
        return PlanPage(**dict(plan_line(found)), text=str(found))

    async def usual_end(self, page: OperationPage) -> datetime | None:
        """When an operation ends if it takes as long as the newest runs of its workflow did, with all their waits.

        Of one that waits in line nothing else is known. None if it has ended, none ran before, that time is over, or
        the caller may not look.

        Raises:
            StoreError: The store failed.
        """
        if page.ended or not self.caller.may("read"):
            return None
        orchestrator = self._premises.orchestrator
        runs = await orchestrator.list(
            workflow=page.workflow, status=["completed"], tenant=self.caller.tenant, limit=_RUNS
        )
        if not runs:
            return None
        end = page.created_at + timedelta(seconds=median(run.updated_at - run.created_at for run in runs))
        return end if end > moment(orchestrator.now()) else None

    async def compare(self, operation_id: str, other_id: str) -> ComparisonPage:
        """See `Calls.compare`."""
        await self._own(operation_id)
        await self._own(other_id)
        found = await self._premises.orchestrator.compare(operation_id, other_id)
        return ComparisonPage(**dict(comparison_line(found)), text=str(found))

    async def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        """See `Calls.drawing`."""
        return drawing_page((await self._own(operation_id)).state, format)
