"""What no program should pass, and some program does: it is refused by name, and never computed with."""

import pickle
import tomllib
from array import array
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agentkit.errors import (
    AmbiguousNumber,
    CurrencyMismatch,
    CurrencyUnknown,
    DefinitionError,
    ExcessPrecision,
    FloatNotAllowed,
    InvalidAmount,
    InvalidDate,
    InvalidPercentage,
    InvalidRatio,
    MissingExtra,
    MoneyError,
    PrecisionExceeded,
    RateInvalid,
    Unbalanced,
)
from agentkit.money import (
    CURRENCIES,
    Currencies,
    ExactMoney,
    Ledger,
    Money,
    MoneyBag,
    PrecisionConfig,
    Rate,
    RateTable,
    RevenueShare,
    Shares,
    Taxed,
    TaxRule,
    allocate_steps,
    calculate_tax,
    complete_percents,
    convert,
    find_locale,
    format_money,
    infer_dates,
    infer_numbers,
    parse_date,
    parse_money,
    quantize,
    reconcile,
    shares_of_column,
)

HUGE = 10**5_000
EURO = Money("19.90", "EUR")


def refused(kind: type[Exception], *calls: Callable[[], object]) -> None:
    """Check that each call is refused with this kind of error, and says something."""
    for number, call in enumerate(calls):
        with pytest.raises(kind) as raised:
            call()
        assert type(raised.value) is kind, number
        assert str(raised.value), number


def odd(value: object) -> Any:
    """Return a value as something that no type checker has an opinion of."""
    return value


def test_rule_4_steps_that_are_split_are_an_int_and_nothing_like_one() -> None:
    refused(InvalidAmount, lambda: allocate_steps(True, [1, 1]), lambda: allocate_steps(odd("100"), [1, 1]))
    refused(FloatNotAllowed, lambda: allocate_steps(odd(100.0), [1, 1]))
    refused(DefinitionError, lambda: quantize(5, 0, "ROUND_UP", precision=True))


def test_rule_9_whether_a_decimal_is_too_long_does_not_depend_on_those_before_it() -> None:
    zeros = Decimal("7." + "0" * 1_500)
    before = Money(zeros, "EUR")
    assert before == Money(7, "EUR") == Money(zeros, "EUR")
    assert Money(Decimal("0E-5000"), "EUR") == Money(Decimal("0E+99999999"), "EUR") == Money(0, "EUR")
    refused(
        PrecisionExceeded,
        lambda: Money(Decimal("1E-1001"), "EUR", rounding="ROUND_UP"),
        lambda: Money(Decimal("1E+999999999"), "EUR"),
        lambda: Money(Decimal("1E-999999999"), "EUR"),
    )


def test_rule_9_an_integer_that_no_program_can_write_is_refused_as_a_number_that_is_too_long() -> None:
    refused(
        PrecisionExceeded,
        lambda: TaxRule(name="VAT", percent=HUGE),
        lambda: TaxRule(name="VAT", percent=Fraction(HUGE, 3)),
        lambda: TaxRule(name="VAT", percent=Fraction(1, HUGE)),
        lambda: EURO.percentage(HUGE),
        lambda: quantize(HUGE, 2, "ROUND_UP", precision=1_000),
    )


def test_rule_2_what_is_too_long_to_be_shown_is_refused_all_the_same() -> None:
    endless: list[object] = []
    for _ in range(100_000):
        endless = [endless]
    refused(
        InvalidAmount,
        lambda: Money.from_dict({"amount": HUGE, "currency": "EUR", "more": ""}),
        lambda: Money.from_dict({"amount": endless, "currency": "EUR", "more": ""}),
    )
    refused(DefinitionError, lambda: quantize(1, 2, "ROUND_UP", precision=odd([HUGE])))


def test_rule_19_weights_are_a_list_of_numbers_and_not_the_digits_of_a_text() -> None:
    refused(
        InvalidRatio,
        lambda: EURO.allocate("123"),
        lambda: EURO.allocate(odd({1: "writer", 2: "label"})),
        lambda: EURO.allocate(odd(5)),
        lambda: EURO.allocate(odd(None)),
    )
    refused(DefinitionError, lambda: EURO.allocate([1], method=odd(["first"])))
    assert sum(EURO.allocate(iter([1, 2]))) == EURO


