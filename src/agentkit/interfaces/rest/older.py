"""The routes by which single agents, tasks, workflows and reports are asked for in older words.

Rules: they are thin: each is a call that `/v1/operations` has too, and what it shows is made of the same pages. Those
that have a successor say so, and until when they stay (RFC 9745, RFC 8594).
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from pydantic import JsonValue
from starlette.responses import Response

from agentkit.errors import InputError, OperationError
from agentkit.service import Desk
from agentkit.wire import (
    ExecuteRequest,
    FailureLine,
    OperationPage,
    ReportRequest,
    SubmitRequest,
    TaskPage,
    TaskRequest,
    WorkflowRequest,
)

from .answers import BEGUN, accepted, answer, place
from .bodies import body_of
from .entering import Entered
from .operations import IdempotencyKey, OperationId
from .passage import passage_of
from .schema import Answers, shows, takes

__all__ = ["router", "superseded"]

router: APIRouter = APIRouter(tags=["older routes"])

_DEPRECATED: Final = "@1793491200"
"""2026-11-01, as RFC 9745 writes it."""
_ABOUT_THE_RUN: Final = {"workflow", "priority", "timeout", "metadata", "callback_url"}
"""What a request for a report says of the run; everything else is the report's."""
_SUNSET: Final = "Wed, 01 Nov 2028 00:00:00 GMT"

_BEGUN: Answers = shows(TaskPage, "It is accepted.", status=202, headers=BEGUN)
_STANDS: Answers = shows(TaskPage, "As it stands.")


def superseded(request: Request, successor: str) -> None:
    """Have an answer say that there is a newer route."""
    passage_of(request.scope).headers.update(
        {
            "Deprecation": _DEPRECATED,
            "Sunset": _SUNSET,
            "Link": f'<{place(request, successor)}>; rel="successor-version"',
        }
    )


async def _by_operations(request: Request) -> None:
    superseded(request, "/v1/operations")


async def _by_agents(request: Request) -> None:
    superseded(request, "/v2/agents/execute")


_OPERATIONS = [Depends(_by_operations)]
_AGENTS = [Depends(_by_agents)]


