"""The routes of API keys: make, list, revoke; for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from agentkit.wire import KeyLine, KeyRequest, NewKey, Page

from .answers import answer
from .bodies import body_of
from .entering import Entered
from .operations import IdempotencyKey
from .schema import shows, takes

__all__ = ["router"]

router: APIRouter = APIRouter(prefix="/v1/keys", tags=["keys"])


@router.get("", operation_id="list_keys", responses=shows(Page[KeyLine], "The keys, without their secrets."))
async def list_keys(request: Request, desk: Entered) -> Response:
    """The keys of the caller's tenant, or of all, newest first, the revoked and the expired too."""
    return answer(request, Page[KeyLine](items=list(await desk.keys())), "keys")


@router.post(
    "",
    operation_id="create_key",
    status_code=201,
    responses=shows(NewKey, "The whole key, this once.", status=201),
    openapi_extra=takes(KeyRequest),
)
async def create(
    request: Request,
    desk: Entered,
    asked: Annotated[KeyRequest, Depends(body_of(KeyRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Make a key, which this answer alone shows. Under an idempotency key that was used, 409 names the one made then.

    Nobody gives away more than they may do themselves, nor another tenant's things.
    """
    return answer(request, await desk.create_key(asked, key=key), "key", status=201)


@router.delete("/{key_id}", operation_id="revoke_key", responses=shows(KeyLine, "The key as it stands then."))
async def revoke(
    request: Request,
    desk: Entered,
    key_id: Annotated[str, Path(description="The key's id: the part between `agk_` and the next `_`.", max_length=300)],
) -> Response:
    """Have a key open nothing any more; every server on the store knows within seconds."""
    return answer(request, await desk.revoke_key(key_id), "key")
