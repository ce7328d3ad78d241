"""JSON, JSON lines and records in memory."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import JsonLinesSource, JsonSource, RecordsSource, SourceLimits, read_source
from agentkit.data.sources.json_source import parse_json
from agentkit.errors import SourceError, SourceMalformed, SourceTooLarge
from agentkit.money import Money
from tests.data.sources.reads import numbers, read, rows, write

SALES = JsonSource(name="sales", path="sales.json")
LINES = JsonLinesSource(name="sales", path="sales.jsonl")


def test_rule_34_numbers_are_exactly_what_is_written(tmp_path: Path) -> None:
    write(tmp_path, "sales.json", '[{"a": 0.1, "b": 12345678901234567890, "c": 1.10, "d": -0.0, "e": 1e2}]')

    table, _ = read(tmp_path, SALES)

    (row,) = rows(table)
    assert [str(cell) for cell in row] == ["0.1", "12345678901234567890", "1.10", "0.0", "1E+2"]
    assert [column.kind for column in table.columns] == ["decimal", "integer", "decimal", "decimal", "decimal"]


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
def test_rule_34_what_is_no_number_is_refused(tmp_path: Path, literal: str) -> None:
    write(tmp_path, "sales.json", f'[{{"price": {literal}}}]')

    with pytest.raises(SourceMalformed, match=f"{literal} is no number of JSON"):
        read(tmp_path, SALES)


def test_rule_34_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "sales.json", '[{"a": {"price": 1, "x": 0, "price": 2}}]')

    with pytest.raises(SourceMalformed, match="the key 'price' stands twice"):
        read(tmp_path, SALES)


@pytest.mark.parametrize("content", ["[" * 200_000, '{"a":' * 200_000, '[{"a": ' + "[" * 40 + "]" * 40 + "}]"])
def test_what_is_nested_too_deep_is_refused(tmp_path: Path, content: str) -> None:
    write(tmp_path, "sales.json", content)

    with pytest.raises(SourceTooLarge, match="deeper than is allowed"):
        read(tmp_path, SALES)


def test_objects_in_objects_become_columns_and_lists_become_text(tmp_path: Path) -> None:
    write(
        tmp_path,
        "sales.json",
        '{"data": {"items": [{"a": {"b": {"c": 1}, "d": {}}, "e": [2.50, {"z": 1, "y": "ü"}]}]}}',
    )

    table, _ = read(tmp_path, JsonSource(name="sales", path="sales.json", records="data.items"))

    assert list(table.records()) == [{"a.b.c": 1, "a.d": "{}", "e": '[2.50,{"y":"ü","z":1}]'}]


def test_a_flat_name_that_meets_a_nested_one_is_kept_apart(tmp_path: Path) -> None:
    write(tmp_path, "sales.json", '[{"a.b": 1, "a": {"b": 2}}, {"a.b": 3}]')

    table, report = read(tmp_path, SALES)

    assert (rows(table), report.quarantined) == ([(3,)], 1)


@pytest.mark.parametrize(
    ("content", "records", "problem"),
    [
        ('{"data": [1]}', "data.items", "there is nothing at 'data.items': no 'items', but a list"),
        ('{"data": 1}', "items", "no 'items', but data"),
        ("3", "", "at the top there is a number"),
        ("[1, 2]", "", "none of its 2 rows can be read; row 1: it is no object"),
        ("[1,", "", "line 1, column 4: it is no JSON"),
        ('[{"a": "\\ud800"}]', "", "half a character"),
        ('[{"a": 1e99999}]', "", "more than 1,000 digits"),
        ("[" + "1" * 5000 + "]", "", "has 5,000 digits"),
    ],
)
def test_what_is_no_list_of_objects_is_refused(tmp_path: Path, content: str, records: str, problem: str) -> None:
    write(tmp_path, "sales.json", content)

    with pytest.raises(SourceError, match=problem):
        read(tmp_path, JsonSource(name="sales", path="sales.json", records=records))


def test_a_column_with_values_of_several_kinds_is_text_and_the_report_says_so(tmp_path: Path) -> None:
    write(tmp_path, "sales.json", '[{"a": 1, "b": true}, {"a": "x", "b": null}, {"a": 2.50}, {"a": true}, {"a": [1]}]')

    table, report = read(tmp_path, SALES)

    assert list(table.column("a")) == ["1", "x", "2.50", "true", "[1]"]
    assert [column.kind for column in table.columns] == ["text", "boolean"]
    assert report.notes == ("column 'a' has values of several kinds, and is read as text",)


def test_a_broken_line_goes_to_quarantine_with_its_number(tmp_path: Path) -> None:
    write(tmp_path, "sales.jsonl", '{"a": 1}\n\n{"a": NaN}\n{"a": 1, "a": 2}\n[1]\n{"a"\n{"a": 2}\n')

    from agentkit.data import Access, Reading

    reading = Reading("sales", access=Access(root=str(tmp_path)))
    found = LINES.read(reading)

    assert (rows(found.table), numbers(found.table)) == ([(1,), (2,)], [1, 7])
    assert [(row.row, row.issues[0].code) for row in found.quarantine] == [
        (3, "invalid_json"),
        (4, "invalid_json"),
        (5, "not_an_object"),
        (6, "invalid_json"),
    ]
    assert found.quarantine[0].cells == {"": '{"a": NaN}'}


def test_rule_35_lines_of_which_none_can_be_read_are_no_success(tmp_path: Path) -> None:
    write(tmp_path, "sales.jsonl", "oops\n")

    with pytest.raises(SourceMalformed, match="none of its 1 rows"):
        read(tmp_path, LINES)


MOMENT = datetime(2024, 1, 2, 3, 4, tzinfo=UTC)


def test_records_in_memory_keep_their_types() -> None:
    records = [
        {"artist": "Ibis", "price": Money("0.99", "EUR"), "day": date(2024, 1, 2), "at": MOMENT},
        {"artist": "Oak", "price": Money("1.00", "EUR"), "extra": 0.1},
    ]

    table, report = read_source(RecordsSource(name="sales", records=records))

    assert [(column.name, column.kind, column.currency) for column in table.columns] == [
        ("artist", "text", None),
        ("price", "money", "EUR"),
        ("day", "date", None),
        ("at", "text", None),
        ("extra", "decimal", None),
    ]
    assert list(table.column("extra")) == [None, Decimal("0.1")]
    assert "column 'extra' has floats, read as decimals by their shortest text" in report.notes


def test_a_record_with_what_is_no_number_goes_to_quarantine() -> None:
    source = RecordsSource(name="sales", records=[{"a": 1.5}, {"a": float("nan")}, {"a": float("inf")}])

    table, report = read_source(source)

    assert (rows(table), numbers(table), report.quarantined) == ([(Decimal("1.5"),)], [1], 2)


def test_what_no_table_can_hold_is_refused() -> None:
    with pytest.raises(SourceMalformed, match="column 'a' holds bytes"):
        read_source(RecordsSource(name="sales", records=[{"a": b"x"}]))


def test_there_are_no_more_columns_than_allowed() -> None:
    records = [{f"column{place}": 1} for place in range(20)]

    with pytest.raises(SourceTooLarge, match="20 columns, and 10 are allowed"):
        read_source(RecordsSource(name="sales", records=records), limits=SourceLimits(max_columns=10))


@given(st.text(max_size=40))
def test_whatever_is_read_is_read_or_refused_by_name(text: str) -> None:
    with contextlib.suppress(SourceError):
        parse_json(text)
