"""The routes of those who watch the server: is it alive, is it ready, how is it, what are its figures.

Rules: without a key anybody learns that it lives and is ready, and nothing else; what is about all tenants together is
for those who see everybody's things.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from starlette.responses import Response

from agentkit.wire import HealthPage, OperationLine, OperationQuery, Page, SettingsPage, SystemPage

from .answers import answer, next_link
from .door import Door, door_of
from .entering import Entered, Overseer
from .older import superseded
from .problems import problem_response
from .schema import shows

__all__ = ["DetailedHealth", "router"]

router: APIRouter = APIRouter(tags=["watching"])
_ALIVE = {"status": "alive"}
_MOST = 1_000


class DetailedHealth(HealthPage):
    """How the service and its door are."""

    requests: int = Field(description="Requests that were answered by this process.")
    error_rate: float = Field(description="The share of them that went wrong on our side.")
    response_ms: float = Field(description="How long half of the newest answers took at most to begin.")
    waiting: int = Field(description="Operations that wait for room here.")


@router.get("/livez", include_in_schema=False)
async def livez() -> dict[str, str]:
    """Whether this process answers."""
    return _ALIVE


@router.get("/readyz", include_in_schema=False)
async def readyz(request: Request) -> Response:
    """Whether it takes work."""
    door = door_of(request)
    status = await _status(door)
    if status == "ok":
        return Response('{"status":"ready"}', media_type="application/json")
    return problem_response(
        request.scope, "closed", 503, f"it is {status}", retryable=True, headers={"Retry-After": "1"}
    )


@router.get("/v1/health", operation_id="show_health", responses={200: {"description": "It answers."}})
async def health(request: Request) -> dict[str, str]:
    """Whether it takes work, for anybody."""
    return {"status": await _status(door_of(request))}


@router.get("/v2/health/detailed", operation_id="show_detailed_health", responses=shows(DetailedHealth, "How it is."))
async def detailed(request: Request, desk: Overseer) -> Response:
    """How everything is, for whoever sees everybody's things."""
    figures = door_of(request).figures
    page = await desk.health()
    full = DetailedHealth(
        **page.model_dump(),
        requests=figures.requests,
        error_rate=figures.error_rate,
        response_ms=figures.response_ms,
        waiting=door_of(request).orchestrator.waiting,
    )
    return answer(request, full, "health")


@router.get("/v1/settings", operation_id="show_settings", responses=shows(SettingsPage, "How it is set."))
async def settings(request: Request, desk: Overseer) -> Response:
    """How the server is set, without secrets, for whoever sees everybody's things."""
    return answer(request, await desk.settings(), "settings")


@router.get(
    "/v2/metrics/prometheus",
    operation_id="show_metrics",
    response_class=Response,
    responses={200: {"description": "As Prometheus reads it.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request, _desk: Overseer) -> Response:
    """Figures for Prometheus."""
    return Response(door_of(request).figures.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get(
    "/v2/admin/operations",
    operation_id="list_all_operations",
    responses=shows(Page[OperationLine], "A page of them.", headers={"Link": "The next page, if there is one."}),
)
async def operations(
    request: Request,
    desk: Entered,
    status: Annotated[list[str] | None, Query(max_length=20, description="Several are alternatives.")] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Operations, newest first, for admins: of all tenants, if the admin is of none."""
    desk.caller.check("admin")
    words = tuple(word[:255] for word in status or () if word)
    page = await desk.operations(OperationQuery(status=words, cursor=cursor, limit=limit))
    link = "" if page.next_cursor is None else next_link(request, page.next_cursor, "/v2/admin/operations")
    return answer(request, page, "operations", headers={"Link": link} if link else {})


async def _by_health(request: Request) -> None:
    superseded(request, "/v2/health/detailed")


@router.get(
    "/api/system/status",
    operation_id="show_system",
    deprecated=True,
    dependencies=[Depends(_by_health)],
    responses=shows(SystemPage, "What there is."),
)
async def system(request: Request, desk: Entered) -> Response:
    """What this server offers, and how much of the caller's is at work."""
    door = door_of(request)
    found = await desk.open_operations(most=_MOST)
    page = SystemPage(
        status=await _status(door),
        version=door.service.version,
        uptime_seconds=door.service.uptime_seconds,
        agents=[one.name for one in await desk.agents()],
        workflows=[one.name for one in await desk.workflows()],
        open_operations=found,
    )
    return answer(request, page, "system")


async def _status(door: Door) -> Literal["ok", "degraded", "draining"]:
    if door.draining.is_set():
        return "draining"
    return "ok" if door.orchestrator.is_open and await door.store_answers() else "degraded"
