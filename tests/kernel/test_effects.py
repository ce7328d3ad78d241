"""What may be told of an effect, and when; what goes over to an operation that continues another."""

from typing import Any

import pytest

from agentkit.errors import AgentKitError, IllegalEvent, NotFound, TooLate, UsageError
from agentkit.kernel import (
    AttemptStarted,
    AttemptSucceeded,
    EffectCarried,
    EffectIntended,
    EffectSettled,
    EffectTold,
    KnownEffect,
    OperationAccepted,
    Stage,
    State,
    Workflow,
    carried_effects,
    evolve,
    outside_key,
    replay,
)

FLOW: Workflow[object] = Workflow("flow", [Stage("s", agent="a"), Stage("t", agent="a", after=["s"])])
ACCEPTED = OperationAccepted(at=0.0, operation_id="o", workflow=FLOW, input="null")
STARTED = AttemptStarted(at=1.0, stage="s", attempt=1, agent="a")
CARRIED = EffectCarried(at=0.0, stage="s", name="pay", key="7", outcome="intended", under="before")


def told(word: Any, **more: Any) -> EffectTold:
    return EffectTold(**{"stage": "s", "attempt": 1, "name": "pay", "key": "7", "word": word, **more})


def after(*words: Any) -> State:
    """Where an operation stands after its first attempt told so much."""
    state = replay([ACCEPTED, STARTED])
    for word in words:
        for event in told(word)(state, 2.0):
            evolve(state, event)
    return state


@pytest.mark.parametrize(
    ("before", "word", "events"),
    [
        ([], "intended", [EffectIntended]),
        (["intended", "failed"], "intended", [EffectIntended]),
        (["intended"], "again", [EffectSettled, EffectIntended]),
        (["intended"], "confirmed", [EffectSettled]),
        (["intended"], "failed", [EffectSettled]),
    ],
)
def test_what_may_be_told(before: list[str], word: str, events: list[type]) -> None:
    assert [type(event) for event in told(word, content="5")(after(*before), 3.0)] == events


@pytest.mark.parametrize(
    ("before", "word"),
    [
        (["intended"], "intended"),
        ([], "again"),
        ([], "confirmed"),
        (["intended", "failed"], "confirmed"),
        *[(["intended", "confirmed"], word) for word in ("intended", "again", "confirmed", "failed")],
    ],
)
def test_what_makes_no_sense_is_refused(before: list[str], word: str) -> None:
    with pytest.raises(UsageError, match="stage 's': effect 'pay' of '7'"):
        told(word)(after(*before), 3.0)


@pytest.mark.parametrize(
    ("more", "error"), [({"stage": "x"}, NotFound), ({"attempt": 2}, TooLate), ({"stage": "t"}, TooLate)]
)
def test_only_the_running_attempt_has_effects(more: dict[str, Any], error: type[AgentKitError]) -> None:
    with pytest.raises(error):
        told("intended", **more)(after(), 3.0)


def test_what_is_over_cannot_have_effects() -> None:
    state = evolve(after(), AttemptSucceeded(at=2.0, stage="s", attempt=1, value="1"))

    with pytest.raises(TooLate):
        told("intended")(state, 3.0)


def test_a_continued_operation_gets_what_happened_or_may_have() -> None:
    state = after("intended", "confirmed")
    for event in (*told("intended", key="8")(state, 3.0), *told("intended", key="9")(state, 3.0)):
        evolve(state, event)
    evolve(state, *told("failed", key="9")(state, 4.0))

    assert [(event.key, event.outcome, event.under) for event in carried_effects(state, 5.0)] == [
        ("7", "confirmed", "agentkit:o:s:pay:7"),
        ("8", "intended", "agentkit:o:s:pay:8"),
    ]


def test_an_effect_keeps_its_name_over_any_number_of_operations() -> None:
    state = replay([ACCEPTED, CARRIED, STARTED])
    for event in told("again")(state, 2.0):
        evolve(state, event)

    assert [(event.outcome, event.under) for event in carried_effects(state, 5.0)] == [("intended", "before")]
    assert outside_key("x", "pay", "7", KnownEffect(outcome="intended", under="before")) == "before"


def test_effects_are_carried_over_at_the_beginning_only() -> None:
    with pytest.raises(IllegalEvent):
        evolve(after(), CARRIED)
