"""The processor: what comes in, how it is rounded, and that what is shared sums to the whole."""

import threading
from collections.abc import Callable
from contextlib import suppress
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import (
    CurrencyMismatch,
    CurrencyRequired,
    DefinitionError,
    ExcessPrecision,
    FloatNotAllowed,
    InvalidAmount,
    InvalidPercentage,
    InvalidRatio,
    MoneyError,
    NonFinite,
    OutOfRange,
    PercentagesDoNotSum,
    PrecisionExceeded,
    RoundingRequired,
)
from agentkit.money import ExactMoney, FinancialProcessor, Money, PrecisionConfig, RevenueShare, Rounding

EUR = FinancialProcessor(currency="EUR")
HOSTILE = Context(prec=1, rounding=ROUND_UP, traps=[Inexact])

cents = st.integers(-(10**15), 10**15).map(lambda minor: Money.from_minor(minor, "EUR"))
percents = st.fractions(0, 100, max_denominator=1000)
roundings = st.sampled_from(sorted({*get_args(Rounding)} - {"UNNECESSARY"}))
places = st.none() | st.integers(-4, 2)
configs = st.builds(PrecisionConfig, rounding=roundings, decimal_places=places)
rubbish = st.one_of(
    st.none(), st.booleans(), st.text(max_size=8), st.floats(), st.binary(max_size=3), st.complex_numbers(),
    st.decimals(),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.lists(st.integers(), max_size=2), st.integers(),
)  # fmt: skip


def test_rule_05_a_float_is_read_by_its_shortest_text() -> None:
    assert EUR.validate_input(0.1) == Money("0.10", "EUR")
    assert EUR.validate_input(1e22).amount == Decimal("1e22")
    assert EUR.validate_input(2.675) == Money("2.68", "EUR"), "the text 2.675, and not the binary 2.67499..."


def test_rule_05_a_float_is_refused_where_the_policy_says_so() -> None:
    strict = FinancialProcessor(PrecisionConfig(float_policy="reject"), currency="EUR")

    with pytest.raises(FloatNotAllowed, match="float_policy"):
        strict.validate_input(0.1)


def test_rule_05_percentages_and_weights_are_never_floats() -> None:
    with pytest.raises(FloatNotAllowed):
        EUR.calculate_percentage(100, 12.5)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(FloatNotAllowed):
        EUR.calculate_revenue_share(100, 12.5)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(FloatNotAllowed):
        EUR.calculate_shares(100, {"a": 99.5}, remainder="b")  # type: ignore[dict-item]  # what is tested
    with pytest.raises(FloatNotAllowed):
        EUR.allocate(100, [0.5, 0.5])  # type: ignore[list-item]  # what is tested


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("sNaN"), Decimal("-Infinity"), "NaN", "-inf"])
def test_rule_06_nan_and_infinities_are_refused_whatever_their_form(value: float | Decimal | str) -> None:
    with pytest.raises(NonFinite):
        EUR.validate_input(value)


def test_rule_04_a_bool_is_no_amount_percentage_or_weight() -> None:
    with pytest.raises(InvalidAmount):
        EUR.validate_input(True)
    with pytest.raises(InvalidPercentage):
        EUR.calculate_percentage(100, True)
    with pytest.raises(InvalidRatio):
        EUR.allocate(100, [True])
    with pytest.raises(DefinitionError, match="decimal_places"):
        PrecisionConfig(decimal_places=True)


@pytest.mark.parametrize("value", ["-0", "-0.001", -0.0, Decimal("-0.00")])
def test_rule_07_a_result_is_never_negative_zero(value: str | float | Decimal) -> None:
    assert str(EUR.validate_input(value)) == "0.00 EUR"


def test_rule_08_a_processor_rounds_by_its_configuration() -> None:
    up, even = (
        FinancialProcessor(PrecisionConfig(rounding=each), currency="EUR") for each in ("ROUND_UP", "ROUND_HALF_EVEN")
    )

    assert up.validate_input("0.001") == Money("0.01", "EUR")
    assert even.validate_input("0.005") == Money("0.00", "EUR")
    assert up.calculate_percentage("0.10", 1) == Money("0.01", "EUR")


