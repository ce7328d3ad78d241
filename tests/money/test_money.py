"""Money: immutable, exact and strict."""

import copy
import decimal
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.errors import (
    CurrencyMismatch,
    CurrencyRequired,
    ExcessPrecision,
    InvalidAmount,
    MoneyError,
    OutOfRange,
    PrecisionExceeded,
    RoundingRequired,
)
from agentkit.money import CURRENCIES, ExactMoney, Money
from agentkit.money.numbers.canonical import shortened

EUR = CURRENCIES.get("EUR")
minors = st.integers(-(10**24), 10**24)
batches = st.lists(minors, min_size=3, max_size=24)


def money(minor: int) -> Money:
    return Money.from_minor(minor, EUR)


def test_rule_1_money_never_changes() -> None:
    price = Money("19.90", "EUR")

    for name in ("amount", "currency", "minor", "_minor", "_currency", "anything"):
        with pytest.raises(AttributeError, match="never changes"):
            setattr(price, name, 5)
    with pytest.raises(AttributeError):
        del price._minor
    assert str(price) == "19.90 EUR"


def test_rule_1_money_is_hashable_and_ordered_within_a_currency() -> None:
    amounts = [Money(text, "EUR") for text in ("5", "-1", "19.90", "0.01")]

    assert [str(amount.amount) for amount in sorted(amounts)] == ["-1.00", "0.01", "5.00", "19.90"]
    assert {Money("5", "EUR"), Money("5.00", EUR), Money(5, " eur ")} == {Money(Decimal(5), "EUR")}
    assert Money(1, "EUR") <= Money(1, "EUR") < Money(2, "EUR") >= Money(2, "EUR") > Money(1, "EUR")
    assert hash(Money(1, "EUR")) == hash(ExactMoney(1, "EUR"))
    assert Money(1, "EUR") == ExactMoney("1.000", "EUR") < ExactMoney("1.001", "EUR")


@pytest.mark.parametrize("amount", ["19.90", "19.9", Decimal("19.9000"), Fraction(199, 10), " +19.90\n"])
def test_rule_1_every_exact_way_to_write_an_amount_is_the_same_money(amount: str) -> None:
    price = Money(amount, "EUR")

    assert (price.minor, str(price.amount), price.fraction) == (1990, "19.90", Fraction(199, 10))
    assert repr(price) == "Money('19.90', 'EUR')"


def test_rule_7_minus_nothing_is_nothing() -> None:
    assert repr(-Money(0, "EUR")) == repr(Money("-0.00", "EUR")) == "Money('0.00', 'EUR')"


def test_rule_8_excess_decimals_are_refused_unless_a_rounding_is_passed() -> None:
    for amount in ("19.905", Decimal("19.905"), Fraction(1, 3)):
        with pytest.raises(ExcessPrecision) as caught:
            Money(amount, "EUR")
        assert caught.value.code == "excess_precision"
    with pytest.raises(RoundingRequired):
        Money("19.905", "EUR", rounding="UNNECESSARY")
    assert Money("19.905", "EUR", rounding="ROUND_HALF_EVEN") == Money("19.90", "EUR")
    assert Money("19.905", "EUR", rounding="ROUND_HALF_UP") == Money("19.91", "EUR")
    assert Money("19.900", "EUR") == Money("19.9", "EUR")


def test_rule_8_an_inexact_operation_needs_a_rounding() -> None:
    price = Money("10.00", "EUR")

    for inexact in (
        (price / 3).round,
        (price * Decimal("0.12345")).round,
        lambda: (price / 3).round_to(4),
        lambda: Money("10.01", "EUR").round_to(1),
        lambda: price.percentage("33.333"),
    ):
        with pytest.raises(RoundingRequired) as caught:
            inexact()
        assert caught.value.code == "rounding_required"
    assert (price / 4).round() == Money("2.50", "EUR")
    assert (price / 3).round(rounding="ROUND_UP") == Money("3.34", "EUR")


def test_rule_9_more_than_28_significant_digits_are_refused() -> None:
    most = Money("9" * 26 + ".99", "EUR")

    assert most.minor == 10**28 - 1
    beyond: list[Callable[[], object]] = [
        lambda: most + Money("0.01", "EUR"),
        lambda: -most - Money("0.01", "EUR"),
        lambda: -most + Money("-0.01", "EUR"),
        lambda: most - Money("-0.01", "EUR"),
        lambda: most * 2,
        lambda: (most * Decimal("1.1")).round(rounding="ROUND_UP"),
        lambda: Money("1" + "0" * 26, "EUR"),
        lambda: Money(10**5000, "EUR"),
        lambda: Money(Decimal("1E+500"), "EUR"),
        lambda: Money(Decimal("1E+999999"), "EUR", rounding="ROUND_UP"),
        lambda: Money(Decimal("1E-999999"), "EUR", rounding="ROUND_UP"),
        lambda: most.percentage(101, rounding="ROUND_UP"),
        lambda: most.percentage(-101, rounding="ROUND_UP"),
        lambda: Money.sum([most, most]),
        lambda: Money.from_minor(10**28, "JPY"),
        lambda: most.round_to(-1, rounding="ROUND_UP"),
    ]

    for over in beyond:
        with pytest.raises(PrecisionExceeded) as caught:
            over()
        assert caught.value.code == "precision_exceeded"


