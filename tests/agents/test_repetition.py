"""Loops are told by equal calls, and by nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents import RepetitionGuard
from agentkit.errors import DefinitionError, Repetition


def said(guard: RepetitionGuard, *calls: tuple[str, object]) -> None:
    for agent, content in calls:
        guard.check(agent, content)


def test_the_same_call_again_and_again_is_refused() -> None:
    guard = RepetitionGuard(same=3)
    said(guard, ("ada", "x"), ("bob", "x"), ("ada", "y"), ("ada", "x"))

    with pytest.raises(Repetition, match="'ada' makes the same call for the 3rd time within 100 calls: 'x'") as raised:
        guard.check("ada", "x")
    assert (raised.value.agents, raised.value.times, raised.value.retryable) == (("ada",), 3, False)


def test_a_refused_call_is_not_counted_and_stays_refused() -> None:
    guard = RepetitionGuard(same=2)
    guard.check("ada", "x")

    for _ in range(3):
        with pytest.raises(Repetition, match="2nd time"):
            guard.check("ada", "x")


def test_data_is_compared_by_what_it_says() -> None:
    guard = RepetitionGuard(same=2)
    said(guard, ("ada", {"a": 1, "b": [2]}), ("ada", {"a": 1, "b": [3]}), ("ada", '{"a": 1, "b": [2]}'))

    with pytest.raises(Repetition):
        guard.check("ada", {"b": [2], "a": 1})


@pytest.mark.parametrize("contents", [("same", "same"), ("ask", "answer")], ids=str)
def test_two_agents_that_pass_the_same_back_and_forth_are_stopped(contents: tuple[str, str]) -> None:
    guard = RepetitionGuard(same=9)
    said(guard, ("eve", "z"), ("ada", contents[0]), ("bob", contents[1]), ("ada", contents[0]))

    with pytest.raises(Repetition, match="'ada' and 'bob' pass the same back and forth for the 2nd time") as raised:
        guard.check("bob", contents[1])
    assert (raised.value.agents, raised.value.times) == (("ada", "bob"), 2)


def test_back_and_forth_with_something_new_is_work() -> None:
    guard = RepetitionGuard()
    said(guard, *((agent, f"{agent} {turn}") for turn in range(50) for agent in ("ada", "bob")))
    said(guard, ("ada", "x"), ("bob", "y"), ("ada", "x"), ("eve", "y"))


def test_how_many_rounds_are_too_many_can_be_set() -> None:
    guard = RepetitionGuard(same=9, rounds=3)
    said(guard, *[("ada", "x"), ("bob", "x")] * 2, ("ada", "x"))

    with pytest.raises(Repetition, match="3rd time"):
        guard.check("bob", "x")


def test_what_was_long_ago_is_forgotten() -> None:
    guard = RepetitionGuard(same=2, window=4)
    said(guard, ("ada", "x"), *(("bob", turn) for turn in range(4)), ("ada", "x"))

    with pytest.raises(Repetition, match="within 4 calls"):
        guard.check("ada", "x")


@pytest.mark.parametrize("wrong", [{"same": 1}, {"rounds": 1}, {"same": 3, "window": 2}, {"rounds": 3, "window": 5}])
def test_a_guard_that_would_refuse_all_or_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(DefinitionError, match="repetition"):
        RepetitionGuard(**wrong)


def test_threads_share_a_guard() -> None:
    guard, ready = RepetitionGuard(same=20, rounds=40), threading.Barrier(8)

    def work(_: int) -> int:
        done = 0
        ready.wait(10)
        for _ in range(10):
            try:
                guard.check("ada", "x")
            except Repetition:
                break
            done += 1
        return done

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 19


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), max_size=40))
def test_a_guard_does_what_a_look_at_the_whole_list_would(calls: list[tuple[str, str]]) -> None:
    guard, made = RepetitionGuard(same=4, rounds=2, window=10), list[tuple[str, str]]()
    for call in calls:
        recent = made[-10:]
        circle = [*recent[-3:], call]
        swaps = len(circle) == 4 and circle[:2] == circle[2:] and circle[0][0] != circle[1][0]
        if recent.count(call) + 1 >= 4 or swaps:
            with pytest.raises(Repetition):
                guard.check(*call)
        else:
            guard.check(*call)
            made.append(call)
