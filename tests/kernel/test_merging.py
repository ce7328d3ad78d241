"""Merges: what stays of two values of one key, and what is refused."""

from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import DefinitionError, MergeConflict
from agentkit.kernel import ABSENT, MERGES, Stage, merged

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner))
lists = st.lists(values, max_size=4)
mappings = st.dictionaries(st.text(max_size=2), values, max_size=3)


@pytest.mark.parametrize(
    ("strategy", "old", "new", "stays"),
    [
        ("replace", [1], "x", "x"),
        ("conflict", 1, 2, 2),
        ("keep", 1, 2, 1),
        ("append", ["a"], ["a", "b"], ["a", "a", "b"]),
        ("append", ["a"], "b", ["a", "b"]),
        ("append", ABSENT, "b", ["b"]),
        ("union", ["b", "a"], ["a", "c"], ["b", "a", "c"]),
        ("union", [1, {"a": 1}], [True, 1.0, {"a": 1}], [1, {"a": 1}, True, 1.0]),
        ("union", ABSENT, ["a", "a"], ["a"]),
        ("deep_merge", {"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}, "d": 3}, {"a": {"b": 1, "c": [2]}, "d": 3}),
        ("max", 2, 10, 10),
        ("max", "9.50", "10.00", "10.00"),
        ("max", "b", "a", "b"),
        ("max", 1, 1.0, 1),
        ("max:bid.amount", {"bid": {"amount": "9"}}, {"bid": {"amount": "10"}}, {"bid": {"amount": "10"}}),
        ("smart", {"a": [1], "b": "x"}, {"a": [2], "b": "y", "c": 1}, {"a": [1, 2], "b": "y", "c": 1}),
        ("smart", 1, 2.5, 2.5),
        ("smart", None, [1], [1]),
    ],
)
def test_what_stays_of_two_values(strategy: str, old: object, new: object, stays: object) -> None:
    found = merged(strategy, "k", old, new)

    assert (found, type(found)) == (stays, type(stays))


@pytest.mark.parametrize(
    ("strategy", "old", "new", "words"),
    [
        ("append", "a", ["b"], "append cannot merge a list into a text; it needs a list"),
        ("union", ["a"], "b", "union cannot merge a text into a list"),
        ("union", ABSENT, 1, "union cannot merge a number; it needs lists"),
        ("deep_merge", {"a": 1}, [1], "deep_merge cannot merge a list into a mapping"),
        ("deep_merge", ABSENT, "x", "it needs mappings"),
        ("max", 1, "a", "it needs numbers, or texts"),
        ("max", True, False, "max cannot merge true or false"),
        ("max:amount", {"amount": 1}, {"price": 2}, "numbers, or texts, at 'amount'"),
        ("smart", {"a": [1]}, {"a": "x"}, "it needs values of the same kind"),
        ("smart", True, 1, "smart cannot merge a number into true or false"),
        ("max:", 1, 2, "'max:', which is unknown"),
        ("sum", 1, 2, "'sum', which is unknown; known are replace"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_the_key(strategy: str, old: object, new: object, words: str) -> None:
    with pytest.raises(MergeConflict, match="key 'k'") as refused:
        merged(strategy, "k", old, new)

    assert words in str(refused.value)


@pytest.mark.parametrize("strategy", ["deep_merge", "smart"])
def test_the_depth_of_a_merge_is_bounded_by_itself_and_not_by_its_caller(strategy: str) -> None:
    deep: object = 1
    for _ in range(99):
        deep = {"a": deep}
    assert merged(strategy, "k", {"a": deep}, {"a": deep}) == {"a": deep}

    with pytest.raises(MergeConflict, match="at most 100 mappings"):
        merged(strategy, "k", {"a": {"a": deep}}, {"a": {"a": deep}})


@given(st.sampled_from([*MERGES, "max:a"]), values, values)
def test_a_merge_changes_neither_of_its_values(strategy: str, old: object, new: object) -> None:
    before = deepcopy((old, new))
    with suppress(MergeConflict):
        merged(strategy, "k", old, new)

    assert repr((old, new)) == repr(before)


@given(lists, lists, lists)
def test_append_keeps_all_in_order(one: list[object], two: list[object], three: list[object]) -> None:
    both = merged("append", "k", one, two)

    assert both == [*one, *two]
    assert merged("append", "k", both, three) == merged("append", "k", one, merged("append", "k", two, three))


@given(lists, lists)
def test_union_is_idempotent_and_loses_nothing(one: list[object], two: list[object]) -> None:
    both = merged("union", "k", one, two)

    assert merged("union", "k", both, both) == both
    assert merged("union", "k", both, two) == both
    assert isinstance(both, list)
    assert all(item in both for item in [*one, *two])


@given(mappings, mappings, mappings)
def test_deep_merge_is_associative_on_keys_that_differ(
    one: dict[str, object], two: dict[str, object], three: dict[str, object]
) -> None:
    parts: list[object] = [
        {f"{place}{key}": value for key, value in part.items()} for place, part in enumerate((one, two, three))
    ]
    left = merged("deep_merge", "k", merged("deep_merge", "k", parts[0], parts[1]), parts[2])

    assert left == merged("deep_merge", "k", parts[0], merged("deep_merge", "k", parts[1], parts[2]))
    assert merged("deep_merge", "k", left, left) == left


@given(st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_max_does_not_depend_on_the_order(numbers: list[float]) -> None:
    kept: object = ABSENT
    for number in numbers:
        kept = merged("max", "k", kept, number)

    assert kept == max(numbers)


def test_a_stage_names_its_merges_and_only_known_ones() -> None:
    assert Stage("s", agent="a", writes={"best": "max:amount"}).writes == {"best": "max:amount"}
    with pytest.raises(DefinitionError, match=r"stage 's': writes: 'best' is merged by 'sum', which is unknown"):
        Stage("s", agent="a", writes={"best": "sum"})
