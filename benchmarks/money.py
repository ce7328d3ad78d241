"""The column of agentkit, where it computes with money."""

from decimal import Decimal
from time import perf_counter

from agentkit.money import Money, format_money, parse_money, shares_of_column

from .baseline import written_amounts
from .sample import Sample

RATE = Decimal("12.5")


def cents(size: int) -> list[int]:
    """Amounts as they are in books: many, and hardly two alike."""
    return [number * 7919 % 1_000_003 for number in range(size)]


def money_add(size: int) -> Sample:
    price, fee = Money("19.90", "EUR"), Money("5.25", "EUR")
    start = perf_counter()
    for _ in range(size):
        total = price + fee
    seconds = perf_counter() - start
    assert str(total) == "25.15 EUR"
    return Sample(size, seconds)


def money_new(size: int) -> Sample:
    start = perf_counter()
    for _ in range(size):
        price = Money("19.90", "EUR")
    seconds = perf_counter() - start
    assert price.minor == 1990
    return Sample(size, seconds)


def money_parse(size: int) -> Sample:
    texts = written_amounts(size)
    start = perf_counter()
    read = [parse_money(text, currency="EUR", locale="de-DE") for text in texts]
    seconds = perf_counter() - start
    assert [format_money(money, locale="de-DE", symbol="none") for money in read] == texts
    return Sample(size, seconds)


def money_percent(size: int) -> Sample:
    price = Money("19.90", "EUR")
    start = perf_counter()
    for _ in range(size):
        share = price.percentage(RATE, rounding="ROUND_HALF_EVEN")
    seconds = perf_counter() - start
    assert str(share) == "2.49 EUR"
    return Sample(size, seconds)


def money_sum(size: int) -> Sample:
    column = cents(size)
    amounts = [Money.from_minor(minor, "EUR") for minor in column]
    start = perf_counter()
    total = Money.sum(amounts)
    seconds = perf_counter() - start
    assert total.minor == sum(column)
    return Sample(size, seconds)


def money_column(size: int) -> Sample:
    column = cents(size)
    start = perf_counter()
    shares = shares_of_column(column, RATE)
    seconds = perf_counter() - start
    assert shares[1] == 990
    return Sample(len(shares), seconds)
