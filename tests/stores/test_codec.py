"""Events come back from JSON as they were, whatever is in them; what would not is refused."""

import json
from functools import partial
from typing import cast, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import FormatTooNew, JournalCorrupt, UnstorableValue
from agentkit.kernel import (
    UNKNOWN_USAGE,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    DeadlinePassed,
    Event,
    Failure,
    Json,
    OperationAccepted,
    RetryPolicy,
    Stage,
    Usage,
    Workflow,
)
from agentkit.stores import Codec
from tests.strategies import workflows

# Half a surrogate pair is fine; two halves that meet are refused, which has a test of its own.
texts = st.text(st.characters(exclude_categories=()), max_size=20).filter(
    lambda text: json.loads(json.dumps(text)) == text
)
floats = st.floats(allow_nan=False, allow_infinity=False)
failures = st.builds(Failure, code=texts, type=texts, message=texts)
counts = st.none() | st.integers(0, 10**15)
usages = st.builds(
    Usage,
    calls=counts,
    seconds=st.none() | st.floats(0, 1e9),
    tokens=counts,
    money=st.none() | st.decimals(0, 10**9, places=4).map(str),
    currency=st.sampled_from(["USD", "EUR"]),
)
usages |= usages.map(lambda usage: usage + UNKNOWN_USAGE)
by_declaration: dict[object, st.SearchStrategy[object]] = {
    str: texts,
    str | None: st.none() | texts,
    int: st.integers(),
    float: floats,
    float | None: st.none() | floats,
    bool: st.booleans(),
    Failure: failures,
    Usage | None: st.none() | usages,
    Workflow[object]: workflows(),
}


def events(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: by_declaration.get(hint, st.from_type(hint)) for name, hint in hints.items()})


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_event_comes_back_equal(kind: type[Event]) -> None:
    codec = Codec()

    @given(events(kind))
    def check(event: Event) -> None:
        line = codec.encode(event)
        artifacts: dict[str, bytes] = {}
        beside = codec.encode(event, artifacts.__setitem__)

        assert line.isascii()
        assert codec.decode(line) == event
        assert codec.decode_many([beside.encode()], stream="s", load=artifacts.__getitem__) == [event]

    check()


def test_a_usage_of_an_older_journal_is_read_as_it_was() -> None:
    line = (
        '{"v":1,"type":"AttemptSucceeded","at":1.5,"stage":"a","attempt":1,"value":"1",'
        '"usage":{"calls":2,"tokens":null}}'
    )
    event = Codec().decode(line)

    assert isinstance(event, AttemptSucceeded)
    assert event.usage == Usage(calls=2, tokens=None)
    assert Codec().encode(event) == line


@given(texts)
def test_the_short_way_and_the_long_way_write_the_same(text: str) -> None:
    codec = Codec()
    event = CancelRequested(at=1.5, reason=text)
    schema = codec._by_type[CancelRequested]

    assert schema.line(event, most=100) in (None, json.dumps(schema.write(event), separators=(",", ":")))


def test_only_what_differs_from_its_default_is_written() -> None:
    line = Codec().encode(AttemptStarted(at=1.5, stage="ask", attempt=1, agent="clerk"))

    assert line == '{"v":1,"type":"AttemptStarted","at":1.5,"stage":"ask","attempt":1,"agent":"clerk"}'


@pytest.mark.parametrize(
    "event",
    [
        DeadlinePassed(at=float("nan")),
        DeadlinePassed(at=float("inf")),
        CancelRequested(at=1.0, reason="\ud83d\ude00"),
        AttemptStarted(at=10**5000, stage="ask", attempt=1, agent="clerk"),
        AttemptStarted(at=1.0, stage="ask", attempt=1, agent=cast("str", ("clerk",))),
        AttemptStarted(at=1.0, stage="ask", attempt=1, agent="clerk", timeout=cast("float", b"1")),
        cast("Event", object()),
    ],
    ids=["nan", "infinity", "a pair of surrogates", "a giant number", "a tuple", "bytes", "no event"],
)
def test_what_would_not_come_back_equal_is_refused(event: Event) -> None:
    with pytest.raises(UnstorableValue):
        Codec().encode(event)


