"""What is shown of effects and messages."""

import pytest

from agentkit.kernel import (
    AttemptCancelled,
    AttemptFailed,
    AttemptSucceeded,
    Decision,
    DoubtRaised,
    DoubtSettled,
    EffectCarried,
    EffectIntended,
    EffectSettled,
    Event,
    Failure,
    OperationAdopted,
    OperationCancelled,
)
from agentkit.views import effects_of, messages_of

NO = Failure(code="error", message="no", type="E")
INTENDED = EffectIntended(at=1.0, stage="s", attempt=1, name="pay", key="7", data='{"amount":"1.50"}')
CARRIED = EffectCarried(at=0.0, stage="s", name="pay", key="7", outcome="intended", under="k")


def settled(stage: str = "s", result: str = '"receipt"') -> EffectSettled:
    return EffectSettled(at=2.0, stage=stage, name="pay", key="7", outcome="confirmed", result=result)


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([], "intended"),
        ([settled()], "confirmed"),
        ([EffectSettled(at=2.0, stage="s", name="pay", key="7", outcome="failed")], "failed"),
        ([AttemptSucceeded(at=2.0, stage="s", attempt=1, value="1")], "unknown"),
        (
            [
                AttemptFailed(
                    at=2.0, stage="s", attempt=1, failure=Failure(code="error", message="no", type="E"), then="fail"
                )
            ],
            "unknown",
        ),
        ([AttemptCancelled(at=2.0, stage="s", attempt=1)], "unknown"),
        ([DoubtRaised(at=2.0, stage="s", attempt=1, reason="", name="pay", key="7")], "unknown"),
        ([OperationAdopted(at=2.0, owner="o", after_death=True)], "unknown"),
        ([OperationCancelled(at=2.0)], "unknown"),
        ([AttemptCancelled(at=2.0, stage="other", attempt=1)], "intended"),
        ([AttemptCancelled(at=2.0, stage="s", attempt=1), settled()], "confirmed"),
    ],
)
def test_an_effect_is_unknown_when_nobody_is_at_it_any_more(events: list[Event], status: str) -> None:
    (effect,) = effects_of([INTENDED, *events])

    assert (effect.status, effect.about, effect.intentions) == (status, {"amount": "1.50"}, 1)
    assert effect.at == (1.0 if status == "intended" else 2.0)


@pytest.mark.parametrize(
    ("decision", "status", "result"), [("done", "confirmed", 5), ("redo", "failed", 5), ("abort", "unknown", None)]
)
def test_a_person_settles_what_is_in_doubt(decision: Decision, status: str, result: object) -> None:
    raised = DoubtRaised(at=2.0, stage="s", attempt=1, reason="", name="pay", key="7")
    decided = DoubtSettled(at=3.0, stage="s", decision=decision, by="ada", value="5")

    (effect,) = effects_of([INTENDED, raised, decided])

    assert (effect.status, effect.result, effect.by) == (status, result, "" if decision == "abort" else "ada")


def test_what_another_operation_did_goes_to_the_item_that_takes_it_up() -> None:
    before = effects_of([CARRIED])
    after = effects_of([CARRIED, settled("s[3]")])

    assert [(effect.stage, effect.status, effect.intentions) for effect in before] == [("s", "unknown", 0)]
    assert [(effect.stage, effect.status, effect.result) for effect in after] == [("s[3]", "confirmed", "receipt")]


def test_messages_are_numbered_through_the_operation() -> None:
    one = AttemptSucceeded(at=1.0, stage="a", attempt=1, value="1", effects='[["x",1],["y",{"z":[2]}]]')
    none = AttemptSucceeded(at=2.0, stage="b", attempt=1, value="1")
    two = AttemptSucceeded(at=3.0, stage="c", attempt=2, value="1", effects='[["x",null]]')

    messages = list(messages_of([one, none, two]))

    assert [(message.number, message.stage, message.kind, message.content, message.at) for message in messages] == [
        (1, "a", "x", 1, 1.0),
        (2, "a", "y", {"z": [2]}, 1.0),
        (3, "c", "x", None, 3.0),
    ]
