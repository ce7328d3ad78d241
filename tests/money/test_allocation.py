"""Splitting: the parts always sum to the whole, whatever the method, the weights and the sign."""

from array import array
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.errors import (
    DefinitionError,
    ExcessPrecision,
    InvalidAmount,
    InvalidPercentage,
    InvalidRatio,
    PercentagesDoNotSum,
    RoundingRequired,
)
from agentkit.money import (
    AllocationMethod,
    Money,
    Rounding,
    allocate_column,
    allocate_steps,
    complete_percents,
    shares_of_column,
)

METHODS: tuple[AllocationMethod, ...] = get_args(AllocationMethod)
ROUNDINGS: tuple[Rounding, ...] = tuple(mode for mode in get_args(Rounding) if mode != "UNNECESSARY")
totals = st.integers(0, 10**14)
weights = st.lists(st.integers(0, 1_000), min_size=1, max_size=9).filter(any)
scales = st.sampled_from([Fraction(1), Fraction(1, 7), Fraction(22, 3)])


@given(totals, weights, scales)
@settings(max_examples=1_000)
def test_rule_19_the_parts_always_sum_to_the_whole_and_negatives_mirror(
    total: int, given: list[int], scale: Fraction
) -> None:
    exact = [weight * scale for weight in given]
    whole = sum(exact)

    for method in METHODS:
        # Four totals for one drawing, since drawing takes longer than allocating.
        for other in (total // 3, 10**14 - total, 31 * total + 7):
            assert sum(allocate_steps(other, exact, method=method)) == other, method
            assert sum(allocate_steps(-other, exact, method=method)) == -other, method
        parts = allocate_steps(total, exact, method=method)
        assert sum(parts) == total, method
        assert len(parts) == len(given) + (method == "separate")
        assert allocate_steps(-total, exact, method=method) == [-part for part in parts]
        for part, weight in zip(parts, exact, strict=False):
            share = total * weight / whole
            base = floor(share)
            if method == "cumulative":
                assert abs(part - share) <= 1
            else:
                assert part in ({base} if method == "separate" or not weight else {base, base + 1}), method


def allocated(total: int, given: list[int], method: AllocationMethod) -> list[int]:
    """Allocate as the rule is written, one step after the other."""
    whole = sum(given)
    exact = [Fraction(total * weight, whole) for weight in given]
    if method == "cumulative":
        ends = [0, *(round(sum(exact[: number + 1])) for number in range(len(exact)))]
        return [end - start for start, end in pairwise(ends)]
    parts = [floor(share) for share in exact]
    if method == "separate":
        return [*parts, total - sum(parts)]
    served = [index for index, weight in enumerate(given) if weight]
    orders = {
        "largest_remainder": sorted(served, key=lambda index: (parts[index] - exact[index], index)),
        "first": served,
        "last": served[::-1],
        "largest_weight": sorted(served, key=lambda index: (-given[index], index)),
    }
    for index in orders[method]:
        if sum(parts) < total:
            parts[index] += 1
    return parts


@given(totals, weights)
@settings(max_examples=1_000)
def test_rule_19_each_method_gives_the_leftover_steps_to_whom_the_rule_names(total: int, given: list[int]) -> None:
    for method in METHODS:
        assert allocate_steps(total, given, method=method) == allocated(total, given, method), method


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        ("largest_remainder", [2, 2, 0, 4]),
        ("first", [2, 2, 0, 4]),
        ("last", [1, 2, 0, 5]),
        ("largest_weight", [1, 2, 0, 5]),
        ("separate", [1, 2, 0, 4, 1]),
        ("cumulative", [2, 2, 0, 4]),
    ],
)
def test_rule_19_each_method_by_hand(method: AllocationMethod, parts: list[int]) -> None:
    # The exact shares of 8 are 1 4/7, 2 2/7, 0 and 4 1/7.
    assert allocate_steps(8, [11, 16, 0, 29], method=method) == parts


def test_rule_19_cumulative_rounds_the_running_totals_half_even() -> None:
    assert allocate_steps(4, [1, 1, 1], method="cumulative") == [1, 2, 1]
    assert allocate_steps(3, [1, 1], method="cumulative") == [2, 1]
    assert allocate_steps(5, [1, 1], method="cumulative") == [2, 3]


