"""Rates and exchange: which rate is used, and what is said of it afterwards."""

import hashlib
import json
from datetime import date, datetime, timedelta
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import (
    CurrencyMismatch,
    CurrencyRequired,
    CurrencyUnknown,
    DateRequired,
    DefinitionError,
    DuplicateKey,
    FloatNotAllowed,
    InvalidAmount,
    InvalidDate,
    MoneyError,
    RateInvalid,
    RateMissing,
    RateStale,
    RoundingRequired,
)
from agentkit.money import CURRENCIES, Currencies, ExactMoney, FinancialProcessor, Money, Rate, RateTable, convert

DAY = date(2024, 3, 15)


def rate(base: str, quote: str, value: str, on: date | str = DAY, source: str = "ECB") -> Rate:
    return Rate(base=base, quote=quote, value=value, on=on, source=source)


RATES = RateTable([
    rate("EUR", "USD", "1.25"),
    rate("EUR", "USD", "1.50", DAY + timedelta(days=10)),
    rate("EUR", "JPY", "160", DAY - timedelta(days=3)),
])  # fmt: skip

days = st.dates(date(2020, 1, 1), date(2024, 12, 31))
values = st.decimals("0.0001", 1000, places=4).map(lambda value: value.copy_abs())
series = st.dictionaries(days, values, min_size=1, max_size=12)


@pytest.mark.parametrize(
    "value", [0, "-1", "0.0", "1e3", "1,25", "", "NaN", Decimal("sNaN"), Decimal("Infinity"), True, None]
)
def test_rule_06_a_rate_is_a_finite_number_above_zero(value: str) -> None:
    with pytest.raises(RateInvalid):
        rate("EUR", "USD", value)


def test_rule_05_a_rate_is_no_float_wherever_it_comes_from() -> None:
    with pytest.raises(FloatNotAllowed):
        rate("EUR", "USD", 1.25)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(FloatNotAllowed, match="row 1"):
        RateTable.from_rows([{"base": "EUR", "quote": "USD", "rate": 1.25, "date": "2024-03-15", "source": "ECB"}])
    assert RateTable.from_json(RATES.to_json().replace('"1.25"', "1.25")) == RATES, "a JSON number is read exactly"


def test_a_rate_has_two_currencies_a_date_and_a_source() -> None:
    with pytest.raises(RateInvalid, match="itself"):
        rate("EUR", "EUR", "1")
    with pytest.raises(RateInvalid, match="source"):
        rate("EUR", "USD", "1", source=" ")
    with pytest.raises(CurrencyUnknown, match="withdrawn"):
        rate("DEM", "EUR", "0.51")
    for wrong in ("15.03.2024", "2024-02-30", "20240315", "2024-W11-5", datetime(2024, 3, 15), 20240315):  # noqa: DTZ001 - that it is refused is tested
        with pytest.raises(InvalidDate):
            rate("EUR", "USD", "1", on=wrong)  # type: ignore[arg-type]  # what is tested


def test_rule_21_an_exchange_needs_a_date() -> None:
    with pytest.raises(DateRequired):
        convert(Money(1, "EUR"), "USD", on=None, rates=RATES)
    with pytest.raises(DateRequired):
        FinancialProcessor(currency="USD").convert(Money(1, "EUR"), rates=RATES)


@given(series, days)
def test_rule_21_the_latest_rate_on_or_before_the_date_is_used_and_none_from_the_future(
    known: dict[date, Decimal], on: date
) -> None:
    table = RateTable([rate("EUR", "USD", str(value), day) for day, value in known.items()], max_age_days=10_000)
    before = [day for day in known if day <= on]

    if not before:
        with pytest.raises(RateMissing):
            table.find("EUR", "USD", on=on)
    else:
        found = table.find("EUR", "USD", on=on)
        assert (found.on, found.value) == (max(before), known[max(before)])


@pytest.mark.parametrize(
    ("later", "most", "stale"), [(0, 0, False), (1, 0, True), (7, None, False), (8, None, True), (9, 9, False)]
)
def test_rule_21_a_rate_that_is_older_than_allowed_is_stale(later: int, most: int | None, stale: bool) -> None:
    on = DAY + timedelta(days=later)
    if stale:
        with pytest.raises(RateStale, match=f"{later} days old"):
            RATES.find("EUR", "USD", on=on, max_age_days=most)
    else:
        assert RATES.find("EUR", "USD", on=on, max_age_days=most).on == DAY


def test_rule_21_there_is_no_inverse_unless_dividing_is_allowed() -> None:
    price = Money("10.00", "USD")

    with pytest.raises(RateMissing, match="allow_divide=True"):
        convert(price, "EUR", on=DAY, rates=RATES)
    done = convert(price, "EUR", on=DAY, rates=RATES, allow_divide=True)

    assert (done.converted, done.legs[0].divided) == (Money("8.00", "EUR"), True)


