"""The ready-made agents, as stages of real operations."""

import asyncio
import csv
import io
import socket
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from agentkit import Orchestrator, Stage, Workflow
from agentkit.data import (
    Access,
    Column,
    Derive,
    Field,
    Filter,
    InsightsConfig,
    Join,
    MailSettings,
    RecordsSource,
    ReportConfig,
    Schema,
    Table,
    pack_table,
    unpack_table,
)
from agentkit.errors import ColumnMismatch, DefinitionError, OperationFailed
from agentkit.money import Money
from agentkit.readymade import (
    ExtractionAgent,
    ExtractionSettings,
    FigureLayout,
    FoundInsights,
    InsightsAgent,
    InsightsSettings,
    ProcessedTable,
    ProcessingAgent,
    ProcessingSettings,
    ReportAgent,
    ReportLayout,
    ReportSettings,
    SectionLayout,
    TableLayout,
    agents_from_data,
)

pytestmark = pytest.mark.blocking

ROWS: list[Mapping[str, object]] = [
    {"artist": " Ibis ", "price": "1.234,50 €", "year": 2024},
    {"artist": "Oak", "price": "0,99 €", "year": 2023},
    {"artist": "", "price": "a lot", "year": 2024},
]
SCHEMA = Schema(
    fields=[
        Field(name="artist", required=True),
        Field(name="price", kind="money", currency="EUR", required=True),
        Field(name="year", kind="integer"),
    ]
)
READ = ExtractionAgent(ExtractionSettings(sources=(RecordsSource(name="sales", records=ROWS),)))
CLEAN = ProcessingAgent(
    ProcessingSettings(schema=SCHEMA, operations=(Filter(expression="year == $year"),), name="sales"), name="clean"
)
FIRST = Stage("read", agent="extraction")


def report(**more: Any) -> ReportAgent:
    section = SectionLayout(
        title="All",
        figures=(FigureLayout(label="Sold", table="clean", column="price"),),
        tables=(TableLayout(table="clean", title="Sales", totals=("price",)),),
        insights=True,
    )
    config = ReportConfig(formats=("csv",), **more)
    layout = ReportLayout(title="Sales of {year}", sections=(section,))
    return ReportAgent(ReportSettings(layout=layout, config=config, mail=more.get("mail")))


async def test_rows_are_read_cleaned_and_kept_apart_with_what_is_wrong() -> None:
    flow = Workflow("flow", [FIRST, Stage("clean", agent="clean", after=["read"])], returns=ProcessedTable)
    async with Orchestrator([READ, CLEAN]) as orchestrator:
        operation = await orchestrator.submit(flow, {"year": 2024})
        done = (await operation).output
        names = [line.artifact.name for line in await operation.artifacts() if not line.artifact.is_for_people]

        assert (done.rows_in, done.rows_out, done.kept_apart) == (3, 1, 1)
        assert done.quality == "0.333333"
        table = unpack_table(await operation.artifact("sales.table", stage="clean"))
        assert list(table.rows()) == [("Ibis", Money("1234.50", "EUR"), 2024)]
        assert (table.origins[0].source, table.origins[0].row) == ("sales", 1)
        apart = unpack_table(await operation.artifact("quarantine.table", stage="clean"))
        assert [(row["row"], row["field"]) for row in apart.records()] == [(3, "artist"), (3, "price")]
        assert names == ["sales.table", "sales.table", "quarantine.table"]


async def test_an_instruction_in_words_is_carried_out_and_what_was_understood_is_shown() -> None:
    words = ProcessingAgent(ProcessingSettings(), name="words")
    stage = Stage("words", agent="words", after=["read"], instruction="keep the top 1 by year")
    async with Orchestrator([READ, words]) as orchestrator:
        done = (await orchestrator.run(Workflow("flow", [FIRST, stage], returns=ProcessedTable))).output

    assert done.rows_out == 1
    assert done.understood == ("keep top 1 by year -> top",)


