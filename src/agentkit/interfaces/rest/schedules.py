"""The routes of schedules: what is started when."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from agentkit.wire import Page, ScheduleLine, ScheduleRequest

from .answers import answer, place
from .bodies import body_of
from .entering import Entered
from .schema import shows, takes

__all__ = ["Tenant", "router"]

router: APIRouter = APIRouter(prefix="/v1/schedules", tags=["schedules"])

Name: TypeAlias = Annotated[str, Path(description="The schedule's name.", max_length=300)]
Tenant: TypeAlias = Annotated[
    str | None,
    Query(description="Whose it is; only who belongs to no tenant may say so.", min_length=1, max_length=255),
]
_STANDS = shows(ScheduleLine, "The schedule as it stands then.")


@router.get("", operation_id="list_schedules", responses=shows(Page[ScheduleLine], "The caller's, by name."))
async def list_schedules(request: Request, desk: Entered) -> Response:
    """What is started when: the schedules of the caller's tenant, or of all."""
    return answer(request, Page[ScheduleLine](items=list(await desk.schedules())), "schedules")


@router.post(
    "",
    operation_id="create_schedule",
    status_code=201,
    responses=shows(ScheduleLine, "It is there.", status=201, headers={"Location": "Where it is."}),
    openapi_extra=takes(ScheduleRequest),
)
async def create(
    request: Request, desk: Entered, asked: Annotated[ScheduleRequest, Depends(body_of(ScheduleRequest))]
) -> Response:
    """Have a workflow started by cron or at an interval, in the caller's name. Sent again, it is there once."""
    line = await desk.add_schedule(asked)
    headers = {"Location": place(request, f"/v1/schedules/{quote(line.name, safe='')}")}
    return answer(request, line, "schedule", status=201, headers=headers)


@router.get("/{name}", operation_id="show_schedule", responses=shows(ScheduleLine, "As it stands."))
async def show(request: Request, desk: Entered, name: Name, tenant: Tenant = None) -> Response:
    """One schedule, as it stands."""
    return answer(request, await desk.schedule(name, tenant=tenant), "schedule")


@router.post("/{name}/pause", operation_id="pause_schedule", responses=_STANDS)
async def pause(request: Request, desk: Entered, name: Name, tenant: Tenant = None) -> Response:
    """Have a schedule start nothing until it is resumed."""
    return answer(request, await desk.pause_schedule(name, tenant=tenant), "schedule")


@router.post("/{name}/resume", operation_id="resume_schedule", responses=_STANDS)
async def resume(request: Request, desk: Entered, name: Name, tenant: Tenant = None) -> Response:
    """Have a schedule go on; the times of its pause are left out."""
    return answer(request, await desk.resume_schedule(name, tenant=tenant), "schedule")


@router.delete("/{name}", operation_id="delete_schedule", responses=shows(ScheduleLine, "The schedule as it was."))
async def delete(request: Request, desk: Entered, name: Name, tenant: Tenant = None) -> Response:
    """Forget a schedule; what it has started goes on."""
    return answer(request, await desk.remove_schedule(name, tenant=tenant), "schedule")