def test_half_a_surrogate_pair_comes_back() -> None:
    event = CancelRequested(at=1.0, reason="a \ud83d b")

    assert Codec().decode(Codec().encode(event)) == event


def test_a_text_that_looks_like_the_codec_s_own_means_nothing() -> None:
    value = '{"value_artifact":"00","v":9,"type":"OperationAccepted"}'
    event = AttemptSucceeded(at=1.0, stage="ask", attempt=1, value=value)

    assert Codec().decode(Codec().encode(event)) == event


def test_large_texts_and_definitions_go_beside_the_line() -> None:
    artifacts: dict[str, bytes] = {}
    flow = Workflow("flow", [Stage(f"s{n}", agent="clerk", retry=RetryPolicy(attempts=2)) for n in range(50)])
    first, second = (OperationAccepted(at=1.0, operation_id=i, workflow=flow, input='"' * 70_000) for i in "ab")
    lines = [Codec().encode(event, artifacts.__setitem__) for event in (first, second)]

    assert max(map(len, lines)) < 400
    assert len(artifacts) == 2
    assert Codec().decode_many(lines, stream="s", load=artifacts.__getitem__) == [first, second]


def test_a_definition_is_built_once_however_many_operations_run_it() -> None:
    codec = Codec()
    flow = Workflow("flow", [Stage("ask", agent="clerk")])
    lines = [codec.encode(OperationAccepted(at=1.0, operation_id=i, workflow=flow, input="{}")) for i in "ab"]
    first, second = codec.decode_many(lines, stream="s")

    assert isinstance(first, OperationAccepted)
    assert isinstance(second, OperationAccepted)
    assert first.workflow is second.workflow


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"v":1}',
        '{"v":1,"type":"DeadlinePassed"}',
        '{"v":1,"type":"DeadlinePassed","at":1.0}}',
        '{"v":"1","type":"DeadlinePassed","at":1.0}',
        '{"v":0,"type":"DeadlinePassed","at":1.0}',
        '{"v":1,"type":["DeadlinePassed"],"at":1.0}',
        '{"v":1,"type":"OperationFailed","at":1.0,"failure":"x"}',
        '{"v":1,"type":"OperationAccepted","at":1.0,"operation_id":"o","input":"","workflow":{"name":"-"}}',
        '{"v":1,"type":"AttemptSucceeded","at":1.0,"stage":"s","attempt":1,"value_artifact":"00"}',
        "[" * 100_000,
    ],
    ids=lambda line: line[:50],
)
def test_what_is_no_event_is_damage_with_a_place(line: str) -> None:
    good = Codec().encode(DeadlinePassed(at=1.0))

    with pytest.raises(JournalCorrupt, match="'flow', event 8"):
        Codec().decode_many([good, line, good], stream="flow", first=7)


@pytest.mark.parametrize(
    "line", ['{"v":2,"type":"DeadlinePassed","at":1.0}', '{"v":1,"type":"OperationDreamed","at":1.0}']
)
def test_what_a_newer_agentkit_wrote_is_refused_by_name_and_version(line: str) -> None:
    kind = json.loads(line)["type"]

    with pytest.raises(FormatTooNew, match=f"{kind}.*version {json.loads(line)['v']}"):
        Codec().decode_many([line], stream="flow")


def renamed(record: dict[str, Json], *, old: str, new: str) -> dict[str, Json]:
    return {new if name == old else name: value for name, value in record.items()}


def test_old_events_are_lifted_step_by_step() -> None:
    lifts = {
        ("CancelRequested", 1): partial(renamed, old="because", new="why"),
        ("CancelRequested", 2): partial(renamed, old="why", new="reason"),
    }
    codec = Codec(lifts)
    event = CancelRequested(at=1.0, reason="rain")

    assert codec.encode(event).startswith('{"v":3,')
    for line in (
        '{"v":1,"type":"CancelRequested","at":1.0,"because":"rain"}',
        '{"v":2,"type":"CancelRequested","at":1.0,"why":"rain"}',
        codec.encode(event),
    ):
        assert codec.decode(line) == event