def test_rule_08_where_nothing_may_be_rounded_both_errors_say_so() -> None:
    exact = FinancialProcessor(PrecisionConfig(rounding="UNNECESSARY"), currency="EUR")

    with pytest.raises(ExcessPrecision):
        exact.validate_input("0.001")
    with pytest.raises(RoundingRequired):
        exact.calculate_percentage("0.10", 1)
    assert exact.calculate_percentage("10.00", "12.5") == Money("1.25", "EUR")


@given(cents, percents, configs)
def test_rule_09_the_decimal_context_of_the_caller_has_no_say(
    total: Money, percent: Fraction, config: PrecisionConfig
) -> None:
    processor = FinancialProcessor(config, currency="EUR")
    expected = processor.calculate_revenue_share(total, percent)

    with localcontext(HOSTILE):
        assert processor.calculate_revenue_share(total, percent) == expected
        assert processor.validate_input(str(total.amount)) == expected.total


def test_rule_09_more_digits_than_are_kept_are_an_error_and_more_decimals_are_rounded_once() -> None:
    narrow = FinancialProcessor(PrecisionConfig(precision=4), currency="EUR")

    assert narrow.validate_input("99.994999999999999999999999999999999999999") == Money("99.99", "EUR")
    with pytest.raises(PrecisionExceeded, match="4 significant digits"):
        narrow.validate_input("99.995")
    with pytest.raises(PrecisionExceeded):
        narrow.running_total(["60", "60"])
    with pytest.raises(PrecisionExceeded):
        EUR.validate_input("9" * 27)


@given(st.fractions(-(10**9), 10**9), configs)
def test_rule_09_an_intermediate_is_exact_and_rounded_once(value: Fraction, config: PrecisionConfig) -> None:
    processor = FinancialProcessor(config, currency="EUR")
    step = Fraction(1, 100) if config.decimal_places is None else Fraction(10) ** -config.decimal_places

    got = processor.validate_input(ExactMoney(value, "EUR")).fraction

    assert got % step == 0
    assert abs(got - value) <= (step / 2 if "HALF" in config.rounding else step)


@pytest.mark.parametrize(
    ("decimal_places", "rounded"), [(0, "1235.00"), (-1, "1230.00"), (-2, "1200.00"), (-4, "0.00")]
)
def test_rule_10_negative_decimal_places_round_to_tens_and_hundreds(decimal_places: int, rounded: str) -> None:
    coarse = FinancialProcessor(PrecisionConfig(decimal_places=decimal_places), currency="EUR")

    assert coarse.validate_input("1234.56") == Money(rounded, "EUR")
    assert Money.sum(coarse.allocate("123400", [1, 1, 1])) == coarse.validate_input("123400")


def test_rule_10_more_decimals_than_the_currency_has_are_refused_when_it_is_made() -> None:
    with pytest.raises(DefinitionError, match="ExactMoney"):
        FinancialProcessor(PrecisionConfig(decimal_places=2), currency="JPY")
    with pytest.raises(ExcessPrecision):
        FinancialProcessor(PrecisionConfig(decimal_places=2)).validate_input(Money(1, "JPY"))


def test_a_configuration_is_checked_completely_and_says_all_that_is_wrong() -> None:
    with pytest.raises(DefinitionError) as refused:
        PrecisionConfig(
            decimal_places=99, rounding="HALF", precision=29, minimum="1,5", maximum=0.5, float_policy="maybe"  # type: ignore[arg-type]  # what is tested
        )  # fmt: skip

    names = ["decimal_places", "rounding", "precision", "minimum", "maximum", "float_policy"]
    assert all(name in str(refused.value) for name in names)
    with pytest.raises(DefinitionError, match="above maximum"):
        PrecisionConfig(minimum=2, maximum="1.99")


@given(configs)
def test_a_configuration_comes_back_equal_from_json(config: PrecisionConfig) -> None:
    assert PrecisionConfig.from_dict(config.to_dict()) == config
    with pytest.raises(DefinitionError, match="places"):
        PrecisionConfig.from_dict({"places": 2})


