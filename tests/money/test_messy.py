"""Every messy text is what it is, or is refused for the reason that it should be."""

from collections.abc import Callable
from typing import cast

import pytest

from agentkit.errors import MoneyError
from agentkit.money import parse_date, parse_decimal, parse_money, parse_percent
from tests.money.messy import AMOUNTS, DATES, NUMBERS, PERCENTS, Row

READERS = {"amount": parse_money, "number": parse_decimal, "percent": parse_percent, "date": parse_date}
ROWS = [
    *[("amount", row) for row in AMOUNTS],
    *[("number", row) for row in NUMBERS],
    *[("percent", row) for row in PERCENTS],
    *[("date", row) for row in DATES],
]


def outcome(kind: str, row: Row) -> str:
    read = cast("Callable[..., object]", READERS[kind])
    try:
        value = read(row[0], **row[1])
    except MoneyError as error:
        return error.code
    return f"{value:f}" if kind in {"number", "percent"} else str(value)


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=lambda given: str(given)[:60])
def test_a_messy_text_is_read_or_refused_as_the_table_says(kind: str, row: Row) -> None:

    assert outcome(kind, row) == row[2]


def test_the_table_is_long() -> None:
    assert len(ROWS) >= 250
