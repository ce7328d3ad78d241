"""What an agent asks people, alone and in the middle of an attempt."""

from typing import Any

import pytest

from agentkit.agents import ApprovalAnswer, Paused, Task
from agentkit.errors import DefinitionError, InputError, UnstorableValue, UsageError
from agentkit.kernel import Asked, BusinessDays, RunAttempt, Situation

YES = '{"approved":true,"by":["ada"],"expired":false,"form":{"n":1},"comments":{"ada":"fine"}}'


class Somebody:
    """Who is there, so that the attempt does not stand alone."""

    def progress(self, command: RunAttempt, fraction: float, message: str) -> None: ...
    def log(self, command: RunAttempt, message: str) -> None: ...
    def now(self) -> float:
        return 0.0


def attempt(**approvals: str) -> Task[object]:
    """An attempt inside of an operation."""
    command = RunAttempt(
        operation_id="op-1",
        stage="pay",
        attempt=1,
        agent="ada",
        instruction="",
        input="null",
        outputs={},
        missing=(),
        timeout=None,
        situation=Situation(approvals=approvals),
    )
    return Task(command, reports=Somebody())


def test_without_an_answer_asking_ends_the_attempt_with_the_question() -> None:
    with pytest.raises(Paused) as paused:
        attempt().approval(
            "refund", by={"finance"}, quorum=2, question="Refund {x}?", deadline=BusinessDays(3), form={"n": "whole"}
        )

    asked = paused.value.outcome
    assert isinstance(asked, Asked)
    assert (asked.name, asked.question) == ("refund", "Refund {x}?")
    assert (asked.approval.by, asked.approval.quorum, asked.approval.form) == (("finance",), 2, {"n": "whole"})
    assert asked.approval.deadline == BusinessDays(3)


def test_an_agent_that_catches_errors_does_not_catch_the_pause() -> None:
    assert not issubclass(Paused, Exception)


async def test_the_answer_is_there_when_the_agent_is_run_again() -> None:
    task = attempt(refund=YES)
    answer = task.approval("refund")

    assert answer == await task.approval("refund")
    assert answer == ApprovalAnswer(approved=True, by=("ada",), form={"n": 1}, comments={"ada": "fine"})


def test_the_stages_own_approval_is_told() -> None:
    assert attempt(**{"": YES}).approval_given == ApprovalAnswer.parse(YES)
    assert attempt(refund=YES).approval_given is None
    assert Task.standalone(1).approval_given is None


@pytest.mark.parametrize("approved", [True, False])
def test_an_answer_is_as_true_as_it_is_approved(approved: bool) -> None:
    assert bool(ApprovalAnswer(approved=approved)) is approved


async def test_alone_a_task_answers_as_it_was_told() -> None:
    full = ApprovalAnswer(approved=True, by=("ada",), form={"n": 1})
    task = Task.standalone(1, approvals={"yes": True, "no": False, "full": full, "": full})

    assert (await task.approval("yes")).approved
    assert not task.approval("no")
    assert task.approval("full") == full == task.approval_given


def test_alone_and_without_an_answer_the_error_says_how_to_give_one() -> None:
    with pytest.raises(UsageError, match=r"approvals=\{'refund': True\}"):
        Task.standalone(1).approval("refund")


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"a": "yes"}, InputError, "'a' must be True, False or an ApprovalAnswer, not 'yes'"),
        ({"a": ApprovalAnswer(approved=True, form={"a": object()})}, UnstorableValue, "object"),
    ],
)
def test_an_answer_that_is_none_is_a_clear_error(given: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        Task.standalone(1, approvals=given)


@pytest.mark.parametrize(
    ("name", "settings", "error", "said"),
    [
        ("", {}, InputError, "operation op-1, stage 'pay': a question needs a name"),
        ("x" * 201, {}, InputError, "1 to 200 letters"),
        ("refund", {"quorum": 0}, DefinitionError, "approval: quorum"),
        ("refund", {"form": {"n": "float"}}, DefinitionError, "n must be text, whole"),
        ("refund", {"remind": -1}, DefinitionError, "approval: remind"),
        ("refund", {"escalate": 5}, DefinitionError, "escalate_to says to whom"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_clear_error(
    name: str, settings: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        attempt().approval(name, **settings)
