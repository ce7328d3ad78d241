"""Canonical numbers: the rules about text, and about what is never a number."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.errors import (
    FloatNotAllowed,
    InvalidAmount,
    InvalidPercentage,
    InvalidRatio,
    MoneyError,
    NonFinite,
    PrecisionExceeded,
)
from agentkit.money import (
    ExactMoney,
    Money,
    MoneyBag,
    allocate_steps,
    parse_canonical,
    percent_of,
    quantize,
    shares_of_column,
)
from agentkit.money.numbers.canonical import shortened, write_minor

SPACES = ["\u00a0", "\u202f", "\t", "\n", " \r\n", "\u3000", "\u2028", "\x1f"]
ENDLESS = ["NaN", "-nan", "sNaN", "sNaN123", "nan7", "inf", "-Infinity", "+INF"]
ONE = Money(1, "EUR")
# Each place that takes a number.
AMOUNTS: dict[str, Callable[[Any], object]] = {
    "Money": lambda number: Money(number, "EUR"),
    "ExactMoney": lambda number: ExactMoney(number, "EUR"),
    "from_dict": lambda number: Money.from_dict({"amount": number, "currency": "EUR"}),
    "+": lambda number: ONE + number,
    "r+": lambda number: number + ONE,
    "-": lambda number: ONE - number,
    "r-": lambda number: number - ONE,
    "<": lambda number: number < ONE,
    ">=": lambda number: number <= ONE,
    "*": lambda number: ONE * number,
    "r*": lambda number: number * ONE,
    "/": lambda number: ONE / number,
    "//": lambda number: ONE // number,
    "%": lambda number: ONE % number,
    "sum": lambda number: Money.sum([ONE, number]),
    "bag": lambda number: MoneyBag([ONE]) + number,
    "percentage": ONE.percentage,
    "quantize": lambda number: quantize(number, 2, "ROUND_UP"),
    "parse_canonical": parse_canonical,
}
TAKERS: dict[str, Callable[[Any], object]] = {
    **AMOUNTS,
    "from_minor": lambda number: Money.from_minor(number, "EUR"),
    "split": ONE.split,
    "weight": lambda number: allocate_steps(5, [1, number]),
    "share": lambda number: ONE.share({"all": number}),
    "percent": percent_of,
    "places": ONE.round_to,
    "column": lambda number: shares_of_column([1, number], 5),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [("19.90", "19.90"), ("+5", "5"), ("-5", "-5"), (".5", "0.5"), ("-.50", "-0.50"), ("007", "7"), ("0.10", "0.10")],
)
def test_rule_2_a_sign_or_none_then_digits_and_at_most_one_point_are_a_number(text: str, value: str) -> None:
    assert str(parse_canonical(text)) == value


@pytest.mark.parametrize("space", SPACES)
def test_rule_2_outer_white_space_of_any_kind_is_stripped(space: str) -> None:
    assert parse_canonical(f"{space}12.5{space}") == Decimal("12.5")


@pytest.mark.parametrize("space", [" ", *SPACES])
def test_rule_2_white_space_inside_is_refused(space: str) -> None:
    for text in (f"1{space}000", f"-{space}5", f"1.{space}5"):
        with pytest.raises(InvalidAmount):
            parse_canonical(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "+",
        ".",
        "-.",
        "5.",
        "1.2.3",
        "--5",
        "+-5",
        "5-",
        "1,5",
        "1'000",
        "0x10",
        "\u22125",
        "(5)",
        "5 EUR",
        "$5",
    ],
)
def test_rule_2_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount, match="no number in canonical form"):
        parse_canonical(text)
    with pytest.raises(InvalidAmount):
        Money(text, "JPY")
    with pytest.raises(InvalidAmount):
        Money(text, "EUR")


@pytest.mark.parametrize("text", ["1_000", "1_0.5", "_1", "1e3", "1E-2", "1.5e+3"])
def test_rule_3_underscores_and_exponents_are_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_canonical(text)


def test_rule_3_exponents_are_allowed_where_they_are_asked_for() -> None:
    assert parse_canonical("1.5e3", exponent=True) == 1500
    assert parse_canonical("-5E-2", exponent=True) == Decimal("-0.05")
    for text in ("e3", "1e", "1e1.5", "1_0e3"):
        with pytest.raises(InvalidAmount):
            parse_canonical(text, exponent=True)


@pytest.mark.parametrize("text", ["1e5000", "1e-5000", "9" * 1001, "0." + "1" * 1001])
def test_numbers_that_no_money_has_are_refused_before_they_are_computed_with(text: str) -> None:
    with pytest.raises(PrecisionExceeded):
        parse_canonical(text, exponent=True)


@pytest.mark.parametrize("digits", ["\u0661\u0662", "\u0967\u0968", "\uff11\uff12", "1\u0662", "\u00b2"])
def test_rule_3_digits_that_are_not_ascii_are_refused(digits: str) -> None:
    for text in (digits, f"{digits}.50", f"1.{digits}"):
        with pytest.raises(InvalidAmount):
            Money(text, "EUR")


@pytest.mark.parametrize("place", [*AMOUNTS, "from_minor", "split", "weight", "share", "percent", "places", "column"])
def test_rule_4_a_bool_is_never_a_number(place: str) -> None:
    error = {"split": InvalidRatio, "weight": InvalidRatio, "share": InvalidPercentage, "percent": InvalidPercentage}
    for value in (True, False):
        with pytest.raises(error.get(place, InvalidAmount)):
            TAKERS[place](value)


@pytest.mark.parametrize("place", [*AMOUNTS, "from_minor", "weight", "share", "percent", "places", "column"])
def test_rule_5_a_float_is_never_an_amount_a_weight_or_a_factor(place: str) -> None:
    for value in (1.0, float("nan"), float("inf")):
        with pytest.raises(FloatNotAllowed) as caught:
            TAKERS[place](value)
        assert caught.value.code == "float_not_allowed"


@pytest.mark.parametrize("text", ENDLESS)
def test_rule_6_nan_and_the_infinities_are_refused_everywhere(text: str) -> None:
    for take in (parse_canonical, *(TAKERS[place] for place in ("Money", "ExactMoney", "share", "percent"))):
        with pytest.raises(NonFinite):
            take(text)
    for place in ("Money", "ExactMoney", "*", "r*", "/", "percentage", "quantize", "share", "percent"):
        with pytest.raises(NonFinite) as caught:
            TAKERS[place](Decimal(text))
        assert caught.value.code == "non_finite"


def test_rule_6_a_weight_that_is_not_finite_is_an_invalid_ratio() -> None:
    for weight in ("NaN", Decimal("sNaN"), Decimal("-Infinity")):
        with pytest.raises(InvalidRatio):
            allocate_steps(5, [1, weight])


def test_rule_7_negative_zero_becomes_zero_in_every_result_and_text() -> None:
    zero = Money(Decimal("-0.00"), "EUR")

    assert str(parse_canonical("-0.00")) == "0.00"
    assert str(quantize(Decimal("-0.001"), 2, "ROUND_HALF_EVEN")) == "0.00"
    assert str(zero) == str(-zero) == str(zero * -5) == f"{Money('-0', 'EUR'):,}" == "0.00 EUR"
    assert str(ExactMoney("-0.000", "EUR")) == "0.00 EUR"
    assert not zero.amount.is_signed()
    assert Money("-0", "EUR").to_dict() == {"amount": "0.00", "currency": "EUR"}


@given(st.text(max_size=12))
@settings(max_examples=600)
def test_any_text_is_read_exactly_or_refused(text: str) -> None:
    try:
        value = parse_canonical(text)
    except MoneyError:
        return
    assert value == Decimal(text.strip())
    assert text.strip().isascii()


@given(st.integers(-(10**21), 10**21).map(lambda digits: Decimal(digits).scaleb(-6)))
@settings(max_examples=600)
def test_what_is_written_plainly_is_read_back(value: Decimal) -> None:
    assert parse_canonical(f"{value:f}") == value


@given(st.integers(-(10**20), 10**20), st.integers(0, 18))
@settings(max_examples=600)
def test_minor_units_are_written_as_their_exact_value(minor: int, places: int) -> None:
    assert Fraction(write_minor(minor, places)) == Fraction(minor, 10**places)


def test_messages_stay_short_whatever_the_value_is() -> None:
    assert shortened(10**9999) == "an integer of 33216 bits"
    assert len(shortened("x" * 99)) == 62
    assert shortened(2**200) == "an integer of 201 bits"
    assert shortened(2**200 - 1).startswith("160693804425899")
    with pytest.raises(InvalidAmount) as caught:
        Money("x" * 10**6, "EUR")
    assert len(str(caught.value)) < 400
