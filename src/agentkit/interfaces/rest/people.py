"""The routes of people: what waits for them, what they decide, what they tell."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from agentkit.wire import ApprovalLine, Decision, OperationPage, Page, Settlement, SignalRequest

from .answers import answer
from .bodies import body_of
from .entering import Entered
from .operations import OperationId
from .schema import shows, takes

__all__ = ["router"]

router: APIRouter = APIRouter(prefix="/v1", tags=["people"])
_QUESTIONS = shows(Page[ApprovalLine], "What waits for the caller.")
_STANDS = shows(OperationPage, "The operation as it stands then.")


@router.get("/approvals", operation_id="list_approvals", responses=_QUESTIONS)
async def inbox(request: Request, desk: Entered) -> Response:
    """Everything that waits for people and is for the caller."""
    return answer(request, Page[ApprovalLine](items=list(await desk.approvals())), "approvals")


@router.get("/operations/{operation_id}/approvals", operation_id="list_operation_approvals", responses=_QUESTIONS)
async def approvals(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """What one operation asks people, as far as it is for the caller."""
    return answer(request, Page[ApprovalLine](items=list(await desk.approvals(operation_id))), "approvals")


@router.post(
    "/operations/{operation_id}/approvals",
    operation_id="decide_approval",
    responses=_STANDS,
    openapi_extra=takes(Decision),
)
async def decide(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    decision: Annotated[Decision, Depends(body_of(Decision))],
) -> Response:
    """Agree to what a stage asks, or refuse."""
    return answer(request, await desk.decide(operation_id, decision), "operation")


@router.post(
    "/operations/{operation_id}/signals",
    operation_id="send_signal",
    responses=_STANDS,
    openapi_extra=takes(SignalRequest),
)
async def signal(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    told: Annotated[SignalRequest, Depends(body_of(SignalRequest))],
) -> Response:
    """Tell a waiting stage what it waits for."""
    return answer(request, await desk.signal(operation_id, told), "operation")


@router.post(
    "/operations/{operation_id}/settle",
    operation_id="settle_doubt",
    responses=_STANDS,
    openapi_extra=takes(Settlement),
)
async def settle(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    settlement: Annotated[Settlement, Depends(body_of(Settlement))],
) -> Response:
    """Say what became of work that is in doubt."""
    return answer(request, await desk.settle(operation_id, settlement), "operation")
