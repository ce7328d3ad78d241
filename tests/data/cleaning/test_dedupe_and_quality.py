"""Rows that repeat a key, and how good data is."""

from decimal import Decimal

import pytest

from agentkit.data import Cell, Column, EngineName, Field, Quality, Schema, Table, clean, dedupe, measure_quality
from agentkit.errors import ColumnMismatch, ColumnMissing

engines = pytest.mark.parametrize("engine", ["python", "polars"])
SCHEMA = Schema(
    fields=[Field(name="id", kind="code", required=True), Field(name="sold", kind="integer", required=True)]
)


def sales(*rows: tuple[Cell, ...]) -> Table:
    columns = [Column(name="id", kind="code"), Column(name="sold")]
    return Table.of(columns, rows, source="s.csv", first_row=2)


@engines
def test_rule_30_the_first_row_of_a_key_stays_and_the_order_too(engine: EngineName) -> None:
    table = sales(("b", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("a", "5"), ("b", "6")).on(engine)

    found = dedupe(table, ["id"])

    assert list(found.table.column("sold")) == ["1", "2", "4"]
    assert [(issue.row, issue.message) for issue in found.issues] == [
        (4, "it has the key of row 2 of s.csv"),
        (6, "it has the key of row 3 of s.csv"),
        (7, "it has the key of row 2 of s.csv"),
    ]


@engines
def test_rule_30_a_key_that_is_missing_in_part_matches_none(engine: EngineName) -> None:
    table = sales(("a", None), ("a", None), (" ", "1"), (" ", "1"), ("", ""), ("", ""), ("a", "1"), ("a", "1")).on(
        engine
    )

    assert [row.row for row in dedupe(table, ["id", "sold"]).duplicates] == [9]
    assert [row.row for row in dedupe(table, ["id"]).duplicates] == [3, 8, 9]


@engines
def test_rule_30_space_and_case_count_unless_keys_are_normalised(engine: EngineName) -> None:
    table = sales(("Ä1", "1"), (" a\u03081", "2"), ("ä1", "3")).on(engine)

    assert not dedupe(table, ["id"]).duplicates
    assert [row.row for row in dedupe(table, ["id"], normalise=True).duplicates] == [3, 4]


@engines
def test_rule_30_numbers_are_alike_by_their_value(engine: EngineName) -> None:
    rows: list[tuple[Cell, ...]] = [(Decimal("1.50"), 2**70), (Decimal("1.5"), 2**70), (Decimal("1.51"), 1)]
    columns = [Column(name="ratio", kind="decimal"), Column(name="number", kind="integer")]

    assert [row.row for row in dedupe(Table.of(columns, rows).on(engine), ["ratio", "number"]).duplicates] == [2]


def test_rule_30_each_row_is_looked_at_a_fixed_number_of_times() -> None:
    class Counted(str):
        __slots__ = ()
        hashed = 0

        def __hash__(self) -> int:
            Counted.hashed += 1
            return super().__hash__()

    def work(size: int) -> int:
        Counted.hashed = 0
        dedupe(sales(*((Counted(number % 7), None) for number in range(size))), ["id"])
        return Counted.hashed

    assert work(2000) == 10 * work(200)


def test_a_key_has_a_column_that_is_there() -> None:
    with pytest.raises(ColumnMismatch, match="at least one column"):
        dedupe(sales(), [])
    with pytest.raises(ColumnMissing):
        dedupe(sales(), ["nr"])


@engines
def test_rule_33_quality_is_four_ratios(engine: EngineName) -> None:
    raw = sales(("a", "1"), ("a", "2"), ("b", ""), ("c", "x"), ("d", "4"))

    found = measure_quality(clean(raw, SCHEMA, engine=engine), SCHEMA, key=["id"], output=2)

    assert found == Quality(
        completeness=Decimal("0.9"), validity=Decimal("0.6"), uniqueness=Decimal("0.666666"), retention=Decimal("0.4")
    )


def test_rule_33_nothing_has_no_quality() -> None:
    nothing = Quality(completeness=None, validity=None, uniqueness=None, retention=None)

    assert measure_quality(clean(sales(), SCHEMA), SCHEMA, key=["id"]) == nothing


def test_rule_33_nearly_all_is_not_all() -> None:
    raw = sales(*[("a", "1")] * 2999, ("b", "x"))

    assert measure_quality(clean(raw, SCHEMA), SCHEMA).validity == Decimal("0.999666")
