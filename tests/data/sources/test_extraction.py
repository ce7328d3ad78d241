"""Many sources at the same time: reports, failures, partial results, cancelling."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from pydantic import TypeAdapter

from agentkit.data import (
    Access,
    AnySource,
    Column,
    CsvSource,
    Extracted,
    HttpSource,
    JsonSource,
    Reading,
    RecordsSource,
    Source,
    SourceLimits,
    Table,
    extract,
    read_source,
)
from agentkit.errors import DefinitionError, MissingExtra, SourceFailed, SourceNotFound, TableError
from tests.data.sources.reads import write

TABLE = Table.of([Column(name="a")], [("x",)], source="own")


@dataclass(frozen=True, kw_only=True)
class OwnSource:
    """A source as a user would write it."""

    name: str
    work: Callable[[Reading], Extracted] = lambda reading: Extracted(table=TABLE)
    kind: str = "own"
    optional: bool = False

    def read(self, reading: Reading) -> Extracted:
        return self.work(reading)


def fail(reading: Reading) -> Extracted:
    raise OSError("the tape is torn; token t0k3n")


async def test_each_source_has_a_table_and_a_report(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", "a;b\n1;2\n3\n")
    sources: list[Source] = [
        CsvSource(name="sales", path="sales.csv"),
        RecordsSource(name="rates", records=[{"currency": "EUR"}]),
    ]

    done = await extract(sources, access=Access(root=str(tmp_path)), clock=iter(range(100)).__next__)

    assert {name: len(table) for name, table in done.tables.items()} == {"sales": 1, "rates": 1}
    report = done.reports["sales"]
    assert (report.rows, report.quarantined, report.bytes, report.delimiter) == (1, 1, 10, ";")
    assert report.seconds is not None
    assert [row.source for row in done.quarantine] == ["sales"]
    assert done.missing == ()


async def test_rule_35_a_source_that_fails_is_a_failure_by_its_name() -> None:
    with pytest.raises(SourceNotFound, match=r"source 'sales': there is no file 'missing\.csv'") as failed:
        await extract([CsvSource(name="sales", path="missing.csv")], access=Access(root="/"))

    assert isinstance(failed.value, TableError)
    assert failed.value.code == "source_not_found"


async def test_rule_35_an_optional_source_that_fails_is_a_reported_partial_result() -> None:
    done = await extract([OwnSource(name="a"), OwnSource(name="b", work=fail, optional=True)])

    assert list(done.tables) == ["a"]
    assert done.missing == ("b",)
    report = done.reports["b"]
    assert report.error == "source 'b': OSError: the tape is torn; token t0k3n"
    assert (report.error_code, report.rows, report.optional) == ("source_failed", 0, True)


async def test_whatever_a_source_of_a_user_raises_is_named_and_shows_no_secret() -> None:
    with pytest.raises(SourceFailed, match=r"source 'b': OSError: the tape is torn; token \*\*\*") as failed:
        await extract([OwnSource(name="b", work=fail)], access=Access(secrets={"TOKEN": "t0k3n"}))

    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None


async def test_a_missing_library_or_secret_is_told_even_of_an_optional_source() -> None:
    def lacking(reading: Reading) -> Extracted:
        raise MissingExtra("data", "polars")

    for work, error in ((lacking, MissingExtra), (lambda reading: reading.access.secret("X"), DefinitionError)):
        with pytest.raises(error):
            await extract([OwnSource(name="b", work=work, optional=True)])


async def test_two_sources_have_two_names() -> None:
    with pytest.raises(DefinitionError, match="several sources are called a"):
        await extract([OwnSource(name="a"), OwnSource(name="a")])


async def test_all_sources_are_read_at_the_same_time() -> None:
    together = threading.Barrier(5, timeout=10)

    def work(reading: Reading) -> Extracted:
        together.wait()
        return Extracted(table=TABLE)

    done = await extract([OwnSource(name=str(number), work=work) for number in range(5)])

    assert len(done.tables) == 5


def waiting(reading: Reading) -> Extracted:
    while True:
        reading.pause(0.01)


async def test_the_others_are_stopped_as_soon_as_one_fails() -> None:
    with anyio.fail_after(5), pytest.raises(SourceFailed, match="source 'b'"):
        await extract([OwnSource(name="a", work=waiting), OwnSource(name="b", work=fail)])


async def test_cancelling_stops_the_reading() -> None:
    ended = threading.Event()

    def work(reading: Reading) -> Extracted:
        try:
            return waiting(reading)
        finally:
            ended.set()

    with anyio.move_on_after(0.1) as scope:
        await extract([OwnSource(name="a", work=work)])

    assert scope.cancelled_caught
    assert ended.is_set()


async def test_a_source_takes_no_longer_than_it_may() -> None:
    with anyio.fail_after(5), pytest.raises(SourceFailed, match=r"longer than 0\.1 seconds"):
        await extract([OwnSource(name="a", work=waiting)], limits=SourceLimits(seconds=0.1))


async def test_progress_is_told_in_rows_and_sources(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", "a,b\n" + "1\n" + "1,2\n" * 50_000)
    told: list[tuple[int, int | None, str]] = []

    await extract(
        [CsvSource(name="sales", path="sales.csv")],
        access=Access(root=str(tmp_path)),
        progress=lambda done, total, what: told.append((done, total, what)),
    )

    assert len(told) >= 4
    assert told[0] == (10_000, None, "sales: 10,000 rows")


def test_one_source_is_read_without_an_event_loop() -> None:
    table, report = read_source(OwnSource(name="a"))

    assert (table, report.kind, report.seconds) == (TABLE, "own", None)


def test_sources_come_from_plain_settings() -> None:
    sources = TypeAdapter[list[AnySource]](list[AnySource]).validate_python(
        [
            {"kind": "csv", "name": "sales", "path": "sales.csv", "delimiter": ";", "optional": True},
            {"kind": "json", "name": "lines", "path": "lines.json", "records": "data.items"},
            {"kind": "json_lines", "name": "log", "path": "log.jsonl"},
            {"kind": "excel", "name": "book", "path": "book.xlsx", "sheet": "2024"},
            {"kind": "parquet", "name": "old", "path": "old.parquet", "columns": ["a"]},
            {"kind": "file", "name": "upload", "path": "upload"},
            {"kind": "html", "name": "charts", "path": "charts.html", "caption": "Week 47"},
            {"kind": "records", "name": "rates", "records": [{"currency": "EUR", "rate": "1.09"}]},
            {"kind": "sql", "name": "db", "path": "x.sqlite", "query": "SELECT :a", "parameters": {"a": "0.99"}},
            {
                "kind": "http",
                "name": "api",
                "url": "https://sales.example/v1",
                "auth": {"kind": "bearer", "secret": "SALES_TOKEN"},
                "paging": {"kind": "cursor", "field": "meta.next", "parameter": "cursor"},
            },
        ]
    )

    assert isinstance(sources[0], CsvSource)
    assert (sources[0].delimiter, sources[0].optional) == (";", True)
    assert isinstance(sources[1], JsonSource)
    assert isinstance(sources[-1], HttpSource)
    assert repr(sources[-1].auth) == "BearerAuth(secret='SALES_TOKEN', kind='bearer')"


def test_access_is_checked_when_it_is_made() -> None:
    with pytest.raises(DefinitionError, match="no network like"):
        Access(networks=("everywhere",))
    with pytest.raises(DefinitionError, match="is empty"):
        Access(secrets={"TOKEN": ""})
    with pytest.raises(DefinitionError, match="seconds is 0"):
        SourceLimits(seconds=0)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("pa55/w0rd", "url?key=pa55%2Fw0rd"),
        ("postgresql://me:pa55w0rd@db/x", 'connection failed: password "pa55w0rd"'),
        ("t0k3n", "Basic dDBrM24="),
    ],
)
def test_a_secret_is_hidden_however_it_is_written(secret: str, shown: str) -> None:
    hidden = Access(secrets={"S": secret}).hide(shown)

    assert "***" in hidden
    assert not any(piece in hidden for piece in ("pa55", "dDBr"))
