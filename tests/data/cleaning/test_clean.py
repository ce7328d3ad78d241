"""Cleaning, rule by rule, with whichever engine."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from agentkit.data import Cell, Column, CurrencyFrom, EngineName, Field, Origin, Schema, Table, clean, tidy
from agentkit.errors import ColumnMissing
from agentkit.money import Money

ENGINES: list[EngineName] = ["python", "polars"]
engines = pytest.mark.parametrize("engine", ENGINES)


def column(texts: Sequence[str | None], name: str = "x") -> Table:
    return Table.of([Column(name=name)], [(text,) for text in texts], source="list.csv", first_row=2)


def one(field: Field, texts: Sequence[str | None], engine: EngineName = "python") -> tuple[list[Cell], list[str]]:
    """The clean cells of a column, and its issues as row and code."""
    found = clean(column(texts), Schema(fields=[field]), engine=engine)
    return list(found.table.column("x")), [f"{issue.row} {issue.code}" for issue in found.issues]


@engines
def test_rule_29_all_issues_of_a_row_are_told_with_row_field_code_and_raw_value(engine: EngineName) -> None:
    raw = Table.of(
        [Column(name="day"), Column(name="sold")], [("31.2.2024", "few"), ("2024-01-02", "3")], source="s.csv"
    )
    schema = Schema(fields=[Field(name="day", kind="date"), Field(name="sold", kind="integer")])

    found = clean(raw, schema, engine=engine)

    told = [(issue.source, issue.row, issue.field, issue.code, issue.raw) for issue in found.issues]
    assert told == [("s.csv", 1, "day", "invalid_date", "31.2.2024"), ("s.csv", 1, "sold", "invalid_amount", "few")]
    assert found.quarantine[0].cells == {"day": "31.2.2024", "sold": "few"}
    assert list(found.table.rows()) == [(date(2024, 1, 2), 3)]
    assert list(found.table.origins) == [Origin("s.csv", 2)]


@engines
def test_rule_29_a_blank_row_is_one_issue(engine: EngineName) -> None:
    raw = Table.of([Column(name="a"), Column(name="b")], [(" ", None), ("x", "\u200b")], source="s.csv")
    schema = Schema(fields=[Field(name="a", required=True), Field(name="b", required=True)])

    assert [(issue.row, issue.code) for issue in clean(raw, schema, engine=engine).issues] == [
        (1, "blank_row"),
        (2, "missing"),
    ]


@engines
def test_rule_26_decisive_numbers_fix_the_form_of_their_column(engine: EngineName) -> None:
    price = Field(name="x", kind="money", currency="EUR")

    assert one(price, ["1.234", "0,50"], engine) == ([Money(1234, "EUR"), Money("0.50", "EUR")], [])
    assert one(price, ["1,234", "0.50"], engine) == ([Money(1234, "EUR"), Money("0.50", "EUR")], [])
    assert one(price, ["1.234", "7"], engine) == ([Money(7, "EUR")], ["2 ambiguous_number"])


@engines
def test_rule_26_what_contradicts_most_of_its_column_is_kept_apart(engine: EngineName) -> None:
    found = one(Field(name="x", kind="decimal"), ["0.5", "1.25", "0,75", "1.234"], engine)

    assert found == ([Decimal("0.5"), Decimal("1.25")], ["4 inconsistent_format", "5 ambiguous_number"])


@engines
def test_rule_26_each_cell_decides_for_itself_where_the_schema_says_so(engine: EngineName) -> None:
    found = one(Field(name="x", kind="decimal", decided_by="cell"), ["0.5", "0,75", "1.234"], engine)

    assert found == ([Decimal("0.5"), Decimal("0.75")], ["4 ambiguous_number"])


@engines
def test_rule_26_dates_too(engine: EngineName) -> None:
    day = Field(name="x", kind="date")

    assert one(day, ["03/11/2025", "25/11/2025"], engine)[0] == [date(2025, 11, 3), date(2025, 11, 25)]
    assert one(day, ["03/11/2025", "2025-11-25"], engine)[1] == ["2 ambiguous_date"]
    assert one(day, ["25/11/2025", "26/11/2025", "11/27/2025"], engine)[1] == ["4 inconsistent_format"]


@engines
def test_the_mark_of_a_date_may_say_its_order(engine: EngineName) -> None:
    found = one(Field(name="x", kind="date", orders={".": "dmy"}), ["03.11.2025", "03/11/2025"], engine)

    assert found == ([date(2025, 11, 3)], ["3 ambiguous_date"])


@engines
def test_rule_32_names_are_tidied_and_keep_their_case(engine: EngineName) -> None:
    assert tidy("  Ma\u030ane \u00a0\u200b Trio\t") == "Måne Trio"
    assert one(Field(name="x"), [" nora   QUILL ", "a\x00b", "\ud800"], engine) == (
        ["nora QUILL"],
        ["3 control_character", "4 control_character"],
    )
    assert one(Field(name="x", kind="code", case="upper"), ["007a"], engine)[0] == ["007A"]


@engines
def test_a_currency_comes_from_another_column_unless_the_amount_names_its_own(engine: EngineName) -> None:
    rows = [("USA", "$ 5"), ("Germany", "5"), ("Germany", "USD 5"), ("Atlantis", "5"), (None, "5")]
    raw = Table.of([Column(name="country"), Column(name="paid")], rows, first_row=2)
    codes = {"USA": "USD", "Germany": "EUR"}
    paid = Field(name="paid", kind="money", currency_from=CurrencyFrom(column="country", codes=codes))

    found = clean(raw, Schema(fields=[paid]), engine=engine)

    assert [str(amount) for amount in found.table.column("paid")] == ["5.00 USD", "5.00 EUR", "5.00 USD"]
    assert [issue.message for issue in found.issues] == [
        "it names no currency, and its country 'Atlantis' has no currency that is known",
        "it names no currency, and its country is empty",
    ]


@engines
def test_a_binding_currency_refuses_another_one(engine: EngineName) -> None:
    raw = Table.of([Column(name="code"), Column(name="paid")], [("EUR", "USD 5"), ("EUR", "€5")], first_row=2)
    paid = Field(name="paid", kind="money", currency_from=CurrencyFrom(column="code", binding=True))

    found = clean(raw, Schema(fields=[paid]), engine=engine)

    assert [str(amount) for amount in found.table.column("paid")] == ["5.00 EUR"]
    assert [issue.code for issue in found.issues] == ["currency_mismatch"]


@engines
def test_values_keep_the_rules_of_their_field(engine: EngineName) -> None:
    cents = Field(name="x", kind="money", currency="EUR", min="0.01", max=10)
    assert one(cents, ["0.01", "10.00", "0.00", "10.01"], engine)[1] == ["4 out_of_range", "5 out_of_range"]
    assert one(Field(name="x", allowed=["a"]), ["a", "b"], engine)[1] == ["3 not_allowed"]
    assert one(Field(name="x", kind="code", pattern="[0-9]{3}"), ["007", "7"], engine)[1] == ["3 pattern_mismatch"]
    assert one(Field(name="x", kind="integer"), ["3", "3.50"], engine)[1] == ["3 not_whole"]
    assert one(Field(name="x", kind="date", min="2024-01-01"), ["2023-12-31"], engine)[1] == ["2 out_of_range"]
    assert one(Field(name="x", kind="boolean"), ["Yes", "maybe", "0"], engine) == ([True, False], ["3 invalid_boolean"])


@engines
def test_words_for_nothing_are_nothing(engine: EngineName) -> None:
    field = Field(name="x", kind="decimal", empty=["n/a", "0"])
    raw = Table.of([Column(name="x"), Column(name="y")], [("n/a", "1"), ("0", "2"), ("5", "3")])

    found = clean(raw, Schema(fields=[field, Field(name="y")]), engine=engine)

    assert list(found.table.column("x")) == [None, None, Decimal(5)]
    assert found.statistics.fields["x"].empty == 2


@engines
def test_typed_cells_are_taken_as_they_are(engine: EngineName) -> None:
    kinds = [Column(name="n", kind="integer"), Column(name="d", kind="decimal"), Column(name="t", kind="date")]
    raw = Table.of(kinds, [(3, Decimal("1.234"), date(2024, 1, 2)), (2**70, Decimal(1), None)])
    fields = [
        Field(name="price", kind="money", source_name="n", currency="JPY"),
        Field(name="d", kind="decimal"),
        Field(name="whole", kind="integer", source_name="d"),
        Field(name="t"),
        Field(name="flag", kind="boolean", source_name="n"),
    ]

    found = clean(raw, Schema(fields=fields), engine=engine)

    assert [(issue.row, issue.field, issue.code) for issue in found.issues] == [
        (1, "whole", "not_whole"),
        (1, "flag", "wrong_kind"),
        (2, "flag", "wrong_kind"),
    ]
    again = clean(raw, Schema(fields=[fields[0], fields[1], fields[3]]), engine=engine).table
    assert list(again.rows()) == [
        (Money(3, "JPY"), Decimal("1.234"), "2024-01-02"),
        (Money(2**70, "JPY"), Decimal(1), None),
    ]


@engines
def test_statistics_tell_what_became_of_cells(engine: EngineName) -> None:
    price = Field(name="x", kind="money", currency="EUR", required=True)

    found = clean(column(["1.234,50 €", "0,99", "12.00", "", "free"]), Schema(fields=[price]), engine=engine)

    counts = found.statistics
    assert (counts.rows, counts.clean, counts.quarantined) == (5, 2, 3)
    assert counts.issues == {"blank_row": 1, "inconsistent_format": 1, "invalid_amount": 1}
    told = counts.fields["x"]
    assert (told.filled, told.empty, told.mended, told.form) == (2, 1, 2, "numbers with a decimal comma")


def test_a_column_that_is_required_has_to_be_there() -> None:
    with pytest.raises(ColumnMissing, match="name what it is called with source_name"):
        clean(column(["1"]), Schema(fields=[Field(name="price", required=True)]))
    found = clean(column(["1"]), Schema(fields=[Field(name="x"), Field(name="price")]))
    assert list(found.table.rows()) == [("1", None)]


@engines
def test_progress_counts_rows_up_to_the_last_one(engine: EngineName) -> None:
    told: list[tuple[int, int | None, str]] = []
    fields = [Field(name="x"), Field(name="length", source_name="x", kind="integer")]

    clean(column(["1", "2"]), Schema(fields=fields), engine=engine, progress=lambda *what: told.append(what))

    assert told == [(1, 2, "cleaning"), (2, 2, "cleaning")]


@engines
def test_an_empty_table_is_clean(engine: EngineName) -> None:
    fields = [Field(name="x", kind="money"), Field(name="y", kind="date", source_name="x")]

    found = clean(column([]), Schema(fields=fields), engine=engine)

    assert (len(found.table), found.quarantine, found.table.names) == (0, (), ("x", "y"))


def test_a_row_is_told_in_full_and_its_raw_value_is_shortened() -> None:
    found = clean(column(["x" * 500]), Schema(fields=[Field(name="x", kind="decimal")]))

    assert (len(found.issues[0].raw), len(found.quarantine[0].cells["x"])) == (203, 500)


@engines
def test_rule_29_rows_kept_apart_are_a_sequence_of_what_was_found(engine: EngineName) -> None:
    raw = Table.of([Column(name="x")], [("1",), ("one",), ("2",), ("two",), ("three",)], source="raw.csv", first_row=2)
    found = clean(raw.on(engine), Schema(fields=[Field(name="x", kind="integer")])).quarantine
    rows = list(found)
    assert [(row.row, row.cells["x"], row.issues[0].raw) for row in rows] == [
        (3, "one", "one"),
        (5, "two", "two"),
        (6, "three", "three"),
    ]
    assert (len(found), found[0], found[-1], list(found[1:]), list(found[::-2])) == (
        3, rows[0], rows[2], rows[1:], rows[::-2],
    )  # fmt: skip
    assert found == tuple(rows)
    assert found[1:] == found[1:]
    assert found != found[1:]
    with pytest.raises(IndexError):
        _ = found[3]
