"""py-moneyed 3.0: amounts as its documentation writes them. It orchestrates nothing, and is asked about money only."""

from decimal import Decimal
from time import perf_counter

from moneyed import Money

from benchmarks.sample import Sample

NO_WORKFLOWS = "it knows money, and no workflows"
CANNOT = dict.fromkeys(
    ("chain", "chain_plain", "fan", "operations", "durable_one", "durable_many", "agent", "imports"), NO_WORKFLOWS
)


def money_add(size: int) -> Sample:
    price, fee = Money("19.90", "EUR"), Money("5.25", "EUR")
    start = perf_counter()
    for _ in range(size):
        total = price + fee
    seconds = perf_counter() - start
    assert total.amount == Decimal("25.15")
    return Sample(size, seconds)


def money_new(size: int) -> Sample:
    start = perf_counter()
    for _ in range(size):
        price = Money("19.90", "EUR")
    seconds = perf_counter() - start
    assert price.amount == Decimal("19.90")
    return Sample(size, seconds)


def money_percent(size: int) -> Sample:
    price, factor = Money("19.90", "EUR"), Decimal("0.125")
    start = perf_counter()
    for _ in range(size):
        share = (price * factor).round(2)
    seconds = perf_counter() - start
    assert share.amount == Decimal("2.49")
    return Sample(size, seconds)
