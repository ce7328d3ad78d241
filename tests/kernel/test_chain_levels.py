"""The chain of a stage: who takes over from what, and how sure a value is."""

import json
from typing import Any, Literal

import pytest

from agentkit.errors import DefinitionError
from agentkit.kernel import (
    AttemptFailed,
    AttemptSucceeded,
    Event,
    Failed,
    Failure,
    Fallback,
    RetryPolicy,
    Stage,
    State,
    Succeeded,
    TierUsed,
    Workflow,
    confidence_of,
    decide,
    evolve,
    output_confidence,
    workflow_data,
    workflow_from_data,
)
from tests.kernel.scenes import begun, flow, start_next

CODES = {
    "error": "error",
    "timeout": "timeout",
    "invalid_output": "output_invalid",
    "low_confidence": "low_confidence",
    "budget": "budget_exhausted",
}


def answer(state: State, outcome: Failed | Succeeded, *, at: float = 0.0, stage: str = "one") -> Event:
    """Start the next attempt, answer it, and apply what follows."""
    _, command = start_next(state, stage, at)
    (event,) = decide(state, command, outcome, at)
    evolve(state, event)
    return event


def no(code: str = "error", *kinds: str) -> Failed:
    return Failed(failure=Failure(code=code, type="", message="no"), kinds=kinds)


def one(*fallback: str | Fallback, **settings: Any) -> State:
    return begun(flow(Stage("one", agent="ada", fallback=fallback, **settings)))


@pytest.mark.parametrize(("trigger", "code"), CODES.items())
def test_who_waits_for_something_else_is_passed_over(trigger: str, code: str) -> None:
    state = one(Fallback("bob", on=sorted(CODES.keys() - {trigger})), Fallback("cyd", on=[trigger]))

    answer(state, no(code))

    event, _ = start_next(state, "one")
    assert (event.agent, state.stage("one").level) == ("cyd", 2)


@pytest.mark.parametrize("on", [[OSError], ["OSError"], "ConnectionError", ["timeout", OSError]])
def test_classes_of_errors_are_triggers_too(on: Any) -> None:
    state = one(Fallback("bob", on=[ValueError]), Fallback("cyd", on=on))

    answer(state, no("error", "ConnectionError", "OSError", "Exception"))

    assert state.stage("one").level == 2


def test_where_nobody_takes_over_the_stage_has_failed() -> None:
    event = answer(one(Fallback("bob", on=["timeout"])), no())

    assert isinstance(event, AttemptFailed)
    assert event.then == "fail"


def test_a_minimal_answer_ends_the_chain_is_degraded_and_not_sure() -> None:
    state = one("bob", minimal={"rows": []})
    answer(state, no())

    event = answer(state, no())

    stage = state.stage("one")
    assert isinstance(event, AttemptFailed)
    assert (event.then, stage.status, stage.is_degraded, stage.is_minimal) == ("minimal", "completed", True, True)
    assert json.loads(stage.value or "") == {"rows": []}
    assert confidence_of(state, 0) == 0.0


def test_the_work_of_a_value_that_is_not_sure_enough_is_kept() -> None:
    event = answer(one("bob", min_confidence=0.5), Succeeded(value='"guess"', confidence=0.4))

    assert isinstance(event, AttemptFailed)
    assert (event.failure.code, event.value, event.then) == ("low_confidence", '"guess"', "fall_back")
    assert event.failure.message == "is sure by 0.4, and at least 0.5 is asked for"


def test_a_value_without_a_word_is_as_sure_as_one_can_be() -> None:
    assert isinstance(answer(one("bob", min_confidence=1.0), Succeeded(value="1")), AttemptSucceeded)


@pytest.mark.parametrize(("least", "taken"), [(None, False), (0.3, True), (0.4, True), (0.41, False), (0.0, True)])
def test_a_fallback_may_have_to_be_less_sure(least: float | None, taken: bool) -> None:
    state = one(Fallback("bob", min_confidence=least), min_confidence=0.9)
    answer(state, no())

    assert isinstance(answer(state, Succeeded(value="1", confidence=0.4)), AttemptSucceeded) is taken


def test_a_low_confidence_is_not_tried_again_by_the_same_agent() -> None:
    state = one("bob", min_confidence=0.9, retry=RetryPolicy(attempts=5))

    answer(state, Succeeded(value="1", confidence=0.1))

    assert state.stage("one").level == 1


def test_an_agent_takes_over_when_there_is_no_time_to_wait_for_another_try() -> None:
    state = one("bob", retry=RetryPolicy(attempts=5, delay=60), timeout=30)

    event = answer(state, no(), at=1.0)

    assert isinstance(event, AttemptFailed)
    assert (event.then, event.retry_at) == ("fall_back", 1.0)


