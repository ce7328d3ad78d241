"""What is computed for many rows at once is what the processor computes for each: with an audit trail he is asked."""

from collections.abc import Sequence
from datetime import date
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import Column, Convert, Operation, Party, Processed, Share, Table, process
from agentkit.money import AllocationMethod, AuditTrail, FinancialProcessor, MemorySink, Money, PrecisionConfig

COLUMNS = [Column(name="revenue", kind="money"), Column(name="day", kind="date")]
DAYS = [None, date(2024, 3, 27), date(2024, 3, 28), date(2024, 4, 2), date(2024, 6, 1)]
RATES = [
    {"base": base, "quote": quote, "rate": rate, "date": day, "source": "ECB"}
    for base, quote, rate, day in (
        ("EUR", "USD", "1.0811", "2024-03-28"),
        ("EUR", "USD", "1.0778", "2024-04-01"),
        ("EUR", "JPY", "163.45", "2024-03-28"),
    )
]
amounts = st.none() | st.builds(
    Money.from_minor,
    st.integers(-10_000, 10_000) | st.sampled_from([10**27, 1 - 10**28]),
    st.sampled_from(["EUR", "USD", "JPY"]),
)
configs = st.builds(
    PrecisionConfig,
    decimal_places=st.sampled_from([None, None, 0, -1]),
    rounding=st.sampled_from(["ROUND_HALF_EVEN", "ROUND_UP", "UNNECESSARY"]),
    precision=st.sampled_from([28, 28, 5]),
    minimum=st.sampled_from([None, None, 0]),
    maximum=st.sampled_from([None, None, "50.00"]),
)


class _Clock:
    def now(self) -> float:
        return 1_700_000_000.0


def both(operation: Operation, rows: Sequence[tuple[Money | None, date | None]], config: PrecisionConfig) -> Processed:
    """What comes of rows at once, which is what comes of each alone."""
    table = Table.of(COLUMNS, rows, source="sales.csv", first_row=2)
    trail = AuditTrail(MemorySink(), clock=_Clock())
    alone = process(table, [operation], processor=FinancialProcessor(config, audit=trail))
    at_once = process(table, [operation], processor=FinancialProcessor(config))
    assert len(list(trail.entries())) >= len(rows) - sum(amount is None for amount, _ in rows)
    assert (at_once.table, at_once.quarantine, at_once.issues) == (alone.table, alone.quarantine, alone.issues)
    assert at_once.statistics == alone.statistics
    return at_once


@given(
    st.lists(st.tuples(amounts, st.sampled_from(DAYS)), max_size=12), configs, st.sampled_from(["12.5", "0", "33.333"])
)
def test_shares_at_once_are_the_shares_of_each_amount(
    rows: list[tuple[Money | None, date | None]], config: PrecisionConfig, percent: str
) -> None:
    parties = (Party(name="writer", percent=percent), Party(name="singer", percent="41"))
    for method in get_args(AllocationMethod):
        _ = both(Share(column="revenue", parties=parties, remainder="label", method=method), rows, config)


@given(st.lists(st.tuples(amounts, st.sampled_from(DAYS)), max_size=12), configs, st.sampled_from(["USD", "JPY"]))
def test_conversions_at_once_are_the_conversion_of_each_amount(
    rows: list[tuple[Money | None, date | None]], config: PrecisionConfig, to: str
) -> None:
    for via, divide in ((None, False), (None, True), ("EUR", True)):
        convert = Convert(column="revenue", to=to, date="day", rates=tuple(RATES), via=via, allow_divide=divide)
        _ = both(convert, rows, config)


def test_more_rows_than_are_computed_at_once_keep_their_order() -> None:
    rows = [(Money.from_minor(number, "EUR" if number % 3 else "USD"), DAYS[2]) for number in range(2_500)]
    share = Share(column="revenue", parties=(Party(name="writer", percent="10"),), remainder="label")
    found = both(share, rows, PrecisionConfig())
    assert [str(amount) for amount in found.table.column("writer")][-2:] == ["2.50 EUR", "2.50 USD"]
