"""Rounding: each mode as `decimal` has it, exact, and never dependent on the context around it."""

import decimal
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.errors import DefinitionError, PrecisionExceeded, RoundingRequired
from agentkit.money import Money, Rounding, quantize
from agentkit.money.numbers.rounding import round_ratio

MODES: tuple[Rounding, ...] = tuple(mode for mode in get_args(Rounding) if mode != "UNNECESSARY")
integers = st.integers(-(10**12), 10**12)
places_kept = st.integers(0, 6)
cut = st.integers(0, 4)
exact = decimal.Context(prec=200, Emin=-999_999, Emax=999_999)


def test_rule_10_the_modes_are_the_eight_of_decimal_and_unnecessary() -> None:
    named = {getattr(decimal, name) for name in dir(decimal) if name.startswith("ROUND_")}

    assert set(get_args(Rounding)) == named | {"UNNECESSARY"}


@given(integers, places_kept, cut)
@settings(max_examples=600)
def test_rule_10_each_mode_rounds_as_decimal_does(digits: int, places: int, more: int) -> None:
    value = Decimal(digits).scaleb(-places - more)
    unit = Decimal(1).scaleb(-places)

    for mode in MODES:
        assert quantize(value, places, mode) == value.quantize(unit, mode, exact), mode


@pytest.mark.parametrize("rounding", MODES)
def test_rule_10_each_mode_rounds_each_half_and_each_digit_as_decimal_does(rounding: Rounding) -> None:
    for tenths in range(-120, 121):
        value = Decimal(tenths) / 10
        assert round_ratio(tenths, 10, rounding) == int(value.quantize(Decimal(1), rounding)), value


def test_rule_10_unnecessary_raises_where_a_digit_would_be_lost() -> None:
    assert quantize(Decimal("2.50"), 1, "UNNECESSARY") == Decimal("2.5")
    with pytest.raises(RoundingRequired):
        quantize(Decimal("2.55"), 1, "UNNECESSARY")


def test_rule_10_negative_places_round_to_tens_and_hundreds() -> None:
    assert str(quantize(1249, -2, "ROUND_HALF_UP")) == "1200"
    assert str(quantize(1250, -2, "ROUND_HALF_UP")) == "1300"
    assert str(quantize(Decimal("-15.99"), -1, "ROUND_HALF_EVEN")) == "-20"
    assert str(quantize(4, -1, "ROUND_HALF_EVEN")) == "0"


@pytest.mark.parametrize("places", [None, "2", Decimal(2), 1001, -1001])
def test_rule_10_places_that_are_none_are_refused(places: object) -> None:
    with pytest.raises(DefinitionError, match="places"):
        quantize(1, places, "ROUND_UP")  # type: ignore[arg-type]


@pytest.mark.parametrize("places", [1000, -1000])
def test_rule_10_up_to_a_thousand_places_may_be_kept_or_rounded_away(places: int) -> None:
    assert quantize(0, places, "ROUND_UP") == 0


@pytest.mark.parametrize("rounding", ["HALF_UP", "round_up", "", None, 4, []])
def test_rule_10_a_mode_that_does_not_exist_is_refused_even_where_nothing_is_rounded(rounding: object) -> None:
    with pytest.raises(DefinitionError, match="no rounding"):
        quantize(1, 2, rounding)  # type: ignore[arg-type]
    if rounding is not None:
        with pytest.raises(DefinitionError, match="no rounding"):
            Money("1.00", "EUR", rounding=rounding)  # type: ignore[arg-type]


def test_rule_9_a_result_with_more_digits_than_are_kept_is_refused() -> None:
    assert str(quantize(10**27, 0, "ROUND_UP")) == "1" + "0" * 27
    for value, places in ((10**28, 0), (10**26, 2), (Fraction(10**28) - Fraction(1, 3), 0), (10**999, 0)):
        with pytest.raises(PrecisionExceeded) as caught:
            quantize(value, places, "ROUND_UP")
        assert caught.value.code == "precision_exceeded"
    assert quantize(99_999, 0, "ROUND_UP", precision=5) == 99_999
    with pytest.raises(PrecisionExceeded):
        quantize(Decimal("99999.5"), 0, "ROUND_UP", precision=5)


def test_rule_9_inputs_may_have_more_digits_and_are_rounded_once() -> None:
    long = Decimal("0.1249" + "9" * 200)

    assert quantize(long, 2, "ROUND_HALF_UP") == Decimal("0.12")
    assert quantize(long, 3, "ROUND_HALF_UP") == Decimal("0.125")


@given(integers, st.integers(1, 10**6), places_kept, st.integers(1, 6))
@settings(max_examples=600)
def test_rule_9_rounding_never_depends_on_the_context(top: int, bottom: int, places: int, precision: int) -> None:
    value = Fraction(top, bottom)
    expected = [quantize(value, places, mode).as_tuple() for mode in MODES]
    with localcontext() as hostile:
        hostile.prec, hostile.rounding, hostile.Emax, hostile.Emin = precision, decimal.ROUND_UP, 1, -1
        hostile.traps = dict.fromkeys(hostile.traps, True)
        got = [quantize(value, places, mode).as_tuple() for mode in MODES]

    assert got == expected


@given(integers, st.integers(1, 10**4), places_kept)
@settings(max_examples=600)
def test_rounding_up_and_down_enclose_the_value(top: int, bottom: int, places: int) -> None:
    value = Fraction(top, bottom)
    low, high = (Fraction(quantize(value, places, mode)) for mode in ("ROUND_FLOOR", "ROUND_CEILING"))

    assert low <= value <= high
    assert high - low in {0, Fraction(1, 10**places)}


@given(integers, st.integers(1, 10**4), places_kept)
@settings(max_examples=600)
def test_modes_that_know_no_sign_mirror_negative_values(top: int, bottom: int, places: int) -> None:
    value = Fraction(top, bottom)

    for mode in MODES:
        if mode not in {"ROUND_FLOOR", "ROUND_CEILING"}:
            assert quantize(-value, places, mode) == -quantize(value, places, mode), mode
