"""Rule 17: what is written has all digits of the value, and is read back equal."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.errors import (
    CurrencyRequired,
    DefinitionError,
    FloatNotAllowed,
    InvalidAmount,
    MoneyError,
    NonFinite,
    PrecisionExceeded,
)
from agentkit.money import (
    CURRENCIES,
    LOCALES,
    ExactMoney,
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
        ("de-CH", "EUR-1'234'567.50"),
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


@given(money=amounts(), grouped=st.booleans())
@settings(max_examples=600)
def test_what_is_written_is_read_back_equal_in_every_built_in_locale(money: Money, grouped: bool) -> None:
    for locale in LOCALES:
        for symbol in ("symbol", "code"):
            written = format_money(money, locale=locale, symbol=symbol, grouped=grouped)
            assert parse_money(written, locale=locale) == money, (locale, symbol)


@given(money=amounts())
@settings(max_examples=600)
def test_an_amount_without_a_symbol_is_read_back_with_its_currency(money: Money) -> None:
    for locale in LOCALES:
        written = format_money(money, locale=locale, symbol="none")
        assert parse_money(written, locale=locale, currency=money.currency) == money, locale


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


def test_rule_17_an_amount_is_written_for_a_locale_in_a_format_string() -> None:
    price = Money("-1234567.5", "EUR")

    assert f"{price:de}" == f"{price:de-DE}" == format_money(price, locale="de-DE")
    assert f"{price:en}" == format_money(price, locale="en-US")
    assert f"{price:en-IN}" == format_money(price, locale="en-IN")
    assert f"{price:>20fr_FR}" == format_money(price, locale="fr-FR").rjust(20)
    assert f"{price}" == f"{price:}" == "-1234567.50 EUR"
    for spec in ("xx", ">12xx-XX"):
        with pytest.raises(MoneyError, match="locale"):
            format(price, spec)
    with pytest.raises(MoneyError, match="round it first"):
        format(price / 3, "de")


@pytest.mark.parametrize("spec", ["9>12", "09", "0", ">99999999999999", "3<", "de-", ">12de,", "d"])
def test_rule_17_no_format_puts_a_digit_beside_an_amount_or_takes_one_away(spec: str) -> None:
    with pytest.raises(MoneyError, match="could hide digits"):
        format(Money("19.90", "EUR"), spec)


def test_rule_17_an_exact_amount_is_grouped_as_far_as_it_has_decimals() -> None:
    assert f"{ExactMoney('-1234.567', 'EUR'):,}" == "-1,234.567 EUR"
    assert f"{ExactMoney('-0.005', 'EUR'):,}" == "-0.005 EUR"
    assert f"{ExactMoney(1, 'EUR') / 3:,}" == "1/3 EUR"


def test_rule_17_decimals_are_counted_by_an_int() -> None:
    for places in ("2", 10**10, [2]):
        with pytest.raises(DefinitionError, match="places"):
            format_decimal(5, places=places)  # type: ignore[arg-type]  # what it is for
    with pytest.raises(MoneyError, match="symbol"):
        format_money(Money(5, "EUR"), symbol=["code"])  # type: ignore[arg-type]  # what it is for


def test_a_language_alone_is_the_locale_that_cldr_has_for_it() -> None:
    cldr = pytest.importorskip("agentkit.money.locales.cldr")
    pytest.importorskip("babel")
    for language in ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "ja", "zh", "hi"):
        ours, facts = find_locale(language), cldr.read_cldr(language)
        assert ours.tag.startswith(language)
        for fact in ("decimal", "group", "secondary", "positive", "negative", "minus", "zero", "date_order"):
            assert getattr(ours, fact) == getattr(facts, fact), (language, fact)


def test_all_ten_digits_are_written_in_the_digits_of_a_locale() -> None:
    assert format_decimal(9876543210, locale="ar-EG", grouped=False) == "٩٨٧٦٥٤٣٢١٠"


def test_a_locale_without_groups_writes_none() -> None:
    assert format_decimal(1234567, locale="en-US-POSIX") == "1234567"
