"""One thing of the kernel, whole, as the doors show it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Never, cast

from pydantic import JsonValue

from agentkit.agents import Agent, AgentRegistry
from agentkit.errors import InputError
from agentkit.kernel import (
    OPERATION_STATUSES,
    OperationStatus,
    State,
    Workflow,
    draw,
    workflow_data,
)
from agentkit.orchestrator import Result
from agentkit.service.schemas import input_schema, schema_of
from agentkit.views import ArtifactLine, Progress, failure_line, one_line
from agentkit.wire import (
    AgentLine,
    DrawingFormat,
    DrawingPage,
    FailureLine,
    FileLine,
    LiveLine,
    OperationPage,
    ResultPage,
    StageLine,
    WorkflowLine,
    WorkflowPage,
    moment,
)

__all__ = [
    "agent_line",
    "drawing_page",
    "file_lines",
    "page_of",
    "result_page",
    "statuses",
    "workflow_line",
    "workflow_page",
]

_SAID: Final = 20
"""So many lines of agents are on a page: whoever looks on sees each, and whoever comes sees the newest."""
_REPORTS: Final = "reports"
"""What those are good at who write reports; the ready-made one is."""


def statuses(words: Iterable[str]) -> Sequence[OperationStatus]:
    """These words, as statuses.

    Raises:
        InputError: One of them is none.
    """
    chosen = set(words)
    if unknown := sorted(chosen.difference(OPERATION_STATUSES)):
        raise InputError(f"{unknown[0]!r} is no status; there are: {', '.join(OPERATION_STATUSES)}")
    return [word for word in OPERATION_STATUSES if word in chosen]


def page_of(state: State, progress: Progress, *, now: float, position: int | None = None) -> OperationPage:
    """An operation as a page.

    Args:
        state: Where it stands.
        progress: How far it is.
        now: What time it is, in seconds since 1970.
        position: Its place in line, while it waits for room.
    """
    left = None if state.ended else progress.remaining_seconds
    return OperationPage(
        id=state.operation_id,
        workflow=state.workflow.name,
        status=state.status,
        created_at=moment(state.accepted_at),
        updated_at=moment(state.at),
        events=state.version,
        waiting=tuple(sorted({waiting.kind for waiting in progress.waiting})),
        tenant=state.tenant,
        wake_at=None if state.ended or state.wake_at is None else moment(state.wake_at),
        ended=state.ended,
        fraction=progress.fraction,
        message=next((stage.message for stage in reversed(progress.stages) if stage.message), ""),
        seconds=progress.elapsed_seconds,
        seconds_left=left,
        estimated_at=None if left is None else moment(now + left),
        position=position,
        priority=state.priority,
        metadata=json.loads(state.metadata) if state.metadata else {},
        requester=state.requester,
        origin=state.origin,
        stages=[
            StageLine(
                name=stage.name,
                status=stage.status,
                fraction=stage.fraction,
                message=stage.message,
                agent=stage.agent,
                attempt=stage.attempt,
                seconds=stage.seconds,
                failure=stage.failure,
                required=stage.required,
                waits_for=None if stage.waits_for is None else stage.waits_for.words,
            )
            for stage in progress.stages
        ],
        failure=_failure(state),
        said=[
            LiveLine(number=line.number, stage=line.stage, message=one_line(line.message))
            for line in progress.lines[-_SAID:]
        ],
    )


def drawing_page(state: State, form: DrawingFormat) -> DrawingPage:
    """An operation as it stands, drawn."""
    return DrawingPage(operation=state.operation_id, format=form, drawing=draw(state, format=form))


def _failure(state: State) -> FailureLine | None:
    """Why an operation did not end well."""
    if state.status == "quarantined":
        return FailureLine(code="operation_quarantined", message="too many processes died while they ran it")
    stop = state.stop
    if stop is None or state.status == "completed":
        return None
    if stop.failure is not None:
        where = f"stage {stop.stage}: " if stop.stage else ""
        return FailureLine(code=stop.failure.code, message=where + failure_line(stop.failure))
    return FailureLine(code=f"operation_{stop.cause}", message=one_line(stop.reason, 500))


def result_page(state: State, result: Result[object]) -> ResultPage:
    """What came out of an operation.

    Args:
        state: Where it stands, for the values of its stages as they are on the journal.
        result: Its result.
    """
    stages = state.workflow.stages
    texts = {
        stages[number].name: stage.value
        for number, stage in state.touched.items()
        if number < state.base and stage.value is not None
    }
    return ResultPage(
        operation=state.operation_id,
        output=json.loads(result.output_json),
        values={name: json.loads(text) for name, text in texts.items()},
        missing=list(result.missing),
        degraded=list(result.degraded),
        fallbacks=dict(result.fallbacks),
        confidence=result.confidence,
        seconds=result.seconds,
    )


def file_lines(found: Iterable[ArtifactLine]) -> Sequence[FileLine]:
    """The files of an operation that are for people."""
    return [
        FileLine(
            name=line.artifact.name,
            stage=line.stage,
            at=moment(line.at),
            media_type=line.artifact.media_type,
            size=line.artifact.size,
            sha256=line.artifact.sha256,
        )
        for line in found
        if line.artifact.is_for_people
    ]


def agent_line(member: Agent[Never, object], *, direct: bool = False) -> AgentLine:
    """An agent as the doors show it.

    Args:
        member: Which agent.
        direct: Whether whoever looks may ask it for anything.
    """
    entry, personality = AgentRegistry([member])[member.name], member.personality
    return AgentLine(
        name=member.name,
        role=personality.role,
        expertise=sorted(personality.expertise),
        input=schema_of(entry.input_type.declared),
        output=schema_of(entry.output_type.declared),
        direct=direct,
    )


def workflow_line(workflow: Workflow[object], agents: Mapping[str, Agent[Never, object]]) -> WorkflowLine:
    """A workflow as a line of a list.

    Args:
        workflow: Which workflow.
        agents: Who works on it, by name, for whether one writes reports.
    """
    return WorkflowLine(
        name=workflow.name,
        description=workflow.description,
        stages=len(workflow.stages),
        reports=_writes_reports(workflow, agents),
    )


def _writes_reports(workflow: Workflow[object], agents: Mapping[str, Agent[Never, object]]) -> bool:
    """Whether a stage, or one of a workflow inside, is for reports, as it or its agent says."""
    for stage in workflow.stages:
        member = agents.get(stage.agent)
        if _REPORTS in stage.expertise or (member is not None and _REPORTS in member.personality.expertise):
            return True
        inside = cast("object", stage.workflow)
        if isinstance(inside, Workflow) and _writes_reports(cast("Workflow[object]", inside), agents):
            return True
    return False


def workflow_page(workflow: Workflow[object], agents: Mapping[str, Agent[Never, object]]) -> WorkflowPage:
    """A workflow, whole.

    Args:
        workflow: Which workflow.
        agents: Who works on it, by name, for what it takes.
    """
    return WorkflowPage(
        name=workflow.name,
        description=workflow.description,
        stages=len(workflow.stages),
        reports=_writes_reports(workflow, agents),
        definition=cast("JsonValue", workflow_data(workflow)),
        input=input_schema(workflow, agents),
        diagram=draw(workflow, format="mermaid"),
    )