def test_when_the_time_is_over_nobody_takes_over() -> None:
    state = one("bob", timeout=30, minimal=0)
    _, command = start_next(state, "one")

    (event,) = decide(state, command, no("timeout"), 30.0)

    assert isinstance(event, AttemptFailed)
    assert event.then == "minimal"


def test_an_agent_can_say_that_its_value_is_degraded_and_which_tier_it_had() -> None:
    state = one()
    tier = TierUsed(name="small", why="short input")

    answer(state, Succeeded(value="1", degraded=True, tier=tier))

    stage = state.stage("one")
    assert stage.is_degraded
    assert stage.more is not None
    assert stage.more.tier == tier


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"on": []}, "fallback: on must be a list of triggers"),
        ({"on": ["timout"]}, "fallback: on must be some of error, timeout, invalid_output, low_confidence, budget, or"),
        ({"on": 7}, "fallback: on must be a list"),
        ({"on": ["A B"]}, "fallback: on must be some of"),
        ({"min_confidence": 1.1}, "fallback: min_confidence must be a share"),
        ({"min_confidence": True}, "fallback: min_confidence must be a share"),
        ({"retry": 3}, "fallback: retry must be a RetryPolicy"),
    ],
)
def test_a_wrong_fallback_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        Fallback("bob", **settings)

    assert problem in str(refused.value)


def test_a_chain_comes_back_from_data_as_it_was() -> None:
    bob = Fallback("bob", on=[OSError, "timeout"], min_confidence=0.5, retry=RetryPolicy(attempts=2))
    workflow = flow(Stage("one", agent="ada", fallback=[bob, "cyd"], min_confidence=0.7, minimal="0.00"))

    assert workflow_from_data(json.loads(json.dumps(workflow_data(workflow)))) == workflow


# How sure a value is that others went into.

Rule = Literal["lowest", "product", "own"]
DIAMOND = [
    Stage("top", agent="a"),
    Stage("left", agent="a", after=["top"]),
    Stage("right", agent="a", after=["top"]),
    Stage("end", agent="a", after=["left", "right"]),
]


def joined(rule: Rule, stages: list[Stage], sure: dict[str, float | None], result: str | None = None) -> State:
    state = begun(Workflow("flow", stages, confidence=rule, result=result))
    for stage in stages:
        answer(state, Succeeded(value="1", confidence=sure.get(stage.name)), stage=stage.name)
    return state


@pytest.mark.parametrize(
    ("rule", "sure", "expected"),
    [
        ("lowest", {}, 1.0),
        ("lowest", {"top": 0.5, "left": 0.9, "end": 0.8}, 0.5),
        ("lowest", {"right": 0.2, "end": 0.8}, 0.2),
        ("lowest", {"end": 0.1, "top": 0.5}, 0.1),
        ("product", {"left": 0.5, "right": 0.5, "end": 0.5}, 0.125),
        ("product", {"top": 0.5}, 0.25),
        ("own", {"top": 0.1, "end": 0.8}, 0.8),
        ("own", {"top": 0.1}, 1.0),
        ("lowest", {"top": 0.0}, 0.0),
    ],
)
def test_a_value_is_as_sure_as_the_workflow_says(rule: Rule, sure: dict[str, float | None], expected: float) -> None:
    state = joined(rule, DIAMOND, sure)

    assert confidence_of(state, 3) == pytest.approx(expected)
    assert output_confidence(state) == pytest.approx(expected)


def test_an_output_of_several_stages_is_as_sure_as_the_least_sure_one() -> None:
    state = joined("own", DIAMOND[:3], {"left": 0.6, "right": 0.4})

    assert output_confidence(state) == 0.4


def test_the_output_may_be_the_value_of_one_stage_alone() -> None:
    assert output_confidence(joined("lowest", DIAMOND, {"end": 0.1, "left": 0.7}, result="left")) == 0.7


def test_a_chain_of_thousands_of_stages_is_joined_without_recursion() -> None:
    stages = [Stage("s0", agent="a"), *(Stage(f"s{n}", agent="a", after=[f"s{n - 1}"]) for n in range(1, 5_000))]
    state = begun(Workflow("deep", stages))
    answer(state, Succeeded(value="1", confidence=0.3), stage="s0")

    assert confidence_of(state, 4_999) == 0.3


def test_layers_of_many_stages_are_joined_once_each() -> None:
    layers = [[f"l{level}n{n}" for n in range(30)] for level in range(30)]
    stages = [
        Stage(name, agent="a", after=layers[level - 1] if level else [])
        for level in range(30)
        for name in layers[level]
    ]

    assert output_confidence(begun(Workflow("wide", stages))) == 1.0
