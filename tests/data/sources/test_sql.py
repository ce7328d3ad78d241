"""Databases: SQLite, others by SQLAlchemy, and what a query may be."""

import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from agentkit.data import Access, AnySource, SourceLimits, SqlSource, Table, read_source
from agentkit.data.sources.sql.statements import parameters_of, rewritten
from agentkit.errors import DefinitionError, SourceError, SourceFailed, SourceMalformed, SourceTooLarge
from tests.data.sources.reads import read, rows, write


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE sales (artist TEXT, sold INTEGER, price NUMERIC(10, 2), note BLOB)")
        connection.executemany(
            "INSERT INTO sales VALUES (?, ?, ?, NULL)", [("Ibis", 3, 0.99), ("Oak", None, 1.1), ("Elm", 5, 2)]
        )
    return tmp_path


def ask(folder: Path, query: str, limits: SourceLimits | None = None, **parameters: str | int) -> Table:
    return read(folder, SqlSource(name="sales", path="shop.sqlite", query=query, parameters=parameters), limits)[0]


def test_a_query_of_a_file_becomes_a_table(shop: Path) -> None:
    table, report = read(
        shop, SqlSource(name="sales", path="shop.sqlite", query="SELECT artist, sold, price FROM sales")
    )

    assert [column.kind for column in table.columns] == ["text", "integer", "decimal"]
    assert rows(table) == [("Ibis", 3, Decimal("0.99")), ("Oak", None, Decimal("1.1")), ("Elm", 5, Decimal(2))]
    assert (report.format, report.rows) == ("sqlite", 3)
    assert "column 'price' has floats" in report.notes[0]


def test_values_are_bound_and_never_part_of_the_text(shop: Path) -> None:
    query = "SELECT sold FROM sales WHERE artist = :artist"

    assert rows(ask(shop, query, artist="Ibis")) == [(3,)]
    assert rows(ask(shop, query, artist="' OR 1=1 --")) == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("DELETE FROM sales", "has to begin with SELECT"),
        ("PRAGMA writable_schema = ON", "has to begin with SELECT"),
        ("-- SELECT\nATTACH 'x' AS y", "has to begin with SELECT"),
        ("SELECT 1; DROP TABLE sales", "several statements"),
        ("SELECT ';' ; /* ; */ SELECT 2", "several statements"),
        ("SELECT :a", "asks for a, and none are given"),
    ],
)
def test_a_query_is_one_statement_that_reads(query: str, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        SqlSource(name="sales", path="shop.sqlite", query=query)


@pytest.mark.parametrize(
    "query", ["SELECT ';'", "SELECT 1; -- done;\n", "/* ; */ WITH a AS (SELECT 1) SELECT * FROM a;"]
)
def test_a_semicolon_in_a_text_or_at_the_end_is_no_second_statement(shop: Path, query: str) -> None:
    assert len(ask(shop, query)) == 1


@pytest.mark.parametrize(
    "query",
    [
        "WITH a AS (SELECT 1) DELETE FROM sales",
        "WITH a AS (SELECT 1) INSERT INTO sales SELECT 'x', 1, 1, NULL",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_table_info('sales')",
    ],
)
def test_nothing_but_reading_is_possible(shop: Path, query: str) -> None:
    with pytest.raises(SourceFailed):
        ask(shop, query)

    assert len(ask(shop, "SELECT * FROM sales")) == 3


def test_a_query_that_takes_too_long_is_stopped(shop: Path) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    begun = time.monotonic()

    with pytest.raises(SourceFailed, match="longer than"):
        read_source(
            SqlSource(name="sales", path="shop.sqlite", query=endless),
            access=Access(root=str(shop)),
            limits=SourceLimits(seconds=0.3),
            clock=time.monotonic,
        )
    assert time.monotonic() - begun < 30


def test_rows_come_in_blocks_so_that_limits_are_noticed_early(shop: Path) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"

    with pytest.raises(SourceTooLarge, match="more than 20,000 rows"):
        ask(shop, endless, SourceLimits(max_rows=20_000))


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELECT x FROM sales", "cannot be run: no such column"),
        ("SELECT x'00' AS bytes", "column 'bytes' holds bytes"),
        ("SELECT 1 AS a, 2 AS a", "tell them apart by AS"),
        ("SELECT CAST(x'ff' AS TEXT)", "no UTF-8"),
        ("SELECT zeroblob(999999999)", "cannot be run"),
    ],
)
def test_what_makes_no_table_is_refused(shop: Path, query: str, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        ask(shop, query, SourceLimits(max_bytes=100_000_000))


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"x" * 100])
def test_a_file_that_is_no_database_is_malformed(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "shop.sqlite", content)

    with pytest.raises(SourceMalformed):
        ask(tmp_path, "SELECT * FROM sales")


def test_other_databases_are_asked_by_sqlalchemy(shop: Path) -> None:
    pytest.importorskip("sqlalchemy")
    source = SqlSource(
        name="sales",
        connection="SALES_DB",
        query="SELECT artist, price FROM sales WHERE artist = :artist",
        parameters={"artist": "Ibis"},
    )
    access = Access(secrets={"SALES_DB": f"sqlite:///{shop / 'shop.sqlite'}"})

    table, report = read_source(source, access=access)

    assert (rows(table), report.format) == ([("Ibis", Decimal("0.99"))], "sqlite")


def test_an_address_that_leads_nowhere_is_not_shown() -> None:
    pytest.importorskip("sqlalchemy")
    source = SqlSource(name="sales", connection="DB", query="SELECT 1")

    for address in ("nonsense", "unknown://me:pa55w0rd@host/db"):
        with pytest.raises(SourceFailed) as failed:
            read_source(source, access=Access(secrets={"DB": address}))
        assert address not in f"{failed.value} {failed.value.__cause__!r}"


def test_settings_that_contradict_each_other_are_refused() -> None:
    for settings in ({}, {"path": "x", "connection": "y"}):
        with pytest.raises(ValidationError, match="either the path of a file or a connection"):
            TypeAdapter[object](AnySource).validate_python(
                {"kind": "sql", "name": "s", "query": "SELECT 1", **settings}
            )


def test_parameters_are_found_where_they_are_and_nowhere_else() -> None:
    query = "SELECT ':a', \":b\", x::text, $$:c$$, '100%' /* :d */ FROM t WHERE y = :e AND z LIKE '%' || :f -- :g"

    assert parameters_of(query) == {"e", "f"}
    assert rewritten(query) == (
        "SELECT ':a', \":b\", x::text, $$:c$$, '100%%' /* :d */ FROM t WHERE y = %(e)s AND z LIKE '%%' || %(f)s -- :g"
    )
