"""The route for figures: how much, how well and how fast a caller's operations ran."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from agentkit.wire import FiguresPage, FiguresQuery

from .answers import answer
from .entering import Entered
from .schema import shows
from .times import WrittenTimeOrNone

__all__ = ["router"]

router: APIRouter = APIRouter(tags=["watching"])


@router.get("/v1/figures", operation_id="show_figures", responses=shows(FiguresPage, "The figures."))
async def figures(
    request: Request,
    desk: Entered,
    since: WrittenTimeOrNone = None,
    before: WrittenTimeOrNone = None,
    workflow: Annotated[str | None, Query(min_length=1, max_length=255)] = None,
    recent: Annotated[int, Query(ge=0, le=200)] = 20,
) -> Response:
    """Figures of the time from `since` until now, and of as long a time from `before` on."""
    query = FiguresQuery(since=since, before=before, workflow=workflow, recent=recent)
    return answer(request, await desk.figures(query), "figures")