async def test_a_report_is_read_back_and_its_files_belong_to_the_operation() -> None:
    insights = InsightsAgent(InsightsSettings(config=InsightsConfig(value="price", by=("artist",))))
    stages = [
        FIRST,
        Stage("clean", agent="clean", after=["read"]),
        Stage("insights", agent="insights", after=["clean"]),
        Stage("report", agent="report", after=["clean", "insights"]),
    ]
    async with Orchestrator([READ, CLEAN, insights, report()]) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages), {"year": 2024})
        await operation
        (line,) = [line for line in await operation.artifacts() if line.artifact.is_for_people]

        assert line.artifact.name == "sales-of-2024-sales.csv"
        rows = list(csv.reader(io.StringIO((await operation.artifact(line.artifact.name)).decode("utf-8-sig"))))
        assert rows[1][:2] == ["Ibis", "1234.50"]


SOLD: list[Mapping[str, object]] = [{"artist": "Ibis", "sold": 8}, {"artist": "Oak", "sold": 2}]
MORE: list[Mapping[str, object]] = [{"artist": "Elm", "sold": 5}, {"artist": "Yew", "sold": None}]


async def found_in(*tables: tuple[str, list[Mapping[str, object]]], table: str | None = None) -> FoundInsights:
    sources = tuple(RecordsSource(name=name, records=rows) for name, rows in tables)
    settings = InsightsSettings(config=InsightsConfig(value="sold"), table=table)
    agents = [ExtractionAgent(ExtractionSettings(sources=sources)), InsightsAgent(settings, name="figures")]
    stages = [FIRST, Stage("figures", agent="figures", after=["read"])]
    async with Orchestrator(agents) as orchestrator:
        return (await orchestrator.run(Workflow("flow", stages, returns=FoundInsights))).output


async def test_a_line_of_insights_says_what_it_is_about_and_which_rows_are_behind_it() -> None:
    first = (await found_in(("sales", SOLD))).lines[0]

    assert (first.kind, first.text) == ("total", "The total of sold is 10, from 2 rows.")
    assert (first.rows, [(row.source, row.row) for row in first.sample]) == (2, [("sales", 1), ("sales", 2)])


@pytest.mark.parametrize(
    ("table", "total", "left_out"),
    [("old", "The total of sold is 10, from 2 rows.", 0), ("new", "The total of sold is 5, from 1 row.", 1)],
)
async def test_of_several_tables_the_one_is_looked_at_that_was_named(table: str, total: str, left_out: int) -> None:
    found = await found_in(("old", SOLD), ("new", MORE), table=table)

    assert (found.statements[0], found.left_out) == (total, left_out)


async def test_of_several_tables_one_has_to_be_named() -> None:
    with pytest.raises(OperationFailed, match="say which table is meant: there are new, old"):
        await found_in(("old", SOLD), ("new", MORE))


@pytest.mark.parametrize(("rows", "lines"), [(ROWS, 2), (ROWS[:2], 0)])
async def test_a_report_shows_what_was_kept_apart_and_an_empty_table_where_nothing_was(
    rows: list[Mapping[str, object]], lines: int
) -> None:
    read = ExtractionAgent(ExtractionSettings(sources=(RecordsSource(name="sales", records=rows),)))
    section = SectionLayout(tables=(TableLayout(table="clean.quarantine", title="Kept apart"),))
    settings = ReportSettings(
        layout=ReportLayout(title="Sales", sections=(section,)), config=ReportConfig(formats=("csv",))
    )
    stages = [FIRST, Stage("clean", agent="clean", after=["read"]), Stage("report", agent="report", after=["clean"])]
    async with Orchestrator([read, CLEAN, ReportAgent(settings)]) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages), {"year": 2024})
        await operation
        content = await operation.artifact("sales-kept-apart.csv")

    shown = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert shown[0] == ["source", "row", "field", "code", "message", "raw"]
    assert [(line[1], line[2]) for line in shown[1:]] == [("3", "artist"), ("3", "price")][:lines]


