"""The routes of learning: what was learned between runs, why, and back again."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from agentkit.wire import LearnerLine, LearnerPage, LearnerRelease, LearnerRollback, LearnerSwitch, LearningLine, Page

from .answers import answer
from .bodies import body_of
from .entering import Entered
from .schedules import Tenant
from .schema import shows, takes

__all__ = ["router"]

router: APIRouter = APIRouter(prefix="/v1/learners", tags=["learning"])

Name: TypeAlias = Annotated[str, Path(description="The learner's name.", max_length=300)]
_STANDS = shows(LearnerPage, "The learner as it stands then.")


@router.get("", operation_id="list_learners", responses=shows(Page[LearnerLine], "The caller's, by name."))
async def list_learners(request: Request, desk: Entered) -> Response:
    """What learns: the learners of the caller's tenant, or of all."""
    return answer(request, Page[LearnerLine](items=list(await desk.learners())), "learners")


@router.get("/{name}", operation_id="show_learner", responses=shows(LearnerPage, "What it knows."))
async def show(request: Request, desk: Entered, name: Name, tenant: Tenant = None) -> Response:
    """What a learner knows of its arms, by kind of task, and what follows from it."""
    return answer(request, await desk.learner(name, tenant=tenant), "learner")


@router.get(
    "/{name}/changes", operation_id="explain_learner", responses=shows(Page[LearningLine], "The newest is last.")
)
async def changes(
    request: Request,
    desk: Entered,
    name: Name,
    key: Annotated[
        str | None,
        Query(description="Only what belongs to this work, such as an operation's id.", min_length=1, max_length=200),
    ] = None,
    tenant: Tenant = None,
) -> Response:
    """What changed and why; with `key`, what was chosen for that work and what became of it."""
    items = list(await desk.learner_changes(name, key=key, tenant=tenant))
    return answer(request, Page[LearningLine](items=items), "changes")


@router.post(
    "/{name}/rollback",
    operation_id="roll_back_learner",
    responses=_STANDS,
    openapi_extra=takes(LearnerRollback),
)
async def roll_back(
    request: Request,
    desk: Entered,
    name: Name,
    asked: Annotated[LearnerRollback, Depends(body_of(LearnerRollback))],
    tenant: Tenant = None,
) -> Response:
    """Take back that an arm leads for a kind of task; what it goes back to is used until it is released."""
    return answer(request, await desk.roll_back_learner(name, asked, tenant=tenant), "learner")


@router.post("/{name}/release", operation_id="release_learner", responses=_STANDS, openapi_extra=takes(LearnerRelease))
async def release(
    request: Request,
    desk: Entered,
    name: Name,
    asked: Annotated[LearnerRelease, Depends(body_of(LearnerRelease))],
    tenant: Tenant = None,
) -> Response:
    """Let a kind of task go on learning that was rolled back."""
    return answer(request, await desk.release_learner(name, asked, tenant=tenant), "learner")


@router.post("/{name}/switch", operation_id="switch_learner", responses=_STANDS, openapi_extra=takes(LearnerSwitch))
async def switch(
    request: Request,
    desk: Entered,
    name: Name,
    asked: Annotated[LearnerSwitch, Depends(body_of(LearnerSwitch))],
    tenant: Tenant = None,
) -> Response:
    """Switch a learner on or off, for every process; off, its first arm is used."""
    return answer(request, await desk.switch_learner(name, asked, tenant=tenant), "learner")
