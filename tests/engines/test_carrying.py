"""Commands and outcomes come back equal from another process."""

import json

import pytest

from agentkit.engines.carrying import command_data, command_from_data, outcome_data, outcome_from_data
from agentkit.kernel import (
    Approval,
    Asked,
    Doubtful,
    Failed,
    Failure,
    KnownEffect,
    Outcome,
    RunAttempt,
    Situation,
    Stopped,
    Succeeded,
    TierUsed,
    Unavailable,
    Usage,
)

SITUATION = Situation(
    item="[1]",
    index=2,
    previous="null",
    context={"log": '["a"]'},
    context_version=7,
    reads=("log",),
    writes={"log": "append"},
    effects={("pay", "1"): KnownEffect(outcome="confirmed", result="{}")},
    approvals={"": '{"approved":true}'},
)
USAGE = Usage(calls=1, money="0.10", currency="USD")


@pytest.mark.parametrize("situation", [None, Situation(), SITUATION], ids=["none", "plain", "full"])
def test_a_command_comes_back_with_its_situation(situation: Situation | None) -> None:
    command = RunAttempt(
        operation_id="o",
        stage="s",
        attempt=2,
        agent="ada",
        instruction="Do it",
        input="{}",
        outputs={"a": "1"},
        missing=("b",),
        failures=("OSError: no",),
        timeout=2.5,
        expertise=("sums",),
        situation=situation,
    )
    back = command_from_data(json.loads(json.dumps(command_data(command))))

    # Two commands are equal by their key alone, so their fields are compared.
    assert command_data(back) == command_data(command)
    assert back.situation == situation
    assert (back.missing, back.failures) == (command.missing, command.failures)
    assert back.expertise == command.expertise


@pytest.mark.parametrize(
    "outcome",
    [
        Succeeded(value="1"),
        Succeeded(value="1", confidence=0.5, context="{}", effects="[]", usage=USAGE, tier=TierUsed(name="a", why="b")),
        Failed(failure=Failure(code="error", type="E", message="m"), kinds=("E", "F"), retryable=True, usage=USAGE),
        Asked(name="refund", approval=Approval(by={"finance"}, quorum=2), question="Really?"),
        Doubtful(reason="who knows", name="pay", key="1"),
        Stopped(usage=USAGE),
        Unavailable(retry_after=1.0),
    ],
    ids=["a value", "a full value", "a failure", "a question", "a doubt", "stopped", "unavailable"],
)
def test_an_outcome_comes_back_equal(outcome: Outcome) -> None:
    assert outcome_from_data(json.loads(json.dumps(outcome_data(outcome)))) == outcome
