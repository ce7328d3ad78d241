"""Reconciliation: two lists that should tell the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import (
    CurrencyMismatch,
    CurrencyRequired,
    DefinitionError,
    DuplicateKey,
    FloatNotAllowed,
    InvalidAmount,
    MoneyError,
    NonFinite,
    OutOfRange,
)
from agentkit.money import FinancialProcessor, Money, Reconciliation, reconcile

Pair = tuple[str, str]
sides = st.dictionaries(st.text(min_size=1, max_size=2).filter(str.strip), st.integers(-500, 500), max_size=8)
cents = st.integers(0, 300)


def compared(left: Sequence[Pair], right: Sequence[Pair], **rest: object) -> Reconciliation:
    settings = {"key": lambda row: row[0], "amount": lambda row: row[1], "currency": "EUR", **rest}
    return reconcile(left, right, **settings)  # type: ignore[arg-type]  # short for tests


def euros(minor: int) -> Money:
    return Money.from_minor(minor, "EUR")


def test_rule_23_balanced_is_no_mismatch_nothing_one_sided_and_a_total_within_tolerance() -> None:
    books = [("a", "1.00"), ("b", "2.00")]

    assert compared(books, books[::-1]).is_balanced
    assert not compared(books, [("a", "1.00"), ("b", "2.01")]).is_balanced
    assert not compared(books, books[:1]).is_balanced
    assert not compared(books, [*books, ("c", "0.00")]).is_balanced, (
        "what is on one side alone counts, worth nothing too"
    )


def test_rule_23_lines_within_tolerance_are_listed_and_tolerance_is_inclusive() -> None:
    result = compared(
        [("a", "1.00"), ("b", "2.00"), ("c", "3.00")], [("a", "1.01"), ("b", "1.98"), ("c", "3.00")], tolerance="0.01"
    )

    assert [line.key for line in result.within_tolerance] == ["a"]
    assert [(line.key, line.difference) for line in result.mismatches] == [("b", euros(2))]
    assert [line.key for line in result.matched] == ["c"]


def test_rule_23_the_totals_have_a_tolerance_of_their_own() -> None:
    left, right = [("a", "1.00"), ("b", "1.00")], [("a", "1.01"), ("b", "1.01")]

    assert not compared(left, right, tolerance="0.01").is_balanced, "each line is tolerated, their sum is not"
    assert compared(left, right, tolerance="0.01", total_tolerance="0.02").is_balanced
    assert not compared(left, right, total_tolerance=5).is_balanced


@given(sides, sides, cents, cents)
def test_rule_23_every_key_has_one_line_and_the_differences_sum_to_the_total(
    left: dict[str, int], right: dict[str, int], tolerance: int, total_tolerance: int
) -> None:
    result = reconcile(
        left.items(), right.items(), key=lambda row: row[0], amount=lambda row: euros(row[1]),
        currency="EUR", tolerance=euros(tolerance), total_tolerance=euros(total_tolerance),
    )  # fmt: skip

    assert [line.key for line in result.lines] == [*left, *(key for key in right if key not in left)]
    assert Money.sum((line.difference for line in result.lines), "EUR") == result.difference
    assert result.difference == euros(sum(left.values()) - sum(right.values()))
    assert result.is_balanced == (
        left.keys() == right.keys()
        and all(abs(left[key] - right[key]) <= tolerance for key in left)
        and abs(sum(left.values()) - sum(right.values())) <= total_tolerance
    )
    parts = (result.matched, result.within_tolerance, result.mismatches, result.left_only, result.right_only)
    assert sum(map(len, parts)) == len(result.lines)


def test_rule_23_duplicate_keys_are_refused_or_summed_on_request() -> None:
    books, bank = [("a", "1.00"), ("a", "2.00")], [("a", "3.00")]

    with pytest.raises(DuplicateKey, match=r"left side .*'a' in rows 1, 2"):
        compared(books, bank)
    with pytest.raises(DuplicateKey, match="right side"):
        compared(bank, books)
    assert compared(books, bank, duplicates="sum").is_balanced
    with pytest.raises(DefinitionError):
        compared(books, bank, duplicates="keep")


def test_rule_23_a_text_and_a_number_are_different_keys() -> None:
    result = reconcile([{"id": 1, "n": 1}], [{"id": "1", "n": 1}], key="id", amount="n", currency="EUR")

    assert (len(result.left_only), len(result.right_only)) == (1, 1)


def test_fields_are_looked_up_in_mappings_and_objects() -> None:
    @dataclass
    class Sale:
        number: str
        total: Money

    result = reconcile([Sale("a", euros(100))], [Sale("a", euros(100))], key="number", amount="total")

    assert str(result) == "balanced: 1 matched; difference 0.00 EUR"
    with pytest.raises(InvalidAmount, match="row 1 of the left side: it has no 'paid'"):
        reconcile([Sale("a", euros(100))], [], key="number", amount="paid")


@pytest.mark.parametrize("key", [None, "", " \u00a0"])
def test_a_row_without_a_key_is_refused(key: str | None) -> None:
    with pytest.raises(InvalidAmount, match="row 1 of the right side: it has no key"):
        reconcile([], [{"id": key, "n": "1"}], key="id", amount="n", currency="EUR")
    with pytest.raises(InvalidAmount, match="cannot be compared"):
        reconcile([{"id": [], "n": "1"}], [], key="id", amount="n", currency="EUR")


def test_what_is_no_amount_of_the_currency_is_refused_with_side_and_row() -> None:
    cases: list[tuple[object, type[MoneyError]]] = [
        ("1,00", InvalidAmount), (1.0, FloatNotAllowed), ("NaN", NonFinite), (Money(1, "USD"), CurrencyMismatch)
    ]  # fmt: skip
    for amount, error in cases:
        with pytest.raises(error):
            compared([("a", "1.00"), ("b", amount)], [])  # type: ignore[list-item]  # what is tested
    with pytest.raises(CurrencyRequired, match="row 1 of the left side"):
        compared([("a", "1.00")], [], currency=None)
    with pytest.raises(CurrencyRequired, match="no rows"):
        compared([], [], currency=None)


@pytest.mark.parametrize(
    ("tolerance", "error"),
    [("-0.01", OutOfRange), (0.01, FloatNotAllowed), (True, InvalidAmount), (Money(1, "USD"), CurrencyMismatch)],
)
def test_a_tolerance_is_an_amount_from_zero_up(tolerance: object, error: type[MoneyError]) -> None:
    with pytest.raises(error):
        compared([], [], tolerance=tolerance)
    with pytest.raises(error):
        compared([], [], total_tolerance=tolerance)


def test_a_processor_reads_the_amounts_as_it_reads_all_others() -> None:
    processor = FinancialProcessor(currency="EUR")

    result = processor.reconcile([{"id": "a", "n": 0.1}], [{"id": "a", "n": "0.101"}], key="id", amount="n")

    assert result.is_balanced


def test_rule_23_a_comparison_is_told_in_words_and_as_json_data() -> None:
    result = compared([("a", "1.00"), ("b", "2.00"), ("c", "3")], [("a", "1.00"), ("b", "1.99"), ("d", "4")])

    assert str(result) == (
        "not balanced: 1 matched, 1 mismatched, 1 on the left only, 1 on the right only; difference -0.99 EUR"
    )
    wire = {minor: euros(minor).to_dict() for minor in (600, 699, -99, 0, 200, 199, 1, 300, 400, -400)}
    assert result.to_dict() == {
        "is_balanced": False,
        "left_total": wire[600],
        "right_total": wire[699],
        "difference": wire[-99],
        "tolerance": wire[0],
        "total_tolerance": wire[0],
        "matched": "1",
        "lines": [
            {"key": "b", "left": wire[200], "right": wire[199], "difference": wire[1], "status": "mismatch"},
            {"key": "c", "left": wire[300], "right": None, "difference": wire[300], "status": "left_only"},
            {"key": "d", "left": None, "right": wire[400], "difference": wire[-400], "status": "right_only"},
        ],
    }


def test_rule_23_several_duplicate_keys_are_named_one_by_one() -> None:
    with pytest.raises(DuplicateKey, match=r"2 key\(s\) more than once: 'a' in rows 1, 3; 'b' in rows 2, 4"):
        compared([("a", "1"), ("b", "1"), ("a", "1"), ("b", "1")], [])
