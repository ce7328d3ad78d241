"""Spans as a fold of the journal."""

import pytest

from agentkit import Stage, Workflow
from agentkit.errors import IllegalEvent
from agentkit.kernel import (
    AgentUnavailable,
    ApprovalRequested,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    DoubtRaised,
    Event,
    Failure,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    Usage,
)
from agentkit.views import Span, SpanFold, trace_of

TOLD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FAILURE = Failure(code="low_confidence", type="LowConfidence", message="the value was 'a secret'")


def spans(*events: Event, trace: str = TOLD) -> list[Span]:
    flow = Workflow("flow", [Stage("a", agent="worker"), Stage("b", agent="worker")])
    fold = SpanFold(OperationAccepted(at=10.0, operation_id="op", workflow=flow, input="null", trace=trace))
    return [span for event in events for span in fold.apply(event)]


def started(at: float, stage: str = "a", attempt: int = 1) -> AttemptStarted:
    return AttemptStarted(at=at, stage=stage, attempt=attempt, agent="worker")


def test_an_attempt_and_its_operation_are_told_when_they_have_ended() -> None:
    done = AttemptSucceeded(at=14.0, stage="a", attempt=1, value="1", usage=Usage(tokens=7))
    attempt, operation = spans(started(12.0), done, OperationCompleted(at=15.0))

    assert (attempt.stage, attempt.agent, attempt.began, attempt.ended) == ("a", "worker", 12.0, 14.0)
    assert attempt.usage == Usage(tokens=7)
    assert attempt.parent == operation.place == trace_of("op", TOLD)
    assert (operation.began, operation.ended, operation.waited, operation.outcome) == (10.0, 15.0, 2.0, "completed")
    assert operation.parent is not None
    assert operation.parent.text == TOLD
    assert not operation.owns_trace


@pytest.mark.parametrize(
    ("event", "outcome", "error"),
    [
        (AttemptFailed(at=3, stage="a", attempt=1, failure=FAILURE, then="fail"), "failed", "low_confidence"),
        (AttemptCancelled(at=3, stage="a", attempt=1), "cancelled", ""),
        (AgentUnavailable(at=3, stage="a", attempt=1, agent="worker", retry_at=9), "unavailable", ""),
        (ApprovalRequested(at=3, stage="a", attempt=1, name="sure"), "paused", ""),
        (DoubtRaised(at=3, stage="a", attempt=1, reason="who knows"), "failed", "in_doubt"),
    ],
)
def test_however_an_attempt_ends_it_is_said_by_a_code(event: Event, outcome: str, error: str) -> None:
    (span,) = spans(started(2), event)

    assert (span.outcome, span.error) == (outcome, error)
    assert "secret" not in repr(span)


def test_an_attempt_that_another_process_takes_over_is_one_span_that_says_so() -> None:
    adopted = OperationAdopted(at=30.0, owner="other", after_death=True)
    done = AttemptSucceeded(at=31.0, stage="a", attempt=1, value="1")
    attempt, operation = spans(started(12.0), adopted, done, OperationCompleted(at=32.0))

    assert (attempt.began, attempt.ended) == (12.0, 31.0)
    assert [note.name for note in attempt.notes] == [note.name for note in operation.notes] == ["operation.adopted"]


def test_each_attempt_is_a_span() -> None:
    failed = AttemptFailed(at=13.0, stage="a", attempt=1, failure=FAILURE, then="retry", retry_at=14.0)
    done = AttemptSucceeded(at=15.0, stage="a", attempt=2, value="1")
    first, second = spans(started(12.0), failed, started(14.0, attempt=2), done)

    assert (first.attempt, second.attempt) == (1, 2)
    assert first.place.span_id != second.place.span_id


def test_what_still_ran_at_the_end_ended_with_the_operation() -> None:
    found = spans(started(12.0), started(12.5, "b"), OperationCancelled(at=13.0))

    assert [(span.stage, span.outcome) for span in found] == [("a", "cancelled"), ("b", "cancelled"), ("", "cancelled")]


def test_an_operation_that_fails_says_why_by_a_code() -> None:
    (operation,) = spans(OperationFailed(at=13.0, failure=FAILURE), trace="")

    assert (operation.outcome, operation.error, operation.waited) == ("failed", "low_confidence", None)
    assert (operation.owns_trace, operation.parent) == (True, None)


def test_a_question_before_the_work_is_of_no_attempt() -> None:
    assert spans(ApprovalRequested(at=11.0, stage="a")) == []


def test_two_journals_are_not_one() -> None:
    with pytest.raises(IllegalEvent):
        spans(OperationAccepted(at=1, operation_id="op", workflow=Workflow("w", [Stage("a", agent="b")]), input=""))