def test_rule_18_shares_are_a_mapping_of_parties() -> None:
    refused(
        InvalidPercentage,
        lambda: EURO.share(odd([50, 50])),
        lambda: EURO.share({"writer": 50}, remainder=odd(["label"])),
        lambda: complete_percents(odd(None)),
    )


def test_rule_20_no_amount_of_a_column_is_lost_however_the_column_is_given() -> None:
    for column in (
        [1000, 1999],
        (1000, 1999),
        array("q", [1000, 1999]),
        odd(iter([1000, 1999])),
        odd({1000: 1, 1999: 2}.keys()),
    ):
        assert shares_of_column(column, "12.5") == [125, 250]
    refused(InvalidAmount, lambda: shares_of_column(odd(None), 10), lambda: shares_of_column(odd("12"), 10))


def test_rule_9_the_digits_that_are_kept_are_counted_by_an_int() -> None:
    refused(
        DefinitionError,
        lambda: quantize(5, 0, "ROUND_UP", precision=odd("x")),
        lambda: quantize(5, 0, "ROUND_UP", precision=odd(1.5)),
        lambda: quantize(0, 0, "ROUND_UP", precision=-1),
    )


class Seats(IntEnum):
    """A number of people, as programs name it."""

    TABLE = 3


def test_rule_1_a_member_of_an_int_enum_is_the_int_that_it_is() -> None:
    assert EURO * Seats.TABLE == Seats.TABLE * EURO == Money("59.70", "EUR")
    assert type(EURO * Seats.TABLE) is Money
    assert divmod(EURO, 3) == (EURO // Seats.TABLE, EURO % Seats.TABLE)
    assert Money.from_minor(Seats.TABLE, "EUR") == Money("0.03", "EUR")
    refused(InvalidAmount, lambda: EURO * True, lambda: EURO // True, lambda: Money.from_minor(True, "EUR"))


def test_rule_9_an_exact_amount_can_always_be_written() -> None:
    long = ExactMoney(10**999, "EUR")
    assert len(str(long * 10**999)) < len(str(long * 10**999 * 10**999)) < 4_300
    assert str(ExactMoney(Fraction(1, 2**5_000), "EUR")).startswith("1/")
    refused(PrecisionExceeded, lambda: long * 10**999 * 10**999 * 10**4)
    tiny = ExactMoney(1, "EUR") / 10**999
    refused(PrecisionExceeded, lambda: tiny / 10**999 / 10**999 / 10**4)


def test_rule_15_what_is_registered_is_checked_completely_and_found_afterwards() -> None:
    currencies = Currencies()
    wrong: list[dict[str, Any]] = [
        {"numeric": 8},
        {"name": 5},
        {"cash_step": "five"},
        {"cash_step": 0.05},
        {"cash_step": Decimal("NaN")},
        {"cash_step": Decimal("1E+9999")},
        {"cash_step": "0.001"},
    ]
    refused(DefinitionError, *(partial(currencies.register, "PTS", minor_units=2, **given) for given in wrong))
    assert currencies.register("PTS", minor_units=2, cash_step=" 0.05 ").cash_step == Decimal("0.05")

    mark = currencies.register("DEM", minor_units=2)
    assert currencies.register("DEM", minor_units=2) is mark is currencies.get(" dem ")
    assert "DEM" in currencies
    refused(CurrencyUnknown, lambda: CURRENCIES.get("DEM"))


def test_rule_11_a_bound_that_is_too_long_is_no_bound() -> None:
    for bound in (HUGE, Decimal("1E+99999999"), Fraction(1, 3), 0.5, True, Seats):
        refused(DefinitionError, partial(PrecisionConfig, minimum=odd(bound)))
    assert PrecisionConfig(minimum=Seats.TABLE).minimum == Decimal(3)


def test_rule_21_rates_that_are_none_are_refused_and_named() -> None:
    def rate(**given: Any) -> Rate:
        return Rate(**{"base": "EUR", "quote": "USD", "value": "1.1", "on": "2024-03-28", "source": "ECB", **given})

    refused(PrecisionExceeded, lambda: rate(value=HUGE))
    refused(
        RateInvalid,
        lambda: rate(source="\ud83d"),
        lambda: rate(value=Fraction(11, 10)),
        lambda: RateTable.from_json("[" * 100_000),
        lambda: RateTable.from_json('{"rates": [{"base": "EUR", "rate": NaN}]}'),
        lambda: RateTable.from_rows(odd(5)),
        lambda: RateTable(odd(None)),
    )
    assert rate(value=Seats.TABLE).value == Decimal(3)


def test_rule_22_no_line_of_an_invoice_is_lost_however_the_lines_are_given() -> None:
    rule = TaxRule(name="VAT", percent=10)
    assert calculate_tax(iter([Money(10, "EUR"), Money(20, "EUR")]), rule) == calculate_tax(
        [Money(10, "EUR"), Money(20, "EUR")], rule
    )
    assert calculate_tax([], rule, currency="EUR").tax == Money.zero("EUR")
    refused(InvalidAmount, lambda: calculate_tax(odd(EURO), rule), lambda: calculate_tax([EURO], odd("VAT")))
    refused(
        DefinitionError, lambda: TaxRule.from_dict(odd(None)), lambda: TaxRule.from_dict(odd({1: 2, "name": "VAT"}))
    )
    for percent in ("1/0", "a/b", "1/2/3", "1_0/3"):
        refused(InvalidPercentage, partial(TaxRule.from_dict, {"name": "VAT", "percent": percent}))
    third = TaxRule(name="VAT", percent=Fraction(25, 3))
    assert TaxRule.from_dict(third.to_dict()) == third


def test_rule_22_what_does_not_sum_is_neither_tax_nor_share() -> None:
    refused(
        Unbalanced,
        lambda: Taxed(net=EURO, tax=EURO, gross=EURO),
        lambda: RevenueShare(total=EURO, creator_share=EURO, platform_share=EURO),
        lambda: Shares(total=EURO, parts={"writer": EURO, "label": EURO}),
    )


def test_rule_24_a_ledger_takes_entries_and_nothing_like_them() -> None:
    ledger = Ledger()
    refused(
        InvalidAmount,
        lambda: ledger.post(odd([("bank", EURO), ("sales", -EURO)]), on="2024-03-01"),
        lambda: ledger.post(odd(5), on="2024-03-01"),
        lambda: ledger.post({"bank": EURO, "sales": -EURO}, on="2024-03-01", text=odd(5)),
        lambda: Ledger(odd([1])),
        lambda: Ledger(odd(None)),
        lambda: Ledger.from_data(odd(None)),
        lambda: Ledger.from_data(odd([None])),
    )
    ledger.post({"bank": EURO, "sales": -EURO}, on="2024-03-01")
    (row,) = ledger.to_data()
    refused(
        InvalidAmount,
        *(lambda given=given: Ledger.from_data([{**row, **given}]) for given in ({"number": True}, {"text": None})),
    )
    assert len(ledger) == 1


def test_rule_24_a_ledger_has_one_currency_for_each_code() -> None:
    ledger = Ledger()
    points = Currencies().register("PTS", minor_units=0)
    others = Currencies().register("PTS", minor_units=2)
    ledger.post({"cash": Money(5, points), "sales": Money(-5, points)}, on="2024-03-01")
    refused(
        CurrencyMismatch, lambda: ledger.post({"cash": Money(5, others), "sales": Money(-5, others)}, on="2024-03-01")
    )
    assert ledger.balance("cash", points) == Money(5, points)


def test_rule_25_what_is_no_text_in_a_column_is_refused_with_its_row() -> None:
    for column in ([1, "2"], ["2", True], ["2", date(2024, 3, 1)], [b"2"]):
        refused(InvalidAmount, partial(infer_numbers, odd(column)))
        refused(InvalidDate, partial(infer_dates, odd(column)))
    refused(FloatNotAllowed, lambda: infer_numbers(odd(["2", 1.5])), lambda: infer_dates(odd(["2", 1.5])))
    refused(
        MoneyError, lambda: infer_numbers(odd(None)), lambda: infer_numbers("1"), lambda: infer_dates(odd({"1": "2"}))
    )
    with pytest.raises(InvalidAmount, match="row 2"):
        infer_numbers(odd(["1.5", 2]))


def test_rule_27_options_that_are_none_are_refused() -> None:
    for option in (5, "scale", [["scale"]], {"scale": 1}, {"percent"}):
        refused(MoneyError, partial(parse_money, "1", currency="EUR", allow=odd(option)))
    refused(MoneyError, *(partial(parse_money, "1", currency="EUR", negative=odd(word)) for word in ("cr", 1, ["CR"])))
    assert parse_money("1.5k", currency="EUR", allow=["scale"]) == Money(1500, "EUR")


def test_rule_28_a_time_zone_is_one_and_not_its_name() -> None:
    for text in ("2025-11-03T23:00:00-05:00", "2025-11-03"):
        refused(MoneyError, partial(parse_date, text, zone=odd("Europe/Berlin")))


def test_rule_27_a_text_with_two_currencies_names_them_whatever_is_expected() -> None:
    for expected in (None, "EUR"):
        with pytest.raises(CurrencyMismatch, match="two currencies: 'EUR' and 'USD'"):
            parse_money("EUR 5 USD", currency=expected)


def test_rule_23_keys_that_are_equal_to_nothing_are_refused_and_errors_keep_what_they_say() -> None:
    keys: list[object] = [("A", ["1"]), float("nan"), Decimal("NaN"), {}, None, " "]
    for key in keys:
        refused(
            InvalidAmount, partial(reconcile, [{"id": key, "paid": 1}], [], key="id", amount="paid", currency="EUR")
        )
    refused(MoneyError, lambda: reconcile(odd(None), [], key="id", amount="paid", currency="EUR"))
    refused(DefinitionError, lambda: reconcile([{"id": 1}], [], key=odd(5), amount="paid", currency="EUR"))
    with pytest.raises(AmbiguousNumber, match="row 1 of the left side") as raised:
        reconcile([{"id": 1}], [], key="id", amount=lambda _: parse_money("1,234", currency="EUR"))
    assert raised.value.candidates == (Decimal(1234), Decimal("1.234"))


def test_rule_10_a_rounding_is_named_or_left_out_and_nothing_else() -> None:
    rates = RateTable([Rate(base="EUR", quote="USD", value="1.1", on="2024-03-28", source="ECB")])
    roundings: list[object] = ["", False, 0, [], "half_up"]
    for rounding in roundings:
        name = odd(rounding)
        refused(
            DefinitionError,
            partial(EURO.percentage, 50, rounding=name),
            partial(EURO.round, rounding=name),
            partial(EURO.round_to, 1, rounding=name),
            partial((EURO / 2).round, rounding=name),
            partial((EURO / 2).round_to, 2, rounding=name),
            partial(convert, EURO, "USD", on="2024-03-28", rates=rates, rounding=name),
        )


def test_rule_12_a_sum_is_of_amounts_in_a_list() -> None:
    refused(
        InvalidAmount,
        lambda: Money.sum(odd(5)),
        lambda: Money.sum(odd(None), "EUR"),
        lambda: Money.sum(odd("5")),
        lambda: MoneyBag(odd(None)),
        lambda: MoneyBag(odd({EURO: 1})),
    )
    refused(CurrencyUnknown, lambda: MoneyBag([EURO])[odd([])])
    with pytest.raises(ZeroDivisionError, match="amount cannot be divided"):
        _ = EURO / Money(0, "EUR")


def test_rule_19_nobody_splits_an_amount_into_more_parts_than_memory_has() -> None:
    refused(InvalidRatio, lambda: EURO.split(10**30), lambda: EURO.split(0))


def test_what_reads_and_writes_for_a_locale_can_be_sent_to_another_process() -> None:
    german = pickle.loads(pickle.dumps(find_locale("de-DE")))
    assert format_money(EURO, locale=german) == f"{EURO:de}"
    assert parse_date("3. März 2025", locale=german) == date(2025, 3, 3)
    column = pickle.loads(pickle.dumps(infer_dates(["25.11.2025", "3. März 2025"], locale="de-DE")))
    assert column.parse("03.11.2025") == date(2025, 11, 3)


def test_an_extra_that_is_asked_for_brings_the_library() -> None:
    extras = tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra, library in (("reports", "babel"), ("audit", "cryptography")):
        assert f"pip install 'agentkit[{extra}]'" in str(MissingExtra(extra, library))
        assert any(each.startswith(library) for each in extras[extra])


def test_rule_19_an_amount_that_is_finer_than_its_parts_may_be_is_not_split() -> None:
    config = PrecisionConfig(decimal_places=0)
    refused(ExcessPrecision, lambda: config.allocate(Money("10.50", "EUR"), [1, 1], "last"))
    assert sum(config.allocate(Money(11, "EUR"), [1, 1], "last")) == Money(11, "EUR")
