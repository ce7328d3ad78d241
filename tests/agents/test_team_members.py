"""Choosing members: the smallest sufficient set, the cheapest or the surest of them, and who is missing."""

from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents import Team, choose_members
from agentkit.errors import CapabilityMissing, DefinitionError
from agentkit.testing import ScriptedAgent

ANN = ScriptedAgent("ann", expertise={"law"})
BOB = ScriptedAgent("bob", expertise={"tax"})
CAT = ScriptedAgent("cat", expertise={"law", "tax"})
DAN = ScriptedAgent("dan", expertise={"law", "tax", "chess"})
ALL = [ANN, BOB, CAT, DAN]


def names(**settings: Any) -> list[str]:
    return [one.name for one in choose_members(ALL, {"law", "tax"}, **settings)]


def test_the_smallest_set_is_taken_although_the_first_ones_would_do() -> None:
    assert names() == ["cat"]


def test_of_two_smallest_sets_the_cheaper_one_is_taken() -> None:
    assert names(by="price", prices={"ann": 0, "bob": 0, "cat": "0.30", "dan": Decimal("0.20")}) == ["dan"]


def test_a_cheaper_set_that_is_larger_is_not_taken() -> None:
    assert names(by="price", prices={"ann": 0, "bob": 0, "cat": 9, "dan": 10}) == ["cat"]


def test_of_two_smallest_sets_the_surer_one_is_taken() -> None:
    assert names(by="success", success={"ann": 1, "bob": 1, "cat": 0.8, "dan": 0.9}) == ["dan"]


@pytest.mark.parametrize(
    ("figures", "chosen"),
    [
        ({}, "cat"),
        ({"by": "price", "prices": {"ann": 0, "bob": 0, "cat": 2, "dan": 1}}, "dan"),
        ({"by": "success", "success": {"ann": 1, "bob": 1, "cat": 0.8, "dan": 0.9}}, "dan"),
    ],
)
def test_a_team_is_chosen_by_the_same_figures(figures: dict[str, Any], chosen: str) -> None:
    assert [one.name for one in Team.choose(ALL, {"law", "tax"}, **figures)] == [chosen]


def test_what_nobody_can_do_is_named_with_those_who_were_asked() -> None:
    with pytest.raises(CapabilityMissing, match="nobody has expertise in sailing; candidates are ann, bob") as error:
        Team.choose([ANN, BOB], ["law", "sailing"])

    assert error.value.missing == ("sailing",)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"by": "price", "prices": {"ann": 1, "bob": 1, "cat": 1}}, r"prices\['dan'\] .* and is missing"),
        ({"by": "price", "prices": dict.fromkeys(["ann", "bob", "cat", "dan"], 0.1)}, "exact amount from 0 on"),
        ({"by": "price", "prices": dict.fromkeys(["ann", "bob", "cat", "dan"], "NaN")}, "exact amount from 0 on"),
        ({"by": "price", "prices": dict.fromkeys(["ann", "bob", "cat", "dan"], -1)}, "exact amount from 0 on"),
        ({"by": "success", "success": dict.fromkeys(["ann", "bob", "cat", "dan"], 1.5)}, "a share from 0 to 1"),
        (
            {"by": "success", "success": dict.fromkeys(["ann", "bob", "cat", "dan"], float("nan"))},
            "a share from 0 to 1",
        ),
        ({"by": "charm"}, "by must be order, price or success, not 'charm'"),
    ],
)
def test_figures_that_are_missing_or_wrong_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        names(**settings)


@pytest.mark.parametrize("needs", [[], [f"skill{number}" for number in range(17)]])
def test_nothing_and_too_much_cannot_be_needed(needs: list[str]) -> None:
    with pytest.raises(DefinitionError, match="give 1 to 16 capabilities"):
        choose_members(ALL, needs)


def test_one_need_may_be_given_as_a_text() -> None:
    assert [one.name for one in choose_members(ALL, "tax")] == ["bob"]


skills = st.lists(st.sets(st.sampled_from("abcd")), min_size=1, max_size=6)


@given(skills, st.sets(st.sampled_from("abcd"), min_size=1), st.sampled_from(["price", "success"]), st.data())
def test_what_is_chosen_is_the_best_of_all_sets_there_are(
    has: list[set[str]], needs: set[str], by: Any, data: st.DataObject
) -> None:
    agents = [ScriptedAgent(f"a{number}", expertise=words) for number, words in enumerate(has)]
    shares = [data.draw(st.integers(1, 8)) for _ in agents]
    figures = {one.name: share / 8 if by == "success" else share for one, share in zip(agents, shares, strict=True)}

    def rank(team: tuple[ScriptedAgent, ...]) -> tuple[float, float, list[int]]:
        total = 0 if by == "price" else 1
        for one in team:
            total = total + figures[one.name] if by == "price" else total * figures[one.name]  # type: ignore[assignment] # a figure
        return len(team), total if by == "price" else -total, [agents.index(one) for one in team]

    sets = [
        team
        for size in range(1, len(agents) + 1)
        for team in combinations(agents, size)
        if needs <= {word for one in team for word in one.personality.expertise}
    ]
    settings: dict[str, Any] = {"by": by, "prices" if by == "price" else "success": figures}
    if not sets:
        with pytest.raises(CapabilityMissing):
            choose_members(agents, needs, **settings)
    else:
        assert choose_members(agents, needs, **settings) == min(sets, key=rank)
