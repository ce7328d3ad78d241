"""Any text is read or refused with a `MoneyError`, in time that grows with its length and no faster."""

from collections.abc import Callable
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import MoneyError
from agentkit.money import (
    LOCALES,
    infer_dates,
    infer_numbers,
    parse_date,
    parse_decimal,
    parse_money,
    parse_percent,
)
from tests.money.messy import AMOUNTS, DATES, NUMBERS, PERCENTS

PIECES = [
    "0",
    "1",
    "12",
    "234",
    ".",
    ",",
    " ",
    "'",
    "\u2019",
    "\u00a0",
    "\u202f",
    "-",
    "\u2212",
    "+",
    "(",
    ")",
    "$",
    "€",
]
PIECES += ["Fr.", "kr", "EUR", "CR", "k", "bn", "e5", "E-400", "%", "_", "/", ":", "T", "Z", "AM", "Nov", "März", "日"]
PIECES += [
    "٣",
    "٫",
    "٬",
    "१",
    "\u200f",
    "\u061c",
    "²",
    "½",
    "nan",
    "inf",
    "\x00",
    "\ud800",
    "𝟙",
    "2025",
    "11",
    "-05:30",
]
texts = st.text() | st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
locales = st.none() | st.sampled_from(sorted(LOCALES))
currencies = st.none() | st.sampled_from(["EUR", "JPY", "CHF", "SEK"])
allowed = st.sets(st.sampled_from(["exponent", "scale"]))


def tried(read: Callable[..., object], *given: object, **options: object) -> None:
    with suppress(MoneyError):
        read(*given, **options)


@given(text=texts, locale=locales, currency=currencies, allow=allowed, word=st.sampled_from([None, "CR", "DR"]))
def test_any_text_is_an_amount_or_a_money_error(
    text: str, locale: str | None, currency: str | None, allow: set[str], word: str | None
) -> None:
    tried(parse_money, text, currency=currency, locale=locale, allow=allow, negative=word)
    tried(parse_decimal, text, locale=locale, allow=allow, negative=word)
    tried(parse_percent, text, locale=locale)


@given(
    text=texts,
    locale=locales,
    order=st.sampled_from([None, "dmy", "mdy", "ymd"]),
    two_digit_years_from=st.none() | st.integers(1, 9900),
    serial=st.sampled_from([None, "excel", "excel-1904", "seconds", "milliseconds"]),
    zone=st.none() | st.timezones(),
)
def test_any_text_is_a_date_or_a_money_error(text: str, **options: object) -> None:
    tried(parse_date, text, **options)


@given(values=st.lists(st.none() | texts, max_size=6))
def test_any_column_is_read_or_a_money_error(values: list[str | None]) -> None:
    tried(infer_numbers, values, allow={"exponent", "scale"}, negative="CR")
    tried(infer_dates, values, two_digit_years_from=1970, locale="pl-PL")


def seconds(work: Callable[[], object]) -> float:
    """The fastest of five: whatever else the machine does can only add time."""

    def once() -> float:
        begin = process_time()
        work()
        return process_time() - begin

    return min(once() for _ in range(5))


LONG = [
    "1",
    "1,",
    "1.",
    "1 ",
    "1,234",
    ",123",
    " ",
    "-",
    "(",
    "$",
    "€ ",
    "\u0663",
    "\u0663\u066b",
    "e1",
    ".",
    "a",
    "1/",
]
LONG += ["1/1/", "Nov ", "1:", "T1:", "\u200f", "\u202f1", "n", "00"]


@pytest.mark.parametrize("piece", LONG)
def test_ten_thousand_characters_take_ten_times_as_long_as_a_thousand(piece: str) -> None:
    def work(length: int) -> None:
        text = (piece * length)[:length]
        for locale in (None, "en-US", "fr-FR", "en-IN"):
            tried(parse_money, text, currency="EUR", locale=locale, allow={"exponent", "scale"})
            tried(parse_percent, text, locale=locale)
            tried(parse_date, text, locale=locale, two_digit_years_from=1970, serial="excel")

    assert seconds(lambda: work(10_000)) < 40 * max(seconds(lambda: work(1_000)), 0.0005)


def test_every_text_of_the_table_can_be_cut_anywhere() -> None:
    for text, options, _ in [*AMOUNTS, *NUMBERS, *PERCENTS, *DATES]:
        kept = {name: options[name] for name in ("locale",) if name in options}
        for at in range(min(len(text), 40)):
            for part in (text[:at], text[at:]):
                tried(parse_money, part, currency="EUR", **kept)
                tried(parse_date, part, **kept)
