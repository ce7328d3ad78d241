"""What an operation used, by attempt, stage and agent; unknown stays unknown."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import IllegalEvent
from agentkit.kernel import (
    AgentUnavailable,
    ApprovalRequested,
    AttemptCancelled,
    AttemptFailed,
    AttemptSucceeded,
    CancelRequested,
    DoubtRaised,
    Event,
    Fallback,
    ItemsMapped,
    OperationAdopted,
    RetryPolicy,
    Stage,
    UndoBegan,
    Usage,
    Workflow,
)
from agentkit.views import CostFold, Costs, costs_of
from tests.kernel.scenes import NO, accepted, started
from tests.views.journals import Journal, journals

TWO: Workflow[object] = Workflow(
    "flow",
    [
        Stage("read", agent="ada", retry=RetryPolicy(attempts=2), fallback=[Fallback("bob")]),
        Stage("write", agent="ada"),
    ],
)
USD = Usage(calls=2, seconds=1.5, tokens=30, money="0.10", currency="USD")


def costs(*events: Event, flow: Workflow[object] = TWO) -> Costs:
    return costs_of([accepted(flow), *events])


def succeeded(stage: str, usage: Usage | None, *, attempt: int = 1, at: float = 4.0) -> AttemptSucceeded:
    return AttemptSucceeded(at=at, stage=stage, attempt=attempt, value="1", usage=usage)


def test_what_was_said_is_summed_by_group_with_items_and_undoings() -> None:
    flow: Workflow[object] = Workflow(
        "flow",
        [Stage("a", agent="ada", group="sides", undo="cyd"), Stage("b", agent="bob", group="sides"), TWO["write"]],
    )
    names = ("a", "ada"), ("b", "bob"), ("write", "ada"), ("a:undo", "cyd")
    events = [event for stage, who in names for event in (started(stage, agent=who), succeeded(stage, USD))]
    seen = costs(*events[:6], CancelRequested(at=5), UndoBegan(at=6, stage="a"), *events[6:], flow=flow)

    assert {name: (cost.attempts, cost.usage.tokens) for name, cost in seen.groups.items()} == {"sides": (3, 90)}


def test_what_was_said_is_summed_by_stage_and_by_agent() -> None:
    failed = AttemptFailed(at=1, stage="read", attempt=1, failure=NO, then="fall_back", retry_at=1, usage=USD)
    seen = costs(
        started("read"),
        failed,
        started("read", 2, at=1, agent="bob"),
        succeeded("read", USD, attempt=2),
        started("write", at=4),
        succeeded("write", Usage(calls=1, seconds=2, tokens=5), at=9),
    )

    assert [(row.stage, row.attempt, row.agent, row.usage.tokens) for row in seen.attempts] == [
        ("read", 1, "ada", 30),
        ("read", 2, "bob", 30),
        ("write", 1, "ada", 5),
    ]
    assert (seen.stages["read"].usage, seen.stages["read"].attempts) == (USD + USD, 2)
    assert (seen.agents["ada"].usage.tokens, seen.agents["bob"].usage.tokens) == (35, 30)
    assert seen.total.usage == Usage(calls=5, seconds=5.0, tokens=65, money="0.20", currency="USD")
    assert seen.total.is_complete
    assert seen.operation_id == "op"


def test_an_attempt_that_says_nothing_is_one_call_and_its_time() -> None:
    seen = costs(started("read", at=1), succeeded("read", None))

    assert seen.total.usage == Usage(calls=1, seconds=3.0)


def test_an_attempt_that_says_nothing_and_asks_people_is_no_call() -> None:
    asks = ApprovalRequested(at=4, stage="read", attempt=1, name="sure", approval='{"quorum":1}')

    assert costs(started("read", at=1), asks).total.usage == Usage(calls=0, seconds=3.0)


def test_what_nobody_said_of_its_time_is_what_it_took() -> None:
    seen = costs(started("read", at=1), succeeded("read", Usage(calls=2, tokens=7)))

    assert seen.total.usage == Usage(calls=2, seconds=3.0, tokens=7)


def test_unknown_stays_unknown_and_the_rest_is_the_least() -> None:
    seen = costs(
        started("read"),
        succeeded("read", Usage(calls=1, seconds=1, tokens=None)),
        started("write"),
        succeeded("write", USD),
    )

    assert (seen.total.usage.tokens, seen.total.at_least.tokens, seen.total.is_complete) == (None, 30, False)
    assert (seen.stages["write"].is_complete, seen.total.usage.money) == (True, "0.10")


def test_what_is_known_of_an_attempt_of_which_not_all_is_known_is_the_least_too() -> None:
    partly = Usage(calls=2, seconds=1, tokens=None, least_tokens=4, money=None, least_money="0.10", currency="USD")
    seen = costs(started("read"), succeeded("read", partly), started("write"), succeeded("write", USD)).total

    assert (seen.usage.money, seen.at_least.money) == (None, "0.20")
    assert (seen.at_least.tokens, seen.is_complete) == (34, False)


def test_an_attempt_that_was_cut_off_is_unknown() -> None:
    seen = costs(
        started("read"), OperationAdopted(at=2, owner="b", after_death=True), succeeded("read", USD), started("write")
    )

    assert [(row.runs, row.usage.money) for row in seen.attempts] == [(2, None)]
    assert seen.total.at_least == USD


def test_a_child_that_goes_on_is_not_cut_off() -> None:
    child: Workflow[object] = Workflow("child", [Stage("a", agent="ada")])
    flow: Workflow[object] = Workflow("flow", [Stage("read", workflow=child)])
    adopted = OperationAdopted(at=2, owner="b", after_death=True)
    seen = costs(started("read", agent="child"), adopted, succeeded("read", USD), flow=flow)

    assert (seen.total.usage, [row.runs for row in seen.attempts], list(seen.agents)) == (USD, [1], ["child"])


ENDS: Sequence[Sequence[Event]] = [
    [AttemptFailed(at=4, stage="read", attempt=1, failure=NO, then="fail", usage=USD)],
    [CancelRequested(at=4), AttemptCancelled(at=4, stage="read", attempt=1, usage=USD)],
    [DoubtRaised(at=4, stage="read", attempt=1, reason="lost", usage=USD)],
    [
        ApprovalRequested(
            at=4,
            stage="read",
            attempt=1,
            name="sure",
            approval='{"quorum":1}',
            usage=USD,
        )
    ],
]


@pytest.mark.parametrize("events", ENDS, ids=range(len(ENDS)))
def test_every_end_of_an_attempt_is_counted(events: Sequence[Event]) -> None:
    assert costs(started("read"), *events).total.usage == USD


def test_an_agent_that_was_not_there_used_nothing() -> None:
    gone = AgentUnavailable(at=1, stage="read", attempt=1, agent="ada", retry_at=5)

    assert costs(started("read"), gone).attempts == ()


def test_what_still_runs_is_not_in_it() -> None:
    assert costs(started("read")).total.attempts == 0


def test_items_are_summed_in_their_stage() -> None:
    flow: Workflow[object] = Workflow(
        "flow", [Stage("read", agent="ada", map="list", after=["list"]), Stage("list", agent="bob")]
    )
    listed = AttemptSucceeded(at=1, stage="list", attempt=1, value="[1,2]", usage=Usage(calls=1, seconds=1))
    seen = costs(
        started("list", agent="bob"),
        listed,
        ItemsMapped(at=1, stage="read", count=2),
        started("read[0]", at=1),
        succeeded("read[0]", USD),
        flow=flow,
    )

    assert list(seen.stages) == ["list", "read"]
    assert seen.stages["read"].usage == USD


def test_a_journal_without_its_beginning_is_refused() -> None:
    with pytest.raises(IllegalEvent, match="begins with OperationAccepted"):
        costs_of([started("read")])


@given(journals(), st.data())
def test_sums_agree_with_the_attempts_after_every_event(journal: Journal, data: st.DataObject) -> None:
    first, *others = journal.events
    fold = CostFold(first)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - it is the acceptance
    for event in others[: data.draw(st.integers(0, len(others)))]:
        fold.apply(event)
    seen = fold.costs()

    for sums in (seen.stages, seen.agents):
        assert sum(cost.attempts for cost in sums.values()) == seen.total.attempts == len(seen.attempts)
        assert sum(cost.at_least.calls or 0 for cost in sums.values()) == seen.total.at_least.calls
    assert seen.total.is_complete == all(cost.is_complete for cost in seen.stages.values())
