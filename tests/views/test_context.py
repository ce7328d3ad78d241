"""What became of a context: versions, differences, and who wrote what."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import Expired, IllegalEvent, NotFound
from agentkit.kernel import (
    SNAPSHOT_EVERY,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    ContextCompacted,
    ContextUpdated,
    Event,
    OperationAccepted,
    ResultCarried,
    SharedContext,
    Stage,
    Workflow,
    evolve,
    replay,
)
from agentkit.views import context_history, describe, history, shared_history

WRITES = {"log": "append", "best": "max:amount"}
FLOW = Workflow("flow", [Stage(name, agent="ada", writes=WRITES) for name in ("one", "two", "three")])
JOURNAL: Sequence[Event] = [
    OperationAccepted(at=1.0, operation_id="o", workflow=FLOW, input="null"),
    ResultCarried(at=1.0, stage="one", value="1", context='["{\\"log\\":[1]}","{\\"log\\":[2]}"]'),
    AttemptStarted(at=2.0, stage="two", attempt=1, agent="ada"),
    AttemptStarted(at=2.0, stage="three", attempt=1, agent="ada"),
    AttemptSucceeded(at=3.0, stage="two", attempt=1, value="2", context='{"log":[3],"best":{"amount":"9.5"}}'),
    AttemptSucceeded(at=4.0, stage="three", attempt=1, value="3", context='{"best":{"amount":"10"}}'),
]
UPDATES = [
    ContextUpdated(at=1.0, context='{"log":["a"]}', merges='{"log":"append"}', by="ada"),
    ContextUpdated(at=2.0, context='{"log":["b"],"rate":1}', merges='{"log":"append"}', by="bob"),
    ContextUpdated(at=3.0, context='{"rate":true}', by="cyd"),
]


def test_the_versions_of_an_operation_s_context_are_its_events() -> None:
    past = context_history(JOURNAL)

    assert [(version.number, version.by, version.attempt) for version in past.versions] == [
        (2, "one", None), (5, "two", 1), (6, "three", 1)
    ]  # fmt: skip
    assert past.read() == {"log": [1, 2, 3], "best": {"amount": "10"}}
    assert (past.read(at=0), past.read(at=4)) == ({}, {"log": [1, 2]})
    assert [version.by for version in past.blame("best")] == ["two", "three"]
    assert past.diff(2, 5).keys() == {"log", "best"}


def test_what_cannot_be_merged_cannot_have_happened_and_changes_nothing() -> None:
    state = replay(JOURNAL[:4])
    wrong = AttemptSucceeded(at=3.0, stage="two", attempt=1, value="2", context='{"best":{"amount":1},"log":[4]}')
    evolve(state, wrong)
    before = dict(state.context)
    for context in ('{"log":[5],"best":7}', '{"log":[5],"other":1}'):
        with pytest.raises(IllegalEvent, match="event 6 cannot be AttemptSucceeded, since"):
            evolve(state, AttemptSucceeded(at=4.0, stage="three", attempt=1, value="3", context=context))

    assert (state.context, state.context_version) == (before, 5)


def test_an_operation_refuses_the_events_of_shared_contexts() -> None:
    for event in (UPDATES[0], ContextCompacted(at=1.0, context="{}", version=0)):
        with pytest.raises(IllegalEvent, match="it belongs to a shared context"):
            evolve(replay(JOURNAL[:1]), event)


def test_a_shared_context_tells_versions_differences_and_blame() -> None:
    past = shared_history(UPDATES, name="context 'shared'")

    assert [past.read(at=n) for n in (0, 1)] == [{}, {"log": ["a"]}]
    assert past.read() == {"log": ["a", "b"], "rate": True}
    assert past.diff(2, 3)["rate"].before == 1
    assert [version.written["log"] for version in past.blame("log")] == [["a"], ["b"]]
    with pytest.raises(NotFound, match="context 'shared': no version that is kept wrote 'other'"):
        past.blame("other")
    with pytest.raises(NotFound, match="has no version 4; its newest is 3"):
        past.read(at=4)


def test_a_history_that_begins_with_a_snapshot_knows_what_came_after_it() -> None:
    context = SharedContext.replay(UPDATES[:2])
    events: list[Event] = [context.compacted(2.5, oldest=0), UPDATES[2]]
    past = shared_history(events, after=SNAPSHOT_EVERY - 1)

    assert (past.read(at=2), past.read()) == ({"log": ["a", "b"], "rate": 1}, {"log": ["a", "b"], "rate": True})
    assert [version.number for version in past.versions] == [3]
    with pytest.raises(Expired, match="version 1 is not kept any more; the oldest that is kept is 2"):
        past.read(at=1)


@given(st.lists(st.sampled_from(UPDATES), max_size=20), st.integers(0, 20))
def test_a_snapshot_changes_nothing_wherever_it_stands(updates: list[ContextUpdated], place: int) -> None:
    place = min(place, len(updates))
    plain = SharedContext.replay(updates)
    snapshot = SharedContext.replay(updates[:place]).compacted(9.0, oldest=0)
    with_it = SharedContext.replay([*updates[:place], snapshot, *updates[place:]])
    from_it = SharedContext.replay([snapshot, *updates[place:]], after=SNAPSHOT_EVERY - 1)

    assert with_it.entries == from_it.entries == plain.entries
    assert with_it.version == from_it.version == plain.version == len(updates)


@pytest.mark.parametrize(
    ("events", "after"),
    [
        ([CancelRequested(at=1.0)], 0),
        ([ContextUpdated(at=1.0, context="{}")], SNAPSHOT_EVERY - 1),
        ([ContextUpdated(at=1.0, context='{"a":1}', merges='{"a":"union"}')], 0),
        ([ContextUpdated(at=1.0, context="[1]")], 0),
        ([ContextCompacted(at=1.0, context="{}", version=4)], 0),
        ([ContextCompacted(at=1.0, context='{"a":7}', version=4)], SNAPSHOT_EVERY - 1),
    ],
    ids=["no context", "no snapshot in its place", "no list", "no mapping", "a version ahead", "no entries"],
)
def test_what_cannot_have_happened_to_a_shared_context_is_refused(events: list[Event], after: int) -> None:
    with pytest.raises(IllegalEvent):
        SharedContext.replay(events, after=after)


def test_events_of_shared_contexts_have_their_words() -> None:
    assert describe(UPDATES[1]) == "bob wrote log, rate"
    assert describe(ContextCompacted(at=1.0, context="{}", version=4, oldest=2)) == (
        "all of version 4 kept together, versions before 2 let go"
    )
    assert len(list(history(UPDATES))) == 3
