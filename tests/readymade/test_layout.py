"""Layouts: what a report of plain data becomes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from agentkit.data import Cell, Column, Report, Table
from agentkit.readymade import EachLayout, ReportLayout, SectionLayout, TableLayout
from agentkit.readymade.layout import report_of

NOW = datetime(2025, 1, 31, tzinfo=UTC)


def statements(artists: Sequence[Cell]) -> Report:
    sales = Table.of([Column(name="artist"), Column(name="n", kind="integer")], [(each, 1) for each in artists])
    section = SectionLayout(
        each=(EachLayout(table="sales", by="artist"),), tables=(TableLayout(table="sales", title="Artists"),)
    )
    return report_of(ReportLayout(title="Sales", sections=(section,)), {"sales": sales}, statements=(), created=NOW)


def test_a_statement_whose_name_is_taken_gets_a_number_and_stops_no_report() -> None:
    report = statements(["ABBA", "Abba", "Artists", "ABBA", "abba (2)"])

    assert [table.title for table in report.tables] == ["Artists", "ABBA", "Abba (2)", "Artists (2)", "abba (2) (2)"]
    assert [len(table.table) for table in report.tables[1:]] == [2, 1, 1, 1]


def test_statements_of_nobody_have_a_title() -> None:
    report = statements([None, "", "(empty)"])

    assert [table.title for table in report.tables] == ["Artists", "(empty)", "(empty) (2)", "(empty) (3)"]
