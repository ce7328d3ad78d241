"""The routes of operations: start, list, look, cancel, follow, fetch, run again."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from agentkit.wire import (
    ComparisonPage,
    DrawingFormat,
    DrawingPage,
    EventLine,
    OperationLine,
    OperationPage,
    OperationQuery,
    OperationSort,
    Page,
    RerunRequest,
    ResultPage,
    SubmitRequest,
)

from .answers import BEGUN, accepted, answer, conditional, next_link, wants
from .bodies import body_of
from .door import door_of
from .entering import Entered
from .passage import passage_of
from .schema import Answers, shows, takes
from .streams import event_stream, last_number
from .times import WrittenTimeOrNone

__all__ = ["IdempotencyKey", "OperationId", "router"]

router: APIRouter = APIRouter(prefix="/v1/operations", tags=["operations"])

OperationId: TypeAlias = Annotated[str, Path(description="The operation's id.", max_length=300)]
IdempotencyKey: TypeAlias = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Your name for this request: sent again, it starts nothing new.",
        min_length=1,
        max_length=255,
    ),
]


_Text: TypeAlias = Annotated[str | None, Query(min_length=1, max_length=255)]
_FILTERS = {"workflow", "status", "waiting", "text", "created_after", "created_before", "sort", "cursor", "limit"}
_STARTED: Answers = shows(
    OperationPage,
    "It is accepted, and lost by no crash.",
    status=202,
    headers=BEGUN,
)
_STREAM: Answers = {
    200: {
        "model": Page[EventLine],
        "description": "The events that are there now; with `Accept: text/event-stream`, all of them as they happen.",
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "description": "One event each; `data` is an EventLine as JSON.",
                    "properties": {
                        "id": {"type": "string", "description": "The event's number."},
                        "event": {"type": "string", "description": "What happened, such as `attempt.failed`."},
                        "data": {"type": "string"},
                        "retry": {"type": "integer"},
                    },
                }
            }
        },
    },
    204: {"description": "As a stream: the operation has ended, and nothing is to come."},
}


@router.post(
    "", operation_id="start_operation", status_code=202, responses=_STARTED, openapi_extra=takes(SubmitRequest)
)
async def start(
    request: Request,
    desk: Entered,
    asked: Annotated[SubmitRequest, Depends(body_of(SubmitRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Start an operation of a workflow that is offered here."""
    page = await desk.submit(asked, key=key)
    return accepted(request, desk, page, page.id)


@router.get(
    "",
    operation_id="list_operations",
    responses=shows(Page[OperationLine], "A page of them.", headers={"Link": "The next page, if there is one."}),
)
async def list_operations(  # noqa: PLR0913 - every filter is an argument
    request: Request,
    desk: Entered,
    *,
    workflow: _Text = None,
    status: Annotated[list[str] | None, Query(max_length=20, description="Several are alternatives.")] = None,
    waiting: Literal["approval", "doubt", "signal", "timer"] | None = None,
    text: _Text = None,
    created_after: WrittenTimeOrNone = None,
    created_before: WrittenTimeOrNone = None,
    sort: OperationSort = "newest",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Operations, newest first if `sort` says nothing else; all that is said has to hold."""
    _check_filters(request)
    query = OperationQuery(
        workflow=workflow,
        status=tuple(word[:255] for word in status or () if word),
        waiting=waiting,
        text=text,
        created_after=created_after,
        created_before=created_before,
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    page = await desk.operations(query)
    headers = {} if page.next_cursor is None else {"Link": next_link(request, page.next_cursor)}
    return answer(request, page, "operations", headers=headers)


@router.get(
    "/{operation_id}",
    operation_id="show_operation",
    responses={
        **shows(OperationPage, "As it stands.", headers={"ETag": "How it stands."}),
        304: {"description": "It stands as in the `If-None-Match` that was sent."},
    },
)
async def show(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """One operation, as it stands."""
    return conditional(request, await desk.operation(operation_id))


@router.delete("/{operation_id}", operation_id="cancel_operation", responses=shows(OperationPage, "As it stands."))
async def cancel(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    reason: Annotated[str, Query(max_length=1_000, description="Why; it is kept with the cancel.")] = "",
) -> Response:
    """Have an operation stop; one that has ended stays as it is."""
    return answer(request, await desk.cancel(operation_id, reason), "operation")


@router.get("/{operation_id}/events", operation_id="list_events", responses=_STREAM)
async def events(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    after: Annotated[int, Query(ge=0, le=10**15, description="Only events after this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000, description="How many at most, as a page.")] = 200,
    last_event_id: Annotated[str | None, Header(description="As a stream: go on behind this event.")] = None,
) -> Response:
    """What happened to an operation: a page of it, or a stream until its end."""
    if wants(request, "text/event-stream") > wants(request, "application/json"):
        behind = max(after, last_number(last_event_id))
        return await event_stream(door_of(request), passage_of(request.scope), desk, operation_id, after=behind)
    found = await desk.history(operation_id, after=after, limit=limit)
    following = str(found[-1].number) if len(found) == limit else None
    return answer(request, Page[EventLine](items=list(found), next_cursor=following), "events")


@router.get("/{operation_id}/result", operation_id="show_result", responses=shows(ResultPage, "What came out."))
async def result(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """What came out of an operation; 409 if it has not ended yet, or not well."""
    return answer(request, await desk.result(operation_id), "result")


@router.get(
    "/{operation_id}/comparison/{other_id}",
    operation_id="compare_operations",
    responses=shows(ComparisonPage, "Side by side."),
)
async def comparison(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    other_id: Annotated[str, Path(description="The other operation's id.", max_length=300)],
) -> Response:
    """An operation beside another one: values, status, attempts, time and usage."""
    return answer(request, await desk.compare(operation_id, other_id), "comparison")


@router.get("/{operation_id}/drawing", operation_id="draw_operation", responses=shows(DrawingPage, "It, drawn."))
async def drawing(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    form: Annotated[DrawingFormat, Query(alias="format", description="What to draw it as.")] = "text",
) -> Response:
    """An operation as it stands, drawn."""
    return answer(request, await desk.drawing(operation_id, format=form), "drawing")


@router.post("/{operation_id}/retry", operation_id="retry_operation", status_code=202, responses=_STARTED)
async def retry(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """Go on with an operation that did not end well; what is done is kept."""
    page = await desk.retry(operation_id)
    return accepted(request, desk, page, page.id)


@router.post(
    "/{operation_id}/rerun",
    operation_id="rerun_operation",
    status_code=202,
    responses=_STARTED,
    openapi_extra=takes(RerunRequest),
)
async def rerun(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    asked: Annotated[RerunRequest, Depends(body_of(RerunRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Run an operation again from a stage on, or with another input, as a new operation."""
    page = await desk.rerun(operation_id, asked, key=key)
    return accepted(request, desk, page, page.id)


def _check_filters(request: Request) -> None:
    """Refuse what would be silently ignored."""
    unknown = set(request.query_params) - _FILTERS
    if unknown:
        raise RequestValidationError(
            [{"loc": ("query", sorted(unknown)[0][:100]), "msg": "there is no such filter", "type": "unknown"}]
        )
