"""Rules 2, 3, 16, 25, 27 and 28, each for what it promises; the table of `messy.py` has their many cases."""

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal, getcontext, localcontext

import pytest

from agentkit.errors import (
    AmbiguousDate,
    AmbiguousNumber,
    CurrencyConflict,
    CurrencyRequired,
    FloatNotAllowed,
    InvalidAmount,
    InvalidDate,
    MoneyError,
)
from agentkit.money import Currencies, Money, parse_date, parse_decimal, parse_money, parse_percent

EVERY_SPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2007\u2009\u2028\u2029\u202f\u205f\u3000"


@pytest.mark.parametrize("locale", [None, "en-US"])
def test_rule_2_outer_space_of_any_kind_is_stripped(locale: str | None) -> None:
    assert parse_decimal(f"{EVERY_SPACE}12.5{EVERY_SPACE}", locale=locale) == Decimal("12.5")
    assert parse_date(f"{EVERY_SPACE}2025-11-03{EVERY_SPACE}", locale=locale) == date(2025, 11, 3)


def test_rule_3_digits_of_one_numbering_system_are_read_where_a_locale_is_named() -> None:
    assert parse_decimal("१२३.५", locale="de-CH") == Decimal("123.5")
    for mixed in ("१2", "१٢", "１२3"):
        with pytest.raises(InvalidAmount, match="several numbering systems"):
            parse_decimal(mixed, locale="en-US")
    with pytest.raises(InvalidAmount, match="where a locale is named"):
        parse_decimal("१२३")


def test_rule_3_arabic_digits_have_separators_of_their_own() -> None:
    assert parse_decimal("١٬٢٣٤٫٥", locale="en-US") == Decimal("1234.5")
    with pytest.raises(InvalidAmount):
        parse_decimal("١,٢٣٤", locale="en-US")


def test_rule_3_exponents_are_read_where_they_are_allowed() -> None:
    assert parse_decimal("1.5E-3", locale="en-US", allow={"exponent"}) == Decimal("0.0015")
    with pytest.raises(InvalidAmount):
        parse_decimal("1.5E-3", locale="en-US")


@pytest.mark.parametrize(
    "read", [parse_money, parse_decimal, parse_percent, parse_date], ids=["money", "decimal", "percent", "date"]
)
@pytest.mark.parametrize("given", [True, 5, 1.5, None, Decimal(5), b"5"], ids=repr)
def test_rule_4_and_5_only_text_is_read(read: Callable[[object], object], given: object) -> None:
    with pytest.raises(MoneyError) as refused:
        read(given)

    float_refused = isinstance(refused.value, FloatNotAllowed)
    assert float_refused == (isinstance(given, float) and read is not parse_date)


@pytest.mark.parametrize("text", ["-0", "(0.00)", "-0,00", "0-", "\u22120"])
def test_rule_7_negative_zero_is_zero(text: str) -> None:
    number = parse_decimal(text)

    assert not number.is_signed()


def test_rule_9_what_is_read_does_not_depend_on_the_decimal_context() -> None:
    digits = "1234567890123456789012345.67"
    with localcontext() as context:
        context.prec = 3
        context.Emax = 1
        context.Emin = -1

        assert str(parse_decimal(f"-{digits}", locale="en-US")) == f"-{digits}"
        assert str(parse_decimal(digits)) == digits
        assert parse_decimal("1.5bn", allow={"scale"}) == 1_500_000_000
    assert getcontext().prec == 28


def test_rule_16_a_shared_symbol_needs_a_locale_or_a_currency() -> None:
    with pytest.raises(CurrencyRequired, match=r"AUD.*CAD.*USD"):
        parse_money("$5.00")
    assert parse_money("$5.00", currency="AUD") == Money(5, "AUD")
    assert parse_money("$5.00", locale="en-US") == Money(5, "USD")


def test_rule_16_a_locale_does_not_say_the_currency_of_a_bare_number() -> None:
    with pytest.raises(CurrencyRequired):
        parse_money("5.00", locale="en-US")


def test_rule_15_a_registered_currency_is_read_from_its_registry_alone() -> None:
    own = Currencies()
    points = own.register("PTS", minor_units=0)

    assert parse_money("12 pts", currencies=own) == Money(12, points)
    with pytest.raises(MoneyError, match="pts"):
        parse_money("12 pts")
    with pytest.raises(CurrencyConflict):
        own.register("PTS", minor_units=2)


