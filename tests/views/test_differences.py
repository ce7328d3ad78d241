"""Where two JSON values differ."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.views import Difference, differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, max_size=3)
    ),
)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ('{"a":1,"b":2}', '{"b": 2, "a": 1}', []),
        ("1", "1.0", [("", "1", "1.0")]),
        ("1", "true", [("", "1", "true")]),
        ("[1,2]", "[2]", [("0", "1", "2"), ("1", "2", None)]),
        ('{"a":{"b":[0]}}', '{"a":{"b":[0,1]}}', [("a.b.1", None, "1")]),
        ('{"a":[]}', '{"a":{}}', [("a", "[]", "{}")]),
        ('{"a":null}', "{}", [("a", "null", None)]),
        (None, "1", [("", None, "1")]),
        (None, None, []),
    ],
)
def test_each_place_is_named_by_its_path(first: str | None, second: str | None, found: list[Any]) -> None:
    assert differences(first, second) == (tuple(Difference(*place) for place in found), 0)


@given(VALUES, VALUES)
def test_equal_values_and_only_these_have_no_differences(first: object, second: object) -> None:
    one, other = json.dumps(first), json.dumps(second)
    found, more = differences(one, other)

    assert (not found and not more) == (json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True))
    assert [(each.path, each.second, each.first) for each in differences(other, one)[0]].sort() == [
        (each.path, each.first, each.second) for each in found
    ].sort()


def test_only_so_many_are_kept_and_the_others_counted() -> None:
    found, more = differences(json.dumps([0] * 50), json.dumps([1] * 50), most=8)

    assert (len(found), more) == (8, 42)


def test_deep_values_are_compared_without_recursion() -> None:
    deep = "[" * 900 + "{}" + "]" * 900

    assert differences(deep.format("1"), deep.format("2"))[0][0].path == ".".join("0" * 900)
