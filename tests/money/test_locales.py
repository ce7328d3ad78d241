"""The facts of the built-in locales are those of Unicode CLDR, as Babel has them; and any other locale works by it."""

import re
import sys
from datetime import date
from decimal import Decimal, localcontext

import pytest

from agentkit.errors import MissingExtra
from agentkit.money import CURRENCIES, LOCALES, Locale, Money, find_locale, format_money, parse_date, parse_money
from agentkit.money.locales.cldr import read_cldr
from agentkit.money.locales.months import MONTHS
from agentkit.money.locales.symbols import SYMBOLS, spoken

USABLE = [currency.code for currency in CURRENCIES if currency.is_usable]
OTHERS = "da-DK fi-FI nb-NO pt-PT cs-CZ hu-HU ro-RO tr-TR ru-RU uk-UA el-GR he-IL fa-IR bn-BD mr-IN ne-NP my-MM dz-BT"
OTHERS += " ko-KR vi-VN th-TH id-ID en-CA fr-CA fr-CH de-AT de-LI es-MX es-AR bg-BG et-EE lt-LT hr-HR ta-IN ff-Adlm"
LATIN: dict[int, str | None] = {**{0x660 + digit: str(digit) for digit in range(10)}, 0x2212: "-", 0x61C: None}
built_in = pytest.mark.parametrize("locale", LOCALES.values(), ids=list(LOCALES))


def cldr(locale: Locale) -> Locale:
    """The same locale, read through Babel as any other one is."""
    pytest.importorskip("babel")
    read = sys.modules[read_cldr.__module__]._read
    found = read(locale.tag)
    assert isinstance(found, Locale)
    return found


@built_in
def test_the_signs_and_patterns_of_a_built_in_locale_are_those_of_cldr(locale: Locale) -> None:
    facts = cldr(locale)

    for fact in ("decimal", "group", "secondary", "positive", "negative", "minus", "zero", "date_order"):
        assert getattr(locale, fact) == getattr(facts, fact), fact


@built_in
def test_the_symbols_of_a_built_in_locale_are_those_of_cldr(locale: Locale) -> None:
    facts = cldr(locale)

    assert {code: locale.symbols.get(code, code) for code in USABLE} == {
        code: facts.symbols.get(code, code) for code in USABLE
    }


@built_in
def test_the_months_of_a_built_in_locale_are_those_of_cldr(locale: Locale) -> None:
    facts = cldr(locale)

    assert facts.months.items() <= locale.months.items()


@built_in
def test_an_amount_is_written_as_babel_writes_it(locale: Locale) -> None:
    numbers = pytest.importorskip("babel.numbers")
    for code in ("EUR", "USD", "JPY", "CHF", "INR"):
        places = CURRENCIES.get(code).places
        # Babel 2.19 takes two apostrophes for the quotes of a pattern, and drops them.
        for text in ("0", "7", "-1234", "123456" if locale.group == "'" else "1234567"):
            # Babel rounds in the context that it finds, and leaves its flags there.
            with localcontext():
                theirs = numbers.format_currency(
                    Decimal(text).quantize(Decimal(1).scaleb(-places)),
                    code,
                    locale=locale.tag.replace("-", "_"),
                    numbering_system="default",
                )
            # Babel forgets the space that CLDR wants between letters and digits.
            spaced = re.sub(rf"(?<={code})(?=\d)|(?<=\d)(?={code})", "\u00a0", theirs)
            # It also forgets the digits and the minus that the locale has.
            ours = format_money(Money(text, code), locale=locale)

            assert ours.translate(LATIN) == spaced


@pytest.mark.parametrize("tag", OTHERS.split())
def test_any_other_locale_comes_from_babel_and_reads_what_it_writes(tag: str) -> None:
    pytest.importorskip("babel")
    for code in ("EUR", "USD", "JPY", "KWD", "SEK", "XOF"):
        for money in (Money("-1234567", code), Money("5", code)):
            assert parse_money(format_money(money, locale=tag), locale=tag) == money


def test_a_locale_does_not_depend_on_those_that_were_read_before() -> None:
    pytest.importorskip("babel")
    find_locale("zh-TW")

    assert set(find_locale("is-IS").months) & set(MONTHS["zh"]) == set()


def test_a_locale_writes_the_digits_of_its_numbering_system() -> None:
    zeros = {"bn": "০", "mr": "०", "my": "၀", "dz": "༠", "ccp": "𑄶", "ff-Adlm": "𞥐", "sat": "᱐", "fa": "۰", "vi": "0"}

    assert {tag: find_locale(tag).zero for tag in zeros} == zeros


def test_a_tag_may_have_underscores_and_no_country() -> None:
    pytest.importorskip("babel")

    assert find_locale("de_CH") is find_locale("de-CH")
    assert parse_money("1.234,50 kr.", locale="da") == Money("1234.50", "DKK")
    assert parse_date("3. marts 2025", locale="da") == date(2025, 3, 3)


def test_without_babel_another_locale_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)

    with pytest.raises(MissingExtra, match=r"agentkit\[reports\]"):
        find_locale("mt-MT")
    assert find_locale("de_DE").tag == "de-DE"


def test_every_symbol_means_current_currencies() -> None:
    assert {code for codes in SYMBOLS.values() for code in codes} - set(USABLE) == set()


def test_symbols_are_kept_as_they_are_looked_up() -> None:
    assert [symbol for symbol in SYMBOLS if symbol != spoken(symbol)] == []


def test_no_name_of_a_month_means_two() -> None:
    assert all(len(set(names.values())) in {0, 12} for names in MONTHS.values())
