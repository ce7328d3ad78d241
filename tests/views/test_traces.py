"""Traces: what is read from a header, and which ids work has."""

import pytest

from agentkit.views import child_trace, read_traceparent, trace_of

TOLD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("text", [TOLD, TOLD[:-1] + "0", "01" + TOLD[2:] + "-more"])
def test_a_header_of_the_standard_is_read(text: str) -> None:
    found = read_traceparent(text)

    assert found is not None
    assert (found.trace_id, found.span_id) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    assert found.is_sampled == (text[53:55] == "01")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ff" + TOLD[2:],
        TOLD.upper(),
        TOLD + "-more",
        TOLD + "\n",
        "00-" + "0" * 32 + TOLD[35:],
        TOLD[:36] + "0" * 16 + "-01",
        TOLD[:-3],
        "x" * 10_000,
    ],
)
def test_what_is_none_is_none(text: str) -> None:
    assert read_traceparent(text) is None


def test_ids_are_the_same_wherever_they_are_made_and_never_those_of_other_work() -> None:
    places = [
        trace_of("a", TOLD),
        trace_of("b", TOLD),
        trace_of("a", TOLD, stage="s", attempt=1),
        trace_of("a", TOLD, stage="s", attempt=2),
        trace_of("a", TOLD, stage="t", attempt=1),
    ]

    assert trace_of("a", TOLD) == places[0]
    assert len({place.span_id for place in places}) == 5
    assert {place.trace_id for place in places} == {TOLD[3:35]}


def test_an_operation_that_was_told_nothing_is_a_trace_of_its_own_in_which_its_children_are() -> None:
    own = trace_of("a", "")
    child = child_trace("a", "", stage="s", attempt=1)

    assert read_traceparent(child) == trace_of("a", "", stage="s", attempt=1)
    assert trace_of("child", child).trace_id == own.trace_id
    assert trace_of("b", "").trace_id != own.trace_id