async def test_what_else_is_said_of_rows_is_not_among_those_kept_apart() -> None:
    rows: list[Mapping[str, object]] = [{"artist": "Ibis"}, {"artist": "Oak"}]
    sources = (
        RecordsSource(name="sales", records=rows),
        RecordsSource(name="contracts", records=[{"artist": "Oak", "n": 1}]),
    )
    join = Join(input="contracts", by=("artist",), columns=("n",), unmatched="keep")
    agents = [
        ExtractionAgent(ExtractionSettings(sources=sources)),
        ProcessingAgent(ProcessingSettings(table="sales", operations=(join,))),
    ]
    flow = Workflow("flow", [FIRST, Stage("join", agent="processing", after=["read"])], returns=ProcessedTable)
    async with Orchestrator(agents) as orchestrator:
        operation = await orchestrator.submit(flow, {})
        done = (await operation).output
        issues = unpack_table(await operation.artifact("issues.table"))

    assert (done.rows_out, done.kept_apart, done.quarantine) == (2, 0, None)
    assert [(row["row"], row["code"]) for row in issues.records()] == [(1, "no_match")]


async def test_rows_of_records_are_data_and_no_parameter_is_filled_into_them() -> None:
    rows: list[Mapping[str, object]] = [{"artist": "{year}"}, {"artist": "{nobody"}, {"artist": "}{"}]
    read = ExtractionAgent(ExtractionSettings(sources=(RecordsSource(name="of_{year}", records=rows),)))
    async with Orchestrator([read]) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", [FIRST]), {"year": 2024})
        await operation
        table = unpack_table(await operation.artifact("of_2024.table"))

    assert list(table.column("artist")) == ["{year}", "{nobody", "}{"]


async def test_data_that_is_not_good_enough_makes_no_report() -> None:
    stages = [FIRST, Stage("clean", agent="clean", after=["read"]), Stage("report", agent="report", after=["clean"])]
    async with Orchestrator([READ, CLEAN, report(quality_threshold="0.9")]) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages), {"year": 2024})
        with pytest.raises(OperationFailed, match=r"below the threshold 0\.9"):
            await operation
        assert [line for line in await operation.artifacts() if line.artifact.is_for_people] == []


async def test_people_are_told_by_mail_that_a_report_is_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Mailbox(tmp_path / "mail"), hostname="127.0.0.1", port=port)
    await asyncio.to_thread(controller.start)
    try:
        mail = MailSettings(host="127.0.0.1", port=port, sender="reports@example.org", security="none")
        layout = ReportLayout(
            title="Sales", sections=(SectionLayout(tables=(TableLayout(table="clean", title="Sales"),)),)
        )
        settings = ReportSettings(
            layout=layout, config=ReportConfig(formats=("csv",), notify=("ada@example.org",)), mail=mail
        )
        stages = [
            FIRST,
            Stage("clean", agent="clean", after=["read"]),
            Stage("report", agent="report", after=["clean"]),
        ]
        async with Orchestrator([READ, CLEAN, ReportAgent(settings)]) as orchestrator:
            operation = await orchestrator.submit(Workflow("flow", stages), {"year": 2024})
            await operation
            (effect,) = await operation.effects()
    finally:
        await asyncio.to_thread(controller.stop)

    assert (effect.name, effect.status) == ("tell", "confirmed")
    (letter,) = (tmp_path / "mail" / "new").iterdir()
    assert "Sales is ready" in letter.read_text()


def test_people_who_are_to_be_told_without_a_mail_server_are_refused_before_anything_runs() -> None:
    settings = {"is": "report", "layout": {"title": "T", "sections": []}, "config": {"notify": ["ada@example.org"]}}
    with pytest.raises(
        DefinitionError, match=r"people are to be told \(notify\), and there is no mail server \(mail\)"
    ):
        agents_from_data({"agents": {"report": settings}})


async def test_a_table_that_nobody_handed_on_is_named_with_those_that_are_there() -> None:
    other = ProcessingAgent(ProcessingSettings(table="rates"), name="other")
    stages = [FIRST, Stage("other", agent="other", after=["read"])]
    async with Orchestrator([READ, other]) as orchestrator:
        with pytest.raises(OperationFailed, match=r"no table 'rates' was handed on; there are: read, read\.sales"):
            await orchestrator.run(Workflow("flow", stages), {})