def test_rule_19_ties_go_to_the_lower_index() -> None:
    assert allocate_steps(5, [1, 1, 1]) == [2, 2, 1]
    assert allocate_steps(5, [1, 1, 1], method="largest_weight") == [2, 2, 1]
    assert allocate_steps(5, [1, 1, 1], method="last") == [1, 2, 2]
    assert allocate_steps(-5, [1, 1, 1]) == [-2, -2, -1]


@pytest.mark.parametrize("method", METHODS)
def test_rule_19_zero_weights_receive_nothing_under_every_method(method: AllocationMethod) -> None:
    parts = allocate_steps(101, [0, 1, 0, 1, 1, 0], method=method)

    assert (parts[0], parts[2], parts[5]) == (0, 0, 0)
    assert sum(parts) == 101


@pytest.mark.parametrize("code", ["JPY", "EUR", "KWD", "CLF"])
def test_rule_19_money_is_allocated_in_steps_of_its_minor_unit(code: str) -> None:
    whole = Money.from_minor(-1000, code)
    parts = whole.allocate(["0.5", Decimal("0.25"), Fraction(1, 3), 0])

    assert Money.sum(parts) == whole
    assert [part.minor for part in parts] == [-461, -231, -308, 0]
    assert Money.sum(whole.split(7)) == whole


@pytest.mark.parametrize(
    "wrong", [[], [0, 0], [1, -1], [1, None], [1, "x"], ["1e3"], [[1]]], ids=lambda value: str(value) or "none"
)
def test_rule_19_weights_that_are_none_are_refused(wrong: list[int]) -> None:
    for method in METHODS:
        with pytest.raises(InvalidRatio) as caught:
            allocate_steps(5, wrong, method=method)
        assert caught.value.code == "invalid_ratio"


def test_rule_19_a_method_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DefinitionError, match="largest_remainder"):
        allocate_steps(5, [1], method="fair")  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, -1, None, "3", Decimal(3)])
def test_rule_19_a_number_of_parts_that_is_none_is_refused(count: int) -> None:
    with pytest.raises(InvalidRatio):
        Money(1, "EUR").split(count)


@given(st.integers(-(10**12), 10**12), st.integers(1, 60))
@settings(max_examples=1_000)
def test_rule_19_equal_parts_differ_by_one_step_at_most(minor: int, count: int) -> None:
    parts = [part.minor for part in Money.from_minor(minor, "EUR").split(count)]

    assert sum(parts) == minor
    assert max(parts) - min(parts) <= 1
    assert parts == allocate_steps(minor, [1] * count)


@pytest.mark.parametrize("percent", [-1, "100.01", Decimal("-0.0001"), 101, "x", None])
def test_rule_18_a_share_lies_between_0_and_100(percent: str) -> None:
    with pytest.raises(InvalidPercentage) as caught:
        Money(1, "EUR").share({"a": percent}, remainder="b")
    assert caught.value.code == "invalid_percentage"


def test_rule_18_shares_sum_to_exactly_100_or_name_who_takes_the_rest() -> None:
    whole = Money("100.01", "EUR")

    for wrong in ({"a": "33.33", "b": "33.33", "c": "33.33"}, {"a": 60, "b": 41}, {}):
        with pytest.raises(PercentagesDoNotSum) as caught:
            whole.share(wrong)
        assert caught.value.code == "percentages_do_not_sum"
    with pytest.raises(PercentagesDoNotSum):
        whole.share({"a": 60, "b": 41}, remainder="c")
    with pytest.raises(InvalidPercentage, match="takes the rest"):
        whole.share({"a": 60}, remainder="a")
    assert whole.share({"a": 0, "b": 100}) == {"a": whole * 0, "b": whole}
    assert {
        name: str(part.amount) for name, part in whole.share({"a": "33.3", "b": "33.3"}, remainder="c").items()
    } == {
        "a": "33.30",
        "b": "33.30",
        "c": "33.41",
    }


def test_rule_18_thirds_are_exact_where_they_are_fractions() -> None:
    third = Fraction(100, 3)

    assert complete_percents({"a": third, "b": third, "c": third}) == {"a": third, "b": third, "c": third}