def test_rule_9_intermediates_are_exact() -> None:
    third = Money(1, "EUR") / 3

    assert (third + third + third).round() == Money(1, "EUR")
    assert (Money("0.01", "EUR") / 7 * 7).round() == Money("0.01", "EUR")
    assert Money(1, "EUR") / Money(3, "EUR") == Fraction(1, 3)


def test_rule_11_bounds_belong_to_the_range_and_are_tested_on_the_rounded_value() -> None:
    low, high = Money("1.00", "EUR"), Money("2.00", "EUR")

    for inside in ("1", "2", "1.50"):
        assert Money(inside, "EUR").within(low, high) == Money(inside, "EUR")
    assert (ExactMoney("2.004", "EUR")).round(rounding="ROUND_HALF_EVEN").within(low, high) == high
    for outside, least, most in (("0.99", low, None), ("2.01", None, high)):
        with pytest.raises(OutOfRange) as caught:
            Money(outside, "EUR").within(least, most)
        assert caught.value.code == "out_of_range"


MEETINGS: dict[str, Callable[[Any, Any], object]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "divmod": divmod,
    "sum": lambda a, b: sum([a, b]),
    "Money.sum": lambda a, b: Money.sum([a, b]),
    "within": lambda a, b: a.within(b),
}


@pytest.mark.parametrize("operation", MEETINGS)
def test_rule_12_two_currencies_never_meet(operation: str) -> None:
    with pytest.raises(CurrencyMismatch) as caught:
        MEETINGS[operation](Money(1, "EUR"), Money(1, "USD"))
    assert caught.value.code == "currency_mismatch"


def test_rule_12_unrounded_amounts_of_two_currencies_never_meet_either() -> None:
    for first, second in (
        (Money(1, "EUR"), ExactMoney(1, "USD")),
        (ExactMoney(1, "EUR"), Money(1, "USD")),
        (ExactMoney(1, "EUR"), ExactMoney(1, "USD")),
    ):
        for operation in ("+", "-", "<", ">=", "/"):
            with pytest.raises(CurrencyMismatch):
                MEETINGS[operation](first, second)


def test_rule_12_equality_of_two_currencies_is_false() -> None:
    assert Money(0, "EUR") != Money(0, "USD")
    assert Money(1, "EUR") != ExactMoney(1, "USD")
    assert Money(1, "EUR") != 1
    assert Money(0, "EUR") != 0
    assert Money(1, "EUR") != "1.00 EUR"


@pytest.mark.parametrize("number", [0, 1, -5, Decimal(2), Fraction(1, 2), 10**5000], ids=shortened)
def test_rule_12_bare_numbers_are_refused_as_operands(number: Any) -> None:
    for amount in (Money(1, "EUR"), ExactMoney(1, "EUR")):
        for operation in ("+", "-", "<", "<=", ">", ">="):
            with pytest.raises(CurrencyRequired):
                MEETINGS[operation](amount, number)
            if operation != "+" or number:
                with pytest.raises(CurrencyRequired):
                    MEETINGS[operation](number, amount)


@pytest.mark.parametrize("other", ["1", None, [], object()], ids=["text", "None", "list", "object"])
def test_rule_12_what_is_no_amount_is_a_type_error(other: Any) -> None:
    for operation in ("+", "-", "<", "/", "//", "%"):
        with pytest.raises((TypeError, MoneyError)):
            MEETINGS[operation](Money(1, "EUR"), other)
    for amount in (Money(1, "EUR"), ExactMoney(1, "EUR")):
        with pytest.raises(TypeError):
            amount * other
        for operation in ("<", "<=", ">", ">="):
            with pytest.raises(TypeError):
                MEETINGS[operation](amount, other)
    with pytest.raises(TypeError):
        Money(1, "EUR") * Money(1, "EUR")  # type: ignore[operator]


def test_rule_12_the_integer_zero_starts_a_sum() -> None:
    assert sum([Money(1, "EUR"), Money("2.50", "EUR")]) == Money("3.50", "EUR")
    assert sum([ExactMoney("0.001", "EUR")] * 10) == ExactMoney("0.01", "EUR")
    for start in (0.0, False, Decimal(0)):
        with pytest.raises(MoneyError):
            sum([Money(1, "EUR")], start)


