"""What a processor tells its audit trail, and doing it again from there."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import AmbiguousNumber, Closed, MoneyError, NonFinite, RateStale
from agentkit.money import (
    CURRENCIES,
    DATA_VERSION,
    AuditTrail,
    FinancialProcessor,
    MemorySink,
    Money,
    PrecisionConfig,
    RateTable,
    TaxRule,
    parse_money,
    replay_calculations,
)

RATES = RateTable.from_rows([{"base": "EUR", "quote": "USD", "rate": "1.0811", "date": "2024-03-28", "source": "ECB"}])
VAT = TaxRule(name="VAT", percent=Fraction(20, 3), scope="invoice_to_lines")


class Noon:
    """A clock that stands still."""

    def now(self) -> float:
        return 1_711_713_600.0


def audited(**settings: object) -> tuple[FinancialProcessor, AuditTrail]:
    trail = AuditTrail(MemorySink(), clock=Noon())
    config = PrecisionConfig(**settings)  # type: ignore[arg-type]  # short for tests
    return FinancialProcessor(config, currency="EUR", audit=trail, actor="ada"), trail


def everything(processor: FinancialProcessor) -> None:
    processor.validate_input("19.899")
    processor.validate_many(["1", "x", Decimal("2.5")])
    processor.calculate_percentage(Money("10.00", "EUR"), Fraction(1, 3))
    processor.calculate_revenue_share(0.99, "70")
    processor.calculate_shares(100, {"artist": 50}, remainder="label")
    processor.allocate(-5, ["1", 2, Decimal("0.5")], method="last")
    processor.convert("10", "USD", on="2024-03-29", rates=RATES)
    processor.tax(["1.00", "2.00"], VAT)
    processor.running_total(["1", "2"])
    processor.reconcile([{"id": 1, "n": "1"}], [{"id": 1, "n": "2"}], key="id", amount="n")


def test_rule_37_each_calculation_is_one_entry_with_inputs_outputs_rounding_and_data_versions() -> None:
    processor, trail = audited(rounding="ROUND_HALF_UP")

    everything(processor)

    entries = [*trail.entries()]
    assert [entry.operation for entry in entries] == [
        "validate_input", "validate_many", "calculate_percentage", "calculate_revenue_share", "calculate_shares",
        "allocate", "convert", "tax", "running_total", "reconcile",
    ]  # fmt: skip
    assert {(entry.actor, entry.rounding, entry.refusal) for entry in entries} == {("ada", "ROUND_HALF_UP", None)}
    assert all(entry.inputs and entry.outputs and entry.data_versions["iso4217"] == DATA_VERSION for entry in entries)
    assert entries[6].data_versions == {"iso4217": DATA_VERSION, "rates": RATES.version}
    assert trail.verify().size == len(entries)


def test_rule_37_each_refusal_is_one_entry_with_its_code() -> None:
    processor, trail = audited(maximum=10)

    for call in (
        lambda: processor.validate_input("11"),
        lambda: processor.calculate_shares(1, {"a": 1}),
        lambda: processor.convert(1, "USD", rates=RATES),
        lambda: processor.running_total(5),  # type: ignore[arg-type]  # what is tested
        lambda: processor.allocate(1, [1], method="fair"),  # type: ignore[arg-type]  # what is tested
    ):
        with pytest.raises(MoneyError):
            call()

    assert [(entry.refusal or {}).get("code") for entry in trail.entries()] == [
        "out_of_range", "percentages_do_not_sum", "date_required", "money_invalid", "money_invalid"
    ]  # fmt: skip
    assert all(entry.outputs is None for entry in trail.entries())


def test_rule_05_an_entry_says_that_an_amount_was_a_float() -> None:
    processor, trail = audited()

    processor.validate_input(0.1)

    assert trail.entry(1).inputs["value"] == {"float": "0.1"}


def test_what_is_no_text_a_trail_could_keep_is_recorded_as_messages_show_it() -> None:
    processor, trail = audited()

    for value in ("\ud800", "x" * 2000, object, "\udfff"):
        with pytest.raises(MoneyError):
            processor.validate_input(value)  # type: ignore[arg-type]  # what is tested

    recorded = [str(entry.inputs["value"]) for entry in trail.entries()]
    assert recorded[0] == "'\\ud800'"
    assert len(recorded[1]) < 100
    assert recorded[2] == "<class 'object'>"
    assert recorded[3] == "'\\udfff'"
    with pytest.raises(MoneyError):
        processor.validate_input("１２")
    assert trail.entry(5).inputs["value"] == "１２"


def test_a_result_whose_entry_cannot_be_written_is_not_handed_out() -> None:
    processor, trail = audited()
    trail.close()

    with pytest.raises(Closed):
        processor.validate_input("1")


def test_rule_39_what_entries_say_can_be_done_again_with_the_same_outputs() -> None:
    processor, trail = audited(decimal_places=1, minimum=-100, maximum="1000")
    everything(processor)

    done = trail.replay(replay_calculations(rates=RATES))

    assert (done.performed, done.unknown, done.deviations) == (10, {}, ())


numbers = st.one_of(
    st.integers(-(10**6), 10**6), st.decimals(allow_nan=True), st.fractions(max_denominator=50), st.text(max_size=4),
    st.booleans(), st.none(), st.floats(), st.integers(0, 10**6).map(lambda minor: Money.from_minor(minor, "EUR")),
)  # fmt: skip


@given(numbers, numbers, st.sampled_from(["ROUND_UP", "UNNECESSARY"]), st.sampled_from(["repr", "reject"]))
def test_rule_39_a_refusal_is_refused_again_for_the_same_reason(
    amount: object, other: object, rounding: str, float_policy: str
) -> None:
    processor, trail = audited(rounding=rounding, float_policy=float_policy, maximum=1000)
    for call in (
        lambda: processor.validate_input(amount),  # type: ignore[arg-type]  # what is tested
        lambda: processor.calculate_percentage(amount, other),  # type: ignore[arg-type]  # what is tested
        lambda: processor.calculate_shares(amount, {"a": other}, remainder="b"),  # type: ignore[dict-item, arg-type]  # what is tested
        lambda: processor.allocate(amount, [other, 1]),  # type: ignore[list-item, arg-type]  # what is tested
    ):
        with suppress(MoneyError):
            call()

    done = trail.replay(replay_calculations())

    assert (done.performed, done.deviations) == (4, ())


def test_an_entry_that_was_forged_comes_out_otherwise() -> None:
    _, trail = audited()
    forged = {"amount": {"amount": "26.00", "currency": "USD"}}
    given_then = {"amount": "199.99", "percent": "12.5", "processor": {"currency": "USD"}}
    trail.append(actor="eve", operation="calculate_percentage", inputs=given_then, outputs=forged)

    done = trail.replay(replay_calculations())

    assert [(each.number, "25.00" in each.computed) for each in done.deviations] == [(1, True)]


def test_a_conversion_is_not_done_again_with_other_rates() -> None:
    processor, trail = audited()
    processor.convert("10", "USD", on="2024-03-29", rates=RATES)

    assert trail.replay(replay_calculations()).unknown == {"convert": 1}
    newer = RateTable.from_rows([{**row.to_dict(), "rate": "1.09"} for row in RATES])
    for other in (RateTable([]), newer):
        assert "rate_missing" in trail.replay(replay_calculations(rates=other)).deviations[0].computed


NAMED = {
    # what it was given, what it came to
    "validate_input": ("processor value", "amount"),
    "validate_many": ("processor values", "accepted issues"),
    "calculate_percentage": ("amount percent processor", "amount"),
    "calculate_revenue_share": ("percent processor total", "creator_share platform_share total"),
    "calculate_shares": ("method percents processor remainder total", "shares total"),
    "allocate": ("method processor total weights", "parts"),
    "convert": (
        "allow_divide amount max_age_days on processor to via",
        "converted legs on original rounding unrounded",
    ),
    "tax": ("lines processor rule", "gross lines net tax"),
    "running_total": ("amounts processor", "totals"),
    "reconcile": (
        "duplicates left processor right tolerance total_tolerance",
        "difference is_balanced left_total lines matched right_total tolerance total_tolerance",
    ),
}


def test_rule_37_each_calculation_names_all_that_it_was_given_and_came_to() -> None:
    processor, trail = audited()

    everything(processor)

    assert {
        entry.operation: (" ".join(sorted(entry.inputs)), " ".join(sorted(entry.outputs or {})))
        for entry in trail.entries()
    } == NAMED


def test_rule_37_an_integer_is_recorded_as_its_digits_and_one_that_is_no_amount_by_its_bits() -> None:
    processor, trail = audited()
    processor.validate_input(5)
    with pytest.raises(MoneyError):
        processor.validate_input(10**9999)

    assert [entry.inputs["value"] for entry in trail.entries()] == ["5", {"integer": hex(10**9999)}]


@pytest.mark.parametrize("float_policy", ["repr", "reject"])
def test_rule_06_a_float_that_is_not_finite_is_refused_as_such(float_policy: str) -> None:
    processor, _ = audited(float_policy=float_policy)

    for value in (float("nan"), float("inf")):
        with pytest.raises(NonFinite):
            processor.validate_input(value)


def test_rule_37_a_decimal_is_recorded_as_plain_digits() -> None:
    processor, trail = audited()

    processor.validate_input(Decimal("1E+2"))

    assert trail.entry(1).inputs["value"] == "100"
    assert trail.entry(1).outputs == {"amount": {"amount": "100.00", "currency": "EUR"}}


def test_rule_39_a_calculation_in_an_old_currency_can_be_done_again() -> None:
    trail = AuditTrail(MemorySink(), clock=Noon())
    mark = CURRENCIES.get("DEM", allow_historical=True)
    FinancialProcessor(currency=mark, audit=trail, actor="ada").validate_input("5")

    done = trail.replay(replay_calculations())

    assert (done.performed, done.deviations) == (1, ())


keys = st.one_of(st.integers(0, 3), st.sampled_from(["1", "a", " ", ("a", 1), ("a", ["b"]), None, float("nan"), 2.0]))
rows = st.lists(st.fixed_dictionaries({"id": keys, "n": numbers}) | st.just({"id": 1}), max_size=4)


@given(rows, rows, numbers, st.sampled_from(["refuse", "sum", "both"]))
def test_rule_39_a_reconciliation_is_done_again_whatever_its_keys_and_rows_are(
    left: list[dict[str, object]], right: list[dict[str, object]], tolerance: object, duplicates: str
) -> None:
    processor, trail = audited()
    with suppress(MoneyError):
        processor.reconcile(left, right, key="id", amount="n", tolerance=tolerance, duplicates=duplicates)  # type: ignore[arg-type]  # what is tested

    done = trail.replay(replay_calculations())

    assert (done.performed, done.deviations) == (1, ())


def test_rule_39_a_row_that_a_function_has_refused_is_refused_again_for_the_same_reason() -> None:
    processor, trail = audited()
    with pytest.raises(AmbiguousNumber) as raised:
        processor.reconcile([{"id": 1}], [], key="id", amount=lambda _: parse_money("1,234", currency="USD"))

    assert raised.value.candidates == (Decimal(1234), Decimal("1.234"))
    assert trail.replay(replay_calculations()).is_equal


def test_rule_39_a_value_that_looks_like_what_an_entry_writes_is_told_apart() -> None:
    processor, trail = audited()
    endless: list[object] = []
    endless.append(endless)
    strange = [
        {"float": "abc"}, {"decimal": "abc"}, {"integer": "abc"}, {"fraction": "1/0"}, {"currency": "ZZZ"},
        {"mapping": {}},
        {"amount": "5", "currency": "USD"}, endless, 10**5_000, Fraction(10**5_000, 3), [{"float": "1"}], {1: 2},
        "\ud800",
    ]  # fmt: skip
    for value in strange:
        with pytest.raises(MoneyError):
            processor.validate_input(value)  # type: ignore[arg-type]  # what is tested
        with pytest.raises(MoneyError):
            processor.tax("5", value)  # type: ignore[arg-type]  # what is tested
        with pytest.raises(MoneyError):
            processor.convert("5", "USD", on="2024-03-29", rates=value)  # type: ignore[arg-type]  # what is tested
    processor.convert("5", on="2024-03-29", rates=RATES, max_age_days=10**5_000)
    with pytest.raises(MoneyError):
        processor.convert("5", "USD", on="2024-03-29", rates=RATES, max_age_days="7")  # type: ignore[arg-type]  # what is tested
    processor.calculate_shares("5", {"float": 100})
    processor.validate_input(10**5)

    done = trail.replay(replay_calculations(rates=RATES))

    assert (done.performed, done.deviations) == (3 * len(strange) + 4, ())


@pytest.mark.parametrize(
    "inputs", [{}, {"processor": {"precision": "x"}}, {"processor": {}, "more": "1"}, {"processor": "1"}]
)
def test_rule_39_an_entry_of_another_form_comes_out_otherwise_and_ends_nothing(inputs: dict[str, object]) -> None:
    processor, trail = audited()
    for operation in replay_calculations(rates=RATES):
        trail.append(actor="eve", operation=operation, inputs=inputs, outputs={})
    processor.validate_input("1")

    done = trail.replay(replay_calculations(rates=RATES))

    assert done.performed == 11
    assert [each.number for each in done.deviations] == list(range(1, 11))


def test_rule_39_a_rate_that_was_stale_is_stale_again() -> None:
    processor, trail = audited()
    with pytest.raises(RateStale):
        processor.convert("10", "USD", on="2024-03-29", rates=RATES, max_age_days=0)

    done = trail.replay(replay_calculations(rates=RATES))

    assert (done.performed, done.deviations) == (1, ())


def test_rule_37_an_unrounded_amount_is_recorded_exactly() -> None:
    processor, trail = audited()
    processor.calculate_percentage(Money(1, "EUR") / 3, 50)

    assert trail.entry(1).inputs["amount"] == {"amount": "1/3", "currency": "EUR"}