@given(totals, st.lists(st.integers(0, 300), min_size=1, max_size=6).filter(lambda parts: sum(parts) <= 1000))
@settings(max_examples=500)
def test_rule_18_what_the_parties_get_sums_to_the_whole(minor: int, tenths: list[int]) -> None:
    whole = Money.from_minor(minor, "EUR")
    percents = {str(number): Fraction(tenth, 10) for number, tenth in enumerate(tenths)}

    for method in METHODS:
        if method != "separate":
            assert Money.sum(whole.share(percents, remainder="rest", method=method).values()) == whole
    with pytest.raises(DefinitionError):
        whole.share(percents, remainder="rest", method="separate")


@given(st.lists(st.integers(-(10**15), 10**15), max_size=20), st.integers(0, 10**4), st.sampled_from(ROUNDINGS))
@settings(max_examples=600)
def test_the_shares_of_a_column_are_those_of_each_amount(minor: list[int], basis: int, rounding: Rounding) -> None:
    percent = Fraction(basis, 100)
    expected = [Money.from_minor(one, "EUR").percentage(percent, rounding=rounding).minor for one in minor]

    assert shares_of_column(minor, percent, rounding=rounding) == expected
    assert shares_of_column(array("q", minor), percent, rounding=rounding) == expected


def test_halves_of_a_column_go_to_the_even_cent() -> None:
    assert shares_of_column(list(range(-5, 6)), 50) == [-2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2]
    assert shares_of_column([4, 12, 20, -4, 3], "12.5") == [0, 2, 2, 0, 0]
    assert shares_of_column([4, 12, -4, 20], "37.5") == [2, 4, -2, 8]
    assert shares_of_column([4, 12, -4, 20], "37.5", rounding="ROUND_FLOOR") == [1, 4, -2, 7]
    with pytest.raises(InvalidAmount, match="row 2"):
        shares_of_column([4, True, "x"], 50)  # type: ignore[list-item]  # what is tested
    with pytest.raises(RoundingRequired):
        shares_of_column([1], 50, rounding="UNNECESSARY")


@pytest.mark.parametrize(
    ("amount", "code", "cash", "adjustment"),
    [
        ("12.32", "CHF", "12.30", "-0.02"),
        ("12.33", "CHF", "12.35", "0.02"),
        ("-12.33", "CHF", "-12.35", "-0.02"),
        ("12.50", "SEK", "13.00", "0.50"),
        ("12.25", "DKK", "12.50", "0.25"),
        ("12", "HUF", "10.00", "-2.00"),
    ],
)
def test_rule_16_cash_rounding_acts_on_the_total_and_shows_the_adjustment(
    amount: str, code: str, cash: str, adjustment: str
) -> None:
    total = Money(amount, code)
    paid, difference = total.round_cash()

    assert (paid, difference) == (Money(cash, code), Money(adjustment, code))
    assert total + difference == paid


def test_rule_16_a_step_of_cash_may_be_named() -> None:
    total = Money("7.03", "EUR")

    assert total.round_cash("0.05") == (Money("7.05", "EUR"), Money("0.02", "EUR"))
    assert total.round_cash(Decimal("0.05"), rounding="ROUND_DOWN") == (Money("7.00", "EUR"), Money("-0.03", "EUR"))
    with pytest.raises(DefinitionError, match="no rule for cash"):
        total.round_cash()
    with pytest.raises(DefinitionError, match="above zero"):
        total.round_cash("0")
    with pytest.raises(ExcessPrecision):
        total.round_cash("0.001")
    with pytest.raises(RoundingRequired):
        total.round_cash("0.05", rounding="UNNECESSARY")


def test_rule_16_a_step_of_cash_may_be_as_small_as_the_minor_unit() -> None:
    assert Money("12.33", "EUR").round_cash("0.01") == (Money("12.33", "EUR"), Money(0, "EUR"))


@given(st.lists(st.integers(-1000, 1000)), st.lists(st.integers(0, 50), min_size=1, max_size=4).filter(any))
def test_a_column_is_split_as_each_of_its_totals_is(totals: list[int], weights: list[int]) -> None:
    for method in METHODS:
        split = allocate_column(totals, weights, method=method)
        assert split == [allocate_steps(total, weights, method=method) for total in totals]
        assert list(map(sum, split)) == totals


def test_a_column_of_what_is_no_number_of_steps_is_refused() -> None:
    with pytest.raises(InvalidAmount):
        _ = allocate_column([1, True], [1])
    with pytest.raises(InvalidRatio):
        _ = allocate_column([], [0])
