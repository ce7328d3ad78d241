"""What no program should pass, and some program does: it is refused by name, and never computed with."""

from array import array
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import pytest

from agentkit.errors import (
    DefinitionError,
    FloatNotAllowed,
    InvalidAmount,
    InvalidPercentage,
    InvalidRatio,
    PrecisionExceeded,
)
from agentkit.money import ExactMoney, Money, TaxRule, allocate_steps, complete_percents, quantize, shares_of_column

HUGE = 10**5_000
NOT_TYPED: Any = None
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
