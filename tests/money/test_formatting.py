"""Rule 17: what is written has all digits of the value, and is read back equal."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import CurrencyRequired, FloatNotAllowed, InvalidAmount, MoneyError, NonFinite, PrecisionExceeded
from agentkit.money import (
    CURRENCIES,
    LOCALES,
    Money,
    find_locale,
    format_decimal,
    format_money,
    parse_decimal,
    parse_money,
)

USABLE = [currency for currency in CURRENCIES if currency.is_usable]
locales = st.sampled_from(sorted(LOCALES))


@st.composite
def amounts(draw: st.DrawFn) -> Money:
    currency = draw(st.sampled_from(USABLE))
    return Money.from_minor(draw(st.integers(-(10**27), 10**27)), currency)


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en-US", "-€1,234,567.50"),
        ("en-GB", "-€1,234,567.50"),
        ("de-DE", "-1.234.567,50\u00a0€"),
        ("de-CH", "EUR-1\u2019234\u2019567.50"),
        ("fr-FR", "-1\u202f234\u202f567,50\u00a0€"),
        ("es-ES", "-1.234.567,50\u00a0€"),
        ("it-IT", "-1.234.567,50\u00a0€"),
        ("nl-NL", "€\u00a0-1.234.567,50"),
        ("pt-BR", "-€\u00a01.234.567,50"),
        ("pl-PL", "-1\u00a0234\u00a0567,50\u00a0€"),
        ("sv-SE", "\u22121\u00a0234\u00a0567,50\u00a0€"),
        ("ja-JP", "-€1,234,567.50"),
        ("zh-CN", "-€1,234,567.50"),
        ("en-IN", "-€12,34,567.50"),
        ("hi-IN", "-€12,34,567.50"),
        ("ar-EG", "\u200f\u061c-١٬٢٣٤٬٥٦٧٫٥٠\u00a0€"),
    ],
)
def test_an_amount_is_written_as_its_locale_writes_it(locale: str, written: str) -> None:
    assert format_money(Money("-1234567.5", "EUR"), locale=locale) == written


@pytest.mark.parametrize(
    ("amount", "code", "written"),
    [("5", "JPY", "¥5"), ("5", "EUR", "€5.00"), ("5", "KWD", "KWD\u00a05.000"), ("5", "CLF", "CLF\u00a05.0000")],
)
def test_rule_17_an_amount_has_the_decimals_of_iso_4217(amount: str, code: str, written: str) -> None:
    assert format_money(Money(amount, code)) == written


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=None), locale=locales)
def test_rule_17_no_digit_is_taken_away(value: Decimal, locale: str) -> None:
    if abs(value.adjusted()) > 900:
        return
    assert parse_decimal(format_decimal(value, locale=locale), locale=locale) == value


@given(money=amounts(), locale=locales, symbol=st.sampled_from(["symbol", "code"]), grouped=st.booleans())
def test_what_is_written_is_read_back_equal_in_every_built_in_locale(
    money: Money, locale: str, symbol: str, grouped: bool
) -> None:
    written = format_money(money, locale=locale, symbol=symbol, grouped=grouped)  # type: ignore[arg-type]  # drawn

    assert parse_money(written, locale=locale) == money


@given(money=amounts(), locale=locales)
def test_an_amount_without_a_symbol_is_read_back_with_its_currency(money: Money, locale: str) -> None:
    written = format_money(money, locale=locale, symbol="none")

    assert parse_money(written, locale=locale, currency=money.currency) == money


def test_a_symbol_that_a_locale_has_twice_is_neither_written_nor_read() -> None:
    both = replace(find_locale("en-US"), symbols={"USD": "$", "CAD": "$"})

    assert format_money(Money(5, "CAD"), locale=both) == "CAD\u00a05.00"
    with pytest.raises(CurrencyRequired):
        parse_money("$5.00", locale=both)


def test_a_negative_zero_has_no_sign() -> None:
    assert format_decimal(Decimal("-0.0")) == "0.0"


def test_places_are_added_and_never_taken_away() -> None:
    assert format_decimal(Decimal("1.25"), places=1) == "1.25"
    assert format_decimal(1234, places=2, grouped=False) == "1234.00"


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(FloatNotAllowed):
        format_decimal(0.5)  # type: ignore[arg-type]  # what it is for
    with pytest.raises(InvalidAmount):
        format_decimal(True)
    with pytest.raises(NonFinite):
        format_decimal(Decimal("sNaN"))
    with pytest.raises(PrecisionExceeded):
        format_decimal(Decimal("1e999999999"))
    with pytest.raises(InvalidAmount):
        format_money(Decimal(5))  # type: ignore[arg-type]  # what it is for
    with pytest.raises(MoneyError):
        format_money(Money(5, "EUR"), symbol="sign")  # type: ignore[arg-type]  # what it is for
    with pytest.raises(MoneyError):
        format_money(Money(5, "EUR"), locale="xx-XX")


def test_all_ten_digits_are_written_in_the_digits_of_a_locale() -> None:
    assert format_decimal(9876543210, locale="ar-EG", grouped=False) == "٩٨٧٦٥٤٣٢١٠"


def test_a_locale_without_groups_writes_none() -> None:
    assert format_decimal(1234567, locale="en-US-POSIX") == "1234567"