def test_rule_11_bounds_belong_to_the_range_and_meet_the_rounded_value() -> None:
    bounded = FinancialProcessor(PrecisionConfig(minimum="0.01", maximum="10"), currency="EUR")

    assert bounded.validate_input("10.004") == Money("10.00", "EUR")
    assert bounded.validate_input("0.006") == Money("0.01", "EUR")
    for outside in ("10.006", "0.004", "-1"):
        with pytest.raises(OutOfRange):
            bounded.validate_input(outside)


def test_rule_12_amounts_of_two_currencies_do_not_meet() -> None:
    with pytest.raises(CurrencyMismatch):
        EUR.validate_input(Money(1, "USD"))
    with pytest.raises(CurrencyMismatch):
        FinancialProcessor().running_total([Money(1, "USD"), Money(1, "EUR")])
    with pytest.raises(CurrencyRequired):
        FinancialProcessor().validate_input("1")


def test_many_values_are_told_all_that_is_wrong_with_them_by_row() -> None:
    found = FinancialProcessor(PrecisionConfig(maximum=100), currency="EUR").validate_many(
        ["1", "1,5", 0.25, True, "101", Money(1, "USD"), None, Decimal("NaN")]  # type: ignore[list-item]  # what is tested
    )

    assert found.accepted == ((1, Money("1.00", "EUR")), (3, Money("0.25", "EUR")))
    assert [(issue.row, issue.code) for issue in found.issues] == [
        *[(2, "invalid_amount"), (4, "invalid_amount"), (5, "out_of_range")],
        *[(6, "currency_mismatch"), (7, "invalid_amount"), (8, "non_finite")],
    ]
    assert not found.is_clean


@given(st.lists(rubbish, max_size=8))
def test_each_of_many_values_is_accepted_or_has_an_issue(values: list[object]) -> None:
    found = EUR.validate_many(values)  # type: ignore[arg-type]  # what is tested

    rows = sorted([row for row, _ in found.accepted] + [issue.row for issue in found.issues])
    assert rows == list(range(1, len(values) + 1))


@given(rubbish, rubbish)
def test_only_money_errors_leave_a_calculation(amount: object, other: object) -> None:
    calls: list[Callable[[], object]] = [
        lambda: EUR.validate_input(amount),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.calculate_percentage(amount, other),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.calculate_revenue_share(amount, other),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.calculate_shares(1, other),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.allocate(amount, other),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.running_total(other),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.convert(amount, other, on=other, rates=other),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.tax(amount, other),  # type: ignore[arg-type]  # what is tested
        lambda: EUR.reconcile([amount], [other], key="id", amount="amount"),
        lambda: EUR.reconcile([], [], key=str, amount="amount", tolerance=amount),  # type: ignore[arg-type]  # what is tested
    ]
    for call in calls:
        with suppress(MoneyError):
            call()


@given(cents, percents, configs)
def test_rule_20_both_shares_sum_to_the_total_exactly(total: Money, percent: Fraction, config: PrecisionConfig) -> None:
    share = FinancialProcessor(config, currency="EUR").calculate_revenue_share(total, percent)

    assert share.creator_share + share.platform_share == share.total
    assert abs(share.creator_share.fraction - share.total.fraction * percent / 100) < 10**5


@given(cents, percents)
def test_rule_20_a_refund_is_shared_like_its_sale(total: Money, percent: Fraction) -> None:
    sale, refund = (EUR.calculate_revenue_share(each, percent) for each in (total, -total))

    assert refund.creator_share == -sale.creator_share
    assert refund.platform_share == -sale.platform_share


def test_rule_20_a_revenue_share_reads_like_a_mapping() -> None:
    share = EUR.calculate_revenue_share("100.01", "70")

    assert dict(share) == {
        "total": share.total,
        "creator_share": share.creator_share,
        "platform_share": share.platform_share,
    }
    assert share == dict(share) == RevenueShare(**share)
    assert hash(share) == hash(RevenueShare(**share))
    assert (len(share), share["platform_share"], share.get("label_share")) == (3, Money("30.00", "EUR"), None)
    with pytest.raises(KeyError):
        _ = share["keys"]


