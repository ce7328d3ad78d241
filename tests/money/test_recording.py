"""What a processor tells its audit trail, and doing it again from there."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import MoneyError, RateMissing
from agentkit.money import (
    DATA_VERSION,
    AuditValue,
    FinancialProcessor,
    Money,
    PrecisionConfig,
    RateTable,
    TaxRule,
    replay_calculations,
)

RATES = RateTable.from_rows([{"base": "EUR", "quote": "USD", "rate": "1.0811", "date": "2024-03-28", "source": "ECB"}])
VAT = TaxRule(name="VAT", percent=Fraction(20, 3), scope="invoice_to_lines")


class Entries(list[dict[str, object]]):
    """A trail in memory. Each entry also reads like one of an `AuditTrail`."""

    def append(self, *, actor: str, **entry: object) -> None:
        super().append(entry)


class Entry:
    def __init__(self, given: dict[str, object]) -> None:
        self.data_versions = given["data_versions"]


def audited(**settings: object) -> tuple[FinancialProcessor, Entries]:
    entries = Entries()
    return FinancialProcessor(PrecisionConfig(**settings), currency="EUR", audit=entries), entries  # type: ignore[arg-type]  # short for tests


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


def is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_plain(item) for name, item in value.items())
    return all(map(is_plain, value)) if isinstance(value, list) else value is None or type(value) in (str, bool)


def test_rule_37_each_calculation_is_one_entry_with_inputs_outputs_rounding_and_data_versions() -> None:
    processor, entries = audited(rounding="ROUND_HALF_UP")

    everything(processor)

    assert [entry["operation"] for entry in entries] == [
        "validate_input", "validate_many", "calculate_percentage", "calculate_revenue_share", "calculate_shares",
        "allocate", "convert", "tax", "running_total", "reconcile",
    ]  # fmt: skip
    for entry in entries:
        assert entry["rounding"] == "ROUND_HALF_UP"
        assert isinstance(versions := entry["data_versions"], Mapping)
        assert versions["iso4217"] == DATA_VERSION
        assert entry["outputs"]
        assert is_plain(entry["inputs"])
        assert is_plain(entry["outputs"])
    assert entries[6]["data_versions"] == {"iso4217": DATA_VERSION, "rates": RATES.version}


def test_rule_37_each_refusal_is_one_entry_with_its_code() -> None:
    processor, entries = audited(maximum=10)

    for call in (
        lambda: processor.validate_input("11"),
        lambda: processor.calculate_shares(1, {"a": 1}),
        lambda: processor.convert(1, "USD", rates=RATES),
        lambda: processor.running_total(5),  # type: ignore[arg-type]  # what is tested
        lambda: processor.allocate(1, [1], method="fair"),  # type: ignore[arg-type]  # what is tested
    ):
        with pytest.raises(MoneyError):
            call()

    codes = [refusal["code"] for entry in entries if isinstance(refusal := entry["refusal"], Mapping)]
    assert codes == ["out_of_range", "percentages_do_not_sum", "date_required", "money_invalid", "money_invalid"]
    assert all("outputs" not in entry for entry in entries)


def test_rule_05_an_entry_says_that_an_amount_was_a_float() -> None:
    processor, entries = audited()

    processor.validate_input(0.1)

    assert isinstance(inputs := entries[0]["inputs"], Mapping)
    assert inputs["value"] == {"float": "0.1"}


def test_a_result_whose_entry_cannot_be_written_is_not_handed_out() -> None:
    class Full:
        def append(self, *, actor: str, **entry: object) -> None:
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        FinancialProcessor(currency="EUR", audit=Full()).validate_input("1")


def test_rule_39_what_entries_say_can_be_done_again_with_the_same_outputs() -> None:
    processor, entries = audited(decimal_places=1, minimum=-100, maximum="1000")

    everything(processor)
    calculations = replay_calculations(rates=RATES)

    done = {entry["operation"] for entry in entries if str(entry["operation"]) in calculations}
    assert done == {entry["operation"] for entry in entries} - {"reconcile"}
    for entry in entries:
        if str(entry["operation"]) in done:
            assert again(entry, rates=RATES) == entry["outputs"], entry["operation"]


numbers = st.one_of(
    st.integers(-(10**6), 10**6), st.decimals(allow_nan=True), st.fractions(max_denominator=50), st.text(max_size=4),
    st.booleans(), st.none(), st.floats(), st.integers(0, 10**6).map(lambda minor: Money.from_minor(minor, "EUR")),
)  # fmt: skip


@given(numbers, numbers, st.sampled_from(["ROUND_UP", "UNNECESSARY"]))
def test_rule_39_a_refusal_is_refused_again_for_the_same_reason(amount: object, other: object, rounding: str) -> None:
    processor, entries = audited(rounding=rounding, float_policy="reject", maximum=1000)
    for call in (
        lambda: processor.validate_input(amount),  # type: ignore[arg-type]  # what is tested
        lambda: processor.calculate_percentage(amount, other),  # type: ignore[arg-type]  # what is tested
        lambda: processor.calculate_shares(amount, {"a": other}, remainder="b"),  # type: ignore[dict-item, arg-type]  # what is tested
        lambda: processor.allocate(amount, [other, 1]),  # type: ignore[list-item, arg-type]  # what is tested
    ):
        try:
            call()
            expected: object = entries[-1]["outputs"]
        except MoneyError:
            expected = dict(entries[-1]["refusal"])["code"]  # type: ignore[call-overload]  # a refusal is a mapping
        assert again(entries[-1]) == expected


def test_a_conversion_is_not_done_again_with_other_rates() -> None:
    processor, entries = audited()
    processor.convert("10", "USD", on="2024-03-29", rates=RATES)

    assert again(entries[0]) == "unknown"
    assert again(entries[0], rates=RateTable([])) == RateMissing.code


def again(entry: dict[str, object], rates: RateTable | None = None) -> Mapping[str, AuditValue] | str:
    """The outputs or the code of the refusal when an entry is done again."""
    calculate = replay_calculations(rates=rates).get(str(entry["operation"]))
    if calculate is None:
        return "unknown"
    try:
        return calculate(entry["inputs"], Entry(entry))  # type: ignore[arg-type]  # the inputs are a mapping
    except MoneyError as refused:
        return refused.code