def test_rule_25_an_ambiguous_number_names_its_readings() -> None:
    with pytest.raises(AmbiguousNumber) as refused:
        parse_money("-1.234 EUR")

    assert refused.value.candidates == (Decimal("1.234"), Decimal(1234))


def test_rule_25_an_ambiguous_date_names_its_readings() -> None:
    with pytest.raises(AmbiguousDate) as refused:
        parse_date("03/11/25", two_digit_years_from=2000)

    assert refused.value.candidates == (date(2025, 11, 3), date(2025, 3, 11), date(2003, 11, 25))


def test_rule_25_two_readings_of_one_value_are_one_reading() -> None:
    assert parse_date("04/04/2025") == date(2025, 4, 4)
    assert parse_decimal("1 234") == 1234


def test_rule_25_a_reading_does_not_depend_on_today() -> None:
    with pytest.raises(InvalidDate, match="two_digit_years_from"):
        parse_date("03/11/25", order="dmy")
    assert parse_date("03/11/25", order="dmy", two_digit_years_from=1900) == date(1925, 11, 3)


def test_rule_27_the_hint_says_how_a_refused_mark_is_read() -> None:
    scale, percent, words = "allow={'scale'}", "parse_percent", "negative='CR'"
    hints = {"%": percent, "\u066a": percent, "CR": words, "DR": words, "k": scale, "K": scale, "M": scale, "bn": scale}
    for text, hint in [(f"5 {mark}", hint) for mark, hint in hints.items()]:
        with pytest.raises(InvalidAmount) as refused:
            parse_decimal(text)
        assert hint in str(refused.value)


def test_rule_28_an_explicit_order_is_binding() -> None:
    with pytest.raises(InvalidDate, match="in the order mdy"):
        parse_date("25/11/2025", order="mdy")


@pytest.mark.parametrize(
    "call",
    [
        lambda: parse_decimal("5", locale="xx-YY"),
        lambda: parse_decimal("5", locale="no locale"),
        lambda: parse_decimal("5", locale=""),
        lambda: parse_decimal("5", locale="x" * 10_000),
        lambda: parse_decimal("5", locale=["en-US"]),  # type: ignore[arg-type]  # what it is for
        lambda: parse_decimal("5", allow="scale"),  # type: ignore[arg-type]  # what it is for
        lambda: parse_decimal("5", allow={"scales"}),  # type: ignore[arg-type]  # what it is for
        lambda: parse_decimal("5", negative="XX"),  # type: ignore[arg-type]  # what it is for
        lambda: parse_date("5", order="ydm"),  # type: ignore[arg-type]  # what it is for
        lambda: parse_date("5", serial="days"),  # type: ignore[arg-type]  # what it is for
        lambda: parse_date("5", two_digit_years_from=70_000),
        lambda: parse_date("5", two_digit_years_from=True),
    ],
    ids=range(12),
)
def test_an_option_that_does_not_exist_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(MoneyError, match=r"give|name|locale"):
        call()


def test_more_around_the_digits_than_a_sign_and_a_currency_is_refused_as_such() -> None:
    for text in ("x" * 41 + "5", "5" + "x" * 41, " " * 99 + "x" * 41 + "5"):
        with pytest.raises(InvalidAmount, match="more around its digits"):
            parse_decimal(text)
    for text in ("x" * 40 + "5", "5" + "x" * 40):
        with pytest.raises(InvalidAmount) as refused:
            parse_decimal(text)
        assert "more around its digits" not in str(refused.value)
    assert parse_decimal(" " * 99 + "5" + " " * 99) == 5


def test_rule_3_all_ten_digits_of_a_numbering_system_are_read() -> None:
    assert parse_decimal("९८७६५४३२१०", locale="hi-IN") == 9876543210
    assert parse_decimal("٩٨٧٦٥٤٣٢١٠", locale="ar-EG") == 9876543210


def test_rule_25_a_reading_does_not_depend_on_where_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert parse_date("1762212600", serial="seconds") == date(2025, 11, 3)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_rule_28_a_number_that_counts_to_no_day_is_refused_as_such() -> None:
    for text, serial in (("0", "excel"), ("60", "excel"), ("-1", "excel-1904")):
        with pytest.raises(InvalidDate, match="it is no number of a day"):
            parse_date(text, serial=serial)  # type: ignore[arg-type]  # one of them
