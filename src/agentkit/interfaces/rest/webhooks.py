"""The routes of webhooks: what became of announcements, once more what was never taken, and what verifies them."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from agentkit.wire import DeliveryLine, DeliveryQuery, Page, SecretPage

from .answers import answer, next_link, place
from .entering import Entered
from .schedules import Tenant
from .schema import shows

__all__ = ["router"]

router: APIRouter = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

DeliveryId: TypeAlias = Annotated[str, Path(description="The announcement's id.", max_length=300)]


@router.get(
    "",
    operation_id="list_webhooks",
    responses=shows(Page[DeliveryLine], "A page of them.", headers={"Link": "The next page, if there is one."}),
)
async def list_webhooks(
    request: Request,
    desk: Entered,
    *,
    dead: Annotated[bool, Query(description="Only those that were never taken.")] = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The announcements of the caller's operations, newest first, and how each stands."""
    page = await desk.deliveries(DeliveryQuery(dead=dead, cursor=cursor, limit=limit))
    headers = {} if page.next_cursor is None else {"Link": next_link(request, page.next_cursor, "/v1/webhooks")}
    return answer(request, page, "webhooks", headers=headers)


# Before the routes with an id, which would take it for one.
@router.get("/secret", operation_id="show_webhook_secret", responses=shows(SecretPage, "What verifies."))
async def secret(request: Request, desk: Entered, tenant: Tenant = None) -> Response:
    """What the messages to the caller's tenant are verified with; it takes an admin."""
    return answer(request, await desk.webhook_secret(tenant=tenant), "secret")


@router.get("/{webhook_id}", operation_id="show_webhook", responses=shows(DeliveryLine, "As it stands."))
async def show(request: Request, desk: Entered, webhook_id: DeliveryId) -> Response:
    """One announcement, as it stands."""
    return answer(request, await desk.delivery(webhook_id), "webhook")


@router.post(
    "/{webhook_id}/replay",
    operation_id="replay_webhook",
    status_code=202,
    responses=shows(DeliveryLine, "It is sent once more.", status=202, headers={"Location": "Where it is."}),
)
async def replay(request: Request, desk: Entered, webhook_id: DeliveryId) -> Response:
    """Announce once more what was never taken; any other is left as it is, so this may be sent again."""
    line = await desk.replay(webhook_id)
    headers = {"Location": place(request, f"/v1/webhooks/{quote(line.id, safe='')}")}
    return answer(request, line, "webhook", status=202, headers=headers)