def test_rule_12_only_zero_is_false() -> None:
    assert not Money(0, "EUR")
    assert not ExactMoney(0, "EUR")
    assert Money("0.01", "EUR")
    assert Money("-0.01", "EUR")
    assert ExactMoney("0.0001", "EUR")


def test_a_fast_sum_says_what_nothing_is_worth() -> None:
    assert Money.sum([], "EUR") == Money(0, "EUR")
    assert Money.sum(iter([Money(1, "EUR")] * 3), "EUR") == Money(3, "EUR")
    with pytest.raises(CurrencyRequired):
        Money.sum([])
    with pytest.raises(CurrencyMismatch):
        Money.sum([Money(1, "EUR")], "USD")
    for wrong in ([1], [Money(1, "EUR"), Decimal(1)], [Money(1, "EUR"), ExactMoney(1, "EUR")]):
        with pytest.raises(InvalidAmount):
            Money.sum(wrong)  # type: ignore[arg-type]


@given(batches)
@settings(max_examples=400)
def test_adding_is_exact_associative_and_commutative(minor: list[int]) -> None:
    amounts = [money(one) for one in minor]

    for a, b, c in zip(amounts, amounts[1:], amounts[2:], strict=False):
        assert (a + b) + c == a + (b + c) == c + (b + a)
        assert a + b - b == a
        assert (a < b) == (a.minor < b.minor)
    assert Money.sum(amounts) == sum(amounts) == money(sum(minor))


