"""PostgreSQL, with a real server."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from agentkit.data import Access, SourceLimits, SqlSource, Table, read_source
from agentkit.errors import SourceError, SourceFailed, SourceMalformed, SourceTooLarge
from tests.data.sources.database import postgres
from tests.data.sources.reads import rows

MADE = """
DROP TABLE IF EXISTS sales;
CREATE TABLE sales (artist text, sold int, price numeric(10, 2), day date, rate float8, at timestamptz,
  extra jsonb, id uuid);
INSERT INTO sales VALUES
  ('Ibis', 3, 0.99, '2024-01-02', 0.1, '2024-01-02 03:04:05+00', '{"b": [1.50, null], "a": 1}',
   'b2f4c3a0-0000-4000-8000-000000000001'),
  ('100% Oak', NULL, 1.10, '2024-02-03', 2, NULL, NULL, NULL);
"""
MOMENT = "2024-01-02T03:04:05+00:00"
UUID = "b2f4c3a0-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgres() as found, psycopg.connect(found, autocommit=True) as connection:
        connection.execute(MADE)
        yield found


def ask(address: str, query: str, limits: SourceLimits | None = None, **parameters: str | int) -> Table:
    source = SqlSource(name="sales", connection="SALES_DB", query=query, parameters=parameters)
    return read_source(source, access=Access(secrets={"SALES_DB": address}), limits=limits)[0]


def test_columns_keep_their_types(address: str) -> None:
    table = ask(address, "SELECT * FROM sales ORDER BY day")

    kinds = ["text", "integer", "decimal", "date", "decimal", "text", "text", "text"]
    assert [column.kind for column in table.columns] == kinds
    assert rows(table) == [
        ("Ibis", 3, Decimal("0.99"), date(2024, 1, 2), Decimal("0.1"), MOMENT, '{"a":1,"b":[1.50,null]}', UUID),
        ("100% Oak", None, Decimal("1.10"), date(2024, 2, 3), Decimal(2), None, None, None),
    ]


def test_values_are_bound_and_never_part_of_the_text(address: str) -> None:
    query = "SELECT artist FROM sales WHERE artist = :artist AND price::text LIKE '0%' -- :none"

    assert rows(ask(address, query, artist="Ibis")) == [("Ibis",)]
    assert rows(ask(address, query, artist="x' OR '1'='1")) == []


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM sales RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copied FROM sales",
        "SELECT set_config('transaction_read_only', 'off', false), nextval('x')",
    ],
)
def test_nothing_can_be_written(address: str, query: str) -> None:
    with pytest.raises(SourceFailed):
        ask(address, query)

    assert rows(ask(address, "SELECT count(*) FROM sales")) == [(2,)]


def test_rows_come_in_blocks_so_that_limits_are_noticed_early(address: str) -> None:
    with pytest.raises(SourceTooLarge, match="more than 10,000 rows"):
        ask(address, "SELECT * FROM generate_series(1, 50000000)", SourceLimits(max_rows=10_000))


def test_a_query_that_takes_too_long_is_stopped(address: str) -> None:
    with pytest.raises(SourceFailed, match="said nothing for too long"):
        ask(address, "SELECT pg_sleep(20)", SourceLimits(silent_seconds=0.2))


def test_what_is_no_number_goes_to_quarantine_and_what_is_no_cell_is_refused(address: str) -> None:
    source = SqlSource(name="s", connection="DB", query="SELECT x FROM (VALUES ('NaN'::float8), (1)) AS v(x)")

    table, report = read_source(source, access=Access(secrets={"DB": address}))

    assert (rows(table), report.quarantined) == ([(Decimal(1),)], 1)
    with pytest.raises(SourceMalformed, match="column 'bytes' holds bytes"):
        ask(address, "SELECT 'x'::bytea AS bytes")
    with pytest.raises(SourceMalformed, match="a value cannot be read"):
        ask(address, "SELECT 'infinity'::date")


@pytest.mark.parametrize(
    "end", ["&password=pa55w0rd&port=1", "&password=pa55w0rd&nonsense=1", "&password=pa55w0rd&user=nobody"]
)
def test_a_password_is_in_no_error(address: str, end: str) -> None:
    with pytest.raises(SourceError) as failed:
        ask(address.replace("tests@", "tests:pa55w0rd@") + end, "SELECT nothing")

    cause = failed.value.__cause__
    assert "pa55w0rd" not in f"{failed.value} {cause!r}"