@pytest.mark.parametrize(
    "settings",
    [
        ReportSettings(
            layout=ReportLayout(
                title="T", sections=(SectionLayout(tables=(TableLayout(table="salse", title="Sales"),)),)
            )
        ),
        ReportSettings(layout=ReportLayout(title="T", sections=()), raw=("salse",)),
    ],
)
async def test_a_report_of_a_table_that_nobody_handed_on_names_those_that_are_there(settings: ReportSettings) -> None:
    stages = [FIRST, Stage("report", agent="report", after=["read"])]
    async with Orchestrator([READ, ReportAgent(settings)]) as orchestrator:
        with pytest.raises(OperationFailed, match=r"names the table 'salse'; there are: read, read\.sales, sales"):
            await orchestrator.run(Workflow("flow", stages), {})


async def test_a_parameter_that_was_not_given_is_named() -> None:
    agent = ExtractionAgent(ExtractionSettings(sources=(RecordsSource(name="{month}", records=ROWS),)))
    async with Orchestrator([agent]) as orchestrator:
        with pytest.raises(OperationFailed, match="month"):
            await orchestrator.run(Workflow("flow", [FIRST]), {})
        with pytest.raises(OperationFailed, match="give a decimal number as a text"):
            await orchestrator.run(Workflow("flow", [FIRST]), {"month": 1.5})


def test_agents_come_out_of_data_without_a_line_of_python() -> None:
    made = agents_from_data(
        {
            "agents": {
                "sales": {"is": "extraction", "sources": [{"kind": "csv", "name": "sales", "path": "sales.csv"}]},
                "double": {
                    "is": "processing",
                    "operations": [{"kind": "derive", "name": "double", "expression": "n * 2"}],
                },
            }
        },
        access=Access(root="data"),
    )

    assert [agent.name for agent in made] == ["sales", "double"]
    (operation,) = made[1].settings.operations  # type: ignore[attr-defined]  # it is a ProcessingAgent
    assert operation == Derive(name="double", expression="n * 2")
    assert made[0].access.root == "data"  # type: ignore[attr-defined]  # it is an ExtractionAgent


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "has one entry, `agents`"),
        ({"agents": {}}, "has one entry, `agents`"),
        ({"agents": {"a": 1}}, "agent a: say what it is"),
        (
            {"agents": {"a": {"is": "cook"}}},
            "`is` has to be one of extraction, processing, insights, model, report",
        ),
        ({"agents": {"a": {"is": "processing", "tabel": "x"}}}, "agent a: tabel"),
        ({"agents": {"a": {"is": "extraction", "sources": [{"kind": "fax", "name": "x"}]}}}, "agent a: sources.0"),
        ({"agents": {"a": {"is": "extraction", "sources": []}}}, "name at least one"),
        ({"agents": {"a": {"is": "insights"}}}, "agent a: config"),
    ],
)
def test_what_is_wrong_with_a_file_of_agents_is_named_with_its_place(data: object, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        agents_from_data(data)


def test_a_packed_table_comes_back_equal() -> None:
    columns = [
        Column(name="text"),
        Column(name="n", kind="integer"),
        Column(name="d", kind="decimal"),
        Column(name="own", kind="money"),
        Column(name="eur", kind="money", currency="EUR"),
        Column(name="flag", kind="boolean"),
    ]
    rows = [
        ("a\ud83d\ude00", 10**30, Decimal("1.10"), Money("1.23", "USD"), Money("12345678901234567.89", "EUR"), True),
        (None, None, None, None, None, None),
        ("", -1, Decimal("-0.5"), Money(5, "JPY"), Money("-0.01", "EUR"), False),
    ]
    table = Table.of(columns, rows, source="a").joined(Table.of(columns, rows, source="b", first_row=7))
    again = unpack_table(pack_table(table))

    assert again == table
    assert list(again.origins) == list(table.origins)
    assert pack_table(again) == pack_table(table)


@pytest.mark.parametrize(
    "content", [b"", b"x", pack_table(Table.of([Column(name="a")], [("b",)]))[:-3], b"x\x9cK\x04\x00"]
)
def test_bytes_that_are_no_packed_table_are_refused(content: bytes) -> None:
    with pytest.raises(ColumnMismatch, match="packed table"):
        unpack_table(content)