def test_rule_21_dividing_uses_the_quoted_rate_and_rounds_no_inverse() -> None:
    third = RateTable([rate("EUR", "USD", "3")])
    done = convert(Money("3000000000.00", "USD"), "EUR", on=DAY, rates=third, allow_divide=True)

    assert done.converted == Money("1000000000.00", "EUR")
    assert done.unrounded.fraction == 1_000_000_000


def test_rule_21_a_rate_of_the_right_direction_goes_before_dividing() -> None:
    both = RateTable([rate("EUR", "USD", "1.25"), rate("USD", "EUR", "0.79")])

    done = convert(Money(100, "USD"), "EUR", on=DAY, rates=both, allow_divide=True)

    assert (done.converted, done.legs[0].divided) == (Money("79.00", "EUR"), False)


def test_rule_21_there_is_no_cross_rate_unless_the_currency_between_is_named() -> None:
    price = Money("10.00", "USD")

    with pytest.raises(RateMissing, match="via="):
        convert(price, "JPY", on=DAY, rates=RATES, allow_divide=True)
    done = convert(price, "JPY", on=DAY, rates=RATES, allow_divide=True, via="EUR")

    assert done.converted == Money(1280, "JPY")
    assert [(leg.rate.base.code, leg.rate.quote.code, leg.divided) for leg in done.legs] == [
        ("EUR", "USD", True),
        ("EUR", "JPY", False),
    ]
    assert done.factor == 128


def test_rule_21_what_lies_between_is_not_rounded() -> None:
    rates = RateTable([rate("USD", "EUR", "0.333"), rate("EUR", "JPY", "160")])

    done = convert(Money("0.01", "USD"), "JPY", on=DAY, rates=rates, via="EUR", rounding="ROUND_UP")

    assert done.unrounded.fraction == Fraction("0.5328"), "rounded to euro cents it would be nothing"


def test_rule_21_a_conversion_says_source_date_rate_and_unrounded_result() -> None:
    on = DAY + timedelta(days=2)
    done = convert(Money("9.99", "EUR"), "USD", on=on, rates=RATES, rounding="ROUND_HALF_UP")

    assert (done.sources, done.rate_dates, done.legs[0].rate.value) == (("ECB",), (DAY,), Decimal("1.25"))
    assert (done.on, done.rounding, done.unrounded) == (on, "ROUND_HALF_UP", ExactMoney("12.4875", "USD"))
    assert json.loads(json.dumps(done.to_dict())) == {
        "original": {"amount": "9.99", "currency": "EUR"},
        "converted": {"amount": "12.49", "currency": "USD"},
        "unrounded": "999/80",
        "on": "2024-03-17",
        "legs": [
            {"base": "EUR", "quote": "USD", "rate": "1.25", "date": "2024-03-15", "source": "ECB", "divided": False}
        ],
        "rounding": "ROUND_HALF_UP",
    }


def test_rule_08_a_conversion_that_is_not_exact_needs_a_rounding() -> None:
    with pytest.raises(RoundingRequired):
        convert(Money("9.99", "EUR"), "USD", on=DAY, rates=RATES)
    assert FinancialProcessor(currency="USD").convert(Money("9.99", "EUR"), on=DAY, rates=RATES).converted.minor == 1249


@given(st.integers(-(10**12), 10**12), values)
def test_rule_09_an_exchange_is_exact_whatever_the_decimal_context_is(minor: int, value: Decimal) -> None:
    table = RateTable([rate("EUR", "USD", f"{value:f}")])
    amount = Money.from_minor(minor, "EUR")

    with localcontext(Context(prec=1, rounding=ROUND_UP, traps=[Inexact])):
        done = convert(amount, "USD", on=DAY, rates=table, rounding="ROUND_HALF_EVEN")
        back = convert(ExactMoney(done.unrounded.fraction, "USD"), "EUR", on=DAY, rates=table, allow_divide=True)

    assert done.unrounded.fraction == amount.fraction * Fraction(value)
    assert back.converted == amount


def test_an_amount_in_the_wanted_currency_needs_no_rate() -> None:
    done = convert(Money("9.99", "EUR"), "EUR", on=DAY, rates=RateTable([]))

    assert (done.converted, done.legs, done.factor) == (Money("9.99", "EUR"), (), Fraction(1))
    assert convert(Money(1, "EUR"), "USD", on=DAY, rates=RATES, via="EUR").converted == Money("1.25", "USD")


def test_an_exchange_names_what_it_was_given_wrongly() -> None:
    with pytest.raises(InvalidAmount):
        convert("9.99", "EUR", on=DAY, rates=RATES)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(RateInvalid, match="RateTable"):
        convert(Money(1, "EUR"), "USD", on=DAY, rates={})  # type: ignore[arg-type]  # what is tested
    with pytest.raises(DefinitionError, match="allow_divide"):
        convert(Money(1, "EUR"), "USD", on=DAY, rates=RATES, allow_divide=1)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(DefinitionError, match="max_age_days"):
        RATES.find("EUR", "USD", on=DAY, max_age_days=-1)
    with pytest.raises(CurrencyRequired):
        FinancialProcessor().convert(Money(1, "EUR"), on=DAY, rates=RATES)


