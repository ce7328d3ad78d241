"""What a caller may ask beside operations themselves: what is offered, plans before a run, comparisons, drawings.

Rules: as in `desk.py`, of which this is a part: nothing runs here, and nobody learns of what is another tenant's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta

from agentkit.errors import NotAllowed
from agentkit.views import ProgressFold
from agentkit.wire import (
    AgentLine,
    ComparisonPage,
    DrawingFormat,
    DrawingPage,
    OperationPage,
    PlanPage,
    PlanRequest,
    WorkflowLine,
    WorkflowPage,
    moment,
)

from .callers import Caller, is_reserved
from .choosing import may_ask, with_choice
from .premises import Premises
from .translate import agent_line, comparison_line, drawing_page, plan_line, workflow_line, workflow_page

__all__ = ["Foresight"]


class Foresight(ABC):
    """The part of a desk that shows what there is, what would be, and what was."""

    __slots__ = ()

    _premises: Premises
    caller: Caller

    @abstractmethod
    async def _own(self, operation_id: str) -> ProgressFold:
        """Where an operation of the caller's tenant stands."""

    # What there is

    async def agents(self) -> Sequence[AgentLine]:
        """See `Calls.agents`."""
        self.caller.check("read")
        members = sorted(self._premises.orchestrator.agents.items())
        return [
            agent_line(member, direct=may_ask(self.caller, name, self._premises))
            for name, member in members
            if not is_reserved(name)
        ]

    async def workflows(self) -> Sequence[WorkflowLine]:
        """See `Calls.workflows`."""
        self.caller.check("read")
        agents = self._premises.orchestrator.agents
        return [workflow_line(workflow, agents) for _, workflow in sorted(self._premises.workflows.items())]

    async def workflow(self, name: str) -> WorkflowPage:
        """See `Calls.workflow`."""
        self.caller.check("read")
        workflow = self._premises.offered(name)
        return workflow_page(workflow, self._premises.orchestrator.agents)

    async def loaded(self, module: str) -> Sequence[AgentLine]:
        """The agents of a module that was loaded when the service began; nothing is loaded later.

        Raises:
            NotAllowed: The caller is no admin, or the module is none of those that were allowed.
        """
        self.caller.check("admin")
        modules = self._premises.modules
        if module not in modules:
            raise NotAllowed(
                f"the module {module!r} is none of those this server may load ({', '.join(modules) or 'none'});"
                " agents are loaded when it starts: agentkit serve --agents MODULE"
            )
        return [line for line in await self.agents() if line.name in modules[module]]

    # Before and after a run

    async def plan(self, workflow: str, request: PlanRequest) -> PlanPage:
        """See `Calls.plan`."""
        self.caller.check("read")
        premises = self._premises
        wanted = with_choice(self.caller, premises.offered(workflow), request.agents, premises)
        found = await premises.orchestrator.plan(wanted, request.input, runs=request.runs, tenant=self.caller.tenant)
        return PlanPage(**dict(plan_line(found)), text=str(found))

    async def _page(self, operation_id: str) -> OperationPage:
        """An operation as it stands; whose it is has been looked at."""
        return await self._estimated(await self._premises.reader.page(operation_id))

    async def _estimated(self, page: OperationPage) -> OperationPage:
        """A page that says when it is likely to be done: by its own speed, and before that by what is usual.

        Usual is what the newest runs of its workflow took, with all their waits. Nothing is said of one that waits for
        something or is in quarantine, where none ran before, once that time is over, and to who may not look.
        """
        rests = page.ended or page.waiting or page.status == "quarantined"
        if rests or page.estimated_at is not None or not self.caller.may("read"):
            return page
        premises = self._premises
        usual = await premises.usual.seconds(page.workflow, self.caller.tenant)
        if usual is None:
            return page
        end = page.created_at + timedelta(seconds=usual)
        left = (end - moment(premises.orchestrator.now())).total_seconds()
        return page if left <= 0 else page.model_copy(update={"estimated_at": end, "seconds_left": left})

    async def compare(self, operation_id: str, other_id: str) -> ComparisonPage:
        """See `Calls.compare`."""
        await self._own(operation_id)
        await self._own(other_id)
        found = await self._premises.orchestrator.compare(operation_id, other_id)
        return ComparisonPage(**dict(comparison_line(found)), text=str(found))

    async def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        """See `Calls.drawing`."""
        return drawing_page((await self._own(operation_id)).state, format)
