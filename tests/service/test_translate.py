"""From the kernel's events to what the doors show: every event, as one line of JSON."""

import json
from typing import get_args

import pytest

from agentkit.agents import Task, agent
from agentkit.kernel import (
    AttemptFailed,
    AttemptSucceeded,
    Event,
    Failure,
    OperationAccepted,
    OperationCompleted,
    Stage,
    Workflow,
)
from agentkit.service import event_line, event_type, operation_line
from agentkit.service.translate import workflow_line
from agentkit.stores import Summary

FLOW: Workflow[object] = Workflow("greet", [Stage("ask", agent="clerk")])


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_type_of_event_has_words_of_its_own(kind: type) -> None:
    words = {event_type(object.__new__(other)) for other in get_args(Event)}

    assert len(words) == len(get_args(Event))
    assert event_type(object.__new__(kind)) == event_type(object.__new__(kind)).lower()


def test_values_are_shown_as_data_and_not_as_text() -> None:
    line = event_line("one", 3, AttemptSucceeded(at=0.0, stage="ask", attempt=1, value='{"a":[1,"é"]}'))

    shown = json.loads(line.model_dump_json(exclude_none=True))
    assert shown == {
        "operation": "one",
        "number": 3,
        "at": "1970-01-01T00:00:00Z",
        "type": "attempt.succeeded",
        "stage": "ask",
        "data": {"attempt": 1, "value": {"a": [1, "é"]}},
    }


def test_a_failure_and_its_time_are_shown() -> None:
    failure = Failure(code="error", type="ValueError", message="no")
    event = AttemptFailed(at=1.0, stage="ask", attempt=1, failure=failure, then="retry", retry_at=61.0)

    data = event_line("one", 1, event).data
    assert data["failure"] == {"code": "error", "type": "ValueError", "message": "no"}
    assert data["retry_at"] == "1970-01-01T00:01:01+00:00"


def test_an_acceptance_shows_the_whole_definition() -> None:
    accepted = OperationAccepted(at=0.0, operation_id="one", workflow=FLOW, input='{"who":"Ada"}')

    data = event_line("one", 1, accepted).data
    assert data["input"] == {"who": "Ada"}
    assert data["workflow"] == {"name": "greet", "stages": [{"name": "ask", "agent": "clerk"}]}


def test_an_event_without_a_stage_shows_none() -> None:
    assert event_line("one", 2, OperationCompleted(at=0.0)).stage is None


def test_a_summary_is_a_line_of_a_list() -> None:
    summary = Summary(
        stream="one", name="greet", status="completed", ended=True, created_at=0.0, updated_at=60.0, version=4
    )

    line = operation_line(summary)
    assert (line.id, line.workflow, line.status, line.events) == ("one", "greet", "completed", 4)
    assert (line.updated_at - line.created_at).total_seconds() == 60


def test_a_line_of_a_list_says_what_is_waited_for_and_until_when() -> None:
    summary = Summary(
        stream="one", name="greet", status="running", ended=False, created_at=0.0, updated_at=0.0,
        waiting="approval timer", wake_at=60.0,
    )  # fmt: skip

    line = operation_line(summary)
    assert line.waiting == ("approval", "timer")
    assert line.wake_at is not None
    assert line.wake_at.timestamp() == 60


def test_a_workflow_writes_reports_if_a_stage_of_it_or_its_agent_says_so() -> None:
    @agent(expertise={"reports"})
    async def clerk(task: Task[str]) -> str:
        return task.input

    own: Workflow[object] = Workflow("own", [Stage("ask", agent="other", expertise=["reports"])])
    inside: Workflow[object] = Workflow("inside", [Stage("greet", workflow=FLOW)])

    assert [workflow_line(one, {"clerk": clerk}).reports for one in (FLOW, own, inside)] == [True, True, True]
    assert [workflow_line(one, {}).reports for one in (FLOW, own, inside)] == [False, True, False]