@pytest.mark.parametrize("percent", ["-0.01", "100.01", -1, 101, "12,5", "12%", "", True, None])
def test_rule_18_a_share_lies_between_0_and_100_percent(percent: str) -> None:
    with pytest.raises(InvalidPercentage):
        EUR.calculate_revenue_share(100, percent)
    with pytest.raises(InvalidPercentage):
        EUR.calculate_shares(100, {"artist": percent}, remainder="label")


def test_rule_18_nothing_and_all_are_shares() -> None:
    assert EUR.calculate_revenue_share("9.99", 0).platform_share == Money("9.99", "EUR")
    assert EUR.calculate_revenue_share("9.99", 100).creator_share == Money("9.99", "EUR")


def test_rule_18_shares_of_several_parties_are_exactly_100_or_name_who_takes_the_rest() -> None:
    with pytest.raises(PercentagesDoNotSum, match="less than 100 by"):
        EUR.calculate_shares(100, {"artist": 50, "label": "49.99"})
    with pytest.raises(PercentagesDoNotSum, match="more than 100"):
        EUR.calculate_shares(100, {"artist": 60, "label": 50}, remainder="writer")
    with pytest.raises(PercentagesDoNotSum):
        EUR.calculate_shares(100, {})

    shares = EUR.calculate_shares("0.10", {"artist": "33.3", "label": "33.3"}, remainder="writer")
    assert {party: str(amount) for party, amount in shares.items()} == {
        "artist": "0.03 EUR", "label": "0.03 EUR", "writer": "0.04 EUR"
    }  # fmt: skip


parties = st.dictionaries(st.text(max_size=5), st.fractions(0, 100, max_denominator=100), min_size=1, max_size=6)


@given(cents, parties.filter(lambda parts: sum(parts.values()) <= 100), configs)
def test_rule_18_shares_of_several_parties_sum_to_the_total(
    total: Money, parts: dict[str, Fraction], config: PrecisionConfig
) -> None:
    shares = FinancialProcessor(config, currency="EUR").calculate_shares(
        total, parts, remainder="the one who has the rest"
    )

    assert Money.sum(shares.values()) == shares.total
    assert list(shares) == [*parts, "the one who has the rest"]
    assert all(not shares[party] for party, percent in parts.items() if not percent)


@given(cents, st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any), configs)
def test_rule_19_parts_by_weight_sum_to_the_rounded_total(
    total: Money, weights: list[int], config: PrecisionConfig
) -> None:
    processor = FinancialProcessor(config, currency="EUR")
    for method in ("largest_remainder", "first", "last", "largest_weight", "separate", "cumulative"):
        assert Money.sum(processor.allocate(total, iter(weights), method=method)) == processor.validate_input(total)


def test_rule_19_no_such_method_is_a_money_error_here() -> None:
    with pytest.raises(MoneyError, match="there is no method"):
        EUR.allocate(1, [1], method="fair")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(MoneyError, match="separate"):
        EUR.calculate_shares(1, {"a": 100}, method="separate")


@given(st.lists(cents, max_size=20))
def test_a_running_total_ends_with_the_total(amounts: list[Money]) -> None:
    totals = EUR.running_total(iter(amounts))

    assert len(totals) == len(amounts)
    assert [later - earlier for earlier, later in zip((Money.zero("EUR"), *totals), totals, strict=False)] == amounts


def test_a_running_total_names_the_row_that_is_wrong() -> None:
    with pytest.raises(InvalidAmount, match=r"row 2: .*'x'"):
        EUR.running_total(["1", "x"])


def test_any_number_of_threads_may_use_one_processor() -> None:
    expected = [EUR.calculate_revenue_share(f"{number}.99", "33.3") for number in range(200)]
    wrong: list[int] = []

    def work() -> None:
        with localcontext(HOSTILE):
            got = [EUR.calculate_revenue_share(f"{number}.99", "33.3") for number in range(200)]
        if got != expected:
            wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_processor_says_how_it_rounds() -> None:
    config = PrecisionConfig(decimal_places=1)

    assert FinancialProcessor(config).config is config