def test_two_rates_of_one_pair_and_date_must_agree() -> None:
    assert len(RateTable([rate("EUR", "USD", "1.25"), rate("EUR", "USD", "1.25")])) == 1
    with pytest.raises(DuplicateKey, match="rate 2"):
        RateTable([rate("EUR", "USD", "1.25"), rate("EUR", "USD", "1.26")])


def test_a_table_comes_back_equal_from_rows_and_from_json() -> None:
    rows = [each.to_dict() for each in RATES]

    assert RateTable.from_rows(rows) == RateTable.from_json(RATES.to_json()) == RATES
    assert RateTable.from_rows(reversed(rows)).version == RATES.version
    assert RateTable.from_rows(rows[:2]).version != RATES.version
    assert hash(RateTable.from_rows(rows)) == hash(RATES)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"rates": 1}', '{"rates": [1]}', '{"rates": [{"base": "EUR"}]}', '{"rates": [NaN]}']
)
def test_json_that_holds_no_rates_is_refused(text: str) -> None:
    with pytest.raises(RateInvalid):
        RateTable.from_json(text)


def test_a_row_that_is_wrong_is_named() -> None:
    row = {"base": "EUR", "quote": "USD", "rate": "1.25", "date": "2024-03-15"}

    assert next(iter(RateTable.from_rows([row], source="bank"))).source == "bank"
    for wrong in (
        {**row, "source": "x", "rate": "free"},
        {**row, "source": "x", "date": "?"},
        row,
        {**row, "source": "x", "base": "E"},
    ):
        with pytest.raises(MoneyError, match="row 2: "):
            RateTable.from_rows([{**row, "source": "bank"}, wrong])


def test_currencies_of_old_and_of_ones_own_have_rates_too() -> None:
    own = Currencies()
    points, mark = own.register("PTS", minor_units=0), CURRENCIES.get("DEM", allow_historical=True)
    rates = RateTable([
        Rate(base="EUR", quote=mark, value="1.95583", on="1998-12-31", source="EU"),
        Rate(base="EUR", quote=points, value=100, on=DAY, source="shop"),
    ], max_age_days=40_000)  # fmt: skip

    assert convert(Money("5.00", "EUR"), points, on=DAY, rates=rates).converted == Money(500, points)
    assert convert(Money(1, "EUR"), mark, on=DAY, rates=rates, rounding="ROUND_HALF_UP").converted == Money(
        "1.96", mark
    )
    assert (
        FinancialProcessor(currency="PTS", currencies=own).convert(Money(1, "EUR"), on=DAY, rates=rates).converted.minor
        == 100
    )
    with pytest.raises(CurrencyMismatch, match="minor units"):
        convert(Money(1, "EUR"), Currencies().register("PTS", minor_units=2), on=DAY, rates=rates)


def test_a_rate_is_written_as_plain_digits() -> None:
    small = Rate(base="EUR", quote="USD", value=Decimal("1E-7"), on=DAY, source="x")

    assert small.to_dict()["rate"] == "0.0000001"


def test_a_day_that_is_not_in_the_calendar_is_told_from_what_is_no_day() -> None:
    with pytest.raises(InvalidDate, match="which is no day of the calendar"):
        convert(Money(1, "EUR"), "USD", on="2023-02-29", rates=RATES)
    with pytest.raises(InvalidDate, match="give a date"):
        convert(Money(1, "EUR"), "USD", on="29.02.2024", rates=RATES)


def test_a_table_keeps_how_old_its_rates_may_be() -> None:
    table = RateTable([rate("EUR", "USD", "1.25")], max_age_days=3)

    assert RateTable.from_json(table.to_json()).max_age_days == 3


def test_the_version_of_a_table_is_the_same_in_every_release() -> None:
    row = b'[{"base": "EUR", "date": "2024-03-15", "quote": "USD", "rate": "1.25", "source": "bank"}]'
    rows = [{"base": "EUR", "quote": "USD", "rate": "1.25", "date": "2024-03-15", "source": "bank"}]

    assert RateTable.from_rows(rows).version == f"sha256:{hashlib.sha256(row).hexdigest()}"


def test_rule_15_rates_of_old_currencies_have_to_be_asked_for() -> None:
    mark = CURRENCIES.get("DEM", allow_historical=True)
    text = RateTable([Rate(base="EUR", quote=mark, value="1.95583", on="1998-12-31", source="EU")]).to_json()

    with pytest.raises(MoneyError, match="withdrawn"):
        RateTable.from_json(text)
    assert RateTable.from_json(text, allow_historical=True).to_json() == text