@router.post(
    "/v2/agents/execute",
    operation_id="execute_agent",
    status_code=202,
    responses=_BEGUN,
    openapi_extra=takes(TaskRequest),
)
async def execute(
    request: Request,
    desk: Entered,
    task: Annotated[TaskRequest, Depends(body_of(TaskRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Ask one agent for one piece of work."""
    return await _begun(request, desk, await desk.execute(_work(task), key=key))


@router.post(
    "/v1/agents/execute",
    operation_id="execute_agent_v1",
    status_code=202,
    deprecated=True,
    dependencies=_AGENTS,
    responses=_BEGUN,
    openapi_extra=takes(TaskRequest),
)
async def execute_v1(
    request: Request,
    desk: Entered,
    task: Annotated[TaskRequest, Depends(body_of(TaskRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Ask one agent for one piece of work."""
    return await _begun(request, desk, await desk.execute(_work(task), key=key))


@router.post(
    "/v1/tasks",
    operation_id="start_task",
    status_code=202,
    deprecated=True,
    dependencies=_AGENTS,
    responses=_BEGUN,
    openapi_extra=takes(TaskRequest),
)
async def start_task(
    request: Request,
    desk: Entered,
    task: Annotated[TaskRequest, Depends(body_of(TaskRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Ask one agent for one piece of work."""
    return await _begun(request, desk, await desk.execute(_work(task), key=key))


@router.get(
    "/v1/tasks/{operation_id}/status",
    operation_id="show_task",
    deprecated=True,
    dependencies=_OPERATIONS,
    responses=_STANDS,
)
async def show_task(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """Where a piece of work stands."""
    return answer(request, await _task_page(desk, await desk.operation(operation_id)), "task")


@router.post(
    "/v1/workflows/execute",
    operation_id="execute_workflow",
    status_code=202,
    deprecated=True,
    dependencies=_OPERATIONS,
    responses=_BEGUN,
    openapi_extra=takes(WorkflowRequest),
)
async def execute_workflow(
    request: Request,
    desk: Entered,
    asked: Annotated[WorkflowRequest, Depends(body_of(WorkflowRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Run a workflow that is offered; an admin may give a definition instead."""
    submitted = _submitted(asked)
    if asked.workflow_config is not None:
        return await _begun(request, desk, await desk.define(asked.workflow_config, submitted, key=key))
    return await _begun(request, desk, await desk.submit(submitted, key=key))


@router.get(
    "/v1/workflows/{operation_id}/status",
    operation_id="show_workflow_run",
    deprecated=True,
    dependencies=_OPERATIONS,
    responses=_STANDS,
)
async def show_workflow_run(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """Where a run of a workflow stands."""
    return answer(request, await _task_page(desk, await desk.operation(operation_id)), "task")


@router.get(
    "/v2/operations/{operation_id}/status",
    operation_id="show_operation_v2",
    deprecated=True,
    dependencies=_OPERATIONS,
    responses=_STANDS,
)
async def show_v2(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """Where an operation stands."""
    return answer(request, await _task_page(desk, await desk.operation(operation_id)), "task")


@router.delete(
    "/v2/operations/{operation_id}",
    operation_id="cancel_operation_v2",
    deprecated=True,
    dependencies=_OPERATIONS,
    responses=_STANDS,
)
async def cancel_v2(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """Have an operation stop."""
    return answer(request, await _task_page(desk, await desk.cancel(operation_id)), "task")


@router.post(
    "/api/reports/generate",
    operation_id="generate_report",
    status_code=202,
    deprecated=True,
    dependencies=_OPERATIONS,
    responses=_BEGUN,
    openapi_extra=takes(ReportRequest),
)
async def generate_report(
    request: Request,
    desk: Entered,
    asked: Annotated[ReportRequest, Depends(body_of(ReportRequest))],
    key: IdempotencyKey = None,
) -> Response:
    """Make a report, by a workflow that is offered for it; its files are the operation's artifacts."""
    given = asked.model_dump(mode="json", exclude=_ABOUT_THE_RUN, exclude_none=True)
    return await _begun(request, desk, await desk.submit(_run_of(asked, asked.workflow, given), key=key))


def _work(task: TaskRequest) -> ExecuteRequest:
    return ExecuteRequest(
        agent=task.agent_type,
        task=task.task,
        input=_input(task),
        priority=task.priority,
        timeout=task.timeout,
        metadata=task.metadata,
        callback_url=task.callback_url,
    )


def _submitted(asked: WorkflowRequest) -> SubmitRequest:
    """The same request in today's words.

    Raises:
        InputError: It names no workflow, or two.
    """
    if (asked.workflow is None) == (asked.workflow_config is None):
        raise InputError("say which workflow: one of `workflow`, for one that is offered, and `workflow_config`")
    return _run_of(asked, asked.workflow or "defined here", _input(asked))


def _run_of(asked: WorkflowRequest | ReportRequest, workflow: str, given: JsonValue) -> SubmitRequest:
    return SubmitRequest(
        workflow=workflow,
        input=given,
        priority=asked.priority,
        timeout=asked.timeout,
        metadata=asked.metadata,
        callback_url=asked.callback_url,
    )


def _input(asked: TaskRequest | WorkflowRequest) -> JsonValue:
    """What was given under one name or the other.

    Raises:
        InputError: Under both.
    """
    if asked.data is not None and asked.input_data is not None:
        raise InputError("give `data` or `input_data`: they are the same under two names")
    return asked.input_data if asked.data is None else asked.data


async def _begun(request: Request, desk: Desk, page: OperationPage) -> Response:
    return accepted(request, desk, await _task_page(desk, page), page.id, "task")


async def _task_page(desk: Desk, page: OperationPage) -> TaskPage:
    """An operation in the older words, with its result once it has one."""
    output, failure = None, page.failure
    # Who may start things and not look at any still has the answer of what they have started.
    result = desk.result if desk.caller.may("read") else desk.result_of_own
    if page.status == "completed":
        output = (await result(page.id)).output
    elif page.ended and failure is None:
        try:
            await result(page.id)
        except OperationError as error:
            failure = FailureLine(code=error.code, message=str(error))
    return TaskPage(
        operation_id=page.id,
        workflow=page.workflow,
        status=page.status,
        result=output,
        error=failure,
        progress=round(100 * page.fraction, 2),
        processing_time=page.seconds,
        queue_position=page.position,
        estimated_completion=None if page.estimated_at is None else page.estimated_at.isoformat(),
        agents=sorted({stage.agent for stage in page.stages if stage.agent}),
        metadata=page.metadata,
    )