@given(batches, st.integers(1, 10**6))
@settings(max_examples=400)
def test_whole_division_and_its_rest_make_the_whole(minor: list[int], divisor: int) -> None:
    for one in minor:
        size, left = divmod(money(one), divisor)
        count, rest = divmod(money(one), money(divisor))
        assert size * divisor + left == money(one)
        assert money(divisor) * count + rest == money(one)
        assert (money(one) // divisor, money(one) % divisor) == (size, left)


@given(batches, st.fractions(max_denominator=10**4))
@settings(max_examples=300)
def test_what_is_multiplied_exactly_comes_back_by_dividing(minor: list[int], factor: Fraction) -> None:
    for one in minor:
        product = money(one) * factor
        assert product.fraction == Fraction(one, 100) * factor
        if factor:
            assert (product / factor).round() == money(one)


def computed(minor: list[int]) -> list[str]:
    """Compute what could depend on a context."""
    amounts = [money(one) for one in minor]
    texts = [f"{amount} {amount.amount} {hash(amount)}" for amount in amounts]
    rates: list[Decimal | Fraction] = [Decimal("12.345"), Decimal("0.0000001234567"), Fraction(1, 3)]
    texts += [str(a.percentage(rate, rounding="ROUND_HALF_EVEN")) for a in amounts for rate in rates]
    texts += [str(a * rate) for a in amounts for rate in rates]
    texts += [str(Money(str(a.amount), "EUR")) for a in amounts]
    texts += [str(part) for a in amounts for part in a.allocate(rates)]
    texts += [str(a.round_cash("0.05")) for a in amounts]
    return [*texts, str(Money.sum(amounts)), str(sorted(amounts))]


@given(st.lists(st.integers(-(10**20), 10**20), min_size=1, max_size=6), st.integers(1, 5), st.booleans())
@settings(max_examples=300)
def test_rule_9_nothing_depends_on_the_context_around_it(minor: list[int], precision: int, trap: bool) -> None:
    expected = computed(minor)
    with localcontext() as hostile:
        hostile.prec, hostile.rounding, hostile.Emax, hostile.Emin = precision, decimal.ROUND_UP, 1, -1
        hostile.traps = dict.fromkeys(hostile.traps, trap)
        hostile.clear_flags()  # those of whoever computed before
        got = computed(minor)
        raised = [signal for signal, flag in hostile.flags.items() if flag]

    assert got == expected
    assert raised == []


def test_rule_9_threads_with_contexts_of_their_own_compute_the_same() -> None:
    minor = [1, -99, 123_456_789, 10**20 + 7]

    def work(precision: int) -> list[list[str]]:
        decimal.setcontext(
            decimal.Context(prec=precision, rounding=decimal.ROUND_UP, traps=list(decimal.Context().traps))
        )
        return [computed(minor) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        results = [result for batch in pool.map(work, range(1, 9)) for result in batch]

    assert len(results) == 160
    assert all(result == computed(minor) for result in results)


def test_money_shows_itself() -> None:
    loss = Money("-1234567.80", "EUR")

    assert str(loss) == f"{loss}" == loss.__rich__() == "-1234567.80 EUR"
    assert f"{loss:,}" == "-1,234,567.80 EUR"
    assert f"{Money('-0.05', 'EUR'):,}" == "-0.05 EUR"
    assert f"{Money(5, 'JPY'):>10}|" == "     5 JPY|"
    assert f"{ExactMoney('1234.56789', 'EUR'):,}" == "1,234.56789 EUR"
    assert str(ExactMoney(Fraction(1, 3), "EUR")) == "1/3 EUR"
    assert loss._repr_mimebundle_()["text/plain"] == "-1234567.80 EUR"
    assert "-1234567.80 EUR</span>" in loss._repr_html_()


@pytest.mark.parametrize("spec", [".1f", ".3", "d", "n", "e", "05,.1f"])
def test_rule_17_a_format_that_could_hide_digits_is_refused(spec: str) -> None:
    with pytest.raises(MoneyError, match="hide digits"):
        format(Money("19.90", "EUR"), spec)


@given(minors, st.sampled_from(["JPY", "EUR", "KWD", "CLF"]))
@settings(max_examples=500)
def test_rule_17_text_has_every_digit_of_the_value_and_all_minor_units(minor: int, code: str) -> None:
    amount = Money.from_minor(minor, code)

    assert Money(str(amount).split()[0], code) == amount
    assert Money(f"{amount:,}".split()[0].replace(",", ""), code) == amount
    assert len(str(amount).split()[0].partition(".")[2]) == amount.currency.minor_units


def test_amounts_are_copied_and_pickled_to_equal_ones() -> None:
    for amount in (Money("-19.90", "EUR"), ExactMoney(Fraction(1, 3), "USD")):
        assert pickle.loads(pickle.dumps(amount)) == amount == copy.copy(amount) == copy.deepcopy(amount)
        assert copy.deepcopy(amount) is amount
        assert pickle.loads(pickle.dumps(amount)) + amount == amount * 2


def test_amounts_are_rounded_to_fewer_decimals_and_to_tens() -> None:
    price = Money("1255.55", "EUR")

    assert price.round_to(1, rounding="ROUND_HALF_EVEN") == Money("1255.60", "EUR")
    assert price.round_to(-1, rounding="ROUND_HALF_UP") == Money("1260", "EUR")
    assert price.round_to(5) == price.round() == price
    assert ExactMoney("0.00437", "USD").round_to(4, rounding="ROUND_UP") == ExactMoney("0.0044", "USD")


def test_signs_are_taken_away_and_given() -> None:
    loss = Money(-5, "EUR")

    assert (abs(loss), -loss, +loss) == (Money(5, "EUR"), Money(5, "EUR"), loss)
    assert abs(ExactMoney(-5, "EUR")) == -ExactMoney(-5, "EUR") == Money(5, "EUR")


def test_dividing_by_zero_is_an_error_of_python() -> None:
    for operation in ("/", "//", "%", "divmod"):
        for nothing in (0, Money(0, "EUR")):
            with pytest.raises(ZeroDivisionError):
                MEETINGS[operation](Money(1, "EUR"), nothing)
    with pytest.raises(ZeroDivisionError, match="an amount cannot be divided by zero"):
        _ = Money(1, "EUR") / 0


def test_whole_numbers_multiply_to_money_and_other_factors_to_unrounded_amounts() -> None:
    price = Money("19.90", "EUR")

    assert [type(one) for one in (price * 3, 3 * price, price * Decimal(3), Fraction(3) * price)] == [
        Money,
        Money,
        ExactMoney,
        ExactMoney,
    ]
    assert len({price * 3, 3 * price, price * Decimal(3), Fraction(3) * price}) == 1
    assert price.exact() + price == price + price.exact() == price * 2


def test_an_unrounded_amount_is_added_to_and_taken_from_a_rounded_one() -> None:
    price, third = Money("19.90", "EUR"), Money(1, "EUR") / 3

    assert (price + third).fraction == Fraction(199, 10) + Fraction(1, 3)
    assert (price - third).fraction == Fraction(199, 10) - Fraction(1, 3)
    assert (third - price).fraction == Fraction(1, 3) - Fraction(199, 10)


def test_rule_1_unrounded_amounts_are_ordered_within_a_currency() -> None:
    third, same, half = Money(1, "EUR") / 3, Money(2, "EUR") / 6, Money("0.50", "EUR")

    assert (third < half, third <= half, third > half, third >= half) == (True, True, False, False)
    assert (half < third, half <= third, half > third, half >= third) == (False, False, True, True)
    assert (third < same, third <= same, third > same, third >= same) == (False, True, False, True)
