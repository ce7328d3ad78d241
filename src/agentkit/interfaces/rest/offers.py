"""The routes of what there is: agents and workflows."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from agentkit.wire import (
    AgentLine,
    AgentModule,
    AgentModulePage,
    Page,
    PlanPage,
    PlanRequest,
    WorkflowLine,
    WorkflowPage,
)

from .answers import answer
from .bodies import body_of
from .entering import Entered
from .schema import shows, takes

__all__ = ["router"]

router: APIRouter = APIRouter(prefix="/v1", tags=["agents and workflows"])

WorkflowName: TypeAlias = Annotated[str, Path(description="Its name.", max_length=300)]


@router.get("/agents/capabilities", operation_id="list_agents", responses=shows(Page[AgentLine], "Who there is."))
async def agents(request: Request, desk: Entered) -> Response:
    """Who can work here, and what they know."""
    return answer(request, Page[AgentLine](items=list(await desk.agents())), "agents")


@router.post(
    "/agents",
    operation_id="load_agents",
    responses=shows(AgentModulePage, "Its agents work here."),
    openapi_extra=takes(AgentModule),
)
async def load(
    request: Request, desk: Entered, asked: Annotated[AgentModule, Depends(body_of(AgentModule))]
) -> Response:
    """The agents of a module that this server was started with. Code is loaded when a server starts, never later."""
    found = await desk.loaded(asked.module)
    return answer(request, AgentModulePage(module=asked.module, agents=list(found)), "module")


@router.get("/workflows", operation_id="list_workflows", responses=shows(Page[WorkflowLine], "What there is."))
async def workflows(request: Request, desk: Entered) -> Response:
    """What is offered here."""
    return answer(request, Page[WorkflowLine](items=list(await desk.workflows())), "workflows")


@router.get("/workflows/{name}", operation_id="show_workflow", responses=shows(WorkflowPage, "All of it."))
async def workflow(request: Request, desk: Entered, name: WorkflowName) -> Response:
    """One workflow: its definition, what it takes, and its graph."""
    return answer(request, await desk.workflow(name), "workflow")


@router.post(
    "/workflows/{name}/plan",
    operation_id="plan_workflow",
    responses=shows(PlanPage, "What it would do."),
    openapi_extra=takes(PlanRequest),
)
async def plan(
    request: Request,
    desk: Entered,
    name: WorkflowName,
    asked: Annotated[PlanRequest, Depends(body_of(PlanRequest))],
) -> Response:
    """What a workflow would do with an input, and what that is likely to take; nothing runs."""
    return answer(request, await desk.plan(name, asked), "plan")
